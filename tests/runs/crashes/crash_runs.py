"""Cut the power at any call of a run, put back what the disk may hold, and go on with that.

    python tests/runs/crashes/crash_runs.py --count 200

Runs are recorded call by call (tests/runs/faults/calls.c), and replay.py says what the disk may
hold at each. In every such state evaluate, predict and report give what is of one run and of files
that were whole once, or refuse it in one line; `train --resume` ends as the run that was never
interrupted, bit for bit, from the newest checkpoint that was saved or a later one. It may refuse,
in one line, only where none was saved yet, and then the run can be started anew in its folder.
"""

import argparse
import collections
import contextlib
import io
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import traceback
import warnings
from pathlib import Path
from typing import NamedTuple

import numpy as np

ROOT = Path(__file__).resolve().parents[3]
sys.path[:0] = [str(ROOT), str(ROOT / "tests/runs"), str(ROOT / "tests/runs/faults")]

import calls  # noqa: E402  (they need the paths)
import replay  # noqa: E402
from kill_and_resume import alike, final_state  # noqa: E402

from data import atomic  # noqa: E402
from flatprop.cli import evaluate, predict, report, train  # noqa: E402

SPIRAL = ["--data", "spiral", "--examples", "60", "--hidden", "8", "--norm", "batch", "--dropout",
          "0.2", "--batch-size", "8", "--progress", "none", "--checkpoint-every", "4"]
FOLDS = ["--data", "table.csv", "--label", "kind", "--hidden", "4", "--batch-size", "8",
         "--progress", "none", "--checkpoint-every", "2", "--epochs", "2", "--folds", "2", "--jobs",
         "2"]


MANY = 100      # states of which one is taken


class Case(NamedTuple):
    """A run to record: before, the words of what trained in its folder before, None for nothing;
    the words of the run; those to go on with; whether it replaces what was there; whether the power
    had been cut before."""

    before: list | None
    words: list
    resume: list
    replaces: bool = False
    cut: bool = False


PLAIN = [*SPIRAL, "--epochs", "3"]
CASES = {
    "plain": Case(None, PLAIN, []),
    "twice": Case(PLAIN, ["--resume"], [], cut=True),
    "overwrite": Case([*SPIRAL, "--epochs", "2", "--seed", "1"],
                      [*PLAIN, "--overwrite"], [], replaces=True),
    "longer": Case([*SPIRAL, "--epochs", "2"], ["--resume"], ["--epochs", "4"]),
    "folds": Case(None, FOLDS, []),
    "refit": Case(None, [*SPIRAL, "--epochs", "2", "--refit"], []),
    "overwrite-folds": Case([*FOLDS, "--seed", "1"], [*FOLDS, "--overwrite"], [], replaces=True),
}


def write_table(path):
    """A table of two classes that can nearly be told apart."""
    rng = np.random.default_rng(3)
    rows = [f"{a:.3f},{b:.3f},{'up' if a + b > 0.2 * c else 'down'}"
            for a, b, c in rng.normal(size=(40, 3))]
    path.write_text("\n".join(["a,b,kind", *rows]) + "\n")


def command(main, words):
    """Call a command's main. Gives (exit code, standard output, standard error); a traceback stands
    in the latter, and is code -1."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err), \
            warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            code = main([str(word) for word in words])
        except SystemExit as end:
            code = end.code
        except BaseException:       # whatever it is, it is a fault
            if isinstance(sys.exc_info()[1], KeyboardInterrupt):
                raise
            code = -1
            err.write(traceback.format_exc())
    return code, out.getvalue(), err.getvalue()


class Recorded(NamedTuple):
    """A case, recorded: what was in its parent folder before, all of it synced; the calls; and
    final_state of the run, and of that before if there was one."""

    start: replay.Folder
    calls: list
    end: dict
    end_before: dict | None


def record(case, parent, library, rng):
    """Train a case in parent/run, recorded. Gives a Recorded.

    Everything in parent counts, so that a folder made for the run does. rng draws when the power
    was cut before, and what was left.
    """
    write_table(parent / "table.csv")
    run, end_before = parent / "run", None
    if case.cut:
        first = record(Case(None, case.before, []), parent, library, rng)
        end_before = first.end
        shutil.rmtree(run)
        (parent / "table.csv").unlink()
        replay.write_state(any_state(parent, first, rng), parent)
    elif case.before is not None:
        run_train([*case.before, "--out", "run"], parent, {})
        end_before = final_state(run)
    start = replay.snapshot(parent)
    words = (["--resume", "run", *case.resume] if case.words == ["--resume"] else
             [*case.words, "--out", "run"])
    with tempfile.TemporaryDirectory() as aside:
        path = Path(aside) / "record"
        run_train(words, parent, calls.environment(library, parent, record=path))
        return Recorded(start, replay.read_record(path), final_state(run), end_before)


def any_state(parent, recorded, rng):
    """A state after a power cut at which a checkpoint had been saved."""
    promised = promises(parent, recorded.start, recorded.calls)
    found = [state for number, _, state in replay.states(
        parent, recorded.start, recorded.calls, promised, MANY, rng) if promised[number]]
    return found[rng.integers(len(found))]


def run_train(words, folder, environment):
    """Train in a process of its own, to the end."""
    subprocess.run([sys.executable, ROOT / "train.py", *words], cwd=folder, check=True,
                   capture_output=True, env={**os.environ, "OPENBLAS_NUM_THREADS": "1",
                                             "PYTHONPATH": str(ROOT), **environment})


def steps_in(content):
    """Of which step a checkpoint is, given the bytes of the file."""
    with np.load(io.BytesIO(content), allow_pickle=False) as file:
        return json.loads(file["about"].tobytes())["steps"]


def promises(root, start, made):
    """The checkpoints that count as saved after each number of calls, a list of {path: step}.

    One does once it is in its place and the run turns to something else than its folder; until
    files of the run are removed.
    """
    disk, held = replay.Disk(root, replay.copy_of(start)), {}
    for path, content in disk.state("all", None).items():
        if path.endswith("/last.npz"):
            held[path] = steps_in(content)
    found, new = [dict(held)], {}
    for call in made:
        disk.replay(call)
        if call[0] == "open" and not isinstance(disk.open[call[3]], replay.Folder):
            held, new = held | new, {}
        if call[0] == "rename" and call[2].endswith("/last.npz"):
            new[os.path.relpath(call[2], root)] = steps_in(bytes(disk.at(call[2]).now))
        if call[0] == "unlink" and not os.path.basename(call[1]).startswith("."):
            held.pop(os.path.relpath(Path(call[1]).with_name("last.npz"), root), None)
        found.append(dict(held))
    return found


def whole_files(root, start, made):
    """What each file was at some time when a call has put it into place, {path: set of bytes}."""
    disk, found = replay.Disk(root, replay.copy_of(start)), collections.defaultdict(set)
    for path, content in disk.state("all", None).items():
        found[path].add(content)
    for call in made:
        disk.replay(call)
        if call[0] == "rename":
            path = os.path.relpath(call[2], root)
            found[path].add(bytes(disk.at(call[2]).now))
    return found


OF_A_RUN = ("config.json", "environment.json", "model.json", "best.npz")


def check_readers(parent, inputs, whole, old, tally):
    """What evaluate, predict and report make of a state. Gives a list of faults.

    inputs is the heading of a table to predict; whole as whole_files has it; old {path: bytes} of a
    run that was there before, to be replaced; tally, a Counter, gets what each ended with.
    """
    faults, run = [], parent / "run"
    (parent / "new.csv").write_text(f"{inputs}\n0.1,0.2\n")
    for main, words in ((evaluate.main, []),
                        (predict.main, [parent / "new.csv", "-o", parent / "predicted.csv"]),
                        (report.main, ["-o", parent / "report.html"])):
        name = main.__module__.rpartition(".")[2]
        code, out, err = command(main, [run, *words])
        tally[f"{name} {'right' if code == 0 else 'refused'}"] += 1
        if code == 2 and is_one_line(err):
            continue
        if code != 0:
            faults.append(f"{name} ended with {code}: {err or out}")
            continue
        used = [path for path in parent.rglob("*") if path.name in OF_A_RUN]
        torn = [path for path in used
                if path.read_bytes() not in whole[str(path.relative_to(parent))]]
        if torn and name != "predict":
            faults.append(f"{name} took {', '.join(map(str, torn))}, which never was whole")
        # predict needs the network alone.
        olds = {path: path.read_bytes() == old[path.relative_to(parent).as_posix()]
                for path in used if path.relative_to(parent).as_posix() in old
                and (name != "predict" or path.name in ("model.json", "best.npz"))}
        if len(set(olds.values())) > 1:
            faults.append(f"{name} took files of two runs: {olds}")
    return faults


def is_one_line(err):
    """Whether standard error ends with the one line of an error, with something after it to do.

    Of a run of folds it may have said before that it is resumed.
    """
    *before, last = err.splitlines() or [""]
    _, is_error, text = last.partition(": error: ")
    return bool(is_error) and any(mark in text for mark in (";", ":", ",")) and all(
        line.startswith(("resumed ", "keeping the run ")) or " has finished" in line
        for line in before)


def check_state(case, parent, wanted, promised, anew, tally):
    """What `train --resume` makes of a state. Gives a list of faults.

    wanted: the states of final_state of which one must come out; promised as in promises(); anew:
    the words that start the run once more where it cannot be gone on with; tally as above.
    """
    run = parent / "run"
    code, out, err = command(train.main, ["--resume", run, *case.resume, "--progress", "none"])
    tally[f"--resume {'right' if code == 0 else 'refused'}"] += 1
    if code == 2 and is_one_line(err):
        if promised:
            return [f"refused, though {promised} were saved: {err}"]
        code, out, err = command(train.main, [*anew, "--out", run])
        if code != 0 and run.exists():
            code, out, err = command(train.main, [*anew, "--out", run, "--overwrite"])
        if code != 0:
            return [f"cannot even be started anew, exit code {code}: {err}"]
        return [] if alike(final_state(run), wanted[0]) else ["started anew, it ended otherwise"]
    if code != 0:
        return [f"--resume ended with {code}: {err or out}"]
    try:
        came = final_state(run)
    except (OSError, ValueError, KeyError) as error:
        return [f"--resume left no whole run: {error!r}; it said {err!r}"]
    if not any(alike(came, each) for each in wanted):
        return [f"--resume ended with other bits; it said {err!r}"]
    found = re.search(r"at step ([\d,]+)", err)
    if found and list(promised) == ["run/last.npz"]:
        step = int(found[1].replace(",", ""))
        if step < promised["run/last.npz"]:
            return [f"went on at step {step}, though {promised} were saved"]
    return []


def try_case(name, library, count, seed, say=lambda text: None):
    """Record a case and try so many states of it. Gives (how many were tried, faults)."""
    case, faults, tried, tally = CASES[name], [], 0, collections.Counter()
    rng = np.random.default_rng(seed)
    with tempfile.TemporaryDirectory() as parent, contextlib.chdir(parent):
        parent = Path(parent).resolve() / "recorded"
        parent.mkdir()
        start, made, end, end_before = record(case, parent, library, rng)
        whole, promised = whole_files(parent, start, made), promises(parent, start, made)
        old = {path: content for path, content in replay.Disk(parent, start).state(
            "all", None).items() if content is not None} if case.replaces else {}
        wanted = [end, end_before] if case.replaces else [end_before] if case.cut else [end]
        inputs = "a,b" if "table.csv" in case.words else "column 1,column 2"
        anew = [word for word in case.words if word not in ("--overwrite", "--resume")]
        recorded = parent.rename(parent.with_name("as-it-ended"))
        for number, kind, held in replay.states(
                parent, start, made, promised, count, rng):
            parent.mkdir()
            replay.write_state(held, parent)
            with contextlib.chdir(parent):
                found = check_readers(parent, inputs, whole, old, tally)
                found += check_state(case, parent, wanted, promised[number], anew, tally)
            shutil.rmtree(parent)
            tried += 1
            faults += [f"{name}, after call {number} of {len(made)} "
                       f"({' '.join(map(shown, made[number - 1]))}), {kind}: {fault}"
                       for fault in found]
            if found:
                say("\n".join(faults[-len(found):]))
        shutil.rmtree(recorded)
    say(f"{name}: " + ", ".join(f"{count} {what}" for what, count in sorted(tally.items())))
    return tried, faults


def shown(word):
    """A word of a call, short."""
    return f"{len(word)} bytes" if isinstance(word, bytes) else os.path.basename(str(word))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=200, help="of states, of all runs together")
    parser.add_argument("--case", choices=CASES, action="append", help="these alone")
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    cases = args.case or list(CASES)
    atomic.flush_files = False      # of what goes on here; what was recorded has been synced
    tried, faults = 0, []
    with tempfile.TemporaryDirectory() as folder:
        library = calls.build(folder)
        for i, name in enumerate(cases):
            count = args.count // len(cases) + (i < args.count % len(cases))
            found = try_case(name, library, count, args.seed,
                             lambda text: print(text, file=sys.stderr, flush=True))
            print(f"{name}: {found[0]} states, {len(found[1])} faults", flush=True)
            tried, faults = tried + found[0], faults + found[1]
    print(f"{tried} states after a power cut, {len(faults)} faults")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())

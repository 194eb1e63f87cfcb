"""Let every call fail by which a command reads or changes files, one at a time, and see what comes.

    python tests/runs/faults/inject.py --count 50
    python tests/runs/faults/inject.py --all --processes 2

A point is one command, a kind of call, the number of it, and an error (calls.c). At each point the
command must end within SECONDS and without a traceback, with the right exit code and a line that
says what is wrong; no checkpoint may be lost; and what follows without faults, `train --resume` or
where nothing was saved yet the same command anew, must end as if nothing had happened, bit for bit.

The commands run in processes forked from one that has imported everything: a point takes 0.2 s.
"""

import argparse
import collections
import contextlib
import ctypes
import importlib
import importlib.util
import io
import itertools
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from pathlib import Path
from typing import NamedTuple

import numpy as np

ROOT = Path(__file__).resolve().parents[3]
sys.path[:0] = [str(Path(__file__).parent), str(ROOT)]

import calls  # noqa: E402

SECONDS = 20.0      # after which a command hangs
TRAIN = ["train", "--data", "table.csv", "--label", "kind", "--hidden", "8", "--norm", "batch",
         "--dropout", "0.2", "--epochs", "3", "--batch-size", "8", "--checkpoint-every", "5"]
ONE = [*TRAIN, "--val", "0.25"]
# The errors that a kind of call fails with, one after the other over its numbers.
ERRORS = {
    "open-write": ("ENOSPC", "EACCES", "EIO", "EDQUOT", "EINTR"),
    "open-read": ("EIO", "EACCES", "EINTR"), "open-folder": ("EIO", "EACCES"),
    "list": ("EIO", "EACCES"), "stat": ("EIO", "EACCES"), "read": ("EIO", "EINTR"),
    "lock": ("EIO", "EINTR"), "write": ("ENOSPC", "EIO", "EINTR", "EDQUOT"),
    "short-write": ("ENOSPC",), "sync": ("EIO", "ENOSPC", "EINTR", "EDQUOT"),
    "rename": ("EIO", "ENOSPC", "EACCES"), "unlink": ("EIO", "EACCES"), "rmdir": ("EIO", "EACCES"),
    "mkdir": ("ENOSPC", "EACCES", "EDQUOT", "EIO"), "truncate": ("EIO", "EINTR"),
    "close": ("EIO", "ENOSPC", "EDQUOT", "EINTR")}
FULL = ("ENOSPC", "EIO", "EDQUOT")      # what a disk says that takes nothing any more
READING = ("open-read", "open-folder", "list", "stat", "read", "lock")
CHANGING = [kind for kind in ERRORS if kind not in READING and kind != "close"]
# What differs between two runs that are the same.
OF_THE_CLOCK = {"seconds", "spent", "started", "command", "checksum", "run", "run_id", "bytes",
                "sha256"}


class Case(NamedTuple):
    """A command; `start` is the template of its folder, `output` the file it writes, if any.

    again: what follows without faults where a checkpoint is there; () for a command that only
    reads the run.
    """

    name: str
    words: tuple
    start: str
    output: str = ""
    again: tuple = ()


RESUME = ("train", "--resume", "run")
CASES = [
    Case("train", (*ONE, "--out", "run"), "new", again=RESUME),
    Case("resume", RESUME, "stopped", again=RESUME),
    Case("resume to more epochs", (*RESUME, "--epochs", "4"), "ended",
         again=(*RESUME, "--epochs", "4")),
    Case("overwrite", (*ONE, "--out", "run", "--overwrite"), "ended", again=RESUME),
    Case("refit", (*ONE, "--out", "run", "--refit"), "new", again=RESUME),
    Case("folds", (*TRAIN, "--folds", "2", "--jobs", "1", "--out", "run"), "new", again=RESUME),
    Case("resume folds", RESUME, "half", again=RESUME),
    Case("evaluate", ("evaluate", "run"), "ended"),
    Case("evaluate --data", ("evaluate", "run", "--data", "table.csv"), "ended"),
    Case("evaluate folds", ("evaluate", "run"), "folds"),
    Case("predict to CSV", ("predict", "run", "table.csv", "-o", "out.csv", "--keep", "a"),
         "ended", "out.csv"),
    Case("predict to NPY", ("predict", "run", "table.csv", "-o", "out.npy"), "ended", "out.npy"),
    Case("predict folds", ("predict", "run", "table.csv", "-o", "out.csv"), "folds", "out.csv"),
    Case("export to ONNX", ("export", "run", "--to", "onnx"), "ended", "run/model.onnx"),
    Case("export to safetensors", ("export", "run", "--to", "safetensors", "-o", "out.safetensors"),
         "ended", "out.safetensors"),
    Case("report", ("report", "run"), "ended", "run/report.html"),
    Case("report on two", ("report", "run", "run", "-o", "out.html"), "folds", "out.html"),
    Case("report with images", ("report", "run", "-o", "out.html", "--images", "images"), "ended",
         "out.html"),
]
NEEDS = {"export to ONNX": "onnx", "export to safetensors": "safetensors", "report": "matplotlib",
         "report on two": "matplotlib", "report with images": "matplotlib"}


class Point(NamedTuple):
    """Where a fault is: the name of a case, and what calls.environment calls fault."""

    case: str
    kind: str
    number: int
    error: str
    sticky: bool


# ---- commands, in forked processes ----


class Outcome(NamedTuple):
    """How a command ended: its exit code, None if it hung; and what it printed."""

    code: int | None
    out: str
    err: str


def run(words, folder, variables, before=lambda: None):
    """Run `flatprop WORDS` in a folder, with these variables of calls.c. -> Outcome

    The process is forked from this one; before() is called in it first.
    """
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        process = os.fork()
        if process == 0:
            become_command(words, folder, variables, out, err, before)
        code = wait(process)
        texts = []
        for file in (out, err):
            file.seek(0)
            texts.append(file.read().decode("utf-8", "backslashreplace"))
    return Outcome(code, *texts)


def become_command(words, folder, variables, out, err, before):
    """Be the command, in a process of one's own, and end with it."""
    code = 1
    try:
        os.setpgid(0, 0)
        for number in (signal.SIGINT, signal.SIGHUP):
            signal.signal(number, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        os.chdir(folder)
        nothing = os.open(os.devnull, os.O_RDONLY)
        for descriptor, at in ((nothing, 0), (out.fileno(), 1), (err.fileno(), 2)):
            os.dup2(descriptor, at)
        sys.stdout = io.TextIOWrapper(os.fdopen(1, "wb", closefd=False), encoding="utf-8")
        sys.stderr = io.TextIOWrapper(os.fdopen(2, "wb", 0, closefd=False), encoding="utf-8",
                                      write_through=True)
        sys.argv = ["flatprop", *words]
        os.environ.update(variables)
        before()
        ctypes.CDLL(None).calls_begin()
        from flatprop.__main__ import main
        code = main(list(words))
        sys.stdout.flush()
    except SystemExit as end:
        code = end.code or 0
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(code)


def wait(process):
    """The exit code of a process, below 0 of one ended by a signal; None if it hangs."""
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        done, status = os.waitpid(process, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.002)
    os.killpg(process, signal.SIGKILL)
    os.waitpid(process, 0)
    return None


def stop_after(saves):
    """In a process: let it die of SIGKILL when so many checkpoints have been saved."""
    from flatprop.runs import checkpoint
    save, left = checkpoint.save, itertools.count(saves - 1, -1)

    def save_and_die(*what):
        save(*what)
        if next(left) == 0:
            os.kill(os.getpid(), signal.SIGKILL)
    checkpoint.save = save_and_die


# ---- folders ----


def make_templates(parent):
    """Folders from which the commands start: new, stopped, ended, folds, and half, of whose two
    folds the second has not begun."""
    rng = np.random.default_rng(0)
    new = parent / "new"
    new.mkdir()
    rows = [f"{a:.3f},{b:.3f},{'yes' if a * b > 0 else 'no'}" for a, b in rng.normal(size=(60, 2))]
    (new / "table.csv").write_text("\n".join(["a,b,kind", *rows]) + "\n")
    made = {"stopped": ((*ONE, "--out", "run"), lambda: stop_after(3)),
            "ended": ((*ONE, "--out", "run"), lambda: None),
            "folds": ((*TRAIN, "--folds", "2", "--jobs", "1", "--out", "run"), lambda: None)}
    for name, (words, before) in made.items():
        place(parent, "new")
        outcome = run(words, parent / "work", {}, before)
        if outcome.code not in (0, -signal.SIGKILL):
            raise AssertionError(f"{words}: {outcome}")
        for output in ("out.csv", "out.npy", "out.html", "out.safetensors"):
            (parent / "work" / output).write_text("the old file\n")
        (parent / "work").rename(parent / name)
    shutil.copytree(parent / "folds", parent / "half")
    shutil.rmtree(parent / "half" / "run" / "fold-2")
    for name in ("folds.json", "test.json"):
        (parent / "half" / "run" / name).unlink()


def place(parent, template):
    """Put a copy of a template where commands run; gives its path, the same for all."""
    work = parent / "work"
    if work.exists():
        shutil.rmtree(work)
    shutil.copytree(parent / template, work)
    return work


def content(folder):
    """All that a folder holds, {path: plain data}, without what the clock says."""
    return {str(path.relative_to(folder)): content_of(path)
            for path in sorted(folder.rglob("*")) if path.is_file()}


def content_of(path):
    """What a file holds. Raises an error if it is not whole."""
    if path.suffix == ".npz":
        with np.load(path, allow_pickle=False) as arrays:
            found = {name: (arrays[name].dtype.str, arrays[name].shape, arrays[name].tobytes())
                     for name in arrays.files if name != "about"}
            return found, without_clock(json.loads(arrays["about"].tobytes()))
    if path.suffix == ".json":
        return without_clock(json.loads(path.read_text()))
    if path.suffix == ".jsonl":
        return [without_clock(json.loads(line)) for line in path.read_text().splitlines()]
    if path.name == "metrics.csv":
        return [line.rpartition(",")[0] for line in path.read_text().splitlines()]
    if path.name == "log.txt":
        return [re.sub(r"[\d.]+ s$", "", line) for line in path.read_text().splitlines()]
    if path.suffix == ".html":
        return "whole" if path.read_text().rstrip().endswith("</html>") else "cut"
    return path.read_bytes()


def without_clock(plain):
    """Plain data without the values that differ between two runs that are the same."""
    if isinstance(plain, dict):
        return {name: without_clock(value) for name, value in plain.items()
                if name not in OF_THE_CLOCK}
    return [without_clock(value) for value in plain] if isinstance(plain, list) else plain


# ---- what is right ----


def problems(case, point, outcome, parent, expected, made):
    """What is wrong after a command that a fault has hit, a list of words; then what follows is
    done, and looked at. expected: what is there without faults; made: the calls that it made.
    """
    work, found = parent / "work", []
    if outcome.code is None:
        return ["hangs"]
    if "Traceback" in outcome.out + outcome.err or "Exception ignored" in outcome.err:
        found.append("a traceback")
    found += wrong_code(case, point, outcome)
    if outcome.code == 0:
        found += missing(work, expected, outcome)
    if outcome.code != 0 and not re.search("error:|warning:|not saved|stopped", outcome.err):
        found.append("no line says what is wrong")
    found += untrue(work, expected, outcome)
    found += lost(case, work, parent, made)
    if case.again:
        found += follow(case, work, expected)
    elif case.output:
        found += half_there(work / case.output, parent / case.start / case.output,
                            expected["files"].get(case.output))
    return found


def wrong_code(case, point, outcome):
    """What is wrong with an exit code."""
    # A disk that fails is no wrong option or file: 2 is right where a place may not be written to,
    # or something cannot be read.
    right = {0, 1, 2} if point.error == "EACCES" or point.kind in READING else {0, 1}
    if point.error == "EINTR":
        right = {0}
    if point.kind == "close" and point.error != "EINTR":
        right = {0, 1, 2}       # it may be of a file that was read
    return [] if outcome.code in right else [f"exit code {outcome.code}"]


def missing(work, expected, outcome):
    """What is not there though the exit code is 0 and no line on standard error says so."""
    try:
        files = content(work)
    except Exception as error:
        return [f"exit 0, but a file is damaged: {type(error).__name__}"]
    found, untested = [], "without a test part" in outcome.err      # of a report, with its figures
    if outcome.out != expected["out"] and not untested:
        found.append("exit 0, but prints something else")
    for name, wanted in expected["files"].items():
        if name.endswith("log.txt"):
            lacks = name not in files or [line for line in wanted if line not in files[name]]
            if lacks and not re.search("could not write to .*log.txt", outcome.err):
                found.append("exit 0, but log.txt lacks lines")
        elif name not in files:
            if not (untested and "images/" in name):
                found.append(f"exit 0, but no {Path(name).name}")
        elif files[name] != wanted and not name.endswith("lock"):
            found.append(f"exit 0, but {Path(name).name} is another")
    return found


def untrue(work, expected, outcome):
    """What is said to be lost though it is there."""
    if "what came after is lost" not in outcome.err:
        return []
    return [f"says that {name} is not of the last step, and it is"
            for name, wanted in expected["files"].items() if name.endswith("last.npz")
            and re.search(rf"{name} is of step .*lost", outcome.err)
            and (work / name).exists()
            and content_of(work / name)[1]["steps"] == wanted[1]["steps"]]


def lost(case, work, parent, made):
    """Which checkpoints are not there any more, or not whole."""
    found = []
    for name in sorted({path for _, kind, path in made if kind == "saved"} | {
            str(path.relative_to(parent / case.start))
            for path in (parent / case.start).rglob("last.npz") if case.name != "overwrite"}):
        if not (work / name).is_file():
            found.append("a lost checkpoint")
    for path in work.rglob("*.npz"):
        try:
            content_of(path)
        except Exception as error:
            found.append(f"{path.name} is damaged: {type(error).__name__}")
    return found


def half_there(path, old, wanted):
    """What is wrong with an output: it must be the old file or the new one."""
    if not path.exists():
        return ["the old output is gone"] if old.exists() else []
    if old.exists() and path.read_bytes() == old.read_bytes():
        return []
    try:
        return [] if content_of(path) == wanted else ["half an output"]
    except ValueError:
        return ["half an output"]


def follow(case, work, expected):
    """Go on without faults; what is wrong with how that ends."""
    run_folder = work / "run"
    begun = any(run_folder.rglob("last.npz"))
    words = case.again if begun else case.words
    if not begun and case.again == words:
        return ["nothing is left to go on from"]
    if not begun and (run_folder / "config.json").is_file() and "--overwrite" not in words:
        words = (*words, "--overwrite")
    outcome = run(words, work, {})
    if outcome.code != 0:
        return [f"then {' '.join(words[-3:])} ends with {outcome.code}: {outcome.err[-200:]}"]
    try:
        files = content(work)
    except Exception as error:
        return [f"then a file is damaged: {type(error).__name__}: {error}"]
    names = {name for name in expected["files"].keys() | files.keys()
             if not name.endswith(("log.txt", "lock")) and (
                 name in expected["files"] or ".tmp" in name)}
    return [f"then {name} is another" for name in sorted(names)
            if files.get(name) != expected["files"].get(name)]


# ---- points ----


def available():
    """The cases whose extras are installed here."""
    return [case for case in CASES if case.name not in NEEDS
            or importlib.util.find_spec(NEEDS[case.name])]


def expectations(parent, library):
    """Each case run without faults: {name: {"out", "files", "calls": [[pid, kind, path], ...]}}."""
    found = {}
    for case in available():
        work, listed = place(parent, case.start), parent / "listed"
        outcome = run(case.words, work, calls.environment(library, work, listed=listed))
        if outcome.code != 0:
            raise AssertionError(f"{case.words}: {outcome}")
        found[case.name] = {"out": outcome.out, "files": content(work), "calls": calls.read(listed)}
        listed.unlink()
    return found


def all_points(expected, cases):
    """Every call of every case, with one error each; and the disk full from every write on."""
    points = []
    for name in cases:
        counts = collections.Counter()
        made = collections.Counter((process, kind) for process, kind, _ in expected[name]["calls"])
        for (_, kind), count in made.items():
            counts[kind] = max(counts[kind], count)
        for kind, count in sorted(counts.items()):
            errors = ERRORS[kind]
            points += [Point(name, kind, number, errors[number % len(errors)], False)
                       for number in range(1, count + 1)]
        # Each process counts for itself; short writes are no calls of their own.
        full = max(sum(made[process, kind] for kind in CHANGING if kind != "short-write")
                   for process in {process for process, _ in made})
        points += [Point(name, "all-writes", number, FULL[number % len(FULL)], True)
                   for number in range(1, full + 1)]
    return points


def sample(points, count, seed):
    """So many of the points, of each command and kind in turn, so that none is left out."""
    rng, groups = np.random.default_rng(seed), collections.defaultdict(list)
    for i in rng.permutation(len(points)):
        groups[points[i].case, points[i].kind].append(points[i])
    order = [groups[key] for key in sorted(groups)]
    order = [order[i] for i in rng.permutation(len(order))]
    return [point for turn in itertools.zip_longest(*order) for point in turn if point][:count]


def try_point(point, parent, library, expected):
    """A command with a fault. -> {"code", "hit": the path, "problems", "said"}"""
    case = next(each for each in CASES if each.name == point.case)
    work, hit, listed = place(parent, case.start), parent / "hit", parent / "listed"
    for path in (hit, listed):
        path.unlink(missing_ok=True)
    outcome = run(case.words, work, calls.environment(
        library, work, hit=hit, listed=listed, fault=point[1:]))
    hits = calls.read(hit) if hit.exists() else []
    made = saved_by(calls.read(listed), hits, work) if listed.exists() else []
    found = problems(case, point, outcome, parent, expected[case.name], made)
    return {"code": outcome.code, "hit": hits[0][2].removeprefix(f"{work}/") if hits else None,
            "problems": found, "said": outcome.err[-600:]}


def saved_by(made, hits, work):
    """["", "saved", PATH] for each last.npz that was renamed into place, of the calls made."""
    failed = {tuple(each) for each in hits}
    return [["", "saved", os.path.relpath(path, work)] for process, kind, path in made
            if kind == "rename" and path.endswith("/last.npz")
            and (process, kind, path) not in failed]


def import_all():
    """Import what the commands need, and let numba compile, before processes are forked."""
    from flatprop.__main__ import COMMANDS, main
    modules = [module for module, _ in COMMANDS.values()]
    for module in (*modules, "flatprop.cli.folds", "flatprop.cli.refit", *NEEDS.values(),
                   "flatprop.runs.report.page", "flatprop.runs.report.record"):
        with contextlib.suppress(ImportError):
            importlib.import_module(module)
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        main(["train", "--data", "spiral", "--epochs", "1", "--out", "none"])


def work_off(parent, library, share):
    """In a process with calls.c preloaded: try a share of the points, and write what was found.

    share: {"count": of all the points, or None; "seed"; "cases", "kinds": names, or None; "first",
    "step": which of those points are this process's}
    """
    import_all()
    make_templates(parent)
    expected = expectations(parent, library)
    points = all_points(expected, [case.name for case in available()
                                   if share["cases"] is None or case.name in share["cases"]])
    points = [point for point in points if share["kinds"] is None or point.kind in share["kinds"]]
    count = len(points) if share["count"] is None else share["count"]
    points = sample(points, count, share["seed"])[share["first"] :: share["step"]]
    with open(parent / "found.json", "w") as file:
        for point in points:
            found = try_point(point, parent, library, expected)
            file.write(json.dumps({"point": point} | found) + "\n")
            file.flush()


def start_worker(parent, library, **share):
    """A process that tries a share of the points in a folder of its own."""
    parent.mkdir()
    variables = {name: value for name, value in os.environ.items() if not name.startswith("CALLS_")}
    return subprocess.Popen(
        [sys.executable, __file__, "--work", str(parent), str(library), json.dumps(share)],
        env=variables | {"LD_PRELOAD": str(library), "OPENBLAS_NUM_THREADS": "1",
                         "PYTHONPATH": str(ROOT)})


def trial(count=None, seed=0, processes=1, cases=None, kinds=None, where=None):
    """Try so many points, None for all, of the cases and the kinds of calls named, None for all.
    -> what was found, a list of {"point", "code", "hit", "problems", "said"}
    """
    if where is None and os.access("/dev/shm", os.W_OK):
        where = "/dev/shm"          # in memory, where fsync costs nothing
    # The library goes elsewhere, as nothing in memory may be run on some systems.
    with (tempfile.TemporaryDirectory() as built,
          tempfile.TemporaryDirectory(dir=where) as parent):
        parent, library = Path(parent), calls.build(built)
        folders = [parent / str(i) for i in range(processes)]
        workers = [start_worker(folder, library, count=count, seed=seed, cases=cases, kinds=kinds,
                                first=i, step=processes) for i, folder in enumerate(folders)]
        if sum(worker.wait() for worker in workers):
            raise AssertionError("a process that tries the points has failed; see above")
        return [json.loads(line) for folder in folders
                for line in (folder / "found.json").read_text().splitlines()]


def table(found):
    """Lines: for each command and kind of call how many points there were, and how many failed."""
    counts, bad = collections.Counter(), collections.Counter()
    for each in found:
        key = each["point"][0], each["point"][1]
        counts[key] += 1
        bad[key] += bool(each["problems"])
    lines = []
    for case in dict.fromkeys(case for case, _ in sorted(counts)):
        kinds = [kind for name, kind in sorted(counts) if name == case]
        lines.append(f"{case}: {sum(counts[case, kind] for kind in kinds)} points, "
                     f"{sum(bad[case, kind] for kind in kinds)} failed ("
                     + ", ".join(f"{kind} {bad[case, kind]}/{counts[case, kind]}" for kind in kinds)
                     + ")")
    return lines


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=50)
    parser.add_argument("--all", action="store_true", help="every point there is")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--cases", nargs="+", help="only of these commands, by their names here")
    parser.add_argument("--kinds", nargs="+", help="only of these kinds of calls (calls.c)")
    parser.add_argument("--where", help="the folder for temporary files (default: in memory)")
    parser.add_argument("--found", help="a file for all that was found, a line of JSON a point")
    parser.add_argument("--work", nargs=3, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.work:
        parent, library, share = args.work
        work_off(Path(parent).resolve(), library, json.loads(share))
        return 0
    if calls.missing():
        sys.exit(calls.missing())
    found = trial(None if args.all else args.count, args.seed, args.processes, args.cases,
                  args.kinds, args.where)
    if args.found:
        Path(args.found).write_text("".join(json.dumps(each) + "\n" for each in found))
    failed = [each for each in found if each["problems"]]
    for words, count in collections.Counter(
            (problem[:150], each["point"][0]) for each in failed
            for problem in each["problems"]).most_common(40):
        print(f"{count:5}  {words[1]}: {words[0]}")
    print("\n".join(table(found)))
    missed = sum(each["hit"] is None for each in found)
    print(f"{len(found)} points, {len(failed)} failed; {missed} faults did not hit")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

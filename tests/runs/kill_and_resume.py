"""Kill training at random moments, go on, and compare with a run that was never stopped.

    python tests/runs/kill_and_resume.py --count 100
    python tests/runs/kill_and_resume.py --count 1000 --kills 8 --jobs 2 --enough 1000
    python tests/runs/kill_and_resume.py --count 100 --refit
    python tests/runs/kill_and_resume.py --count 20 --folds 2

Each of the runs is killed (SIGKILL) several times, at moments drawn at random over the life that is
left to it, from its start to its end, the writing of checkpoints included, which it does after
every few steps. Then all its files must be whole, and once it has ended its weights, moments, best
weights, history and random streams those of the run that was left alone, bit for bit.
"""

import argparse
import concurrent.futures
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
OPTIONS = ["--data", "spiral", "--examples", "300", "--hidden", "32", "32", "--norm", "batch",
           "--dropout", "0.2", "--noise", "0.1", "--noise-final", "0.2", "--max-norm", "3",
           "--epochs", "80", "--batch-size", "16", "--quiet", "--checkpoint-every", "3"]
MOST = 300      # seconds after which a process hangs


def command(*words):
    return [sys.executable, str(ROOT / "train.py"), *map(str, words)]


def environment():
    return {**os.environ, "OPENBLAS_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)}


def train_alone(folder, options):
    """Train to the end in folder. Gives how many seconds it took."""
    started = time.monotonic()
    subprocess.run(command(*options, "--out", folder), env=environment(), check=True,
                   capture_output=True)
    return time.monotonic() - started


def time_of_start(folder):
    """How many seconds a process takes in which nothing is left to train, in folder."""
    started = time.monotonic()
    subprocess.run(command("--resume", folder), env=environment(), check=True, capture_output=True)
    return time.monotonic() - started


def train_with_kills(folder, options, kills, life, rng):
    """Train in folder, killed up to so many times at random moments. Gives how many kills hit.

    life is (seconds until a process trains, seconds of all the training, its steps).
    """
    start, seconds, steps = life
    hits = 0
    for attempt in range(kills + 1):
        resuming = any(folder.rglob("last.npz"))
        words = ["--resume", folder] if resuming else [*options, "--out", folder, "--overwrite"]
        if not resuming and not (folder / "config.json").exists():
            words.remove("--overwrite")         # killed before anything was written
        left = start + seconds * (1 - steps_done(folder) / steps)
        with subprocess.Popen(command(*words), env=environment(), stdout=subprocess.DEVNULL,
                              stderr=subprocess.PIPE) as process:
            try:
                process.wait(rng.uniform(0, 1.1 * left) if attempt < kills else MOST)
            except subprocess.TimeoutExpired:
                process.send_signal(signal.SIGKILL)
                process.wait()
                hits += attempt < kills
                for each in parts_of(folder):
                    check_files(each)
            error = process.stderr.read().decode()
        if attempt == kills and process.returncode == -signal.SIGKILL:
            raise AssertionError(f"{words} hung: {error}")
        if process.returncode == 0:
            break
        if process.returncode != -signal.SIGKILL:
            raise AssertionError(f"{words} ended with {process.returncode}: {error}")
    return hits


def steps_done(folder):
    """Of which step the checkpoint in a folder is; 0 if there is none."""
    if not (folder / "last.npz").exists():
        return 0
    with np.load(folder / "last.npz", allow_pickle=False) as file:
        return json.loads(file["about"].tobytes())["steps"]


def check_files(folder):
    """Every file that is there is whole.

    The last line of the metrics alone may be half there: the kernel writes page by page, and looks
    between two of them whether the process has been killed.
    """
    for name in ("last.npz", "best.npz"):
        if (folder / name).exists():
            with np.load(folder / name, allow_pickle=False) as arrays:
                for key in arrays.files:
                    arrays[key]
    for name in ("config.json", "environment.json", "model.json"):
        if (folder / name).exists():
            json.loads((folder / name).read_text())
    if (folder / "metrics.jsonl").exists():
        for line in (folder / "metrics.jsonl").read_text().splitlines(keepends=True):
            if line.endswith("\n"):
                json.loads(line)


def state(folder):
    """Everything a run has come to, but for what the clock says."""
    with np.load(folder / "last.npz", allow_pickle=False) as file:
        arrays = {name: file[name] for name in file.files if name != "about"}
        about = without_id(json.loads(file["about"].tobytes()))
    about = about | {"spent": None, "history": about["history"]["epochs"]}     # of its seconds too
    lines = [json.loads(line) for line in (folder / "metrics.jsonl").read_text().splitlines()]
    for entry in lines:
        del entry["seconds"]
    with np.load(folder / "best.npz", allow_pickle=False) as file:
        best = {f"best.npz {name}": file[name] for name in file.files if name != "about"}
        about["best.npz"] = without_id(json.loads(file["about"].tobytes()))
    test = None
    if (folder / "test.json").exists():         # the search of --refit has none
        test = without_id(json.loads((folder / "test.json").read_text()))
    return {**arrays, **best}, about, lines, test


def without_id(plain):
    """A dict without what tells of which run it is, and the hashes that change with that."""
    return {name: value for name, value in plain.items()
            if name not in ("run_id", "checksum", "sha256")}


def same(first, second):
    """Whether two states are equal to the bit."""
    (a, *rest), (b, *others) = first, second
    return rest == others and a.keys() == b.keys() and all(
        a[name].dtype == b[name].dtype and np.array_equal(a[name], b[name]) for name in a)


def parts_of(run):
    """The folders of a run that are runs themselves: its folds, or it, and its search."""
    folds = sorted(run.glob("fold-[0-9]*"))
    return folds or [each for each in (run, run / "search") if each.is_dir()]


def final_state(run):
    """All that a run has come to: {part: state}, and {name of a file: its content}."""
    found = {}
    for part in parts_of(run):
        name = str(part.relative_to(run))
        found[name] = state(part)
        found[f"{name}/model.json"] = plain_of(json.loads((part / "model.json").read_text()))
    for name in ("folds.json", "test.json"):
        if (run / name).exists():
            found[name] = plain_of(json.loads((run / name).read_text()))
    return found


def plain_of(content):
    """The content of a JSON file without what names the run, and the checksums with that."""
    if isinstance(content, dict):
        return {name: value for name, value in content.items()
                if name not in ("run_id", "checksum")}
    return content


def alike(one, other):
    """Whether two of final_state are the same to the bit."""
    return one.keys() == other.keys() and all(
        one[name] == other[name] if name.endswith(".json") else same(one[name], other[name])
        for name in one)


def trial(count, kills, seed, say=lambda text: None, more=(), jobs=1, enough=None):
    """count runs, each killed up to `kills` times, jobs at once, with more options; none is begun
    any more after `enough` kills. Gives (how many ended the same, how many kills, how many runs).
    """
    options = [*OPTIONS, *more]
    with tempfile.TemporaryDirectory() as parent:
        parent = Path(parent)
        # The shortest of three, as the machine may be busy just then.
        seconds = min(train_alone(parent / "whole", [*options, *words])
                      for words in ([], ["--overwrite"], ["--overwrite"]))
        start = min(time_of_start(parent / "whole") for _ in range(3))
        wanted = final_state(parent / "whole")
        life = start, max(0.1, seconds - start), max(1, steps_done(parent / "whole"))

        def one(i):
            folder = parent / f"run{i}"
            hits = train_with_kills(folder, options, kills, life, np.random.default_rng([seed, i]))
            is_same = alike(final_state(folder), wanted)
            shutil.rmtree(folder)
            return is_same, hits

        good = hits = done = 0
        with concurrent.futures.ThreadPoolExecutor(jobs) as crew:
            waiting = [crew.submit(one, i) for i in range(count)]
            for future in waiting:
                if future.cancelled():
                    continue
                is_same, hit = future.result()
                good, hits, done = good + is_same, hits + hit, done + 1
                say(f"{done}: {good} the same, {hits} kills")
                if enough is not None and hits >= enough:
                    for each in waiting:
                        each.cancel()
    return good, hits, done


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=100)
    parser.add_argument("--kills", type=int, default=3, help="for each run, at most")
    parser.add_argument("--enough", type=int, help="kills, after which no more runs are begun")
    parser.add_argument("--jobs", type=int, default=1, help="runs at once")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--refit", action="store_true", help="with the second training of --refit")
    parser.add_argument("--folds", type=int, help="with cross-validation of so many folds")
    args = parser.parse_args()
    more = ["--refit"] if args.refit else []
    more += ["--folds", str(args.folds)] if args.folds else []
    good, hits, done = trial(
        args.count, args.kills, args.seed, lambda text: print(text, file=sys.stderr, flush=True),
        more, args.jobs, args.enough)
    print(f"{good} of {done} runs, killed {hits} times in all, ended as the run that was "
          "never stopped, bit for bit; no file was corrupt")
    return 0 if good == done else 1


if __name__ == "__main__":
    sys.exit(main())

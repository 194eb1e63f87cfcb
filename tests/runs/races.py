"""Let two processes race for the folder of one run, with others beside them that read it.

    python tests/runs/races.py --count 100 --jobs 2

Two start in one folder, or go on with one run, or one replaces what the other trains; the
second begins at a random moment in the life of the first, and of every other pair one is killed at
a random moment. Exactly one writes: the other is refused, in one line with exit code 2, or comes
after it. evaluate, predict and report, which run all the while, end well or with one line. The run
must end as one that was left alone, bit for bit, gone on with where it was killed.
"""

import argparse
import collections
import concurrent.futures
import contextlib
import json
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import numpy as np
from kill_and_resume import MOST, OPTIONS, ROOT, command, environment, same, state, train_alone

# Two runs of the same size with other numbers, so that a mixture of both would be noticed.
ONE, TWO = ([*OPTIONS, "--epochs", "20", "--seed", seed] for seed in ("0", "1"))
RESUME, START, REPLACE, OTHER = "resume", "start", "replace", "replace with another"
# (whether there is a run that was stopped, what the first does, what the second does)
KINDS = {
    "two starts": (False, START, START), "two that go on": (True, RESUME, RESUME),
    "a start that is replaced": (False, START, OTHER), "one goes on, one starts":
    (True, RESUME, START), "one goes on, one replaces": (True, RESUME, OTHER),
    "two that replace": (True, REPLACE, OTHER),
}


def words_of(action, folder):
    """The words of the command line with which a process does something in a folder."""
    return {RESUME: ["--resume", folder], START: [*ONE, "--out", folder],
            REPLACE: [*ONE, "--out", folder, "--overwrite"],
            OTHER: [*TWO, "--out", folder, "--overwrite"]}[action]


def start(words):
    """A process of train.py."""
    return subprocess.Popen(command(*words), env=environment(), text=True, stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE)


def stopped_run(folder, seconds):
    """Leave a run in a folder that was killed in the middle of its training."""
    process = start(words_of(START, folder))
    while not (folder / "last.npz").exists():
        assert process.poll() is None
        time.sleep(0.01)
    time.sleep(seconds / 2)
    process.kill()
    process.communicate()
    assert not (folder / "test.json").exists()


class Readers:
    """Reads a run again and again while others write it, in a thread; `with` ends it."""

    def __init__(self, folder, rng):
        self.folder, self.rng, self.faults = folder, rng, []
        self.ended, self.tally = threading.Event(), collections.Counter()
        self.thread = threading.Thread(target=self.read)

    def read(self):
        """Read until it is ended."""
        aside = self.folder.parent / f"{self.folder.name}-read"
        aside.mkdir()
        (aside / "new.csv").write_text("column 1,column 2\n0.1,0.2\n")
        while not self.ended.is_set():
            name, *words = (["evaluate", self.folder],
                            ["predict", self.folder, aside / "new.csv", "-o", aside / "out.csv"],
                            ["report", self.folder, "-o", aside / "report.html"]
                            )[self.rng.integers(3)]
            try:
                done = subprocess.run([sys.executable, "-m", "flatprop", name, *map(str, words)],
                                      cwd=ROOT, env=environment(), capture_output=True, text=True,
                                      timeout=MOST)
            except subprocess.TimeoutExpired:
                self.faults.append(f"{name} hung")
                continue
            self.tally[f"{name} {done.returncode}"] += 1
            if not (done.returncode == 0 or is_refusal(done.returncode, done.stderr)):
                self.faults.append(f"{name} ended with {done.returncode}: {done.stderr}")

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.ended.set()
        self.thread.join()


def is_refusal(code, err):
    """Whether a command was refused as it should be: exit code 2 and one line."""
    return code == 2 and len(err.splitlines()) == 1 and ": error: " in err


def race(kind, folder, prepared, wanted, life, rng):
    """One race of a kind in a folder. Gives (a list of faults, a Counter of what came).

    prepared is the folder of a run that was stopped; wanted {seed: state}; life is how many seconds
    a run takes.
    """
    goes_on, *actions = KINDS[kind]
    if goes_on:
        shutil.copytree(prepared, folder)
    faults, tally = [], collections.Counter()
    killed = rng.integers(2) if rng.random() < 0.5 else None
    with Readers(folder, rng.spawn(1)[0]) as readers:
        processes, ended = [], []
        for number, action in enumerate(actions):
            processes.append(start(words_of(action, folder)))
            if number == 0:
                time.sleep(rng.uniform(0, 0.8 * life) * (rng.random() < 0.7))   # or at once
        if killed is not None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                processes[killed].wait(rng.uniform(0, life))
            processes[killed].kill()
        for process, action in zip(processes, actions, strict=True):
            try:
                _, err = process.communicate(timeout=MOST)
            except subprocess.TimeoutExpired:
                process.kill()
                process.communicate()
                faults.append(f"{action} hung")
                continue
            code = process.returncode
            ended.append(code)
            tally[f"{code}"] += 1
            if not (code == 0 or is_refusal(code, err)
                    or (code == -signal.SIGKILL and killed is not None)):
                faults.append(f"{action} ended with {code}: {err}")
    if 0 not in ended and -signal.SIGKILL not in ended:
        faults.append(f"nobody has trained: {ended}")
    if -signal.SIGKILL in ended:
        faults += finish(folder)
    faults += readers.faults
    if not faults:
        config = json.loads((folder / "config.json").read_text())
        if not same(state(folder), wanted[str(config["options"]["seed"])]):
            faults.append(f"it ended with other bits, after {ended}")
        # Who has replaced the other and has ended well has had the last word; else the other.
        last = {0: "0", 1: "1" if actions[1] == OTHER else "0"}
        winners = [number for number, code in enumerate(ended) if code == 0]
        if -signal.SIGKILL not in ended and len(winners) == 1 and (
                str(config["options"]["seed"]) != last[winners[0]]):
            faults.append(f"it is the run of the one that was refused, after {ended}")
    return [f"{kind}: {fault}" for fault in faults], tally + readers.tally


def finish(folder):
    """Train a killed run to its end, if it was begun; else anew. Gives a list of faults."""
    resuming = (folder / "last.npz").exists()
    for action in ([RESUME] if resuming else [REPLACE, START]):
        done = subprocess.run(command(*words_of(action, folder)), env=environment(), text=True,
                              capture_output=True, timeout=MOST)
        if done.returncode == 0:
            return []
    return [f"after a kill {action} ended with {done.returncode}: {done.stderr}"]


def trial(count, seed, jobs=1, say=lambda text: None):
    """So many races, of each kind as many, several at once. Gives (a list of faults, a Counter)."""
    with tempfile.TemporaryDirectory() as parent:
        parent = Path(parent)
        life = train_alone(parent / "one", ONE)
        train_alone(parent / "two", TWO)
        wanted = {"0": state(parent / "one"), "1": state(parent / "two")}
        stopped_run(parent / "stopped", min(0.1, life / 4))

        def one(i):
            return race(list(KINDS)[i % len(KINDS)], parent / f"run{i}", parent / "stopped",
                        wanted, life, np.random.default_rng([seed, i]))

        faults, tally = [], collections.Counter()
        with concurrent.futures.ThreadPoolExecutor(jobs) as crew:
            for i, (found, counted) in enumerate(crew.map(one, range(count))):
                faults, tally = faults + found, tally + counted
                say("\n".join(found) or f"{i + 1}: {len(faults)} faults")
    return faults, tally


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=100)
    parser.add_argument("--jobs", type=int, default=1, help="races at once")
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    faults, tally = trial(args.count, args.seed, args.jobs,
                          lambda text: print(text, file=sys.stderr, flush=True))
    print("exit codes: " + ", ".join(f"{what}: {times}" for what, times in sorted(tally.items())))
    print(f"{args.count} races, {len(faults)} faults")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())

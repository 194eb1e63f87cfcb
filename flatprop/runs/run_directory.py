"""The folder of a run: what was asked for, on what machine, and what came of it.

    config.json       every option, resolved
    environment.json  versions, machine, command line, hash of the data
    model.json        the network and its preprocessing (flatprop/runs/saved_model.py)
    last.npz          the checkpoint training goes on from (flatprop/runs/checkpoint.py)
    best.npz          the best weights so far
    metrics.jsonl     one line of JSON an epoch; metrics.csv the same as a table (metrics.py)
    curves.svg        losses and metrics by epoch
    log.txt           what was printed
    test.json         the result on the test part, once training has ended
"""

import contextlib
import datetime
import hashlib
import itertools
import json
import os
import platform
import sys
from pathlib import Path

import numpy as np

from data import atomic, json_file
from flatprop.runs.errors import RunError, RunExists

OURS = ("config.json", "environment.json", "model.json", "last.npz", "best.npz", "metrics.jsonl",
        "metrics.csv", "curves.svg", "log.txt", "test.json")
NAMED = "2-"         # with it begins a hash of the names too
HASHED = 2**28      # bytes of x that are hashed; of more, rows spread over the whole


def create(folder, replace=False):
    """Make the folder of a new run. With replace, the files of a run that is there are removed.

    Raises RunExists if the folder holds something, RunError if it holds no run or cannot be made.
    """
    folder = Path(folder)
    try:
        if folder.is_dir():
            sweep(folder)
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            if not replace:
                raise RunExists(f"{folder} is there already")
            if not (folder / "config.json").is_file():
                raise RunError(f"{folder} does not look like a run, so nothing in it is removed")
            for name in OURS:
                (folder / name).unlink(missing_ok=True)
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise RunError(f"{folder}: {error.strerror or error}") from error
    return folder


def sweep(folder):
    """Remove the temporary files of a process that was killed as it wrote; see data/atomic.py."""
    for name in OURS:
        for left in folder.glob(f".{name}.*.tmp"):
            left.unlink(missing_ok=True)


def create_numbered(parent):
    """Make parent/DATE-N, with the next free N. Two that start at once get two numbers.

    Raises RunError if it cannot be made.
    """
    parent, date = Path(parent), datetime.date.today().isoformat()
    try:
        parent.mkdir(parents=True, exist_ok=True)
        taken = [path.name.removeprefix(f"{date}-") for path in parent.glob(f"{date}-*")]
        last = max((int(each) for each in taken if each.isdecimal()), default=0)
        for number in itertools.count(last + 1):
            with contextlib.suppress(FileExistsError):
                folder = parent / f"{date}-{number}"
                folder.mkdir()
                return folder
    except OSError as error:
        raise RunError(f"{parent}: {error.strerror or error}") from error


def write_json(path, content):
    """Plain data as indented JSON, whole or not at all."""
    atomic.write_text(path, json.dumps(content, indent=2) + "\n")


def environment(data_hash):
    """What a result depends on besides its options, as plain data."""
    threads = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")
    return {
        "command": sys.argv, "python": platform.python_version(), "numpy": np.__version__,
        "system": platform.platform(), "processor": platform.machine(), "cores": os.cpu_count(),
        "threads": {name: os.environ[name] for name in threads if name in os.environ},
        "data_hash": data_hash,
        "started": datetime.datetime.now().isoformat(timespec="seconds"),
    }


def hash_of(x, y, names=None):
    """A hash of a data set, to notice that it has changed. x and y arrays, mapped ones too.

    names, plain data, are what a user would call it: its columns, classes and label; without them
    it is the hash of earlier versions.
    """
    found = hashlib.sha256(f"{x.shape} {x.dtype} {y.shape} {y.dtype}".encode())
    if names is not None:
        found.update(json.dumps(names, sort_keys=True).encode())
    found.update(np.ascontiguousarray(y).data)
    step = max(1, -(-x.nbytes // HASHED))
    rows = max(1, 2**22 // max(1, x.nbytes // len(x)))
    for start in range(0, len(x), rows * step):
        found.update(np.ascontiguousarray(x[start : start + rows]).data)
    return ("" if names is None else NAMED) + found.hexdigest()


def is_same_data(run, x, y, names):
    """Whether a run was trained on this data; True of one that does not say what it was."""
    known = json_file.read(Path(run) / "environment.json").get("data_hash")
    if not isinstance(known, str):
        return True
    return known == hash_of(x, y, names if known.startswith(NAMED) else None)

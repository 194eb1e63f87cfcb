"""The folder of a run: what was asked for, on what machine, and what came of it.

    config.json       every option, resolved
    environment.json  versions, machine, command line, hash of the data
    model.json        the network and its preprocessing (flatprop/runs/saved_model.py)
    last.npz          the checkpoint training goes on from (flatprop/runs/checkpoint.py)
    best.npz          the best weights so far
    metrics.jsonl     one line of JSON an epoch; metrics.csv the same as a table
    curves.svg        losses and metrics by epoch
    log.txt           what was printed
    test.json         the result on the test part, once training has ended
"""

import csv
import datetime
import hashlib
import io
import json
import os
import platform
import sys
from pathlib import Path

import numpy as np

from data import atomic
from flatprop.cli.errors import UsageError

VERSION = 1
OURS = ("config.json", "environment.json", "model.json", "last.npz", "best.npz", "metrics.jsonl",
        "metrics.csv", "curves.svg", "log.txt", "test.json")
COLUMNS = ("epoch", "train_loss", "train_metric", "val_loss", "val_metric", "rate", "seconds")
HASHED = 2**28      # bytes of x that are hashed; of more, rows spread over the whole


def create(out, overwrite):
    """Make the folder of a new run. out: its path, or None for runs/DATE-N. -> Path

    Raises UsageError if it is there already, or cannot be made.
    """
    if out is None:
        return numbered(Path("runs"))
    folder = Path(out)
    try:
        if folder.is_dir():
            sweep(folder)
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            if not overwrite:
                raise UsageError(f"--out {out} is there already: --overwrite replaces it, "
                                 f"--resume {out} goes on with it")
            if not (folder / "config.json").is_file():
                raise UsageError(f"--overwrite: {out} does not look like a run, so nothing in it "
                                 "is removed: give another --out")
            for name in OURS:
                (folder / name).unlink(missing_ok=True)
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"--out {out}: {error.strerror or error}") from error
    return folder


def sweep(folder):
    """Remove what a process killed while it wrote has left aside; see data/atomic.py."""
    for name in OURS:
        for left in folder.glob(f".{name}.*.tmp"):
            left.unlink(missing_ok=True)


def numbered(parent):
    """The next free DATE-N in a folder, made. Two that start at once get two numbers."""
    date = datetime.date.today().isoformat()
    try:
        parent.mkdir(parents=True, exist_ok=True)
        taken = [name.name.removeprefix(f"{date}-") for name in parent.glob(f"{date}-*")]
        number = max((int(each) for each in taken if each.isdecimal()), default=0) + 1
        while True:
            try:
                folder = parent / f"{date}-{number}"
                folder.mkdir()
                return folder
            except FileExistsError:
                number += 1
    except OSError as error:
        raise UsageError(f"a run is kept in {parent}, and that cannot be written: "
                         f"{error.strerror or error}; --out FOLDER names another place, --out none "
                         "keeps nothing") from error


def write_json(path, content):
    """Plain data as indented JSON, whole or not at all."""
    atomic.write_text(path, json.dumps(content, indent=2) + "\n")


def environment(data_hash):
    """What a result depends on besides its options, as plain data."""
    blas = [name for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")
            if name in os.environ]
    return {
        "command": sys.argv, "python": platform.python_version(), "numpy": np.__version__,
        "system": platform.platform(), "processor": platform.machine(), "cores": os.cpu_count(),
        "threads": {name: os.environ[name] for name in blas}, "data_hash": data_hash,
        "started": datetime.datetime.now().isoformat(timespec="seconds"),
    }


def hash_of(x, y):
    """A hash of a data set, to notice that it has changed. x and y arrays, mapped ones too."""
    found = hashlib.sha256(f"{x.shape} {x.dtype} {y.shape} {y.dtype}".encode())
    found.update(np.ascontiguousarray(y).data)
    step = max(1, -(-x.nbytes // HASHED))
    rows = max(1, 2**22 // max(1, x.nbytes // len(x)))
    for start in range(0, len(x), rows * step):
        found.update(np.ascontiguousarray(x[start : start + rows]).data)
    return found.hexdigest()


def write_metrics(folder, history):
    """All of history into metrics.jsonl and metrics.csv, anew.

    A Solver of a student's may give a loss that is a NumPy number: default=float.
    """
    lines = [json.dumps(entry, default=float) + "\n" for entry in history]
    atomic.write_text(folder / "metrics.jsonl", "".join(lines))
    atomic.write_text(folder / "metrics.csv", csv_lines([COLUMNS, *map(csv_row, history)]))


def append_metrics(folder, entry):
    """One more epoch, in one write for each file, so that a line is there whole or not at all."""
    append(folder / "metrics.jsonl", json.dumps(entry, default=float) + "\n")
    append(folder / "metrics.csv", csv_lines([csv_row(entry)]))


def csv_row(entry):
    """The numbers of an entry of history, in the order of COLUMNS."""
    return [entry[name] for name in COLUMNS]


def csv_lines(rows):
    """Rows as text in CSV."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue()


def append(path, text):
    """Add text to a file, in one write."""
    with open(path, "ab", buffering=0) as file:
        file.write(text.encode("utf-8"))

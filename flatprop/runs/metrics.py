"""The history of a run on disk: one entry for each epoch (see solvers/solver.py).

metrics.jsonl has a line of JSON for each, with everything; metrics.csv has its plain numbers. Lines
are only ever added (epoch_lines.py). What is read here is for people: numbers that are none are
left out. Training goes on from the same file, read by checkpoint.py.
"""

import io
import itertools
import json
import math
import sys
from pathlib import Path

from data import atomic, open_file
from data.errors import DataError
from flatprop.runs.epoch_lines import LONGEST, EpochLines

COLUMNS = ("epoch", "train_loss", "train_metric", "val_loss", "val_metric", "rate", "seconds")
# Of metrics.jsonl: the most bytes that are read, 200,000 epochs or more; and the most epochs, as an
# entry takes more memory than a short line.
LARGEST, MOST = 2**26, 400_000


def label(name: str) -> str:
    """A metric of solvers/by_name.py, or the loss, as people call it."""
    return {"auc": "AUC", "r2": "R^2"}.get(name, name.replace("_", " "))


def value_text(value):
    """The value of a metric as text; it has none where it is None."""
    return "not defined" if value is None else f"{value:.4f}"


def json_lines(folder):
    """The EpochLines of metrics.jsonl in a folder."""
    return EpochLines(Path(folder) / "metrics.jsonl", json_line)


def csv_lines(folder):
    """The EpochLines of metrics.csv in a folder."""
    return EpochLines(Path(folder) / "metrics.csv", csv_line, ",".join(COLUMNS) + "\n")


def append_text(path, text):
    """Add text to a file, in one write, so that a line is there whole or not at all."""
    atomic.append(path, text.encode("utf-8"))


def json_line(entry):
    """An entry as a line of JSON; default=float, as a student's Solver may give NumPy numbers."""
    return json.dumps(entry, default=float) + "\n"


def csv_line(entry):
    """The numbers of an entry as a line of CSV; nothing for None."""
    return ",".join("" if entry[name] is None else str(entry[name]) for name in COLUMNS) + "\n"


def read(path, most=None):
    """The entries of a metrics.jsonl, at most so many; none if there is no file. Raises DataError.

    Half a line at the end is what a run leaves that was killed as it wrote: it is left out.
    """
    if not open_file.is_there(path):
        return []
    content, entries = open_file.read_file(path, "a copy of the file that was there", LARGEST), []
    for number, line in enumerate(itertools.islice(io.BytesIO(content), most), 1):
        if number > MOST:
            raise DataError(f"{path}: more than {MOST:,} epochs are too many", file=path)
        if len(line) > LONGEST:
            raise DataError(f"{path}: line {number} is too long to be right; remove that line",
                            file=path)
        try:
            entries.append(read_entry(json.loads(line.decode("utf-8"))))
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError,
                OverflowError) as error:
            if line.endswith(b"\n"):
                raise DataError(f"{path}: line {number} is damaged; remove that line",
                                file=path) from error
    return entries


def read_entry(plain):
    """An entry with a float or None for each number. Raises TypeError, KeyError, ..."""
    entry = {name: as_number(plain.get(name)) for name in COLUMNS[1:]}
    entry["epoch"] = int(plain["epoch"])
    ratios = plain.get("ratios") or {}
    entry["ratios"] = {str(name): as_number(value) for name, value in ratios.items()}
    return entry


def best_entry(history, best_by=None):
    """The entry of a history, as read() gives it, of the best epoch by validation, or None.

    best_by: "loss" where the loss chooses even if there is a metric, as --best-by of train has it.
    """
    def goodness(entry):
        metric = entry["val_metric"]
        return -math.inf if metric is None or best_by == "loss" else metric, -entry["val_loss"]

    measured = [entry for entry in history if entry["val_loss"] is not None]
    return max(measured, key=goodness, default=None)


def as_number(value):
    """A float, or None for anything that is not a finite number."""
    is_number = type(value) in (int, float)         # and no bool
    return float(value) if is_number and abs(value) <= sys.float_info.max else None

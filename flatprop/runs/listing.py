"""What came of the runs below some folders: a row of plain numbers and texts for each.

It reads what a run says of itself, config.json, test.json, folds.json and its history, and hashes
the best weights, as a test result counts for these alone. Nothing is written.
"""

import contextlib
import hashlib
import os
import re
import statistics
from pathlib import Path
from typing import NamedTuple

import numpy as np

from data import json_file, npz_file, open_file
from data.errors import DataError
from flatprop.runs import checksums, folds, last_words, lock, metrics, run_directory
from flatprop.runs.errors import refuse
from flatprop.runs.text import printable

DEEPEST = 3         # levels of folders below the one that is given
MARKS = ("environment.json", "last.npz", "best.npz", lock.NAME)     # beside a run's JSON file
SECONDS = re.compile(rb'"seconds": ([-+.\deE]+)')
LONGEST = 2000      # characters of a problem, and of a name
STATES = ("done", "running", "stopped", "diverged", "broken")


class Row(NamedTuple):
    """A run in a list. What is not known is None.

    state is done (patience ends a training too), running, stopped (before its end), diverged or
    broken; problem says in words where it has diverged or what is broken
    metric is what test and val are, such as accuracy, R^2 or AUC; of folds val is their mean
    seconds of training, of folds in all; options {name: value} as config.json has them
    """

    run: str
    state: str
    metric: str | None = None
    test: float | None = None
    val: float | None = None
    test_loss: float | None = None
    val_loss: float | None = None
    epochs: int | None = None
    seconds: float | None = None
    started: str | None = None
    data: str | None = None
    problem: str | None = None
    options: dict = {}


def find(folder, deepest=DEEPEST):
    """The folders of the runs in a folder and below, by name; the folder itself, if it is one.

    Not looked into are runs, hidden folders, links to folders, and what may not be.
    """
    if is_run(folder):
        return [folder]
    found = []
    if deepest > 0:
        with contextlib.suppress(OSError), os.scandir(folder) as entries:
            inner = [entry.name for entry in entries
                     if not entry.name.startswith(".") and entry.is_dir(follow_symlinks=False)]
            for name in sorted(inner, key=in_order):
                found += find(folder / name, deepest - 1)
    return found


def in_order(name):
    """A key by which trial-9 comes before trial-10."""
    return [int(part) if part.isdecimal() else part for part in re.split(r"(\d+)", name)]


def is_run(folder):
    """Whether a folder looks like a run: other programs have a config.json too."""
    with contextlib.suppress(OSError):
        names = set(os.listdir(folder))
        return bool(names & {"config.json", "model.json"} and names & set(MARKS))
    return False


def row(folder):
    """The Row of a run's folder, whatever is wrong with it."""
    name = printable(str(folder), LONGEST)
    try:
        return read(Path(folder), name)
    except (DataError, OSError) as error:
        text = str(error).removeprefix(f"{folder}{os.sep}").removeprefix(f"{folder}: ")
        return Row(name, "broken", problem=printable(text, LONGEST))


def read(folder, name):
    """The same for a run that can be read. Raises DataError, OSError."""
    run_id = checksums.id_of(folder)
    config, machine, test, of_folds = (
        read_dict(folder / file, run_id)
        for file in ("config.json", "environment.json", "test.json", "folds.json"))
    options = config.get("options", {})
    if not isinstance(options, dict):
        raise DataError(f"{folder}: config.json: its options must be names with values")
    count = folds.count(folder)
    parts = [folder] if count is None else [folds.folder(folder, m + 1) for m in range(count)]
    tested = bool(test) and test.get("weights") in (None, hash_of_weights(parts))
    found = of_one(folder, options) if count is None else of_all(of_folds, options)
    if tested:
        found |= of_test(test, options)
    words = [last_words.of(part) for part in parts]
    problem = None if tested else next(filter(None, map(last_words.divergence, words)), None)
    ended = tested or not config or not test and (
        has_ended(found, options, of_folds, count) or all(map(last_words.is_an_end, words)))
    state = ("running" if is_held(folder) else "done" if ended else
             "stopped" if problem is None else "diverged")
    started, data = machine.get("started"), options.get("data")
    names = [Path(each).name for each in data if isinstance(each, str)] if isinstance(
        data, list) else []
    return Row(name, state, seconds=seconds_of([*parts, folder / run_directory.SEARCH]),
               problem=problem if state == "diverged" else None,
               started=printable(started, 40) if isinstance(started, str) else None,
               data=printable(" ".join(names), 200) or None, options=plain_values(options), **found)


def plain_values(options):
    """Those of the options {name: value} that are as train has them: no lists in lists, no NaN."""
    def is_plain(value):
        return value is None or isinstance(value, str | bool) or (
            metrics.as_number(value) is not None)
    return {name: value for name, value in options.items()
            if all(map(is_plain, value if isinstance(value, list) else [value]))}


def has_ended(found, options, of_folds, count):
    """Whether a run without a test result, of so many folds or None, has come to its end."""
    if count is not None:
        return len(of_folds.get("folds") or []) == count
    wanted = metrics.as_number(options.get("epochs"))
    return wanted is not None and (found["epochs"] or 0) >= wanted


def read_dict(path, run_id):
    """The dict in a JSON file of a run, {} if there is none. Raises DataError; ChangedFile where it
    was edited or is of another run."""
    if not open_file.is_there(path):
        return {}
    plain = json_file.read(path)
    checksums.check_content(path, plain, run_id, refuse)
    if not isinstance(plain, dict):
        raise DataError(f"{path}: must hold names with values", file=path)
    return plain


def of_one(folder, options):
    """{"metric", "val", "val_loss", "epochs"} of a run of one network, by its best epoch."""
    searched = folder / run_directory.SEARCH / "metrics.jsonl"
    own = metrics.read(folder / "metrics.jsonl")
    history = metrics.read(searched) if open_file.is_there(searched) else own
    best = metrics.best_entry(history, options.get("best_by"))
    chosen = options.get("best_by")
    name = metrics.label(chosen) if isinstance(chosen, str) and chosen != "loss" else "accuracy"
    val = None if best is None else best["val_metric"]
    return {"metric": None if val is None else name, "val": val,
            "val_loss": None if best is None else best["val_loss"],
            "epochs": len(own) or len(history) or None}


def of_all(plain, options):
    """The same of a run of folds, the means over what its folds.json holds; the longest counts."""
    entries = [each for each in plain.get("folds") or [] if isinstance(each, dict)]
    names = [each for each in entries[0] if each.startswith("val_") and each != "val_loss"
             ] if entries else []
    key = names[0] if names else None
    longest = max((metrics.as_number(each.get("epochs")) or 0 for each in entries), default=0)
    return {"metric": key and metrics.label(key.removeprefix("val_")), "val": mean(entries, key),
            "val_loss": mean(entries, "val_loss"), "epochs": int(longest) or None}


def mean(entries, key):
    """The mean of an entry of dicts; None if one of them has none."""
    values = [metrics.as_number(each.get(key)) for each in entries]
    return None if not values or None in values else statistics.fmean(values)


def of_test(plain, options):
    """{"metric", "test", "test_loss"} of the result in test.json."""
    chosen = options.get("best_by")
    names = [chosen] if isinstance(chosen, str) and chosen in plain else []
    for name in [*names, "accuracy", "r2"]:
        value = metrics.as_number(plain.get(name))
        if value is not None:
            return {"metric": metrics.label(name), "test": value,
                    "test_loss": metrics.as_number(plain.get("loss"))}
    return {"test_loss": metrics.as_number(plain.get("loss"))}


def hash_of_weights(parts):
    """What checksums.of_weights gives for the best weights in these folders; None if one has none.
    Raises DataError."""
    found = hashlib.sha256()
    for folder in parts:
        if not open_file.is_there(folder / "best.npz"):
            return None
        arrays = npz_file.read(folder / "best.npz", only=("theta", "statistics"))
        for name in ("theta", "statistics"):
            if name not in arrays:
                raise DataError(f"{folder / 'best.npz'}: has no {name}")
            found.update(np.ascontiguousarray(arrays[name]).data)
    return found.hexdigest()


def seconds_of(folders):
    """How long training took in these folders together; None if it has not begun."""
    found = []
    for folder in folders:
        path = folder / "metrics.jsonl"
        if open_file.is_there(path):
            content = open_file.read_file(path, "a copy of the file that was there",
                                          metrics.LARGEST)
            found += SECONDS.findall(content)
    with contextlib.suppress(ValueError):
        return sum(map(float, found)) if found else None
    return None


def is_held(folder):
    """Whether a process writes into a run. What is empty nobody holds, so that it is not even
    looked whether it is locked, which for a moment locks it."""
    path = folder / lock.NAME
    with contextlib.suppress(OSError, ValueError):
        if path.is_symlink() or not path.is_file() or not path.stat().st_size:
            return False
        descriptor = lock.take(path)
        if descriptor is None:
            return True
        os.close(descriptor)
    return False

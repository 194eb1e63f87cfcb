"""What a run directory holds, read for a report: damaged files are refused with one line."""

import json
import math
from pathlib import Path
from typing import NamedTuple

from data import json_file
from data.errors import DataError
from flatprop.cli.build_network import title
from flatprop.runs import inputs, outcome, saved_model

LARGEST = 2**26     # bytes of metrics.jsonl that are read: 200,000 epochs
NUMBERS = ("train_loss", "train_metric", "val_loss", "val_metric", "rate", "seconds")


class Record(NamedTuple):
    """A run as a report needs it.

    name, network: text for people; saved: a SavedModel; classes: their names, or None for
    regression; history: one dict an epoch, with NUMBERS
    (a float or None each), "epoch" and "ratios" ({weight: float or None}); options and environment:
    plain dicts, empty if there is no file; result: {"loss": float, "accuracy": float or None}, or
    None if the run was not tested.
    """

    name: str
    network: str
    saved: saved_model.SavedModel
    classes: list | None
    history: list
    options: dict
    environment: dict
    result: dict | None

    @property
    def best(self):
        """The entry of history of the best epoch by validation, or None."""
        measured = [entry for entry in self.history if entry["val_loss"] is not None]
        by_loss = all(entry["val_metric"] is None for entry in measured)

        def goodness(entry):
            metric = -math.inf if entry["val_metric"] is None else entry["val_metric"]
            return (0 if by_loss else metric, -entry["val_loss"])
        return max(measured, key=goodness, default=None)


def read(run, which="best"):
    """The Record of a run directory. Raises DataError, one line, if it is missing or damaged."""
    saved = inputs.load(run, which)
    options = optional(saved.run / "config.json").get("options", {})
    if not isinstance(options, dict):
        raise DataError(f"{saved.run / 'config.json'}: its options must be names with values")
    return Record(
        name=saved.run.resolve().name or str(saved.run), network=title(saved.description),
        saved=saved, classes=outcome.class_names(saved),
        history=read_history(saved.run / "metrics.jsonl"), options=shallow(options),
        environment=shallow(optional(saved.run / "environment.json")),
        result=read_result(saved.run / "test.json"))


def optional(path):
    """The dict in a JSON file, or an empty one if there is no file. Raises DataError."""
    plain = json_file.read(path) if path.exists() else {}
    if not isinstance(plain, dict):
        raise DataError(f"{path}: must hold names with values, not a {type(plain).__name__}")
    return plain


def shallow(plain):
    """A dict without what is nested deeper than a list or a dict of plain values."""
    def is_flat(value):
        inner = value.values() if isinstance(value, dict) else value
        return not isinstance(value, dict | list) or not any(
            isinstance(each, dict | list) for each in inner)
    return {name: value for name, value in plain.items() if is_flat(value)}


def read_result(path):
    """test.json: {"loss", "accuracy"}, or None if there is none. Raises DataError."""
    plain = optional(path)
    if not plain:
        return None
    result = {name: as_number(plain.get(name)) for name in ("loss", "accuracy")}
    if result["loss"] is None:
        raise DataError(f"{path}: has no loss that is a number")
    return result


def read_history(path):
    """metrics.jsonl, one dict a line; none if there is no file. Raises DataError.

    A last line without its end is what a run leaves that was killed as it wrote: it is left out.
    """
    path = Path(path)
    if not path.exists():
        return []
    try:
        if path.stat().st_size > LARGEST:
            raise DataError(f"{path}: {path.stat().st_size:,} bytes are too many for metrics")
        *lines, rest = path.read_text(encoding="utf-8").split("\n")
    except (OSError, ValueError) as error:
        raise DataError(f"{path}: cannot be read: {error}") from error
    entries = []
    for number, line in enumerate([*lines, rest] if complete(rest) else lines, 1):
        try:
            entries.append(read_entry(json.loads(line)))
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError,
                OverflowError) as error:
            raise DataError(f"{path}: line {number} is damaged ({type(error).__name__}); "
                            "remove that line") from error
    return entries


def complete(line):
    """Whether a line without an end is JSON nevertheless."""
    try:
        return isinstance(json.loads(line), dict)
    except (ValueError, RecursionError):
        return False


def read_entry(plain):
    """An entry of history with numbers only. Raises TypeError, KeyError, ... for another."""
    entry = {name: as_number(plain.get(name)) for name in NUMBERS}
    entry["epoch"] = int(plain["epoch"])
    ratios = plain.get("ratios") or {}
    entry["ratios"] = {str(name): as_number(value) for name, value in ratios.items()}
    return entry


def as_number(value):
    """A float, or None for anything that is not a finite number."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    if isinstance(value, int):
        return float(value) if abs(value) < 10**300 else None
    return value if math.isfinite(value) else None

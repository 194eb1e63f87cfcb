"""The best trial in the folder of a sweep (flatprop/cli/sweep.py), by its sweep.json."""

from pathlib import Path

from data import json_file
from data.errors import DataError

NAME = "sweep.json"


def best_in(folder):
    """The folder of the best trial of a sweep; None if there is none, or the folder is no sweep."""
    path = Path(folder) / NAME
    if not path.is_file():
        return None
    try:
        number = best_of(json_file.read(path))
    except (DataError, KeyError, TypeError, ValueError, AttributeError):
        return None         # it is for a message alone, which has another to tell
    return None if number is None else Path(folder) / f"trial-{number}"


def best_of(state):
    """The number of the best trial: the highest metric, then the lowest loss, then the first; by
    the loss alone where --best-by says so, or one has no metric. None if none has ended well."""
    done = {int(number): outcome for number, outcome in state["outcomes"].items()
            if outcome["state"] == "done" and outcome["val_loss"] is not None}
    by_loss = state["options"].get("best_by") == "loss" or any(
        outcome["val"] is None for outcome in done.values())

    def goodness(number):
        outcome = done[number]
        return 0 if by_loss else outcome["val"], -outcome["val_loss"], -number
    return max(done, key=goodness, default=None)

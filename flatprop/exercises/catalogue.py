"""All exercises, in the order of the lecture: texts of exercises.toml, tasks by their ids."""

import tomllib
from pathlib import Path

from flatprop.cli.errors import UsageError, closest
from flatprop.exercises.catalogue_layers import LAYERS
from flatprop.exercises.catalogue_nets import NETS
from flatprop.exercises.catalogue_training import TRAINING
from flatprop.exercises.catalogue_vectors import VECTORS
from flatprop.exercises.checks.answers import check_of
from flatprop.exercises.exercise import Exercise

__all__ = ["EXERCISES", "Exercise", "find"]

TASKS = LAYERS | VECTORS | NETS | TRAINING


def make(text):
    """The Exercise of an entry of exercises.toml."""
    task = TASKS[text["id"]]
    return Exercise(
        text["id"], text["title"], text["section"], task.targets, task.needs,
        text["prerequisites"], text["points"], [text["nudge"], text["formula"], text["skeleton"]],
        check_of(task.parts, text["praise"]), task.own)


TEXTS = tomllib.loads(Path(__file__).with_name("exercises.toml").read_text(encoding="utf-8"))
EXERCISES = [make(text) for text in TEXTS["exercise"]]


def find(id):
    """The exercise of that id. Raises UsageError with the closest one."""
    by_id = {exercise.id: exercise for exercise in EXERCISES}
    if id in by_id:
        return by_id[id]
    raise UsageError(f"unknown exercise {id!r}.{closest(id, by_id)} "
                     "flatprop exercises list shows them all")

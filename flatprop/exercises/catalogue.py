"""All exercises, in the order of the lecture: texts of exercises.toml, tasks by their ids."""

import os
import tomllib
from pathlib import Path

from flatprop.exercises.catalogue_layers import LAYERS
from flatprop.exercises.catalogue_nets import NETS
from flatprop.exercises.catalogue_norms import NORMS
from flatprop.exercises.catalogue_questions import WRITTEN
from flatprop.exercises.catalogue_steps import STEPS
from flatprop.exercises.catalogue_training import TRAINING
from flatprop.exercises.catalogue_vectors import VECTORS
from flatprop.exercises.checks.answers import check_of
from flatprop.exercises.exercise import Exercise
from flatprop.usage.errors import UsageError, closest

__all__ = ["EXERCISES", "Exercise", "find"]

TASKS = LAYERS | VECTORS | NETS | NORMS | STEPS | TRAINING | WRITTEN


def make(text):
    """The Exercise of an entry of exercises.toml."""
    task = TASKS[text["id"]]
    return Exercise(
        text["id"], text["title"], text["section"], task.targets,
        text["prerequisites"], text["points"], [text["nudge"], text["formula"], text["skeleton"]],
        check_of(task.parts, text["praise"]), task.own, task.also,
        [part[2:] for part in task.parts if part[2:]], text.get("note", ""))


TEXTS = tomllib.loads(Path(__file__).with_name("exercises.toml").read_text(encoding="utf-8"))
EXERCISES = [make(text) for text in TEXTS["exercise"]]


def find(id):
    """The exercise of that id. Raises UsageError with the closest one."""
    by_id = {exercise.id: exercise for exercise in EXERCISES}
    if id in by_id:
        return by_id[id]
    files = {file: exercise.id for exercise in EXERCISES for file, _ in exercise.targets}
    path = id.replace("\\", "/")
    of_file = [each for file, each in files.items()
               if path and (path.endswith(file) or file.endswith(f"/{path}"))]
    if id.isdecimal() and 1 <= int(id) <= len(EXERCISES):
        of_file = [EXERCISES[int(id) - 1].id]
    if of_file:
        raise UsageError(f"{id!r} is no exercise's ID. Did you mean {of_file[0]}? "
                         "flatprop exercises list shows them all")
    if os.path.isdir(id):
        raise UsageError(f"{id!r} is a folder and no exercise's ID: a folder is given with "
                         f"--dir {id}")
    raise UsageError(f"unknown exercise {id!r}.{closest(id, by_id)} "
                     "flatprop exercises list shows them all")

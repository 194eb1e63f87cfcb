"""Submissions for the tests of grading, and the few exercises that they are graded on."""

import argparse
import zipfile
from pathlib import Path

from flatprop.exercises import workspace
from flatprop.exercises.catalogue import find
from flatprop.exercises.grading import submission

EXERCISES = [find("sigmoid"), find("affine")]
OUT_OF = sum(exercise.points for exercise in EXERCISES)
FILES = ["layers/sigmoid.py", "layers/affine.py"]
ROOT = Path(__file__).resolve().parents[2]


def honest():
    """{file: text} of a submission that deserves all points."""
    return {file: workspace.solution(file) for file in FILES}


def stubs():
    """{file: text} of a submission in which nothing is written."""
    return {file: text for file, text in workspace.starting_texts().items() if file in FILES}


def hand_in(folder, files):
    """Write a submission, {file: text}, to a folder."""
    for file, text in files.items():
        path = Path(folder) / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def zipped(path, files, top=""):
    """Write a submission, {file: text or bytes}, as a zip; gives its path."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(top + name, text)
    return path


def graded(path, seed=0, exercises=EXERCISES, limits=None):
    """The row of the submission at path."""
    limits = limits or submission.limits(5, 512)
    return submission.grade(str(path), exercises, seed, limits)


def options(folder, **changes):
    """The options of `grade`, as its parser would give them."""
    given = {"dir": folder, "jobs": 2, "timeout": 5.0, "memory": 512, "seed": 1, "json": None,
             "csv": None, "only": None, "feedback": None, "columns": None,
             "exercises": None, "points": None, "name_pattern": None, "resume": False}
    return argparse.Namespace(**{**given, **changes})

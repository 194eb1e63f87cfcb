"""An exercise of the assignment; the catalogue (catalogue.py) lists them all."""

from collections.abc import Callable
from typing import NamedTuple


def file_of(module):
    """The file of a module's name: layers/relu.py of layers.relu."""
    return module.replace(".", "/") + ".py"


class Part(NamedTuple):
    """A part of a check, (name, check) as in checks/answers.py, where flags may be needed, too."""

    name: str
    check: Callable
    file: str               # what is looked at (sandbox/lookout.py): its layer,
    function: str           # or if this is not "" a function, or a model's class
    make: Callable          # (rng, size) -> its arguments


class Task(NamedTuple):
    """What is to be written in an exercise, and how it is checked."""

    targets: list       # [(file, [function, ...])]: what the student writes
    parts: list         # [(name, check) or Part], each worth the same (checks/answers.py)
    own: tuple = ()     # files of other exercises, taken from the student, not the project
    also: tuple = ()    # files of the project, besides those that these import


class Exercise(NamedTuple):
    """A Task with its texts, which stand in exercises.toml."""

    id: str                 # a short name, "affine"
    title: str
    section: str            # of the lecture
    targets: list
    prerequisites: list     # ids of exercises that should come first
    points: int             # of a whole assignment of 100
    hints: list             # three texts: a nudge, a formula, a skeleton
    check: Callable         # (child, rng) -> Feedback
    own: tuple
    also: tuple
    flagged: list           # [(file, function, make)] of its Parts
    note: str = ""          # what has to be known before: a comment in the stub

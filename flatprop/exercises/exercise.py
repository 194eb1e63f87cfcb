"""An exercise of the assignment; the catalogue (catalogue.py) lists them all."""

from collections.abc import Callable
from typing import NamedTuple


def file_of(module):
    """The file of a module's name: layers/relu.py of layers.relu."""
    return module.replace(".", "/") + ".py"


class Task(NamedTuple):
    """What is to be written in an exercise, and how it is checked.

    targets    [(file, [function, ...])]: what the student writes, emptied in their folder
    needs      other files that these import, taken from the project
    parts      [(name, check)], each worth the same (checks/answers.py)
    own        files of other exercises that are taken from the student here, not the project
    """

    targets: list
    needs: list
    parts: list
    own: tuple = ()


class Exercise(NamedTuple):
    """A Task with its texts, which stand in exercises.toml.

    id               a short name, "affine"
    title            one line
    section          of the lecture
    prerequisites    ids of exercises that should come first
    points           of a whole assignment of 100
    hints            three texts: a nudge, a formula, a skeleton
    check            (child, rng) -> Feedback
    """

    id: str
    title: str
    section: str
    targets: list
    needs: list
    prerequisites: list
    points: int
    hints: list
    check: Callable
    own: tuple

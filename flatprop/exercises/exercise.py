"""One exercise of the assignment; the catalogue (catalogue.py) lists them all."""

from collections.abc import Callable
from typing import NamedTuple


class Exercise(NamedTuple):
    """id        a short name, "affine"
    title        one line
    section      of the lecture
    targets      [(file, [function, ...])]: what the student writes, emptied in their folder
    needs        other files that these import, taken from the project
    prerequisites    ids of exercises that should come first
    points       of a whole assignment of 100
    hints        three texts: a nudge, a formula, a skeleton
    check        (child, rng) -> Feedback
    own          files of other exercises that are taken from the student here, not the project
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
    own: tuple = ()

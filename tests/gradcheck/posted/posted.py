"""A posted mistake: a layer or model written after a mistake that somebody made and told in public.

The address where it was told stands in the docstring of the wrong backward or model. The code is
ours; only the mistake is theirs.
"""

from collections.abc import Callable
from typing import NamedTuple


class Posted(NamedTuple):
    """A wrong layer, or with a model class in place of backward a wrong model.

    make(rng) gives the arguments of forward; of a model it gives (model, x, y).
    first_look says how the first diagnosis was judged before any of these had been looked at:
    right, misleading or silent. says is a part of what the check must say first today.
    """

    name: str
    mistake: str                    # in one sentence
    forward: Callable | None
    backward: Callable | type
    make: Callable
    rows: tuple = (0,)              # which arguments have the batch as their first axis
    reg: float | None = None
    first_look: str = ""
    says: str = ""


def normal(*shapes):
    """Inputs from a normal distribution, one for each shape."""
    return lambda rng: tuple(rng.standard_normal(shape) for shape in shapes)


def and_labels(shape, classes):
    """Inputs of this shape, and a label for each row."""
    return lambda rng: (rng.standard_normal(shape), rng.integers(0, classes, shape[0]))

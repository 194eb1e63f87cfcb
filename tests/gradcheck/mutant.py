"""A mutant: a right layer or model with one planted mistake, and the kind of mistake it is.

The kinds are the names under which the gradient check reports a mistake. old is a text that occurs
in the file once, new what stands there instead; a few have two such places, as pairs.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np


class Mutant(NamedTuple):
    """A wrong layer or model.

    make(rng) gives the arguments of a layer's forward; of a model, make(class, rng) gives
    (model, x, y), and reg is the lambda of its own loss.
    """

    name: str                       # "affine: dW without the transpose"
    kind: str
    old: str | tuple
    new: str | tuple
    make: Callable
    reg: float | None = None
    file: str = ""                  # without folder and .py, where the name does not begin with it

    @property
    def module(self):
        """The name of the right module."""
        return self.file or self.name.split(":")[0]


def and_then(make, *others):
    """Inputs as make gives them, followed by other arguments of forward: a slope, a strength."""
    return lambda rng: (*make(rng), *others)


def dropping(shape, p, seed):
    """Inputs of dropout: x of this shape, p, and a Generator of its own."""
    return lambda rng: (rng.standard_normal(shape), p, np.random.default_rng(seed))


# Instead of x itself, what is kept is one buffer for all calls on inputs of one shape.
INTO_A_BUFFER = ('kept = vars(forward).setdefault(f"{x.shape} {x.dtype}", np.empty_like(x))\n'
                 "    kept[...] = x\n    ")

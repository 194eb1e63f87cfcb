"""A mutant: a layer or a model with one planted mistake, and the kind of mistake it is.

The kinds are the names under which gradient_check.py reports a mistake.
"""

from collections.abc import Callable
from typing import NamedTuple


class Mutant(NamedTuple):
    """A wrong layer. inputs(rng) gives forward's arguments; rows are the positions of those whose
    first axis is the batch."""

    name: str                       # "affine: dW without the transpose"
    kind: str
    forward: Callable
    backward: Callable
    inputs: Callable
    rows: tuple = (0,)


class ModelMutant(NamedTuple):
    """A wrong model. build(rng) gives (model, x, y); reg is the lambda in the model's own loss."""

    name: str                       # "two_layer_net: ReLU's mask left out"
    kind: str
    build: Callable
    reg: float = 0.0

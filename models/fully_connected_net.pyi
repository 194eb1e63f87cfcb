from collections.abc import Sequence
from types import ModuleType
from typing import Any

import numpy as np
from numpy.random import Generator
from numpy.typing import DTypeLike, NDArray

from layers import relu, softmax_loss
from layers._types import Activation, Array, Loss, Norm
from models import parameters
from models.initialization import Init, he

class FullyConnectedNet(parameters.Copyable):
    weights: list[str]
    activation: Activation | None
    loss_layer: Loss
    norm: Norm | None
    drops: list[float]
    noises: list[float]
    noise_share: float
    smoothing: float
    pieces: int
    rng: Generator
    depth: int
    hidden: range
    running: dict[str, Array]
    def __init__(
        self,
        sizes: Sequence[int],
        *,
        activation: Activation | None = relu,
        loss_layer: Loss = softmax_loss,
        norm: Norm | None = None,
        drop: float | Sequence[float] = 0.0,
        noise: float | Sequence[float] = 0.0,
        smoothing: float = 0.0,
        pieces: int = 2,
        init: Init = he,
        rng: Generator | None = None,
        dtype: DTypeLike = np.float32,
    ) -> None: ...
    def scores(self, x: Array) -> Array: ...
    def activations(self, x: Array) -> dict[str, Array]: ...
    def chain(self) -> list[tuple[ModuleType, list[str]]]: ...
    def loss(
        self, x: Array, y: NDArray[Any], weights: Array | None = None
    ) -> tuple[Any, dict[str, Array]]: ...

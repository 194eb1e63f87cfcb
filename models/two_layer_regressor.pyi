from types import ModuleType
from typing import Any

import numpy as np
from numpy.random import Generator
from numpy.typing import DTypeLike

from layers._types import Array, Loss
from models import parameters
from models.initialization import Init, xavier

class TwoLayerRegressor(parameters.Copyable):
    weights: list[str]
    loss_layer: Loss
    def __init__(
        self,
        input_dim: int,
        hidden_dim: int,
        output_dim: int,
        *,
        init: Init = xavier,
        rng: Generator | None = None,
        dtype: DTypeLike = np.float32,
    ) -> None: ...
    def scores(self, x: Array) -> Array: ...
    def activations(self, x: Array) -> dict[str, Array]: ...
    def chain(self) -> list[tuple[ModuleType, list[str]]]: ...
    def loss(
        self, x: Array, y: Array, weights: Array | None = None
    ) -> tuple[Any, dict[str, Array]]: ...

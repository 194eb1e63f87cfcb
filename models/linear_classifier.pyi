from types import ModuleType
from typing import Any

import numpy as np
from numpy.random import Generator
from numpy.typing import DTypeLike, NDArray

from layers import softmax_loss
from layers._types import Array, Loss
from models import parameters
from models.initialization import Init, normal

class LinearClassifier(parameters.Copyable):
    weights: list[str]
    loss_layer: Loss
    def __init__(
        self,
        input_dim: int,
        num_classes: int,
        *,
        loss_layer: Loss = softmax_loss,
        init: Init = normal,
        rng: Generator | None = None,
        dtype: DTypeLike = np.float32,
    ) -> None: ...
    def scores(self, x: Array) -> Array: ...
    def activations(self, x: Array) -> dict[str, Array]: ...
    def chain(self) -> list[tuple[ModuleType, list[str]]]: ...
    def loss(
        self, x: Array, y: NDArray[Any], weights: Array | None = None
    ) -> tuple[Any, dict[str, Array]]: ...

from typing import Any

from numpy.typing import NDArray

from solvers.update_rules.adam import Adam

class Adamw(Adam):
    weight_decay: float
    def __init__(
        self,
        beta1: float = 0.9,
        beta2: float = 0.999,
        eps: float = 1e-8,
        weight_decay: float = 0.01,
    ) -> None: ...
    def decay_weights(self, weights: NDArray[Any], rate: float) -> None: ...

from typing import Any

from numpy.typing import NDArray

class Rmsprop:
    slots: tuple[str, ...]
    decay: float
    eps: float
    def __init__(self, decay: float = 0.99, eps: float = 1e-8) -> None: ...
    def step(
        self,
        theta: NDArray[Any],
        dtheta: NDArray[Any],
        rate: float,
        t: int,
        mean_square: NDArray[Any],
    ) -> None: ...

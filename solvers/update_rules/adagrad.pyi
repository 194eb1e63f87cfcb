from typing import Any

from numpy.typing import NDArray

class Adagrad:
    slots: tuple[str, ...]
    eps: float
    def __init__(self, eps: float = 1e-10) -> None: ...
    def step(
        self,
        theta: NDArray[Any],
        dtheta: NDArray[Any],
        rate: float,
        t: int,
        sum_of_squares: NDArray[Any],
    ) -> None: ...

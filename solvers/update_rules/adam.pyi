from typing import Any

from numpy.typing import NDArray

class Adam:
    slots: tuple[str, ...]
    beta1: float
    beta2: float
    eps: float
    def __init__(self, beta1: float = 0.9, beta2: float = 0.999, eps: float = 1e-8) -> None: ...
    def step(
        self,
        theta: NDArray[Any],
        dtheta: NDArray[Any],
        rate: float,
        t: int,
        first_moment: NDArray[Any],
        second_moment: NDArray[Any],
    ) -> None: ...

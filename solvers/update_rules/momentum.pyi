from typing import Any

from numpy.typing import NDArray

class Momentum:
    slots: tuple[str, ...]
    momentum: float
    def __init__(self, momentum: float = 0.9) -> None: ...
    def step(
        self,
        theta: NDArray[Any],
        dtheta: NDArray[Any],
        rate: float,
        t: int,
        velocity: NDArray[Any],
    ) -> None: ...

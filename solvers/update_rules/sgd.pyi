from typing import Any

from numpy.typing import NDArray

class Sgd:
    slots: tuple[str, ...]
    def step(self, theta: NDArray[Any], dtheta: NDArray[Any], rate: float, t: int) -> None: ...

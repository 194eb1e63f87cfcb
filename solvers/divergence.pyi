from collections.abc import Mapping
from typing import Any

from solvers.solver import Model

class Diverged(ArithmeticError):
    step: int
    place: str
    def __init__(self, step: int, place: str) -> None: ...

def all_finite(loss: float, grads: Mapping[str, Any]) -> bool: ...
def first_place(model: Model, x: Any, y: Any, grads: Mapping[str, Any]) -> str: ...

from collections.abc import Mapping
from typing import Any

from numpy.typing import DTypeLike, NDArray

from layers._types import Array

class Copyable:
    theta: Array
    params: dict[str, Array]
    shapes: dict[str, tuple[int, ...]]
    statistics: Array
    def __getstate__(self) -> Any: ...
    def __setstate__(self, state: Any) -> None: ...

def lay_out(
    shapes: Mapping[str, tuple[int, ...]], dtype: DTypeLike
) -> tuple[Array, dict[str, Array]]: ...
def views(
    vector: NDArray[Any], shapes: Mapping[str, tuple[int, ...]]
) -> dict[str, NDArray[Any]]: ...
def count(shapes: Mapping[str, tuple[int, ...]]) -> int: ...

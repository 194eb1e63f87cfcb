from numpy.typing import NDArray

from layers._types import Array, Cache, F, Number

def forward(
    scores: NDArray[F], y: NDArray[F], weights: NDArray[F] | None = None
) -> tuple[F, Cache]: ...
def backward(dloss: Number, cache: Cache) -> Array: ...

from numpy.typing import NDArray

from layers._types import Array, Cache, F, Labels, Number

def forward(
    scores: NDArray[F], y: Labels, weights: NDArray[F] | None = None
) -> tuple[F, Cache]: ...
def backward(dloss: Number, cache: Cache) -> Array: ...

from typing import Any, Literal, overload

from numpy.typing import NDArray

from layers._types import Cache, F

def forward(x: NDArray[F], W: NDArray[F], b: NDArray[F]) -> tuple[NDArray[F], Cache]: ...
@overload
def backward(
    dout: NDArray[F], cache: Cache, need_dx: Literal[True] = True
) -> tuple[NDArray[F], NDArray[F], NDArray[F]]: ...
@overload
def backward(
    dout: NDArray[F], cache: Cache, need_dx: bool = True
) -> tuple[Any, NDArray[F], NDArray[F]]: ...

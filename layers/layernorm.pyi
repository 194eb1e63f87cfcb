from numpy.typing import NDArray

from layers._types import Cache, F

def forward(
    x: NDArray[F], gamma: NDArray[F], beta: NDArray[F], eps: float = 1e-5
) -> tuple[NDArray[F], Cache]: ...
def backward(dout: NDArray[F], cache: Cache) -> tuple[NDArray[F], NDArray[F], NDArray[F]]: ...

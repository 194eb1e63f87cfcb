from numpy.random import Generator
from numpy.typing import NDArray

from layers._types import Cache, F

def forward(x: NDArray[F], spread: NDArray[F], rng: Generator) -> tuple[NDArray[F], Cache]: ...
def backward(dout: NDArray[F], cache: Cache) -> tuple[NDArray[F], NDArray[F]]: ...

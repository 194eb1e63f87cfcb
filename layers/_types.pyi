# What the .pyi files of layers/, models/ and solvers/ speak of. They are for type checkers and
# editors alone, and no program can import this one. What is to be read is in the .py files.

from typing import Any, Protocol, TypeAlias, TypeVar

from numpy import floating, integer
from numpy.typing import NDArray

Array: TypeAlias = NDArray[floating[Any]]
Labels: TypeAlias = NDArray[integer[Any]]
Number: TypeAlias = float | floating[Any]
Cache: TypeAlias = tuple[Any, ...]

F = TypeVar("F", bound=floating[Any])       # the dtype of the arrays of a call
A = TypeVar("A", bound=Array | Number)      # an array, or a number as in the lecture

# Modules of layers/ that can be handed over.

class Activation(Protocol):
    def forward(self, x: NDArray[Any], /) -> tuple[NDArray[Any], Cache]: ...
    def backward(self, dout: NDArray[Any], cache: Cache, /) -> NDArray[Any]: ...

class Norm(Protocol):
    def forward(
        self, x: NDArray[Any], gamma: NDArray[Any], beta: NDArray[Any]
    ) -> tuple[NDArray[Any], Cache]: ...
    def backward(
        self, dout: NDArray[Any], cache: Cache
    ) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any]]: ...

class Loss(Protocol):
    def forward(self, scores: NDArray[Any], y: NDArray[Any], /) -> tuple[Any, Cache]: ...
    def backward(self, dloss: float, cache: Cache, /) -> NDArray[Any]: ...

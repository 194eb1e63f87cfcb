"""A CUDA graph without a GPU: the few calls of CuPy and cuBLAS that flatprop/captured.py makes.

While a stream captures, each operation on duck_array.py's arrays is noted with its arrays, and in
the end all of them have the numbers that they had: a capture computes nothing. To launch the graph
is to do the same operations again, from and to the same memory. So what the processor worked out
for one step, such as a rate that is a Python number, is the same for ever in a graph, as it is on
a GPU. What CUDA or CuPy refuses within a capture is refused.
"""

import contextlib
import ctypes
import types
from typing import NamedTuple

import numpy as np

capturing = []      # the Graph that is being captured, if any


class Pointer(NamedTuple):
    """What CuPy has as array.data."""

    ptr: int


class Graph:
    """Operations, each with the arrays that it gave when it was captured."""

    def __init__(self):
        self.steps, self.kept = [], {}

    def keep(self, arrays):
        """Note what arrays hold, however deep in tuples, lists and dicts, unless it is known."""
        if isinstance(arrays, dict):
            arrays = tuple(arrays.values())
        if isinstance(arrays, tuple | list):
            for each in arrays:
                self.keep(each)
        elif isinstance(arrays, np.ndarray):
            owner = arrays if arrays.base is None else arrays.base
            self.kept.setdefault(id(owner), (owner, np.copy(owner)))

    def put_back(self):
        for owner, held in self.kept.values():
            owner[...] = held

    def launch(self, _stream):
        for operation, given in self.steps:
            again = operation()
            for old, new in zip(listed(given), listed(again), strict=True):
                old[...] = new


def listed(answer):
    """The arrays of what an operation has given."""
    return [] if answer is None else answer if isinstance(answer, tuple) else [answer]


def perform(operation, taken):
    """What an operation gives; noted, as arrays, while a graph is captured."""
    if not capturing:
        return operation()
    capturing[-1].keep(taken)
    answer = operation()
    answer = tuple(map(np.asarray, answer)) if isinstance(answer, tuple) else (
        None if answer is None else np.asarray(answer))
    capturing[-1].steps.append((operation, answer))
    return answer


def refuse(what):
    """Raise RuntimeError while a graph is captured."""
    if capturing:
        raise RuntimeError(f"{what} is not permitted while a stream is capturing")


class Stream(contextlib.AbstractContextManager):
    """cupy.cuda.Stream."""

    ptr = 1

    def __init__(self, non_blocking):
        assert non_blocking

    def __exit__(self, *_):
        return None

    def synchronize(self):
        refuse("to wait")

    def begin_capture(self):
        capturing.append(Graph())

    def end_capture(self):
        capturing[-1].put_back()
        return capturing.pop()


def cupy_of(duck):
    """The module cupy, whose arrays are ducks."""
    def ascontiguousarray(array):
        return duck(perform(lambda: np.ascontiguousarray(array._held), array._held))

    device = types.SimpleNamespace(synchronize=lambda: refuse("to wait"))
    cuda = types.SimpleNamespace(
        Stream=Stream, Device=lambda: device, using_allocator=contextlib.nullcontext,
        MemoryPool=lambda: types.SimpleNamespace(malloc=None))
    return types.SimpleNamespace(cuda=cuda, ascontiguousarray=ascontiguousarray,
                                 empty=lambda shape, dtype: duck(np.full(shape, 7, dtype)))


class Cublas:
    """libcublas, with columns one after the other as it has them."""

    def cublasCreate_v2(self, handle):
        handle._obj.value = 1

    def cublasDestroy_v2(self, handle):
        handle.value = None

    def cublasSetStream_v2(self, _handle, stream):
        assert stream.value == Stream.ptr

    def cublasSetWorkspace_v2(self, _handle, _address, size):
        assert size.value == 2**25

    def cublasSgemm_v2(self, _handle, a_turned, b_turned, m, n, k, one, a, a_row, b, b_row, zero,
                       c, c_row):
        """c (m, n) = a (m, k) b (k, n), each as it lies or turned."""
        assert (one._obj.value, zero._obj.value, c_row) == (1, 0, m)
        # What lies column by column is, row by row, the matrix turned: c.T = b.T a.T
        a = at(a, m, a_row)[:, :k].T if a_turned else at(a, k, a_row)[:, :m]
        b = at(b, k, b_row)[:, :n].T if b_turned else at(b, n, b_row)[:, :k]
        c = at(c, n, m)
        perform(lambda: np.matmul(b, a, out=c), ())


def at(address, rows, length):
    """The matrix float32 (rows, length) that lies at an address."""
    held = (ctypes.c_float * (rows * length)).from_address(address.value)
    return np.frombuffer(held, np.float32).reshape(rows, length)

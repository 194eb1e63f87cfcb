"""Products on a GPU that a CUDA graph can capture: cuBLAS, called past CuPy by ctypes.

CuPy refuses its own while it captures (its issue 6290), as it cannot tell whether they wait. These
do not: they have a handle of their own, which never gives a number to the processor, and a
workspace that is set after the stream, since setting a stream resets it.
"""

import contextlib
import ctypes
import os
import weakref

import numpy as np

from layers import affine

WORKSPACE = 2**25           # bytes, what cuBLAS is advised to have on Hopper
TF32 = 3                    # CUBLAS_TF32_TENSOR_OP_MATH


class Sgemm:
    """Products by cuBLAS, called past CuPy, on one stream; and affine made of them."""

    def __init__(self, cupy, stream):
        self.cupy, self.cublas, self.handle = cupy, load(), ctypes.c_void_p()
        self.workspace = cupy.empty(WORKSPACE, np.uint8)
        self.one, self.zero = ctypes.byref(ctypes.c_float(1)), ctypes.byref(ctypes.c_float(0))
        check("cublasCreate_v2", self.cublas.cublasCreate_v2(ctypes.byref(self.handle)))
        weakref.finalize(self, self.cublas.cublasDestroy_v2, self.handle)
        check("cublasSetStream_v2", self.cublas.cublasSetStream_v2(
            self.handle, ctypes.c_void_p(stream.ptr)))
        check("cublasSetWorkspace_v2", self.cublas.cublasSetWorkspace_v2(
            self.handle, address(self.workspace), ctypes.c_size_t(WORKSPACE)))
        if os.environ.get("CUPY_TF32") == "1":
            check("cublasSetMathMode", self.cublas.cublasSetMathMode(self.handle, TF32))

    def product(self, a, b):
        """a (m, k) @ b (k, n), each with its rows or its columns one after the other, float32."""
        (a, a_turned, a_row), (b, b_turned, b_row) = self.laid_out(a), self.laid_out(b)
        (m, k), n = a.shape, b.shape[1]
        out = self.cupy.empty((m, n), np.float32)
        # To cuBLAS, which wants columns one after the other, these are the transposed matrices.
        check("cublasSgemm_v2", self.cublas.cublasSgemm_v2(
            self.handle, b_turned, a_turned, n, m, k, self.one, address(b), b_row, address(a),
            a_row, self.zero, address(out), n))
        return out

    def laid_out(self, a):
        """(a, whether its columns lie one after the other, the length of what does)."""
        if a.flags.f_contiguous and not a.flags.c_contiguous:
            return a, 1, a.shape[0]
        return self.cupy.ascontiguousarray(a), 0, a.shape[1]

    def forward(self, x, W, b):
        out = self.product(x, W)
        out += b
        return out, (x, W)

    def backward(self, dout, cache, need_dx=True):
        x, W = cache
        dx = self.product(dout, W.T) if need_dx else None
        return dx, self.product(x.T, dout), dout.sum(axis=0)

    @contextlib.contextmanager
    def in_place_of_affine(self):
        """Let all models multiply so, as long as this lasts."""
        kept = affine.forward, affine.backward
        affine.forward, affine.backward = self.forward, self.backward
        try:
            yield
        finally:
            affine.forward, affine.backward = kept


def load():
    """The cuBLAS that CuPy has loaded."""
    with open("/proc/self/maps", encoding="utf-8") as file:
        return ctypes.CDLL(next(line.split()[-1] for line in file if "/libcublas.so" in line))


def check(name, status):
    """Raise RuntimeError where a call of cuBLAS by this name has not gone well."""
    if status:
        raise RuntimeError(f"{name} gives {status}")


def address(array):
    """Where a CuPy array is."""
    return ctypes.c_void_p(array.data.ptr)

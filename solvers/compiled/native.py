"""What numba cannot say by itself: calling BLAS by its address, 128-bit products, bits of a float.

Why: a product through NumPy's @ costs half a microsecond around it (the five of 64-32-10 take 11.5,
and so 8.9) and cannot be added to what is there.
BLAS's own sgemm computes C <- alpha A B + beta C, so that the whole of an SGD step is one product.
SciPy gives the address of its sgemm to whoever asks. It is handed in as a number at run time:
compiled code with an address in it could not be kept on disk.
"""

import numba
import numpy as np
from numba.core import cgutils, types
from numba.extending import get_cython_function_address, intrinsic

from solvers.compiled import blas_threads

ir = cgutils.ir     # llvmlite's

SGEMM = ("void (char *, char *, int *, int *, int *, {0} *, {0} *, int *, {0} *, int *, {0} *, "
         "{0} *, int *)")


def sgemm_address():
    """Where SciPy's sgemm is, a number. Raises ImportError where it is not what we call."""
    from scipy.linalg import cython_blas
    blas_threads.follow()       # SciPy's BLAS, loaded now, has threads of its own
    shown = repr(cython_blas.__pyx_capi__["sgemm"])     # <capsule object "void (...)" at 0x...>
    declared = shown.split('"')[1]
    number = declared.split(", ")[5].removesuffix(" *")         # Cython's word for float
    if declared != SGEMM.format(number):
        raise ImportError(f"this SciPy has another sgemm: {declared}")
    return get_cython_function_address("scipy.linalg.cython_blas", "sgemm")


@intrinsic
def sgemm(typing, address, left, right, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc):
    """sgemm(...) of BLAS, column by column; left and right are ord("N") or ord("T"), a, b and c
    addresses."""
    whole, real = types.intp, types.float32
    signature = types.void(whole, whole, whole, whole, whole, whole, real, whole, whole, whole,
                           whole, real, whole, whole)

    def build(context, builder, _, values):
        char, number = ir.IntType(8), ir.IntType(32)
        pointer = char.as_pointer()

        def place_of(value, kind):
            place = cgutils.alloca_once(builder, kind)
            if isinstance(kind, ir.IntType):
                value = builder.trunc(value, kind)
            builder.store(value, place)
            return builder.bitcast(place, pointer)

        kinds = (char, char, number, number, number, ir.FloatType(), None, number, None, number,
                 ir.FloatType(), None, number)
        places = [builder.inttoptr(value, pointer) if kind is None else place_of(value, kind)
                  for kind, value in zip(kinds, values[1:], strict=True)]
        called = ir.FunctionType(ir.VoidType(), [pointer] * len(places))
        builder.call(builder.inttoptr(values[0], called.as_pointer()), places)
        return context.get_dummy_value()

    return signature, build


@intrinsic
def high_product(typing, a, b):
    """The high 64 bits of the product of two uint64."""
    def build(context, builder, _, values):
        wide = ir.IntType(128)
        product = builder.mul(*(builder.zext(value, wide) for value in values))
        return builder.trunc(builder.lshr(product, ir.Constant(wide, 64)), ir.IntType(64))

    return types.uint64(types.uint64, types.uint64), build


@intrinsic
def as_float(typing, bits):
    """The float32 that an int32 has the bits of."""
    return types.float32(types.int32), lambda context, builder, _, values: builder.bitcast(
        values[0], ir.FloatType())


@intrinsic
def as_bits(typing, number):
    """The bits of a float32, as an int32."""
    return types.int32(types.float32), lambda context, builder, _, values: builder.bitcast(
        values[0], ir.IntType(32))


NO, YES = ord("N"), ord("T")


@numba.njit(inline="always")
def product(address, left, right, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc):
    """C <- alpha A B + beta C with rows one after the other: A (m, k), B (k, n), C (m, n).

    left and right say whether A and B are stored the other way round; a, b and c are addresses,
    lda, ldb and ldc the lengths of their rows. BLAS wants columns one after the other: to it these
    are the transposed matrices, and C^T = B^T A^T.
    """
    sgemm(address, right, left, n, m, k, alpha, b, ldb, a, lda, beta, c, ldc)


@numba.njit
def address_of(array, place):
    """The address of an entry of a float32 array."""
    return np.intp(array.ctypes.data) + 4 * place

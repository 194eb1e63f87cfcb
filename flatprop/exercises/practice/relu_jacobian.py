"""The ReLU's Jacobian, once, to see that it is never needed: "never explicitly form Jacobian"."""

import numpy as np


def jacobian(x):
    """The Jacobian of max(0, x): entry (n, m) is d out_m / d x_n.

    x (N,) -> (N, N), zeros off the diagonal; at exactly 0 the derivative is 0
    """
    return np.diag((x > 0).astype(x.dtype))


def explicit_product(x, dout):
    """dL/dx as the slide's matrix times vector, [dz/dx] [dL/dz]: by way of the Jacobian.

    x (N,), dout (N,) -> dx (N,)
    """
    return jacobian(x) @ dout


def implicit_product(x, dout):
    """The same dL/dx without ever forming the Jacobian: N numbers, not N times N.

    x (N,), dout (N,) -> dx (N,)
    """
    return dout * (x > 0)

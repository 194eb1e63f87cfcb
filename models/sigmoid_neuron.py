"""The lecture's "flat" code: one sigmoid neuron, L = sigmoid(w0 x0 + w1 x1 + w2).

Forward runs down the page, backward runs down it in the opposite order, one line for each line.
"""

import numpy as np

from layers import sigmoid
from layers.gates import add, multiply


def neuron(w0, x0, w1, x1, w2):
    """The neuron's output L and the gradient of L for every value on the way.

    five numbers, or five arrays of one shape -> L, grads: L, s3, s2, s1, s0, w0, x0, w1, x1, w2
    On the way s0 = w0 x0, s1 = w1 x1, s2 = s0 + s1, s3 = s2 + w2, and L = sigmoid(s3).
    With w0=2, x0=-1, w1=-3, x1=-2, w2=-3: L = 0.731059 and grads["w0"] = -0.196612.
    """
    s0, s0_cache = multiply.forward(w0, x0)
    s1, s1_cache = multiply.forward(w1, x1)
    s2, s2_cache = add.forward(s0, s1)
    s3, s3_cache = add.forward(s2, w2)
    L, L_cache = sigmoid.forward(s3)

    dL = np.ones_like(L)
    ds3 = sigmoid.backward(dL, L_cache)
    ds2, dw2 = add.backward(ds3, s3_cache)
    ds0, ds1 = add.backward(ds2, s2_cache)
    dw1, dx1 = multiply.backward(ds1, s1_cache)
    dw0, dx0 = multiply.backward(ds0, s0_cache)

    grads = {"L": dL, "s3": ds3, "s2": ds2, "s1": ds1, "s0": ds0}
    grads |= {"w0": dw0, "x0": dx0, "w1": dw1, "x1": dx1, "w2": dw2}
    return L, grads

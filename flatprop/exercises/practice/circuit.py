"""The lecture's first circuit, "Backpropagation: a simple example": f(x, y, z) = (x + y) z.

Five numbers forward, four gradients backward: each is the upstream gradient times a local one.
"""


def circuit(x, y, z):
    """f = (x + y) z, and its gradients.

    three numbers, or three arrays of one shape
    -> f, {"q": df/dq, "z": df/dz, "x": df/dx, "y": df/dy}, with q = x + y
    At x = -2, y = 5, z = -4: q = 3, f = -12.
    """
    q = x + y
    f = q * z
    dq = z
    dz = q
    dx = dq
    dy = dq
    return f, {"q": dq, "z": dz, "x": dx, "y": dy}

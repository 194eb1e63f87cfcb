"""Matrix multiply, the lecture's last section: y = x W, dx = dy W^T, dW = x^T dy.

The shapes leave no choice: each product is the only one in which they match up.
"""

from layers import checks


def forward(x, W):
    """Multiply each row of x by the matrix W.

    x (N, D), W (D, M) -> out (N, M)
    Raises TypeError unless both are float32 or both float64, ValueError if they do not multiply.
    """
    checks.floats(x=x, W=W)
    checks.product(x, W)
    return x @ W, (x, W)


def backward(dout, cache):
    """dx = dout W^T, dW = x^T dout; the Jacobians, of N*D*N*M entries, are never formed.

    dout (N, M) -> dx (N, D), dW (D, M)
    """
    x, W = cache
    checks.upstream_matrix(dout, (x.shape[0], W.shape[1]), x)
    return dout @ W.T, x.T @ dout

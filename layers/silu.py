"""SiLU, also called swish: x gated by its own sigmoid."""

from layers import checks, sigmoid


def forward(x):
    """x sigmoid(x), entry by entry.

    x (any shape) -> out (same)
    Source: Elfwing, Uchibe & Doya 2018. x reaches the output along two paths, so backward adds two.
    """
    checks.floats(x=x)
    gate, _ = sigmoid.forward(x)
    return x * gate, (x, gate)


def backward(dout, cache):
    """(sigma + x (1 - sigma) sigma) dout, with sigma = sigmoid(x).

    dout (as x) -> dx (as x)
    """
    x, gate = cache
    checks.upstream(dout, x)
    return (gate + x * (1 - gate) * gate) * dout

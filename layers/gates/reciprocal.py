"""1/x gate of the sigmoid example (as its local gradient the slide reads -1/3, a slip)."""

from layers import checks


def forward(x):
    """1 / x; a number or an array -> out (same)."""
    checks.floats(x=x)
    out = 1 / x
    return out, (out,)


def backward(dout, cache):
    """dx = -dout / x^2."""
    (out,) = cache
    checks.upstream(dout, out)
    return -(out * out) * dout

"""Multiply gate, the "swap multiplier"."""

from layers import checks


def forward(x, y):
    """x y; numbers, or arrays of one shape, entry by entry -> out (same)."""
    checks.floats(x=x, y=y)
    checks.same_shape("y", y, "x", x)
    return x * y, (x, y)


def backward(dout, cache):
    """dx = y dout, dy = x dout: each input's gradient is scaled by the other input."""
    x, y = cache
    checks.upstream(dout, x)
    return y * dout, x * dout

"""Copy gate, the gradient adder."""

from layers import checks


def forward(x):
    """x to two places; a number or an array -> out, a pair (x, x)."""
    checks.floats(x=x)
    return (x, x), (x,)


def backward(dout, cache):
    """dx = the sum of both: what fans out adds up; dout is a pair, one for each copy."""
    (x,) = cache
    if not isinstance(dout, tuple) or len(dout) != 2:
        raise ValueError("dout must be a pair, one upstream gradient for each copy")
    dfirst, dsecond = dout
    checks.same_shape("the first of dout", dfirst, "x", x)
    checks.same_shape("the second of dout", dsecond, "x", x)
    checks.floats(x=x, dfirst=dfirst, dsecond=dsecond)
    return dfirst + dsecond

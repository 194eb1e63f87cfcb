"""The gate of a function of one number that no layer is: its name is the gate's symbol."""

import math

# name -> (the function, its local gradient from x and what it gave)
FUNCTIONS = {
    "log": (math.log, lambda x, out: 1 / x),
    "sqrt": (math.sqrt, lambda x, out: 0.5 / out),
    "sin": (math.sin, lambda x, out: math.cos(x)),
    "cos": (math.cos, lambda x, out: -math.sin(x)),
}


def forward(x, function):
    """The function of that name. x (a float) -> out (a float). Raises ValueError as math does."""
    out = FUNCTIONS[function][0](x)
    return out, (x, out, function)


def backward(dout, cache):
    """The local gradient times dout. Raises ZeroDivisionError, of sqrt at 0."""
    x, out, function = cache
    return FUNCTIONS[function][1](x, out) * dout

"""GELU in its tanh form, the smooth activation of most transformers."""

import math

import numpy as np

from layers import checks

SQRT_2_OVER_PI = math.sqrt(2 / math.pi)
CUBIC = 0.044715
# tanh is exactly 1 in either precision long before this, and a cube of more could overflow.
SATURATED = 30.0


def forward(x):
    """x/2 (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3))), entry by entry.

    x (any shape) -> out (same)
    Source: Hendrycks & Gimpel 2016. It differs from the exact x Phi(x) by less than 5e-4;
    PyTorch calls it gelu(approximate="tanh").
    """
    checks.floats(x=x)
    z = np.clip(x, -SATURATED, SATURATED)
    t = np.tanh(SQRT_2_OVER_PI * (z + CUBIC * z * z * z))
    return 0.5 * x * (1 + t), (x, t)


def backward(dout, cache):
    """(1/2 (1 + t) + x/2 (1 - t^2) dinner) dout, where t is forward's tanh and dinner the
    derivative of what stands inside it.

    dout (as x) -> dx (as x)
    """
    x, t = cache
    checks.upstream(dout, x)
    z = np.clip(x, -SATURATED, SATURATED)
    dinner = SQRT_2_OVER_PI * (1 + 3 * CUBIC * z * z)
    return (0.5 * (1 + t) + 0.5 * x * (1 - t) * (1 + t) * dinner) * dout

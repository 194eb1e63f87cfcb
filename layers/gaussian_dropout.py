"""Gaussian dropout: in training, each entry is multiplied by a normal random number of mean 1.

It is a layer of training alone. Evaluation needs no scaling and leaves the layer out.
"""

import math

import numpy as np

from layers import checks


def forward(x, p, rng):
    """Multiply each entry by 1 + sqrt(p / (1 - p)) noise, the noise standard normal.

    x (any shape), p in [0, 1), rng a numpy Generator -> out (as x)
    Mean and variance of the factors are those of inverted dropout with that p.
    Source: Srivastava et al. 2014, section 10.
    Raises ValueError for p outside [0, 1), TypeError if rng is no Generator.
    """
    checks.floats(x=x)
    if not 0 <= p < 1:
        raise ValueError(f"p must lie in [0, 1), the probability of dropping, not {p}")
    if not isinstance(rng, np.random.Generator):
        raise TypeError(f"rng must be a numpy Generator, not {type(rng).__name__}")
    factors = rng.standard_normal(np.shape(x), dtype=np.result_type(x))
    factors *= math.sqrt(p / (1 - p))
    factors += 1
    factors = np.asarray(factors, like=np.empty_like(x))        # where x is
    return x * factors, (factors,)


def backward(dout, cache):
    """dx = dout * factors: scaled as the entry was.

    dout (as x) -> dx (as x)
    """
    (factors,) = cache
    checks.upstream(dout, factors)
    return dout * factors

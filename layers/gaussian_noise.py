"""Gaussian noise: in training, a normal random number is added to each entry.

It is a layer of training alone. Evaluation leaves it out.
"""

import numpy as np

from layers import checks


def forward(x, spread, rng):
    """out = x + spread * noise, the noise normal with mean 0 and standard deviation 1.

    x (N, M), spread (M,) the noise's standard deviation in each column, rng a numpy Generator
    -> out (N, M)
    The spread is differentiable, as a normalization's gamma may be in it: then the noise is as if
    it were added before gamma. Source: Bishop 1995; so written, Kingma & Welling 2014.
    Raises TypeError if rng is no Generator.
    """
    checks.floats(x=x, spread=spread)
    checks.matrix("x", x)
    checks.vector("spread", spread, "x", x)
    if not isinstance(rng, np.random.Generator):
        raise TypeError(f"rng must be a numpy Generator, not {type(rng).__name__}")
    drawn = rng.standard_normal(np.shape(x), dtype=np.result_type(x))
    noise = np.asarray(drawn, like=np.empty_like(x))            # where x is
    return x + spread * noise, (noise,)


def backward(dout, cache):
    """dx = dout; dspread sums dout * noise over the rows.

    dout (N, M) -> dx (N, M), dspread (M,)
    """
    (noise,) = cache
    checks.upstream(dout, noise)
    return dout.copy(), (dout * noise).sum(axis=0)

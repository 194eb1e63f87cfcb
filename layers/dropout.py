"""Inverted dropout: in training, each entry is dropped at random and the rest scaled up.

It is a layer of training alone. Evaluation needs no scaling and leaves the layer out.
"""

import numpy as np

from layers import checks


def forward(x, p, rng):
    """Drop each entry with probability p, and divide the kept ones by 1 - p.

    x (any shape), p in [0, 1) the probability of dropping, rng a numpy Generator -> out (as x)
    Source: Srivastava et al. 2014; some papers call p what is 1 - p here.
    Raises ValueError for p outside [0, 1), TypeError if rng is no Generator.
    """
    checks.floats(x=x)
    if not 0 <= p < 1:
        raise ValueError(f"p must lie in [0, 1), the probability of dropping, not {p}")
    if not isinstance(rng, np.random.Generator):
        raise TypeError(f"rng must be a numpy Generator, not {type(rng).__name__}")
    dtype = np.result_type(x)
    kept = rng.random(np.shape(x), dtype=dtype) >= p
    mask = np.asarray(kept * dtype.type(1 / (1 - p)), like=np.empty_like(x))    # where x is
    return x * mask, (mask,)


def backward(dout, cache):
    """dx = dout * mask: passed on where the entry was kept, scaled as the entry was.

    dout (as x) -> dx (as x)
    """
    (mask,) = cache
    checks.upstream(dout, mask)
    return dout * mask

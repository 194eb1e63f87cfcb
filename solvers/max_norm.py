"""Max-norm: no unit may have incoming weights longer than a limit, after any update.

So a large learning rate may be tried, and dropout's noise does not blow weights up.
"""

import math

import numpy as np


def limit_columns(W, limit):
    """Scale each column of W (D, M) down, in place, to the length limit, if it is longer.

    w_j <- w_j min(1, limit / |w_j|)   for each unit j, whose incoming weights are column j
    Source: Srebro & Shraibman 2005; with dropout, Srivastava et al. 2014, section 5.1.
    """
    lengths = np.sqrt(np.square(W).sum(axis=0))
    W *= limit / np.maximum(lengths, limit)


def check_max_norm(max_norm, model):
    """Refuse a limit that is no length, or for a model whose weights have no columns. Raises
    ValueError.
    """
    if max_norm is None:
        return
    if not 0 < max_norm < math.inf:
        raise ValueError(f"max_norm must be above 0, not {max_norm}")
    for name in model.weights:
        if len(model.shapes[name]) != 2:
            raise ValueError(f"max_norm is for the columns of matrices, and {name} has the shape "
                             f"{model.shapes[name]}")

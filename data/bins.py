"""Piecewise-linear bins: a number as how far it fills each of the bins between quantiles.

A network finds it hard to bend sharply at one place of an input. Given a number that fills bin
after bin, from 0 to 1 each, a single affine layer already draws any line with a bend at every edge.
Gorishniy, Rubachev & Babenko 2022 (arXiv 2203.05556), section 3.2.
"""

import numpy as np


def edges(values, count):
    """The edges of at most `count` bins with equally many values in each; those that would be empty
    are left out.

    values (n,) finite numbers -> (B + 1,) float64, strictly increasing, B < n; of values that are
    all the same, one edge
    """
    count = max(1, min(count, len(values) - 1))
    return np.unique(np.quantile(values, np.linspace(0, 1, count + 1)))


def fill(values, edges):
    """How far each value fills each bin: clip((value - low) / (high - low), 0, 1).

    values (N,), NaN for a missing one, which stays NaN; edges (B + 1,) -> (N, B) float64
    """
    lows, highs = edges[:-1], edges[1:]
    with np.errstate(over="ignore"):        # a value far out is inf, which is clipped
        return np.clip((values[:, None] - lows) / (highs - lows), 0, 1)

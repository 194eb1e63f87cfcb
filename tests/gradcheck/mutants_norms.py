"""Mutants of batch and layer normalization, dropout and maxout."""

import numpy as np
from layer_cases import normal
from mutant import Mutant

from layers import batchnorm, dropout, layernorm, maxout

BATCH = 8

layer = {}


def batchnorm_without_dmean(dout, cache):
    x, gamma, mean, var, eps, _ = cache
    std = np.sqrt(var + eps)
    centered = x - mean
    dnormalized = dout * gamma
    dvar = (dnormalized * centered).sum(axis=0) * -0.5 / std**3
    dx = dnormalized / std + dvar * 2 * centered / x.shape[0]
    return dx, (dout * centered / std).sum(axis=0), dout.sum(axis=0)


def batchnorm_dgamma_per_example(dout, cache):
    x, _, mean, var, eps, _ = cache
    dx, _, dbeta = batchnorm.backward(dout, cache)
    return dx, dout * (x - mean) / np.sqrt(var + eps), dbeta


def batchnorm_dbeta_first(dout, cache):
    dx, dgamma, dbeta = batchnorm.backward(dout, cache)
    return dx, dbeta, dgamma


def batchnorm_dgamma_over_columns(dout, cache):
    x, _, mean, var, eps, _ = cache
    dx, _, dbeta = batchnorm.backward(dout, cache)
    dgamma = (dout * (x - mean) / np.sqrt(var + eps)).sum(axis=1)
    return dx, dgamma, dbeta


def batchnorm_constant_batch(dout, cache):
    x, gamma, mean, var, eps, _ = cache
    std = np.sqrt(var + eps)
    normalized = (x - mean) / std
    dgamma = (dout * normalized).sum(axis=0)
    dbeta = dout.sum(axis=0)
    return gamma / std * (dout - (dbeta + normalized * dgamma) / BATCH), dgamma, dbeta


def batchnorm_forward_centering_in_place(x, gamma, beta):
    x -= x.mean(axis=0)
    normalized = x / np.sqrt(np.square(x).mean(axis=0) + 1e-5)
    return gamma * normalized + beta, batchnorm.forward(x, gamma, beta)[1]


def batchnorm_dbeta_keepdims(dout, cache):
    dx, dgamma, _ = batchnorm.backward(dout, cache)
    return dx, dgamma, dout.sum(axis=0, keepdims=True)


def layernorm_means_over_batch(dout, cache):
    normalized, gamma, std = cache
    dnormalized = dout * gamma
    along = (dnormalized * normalized).mean(axis=0)
    dx = (dnormalized - dnormalized.mean(axis=0) - normalized * along) / std
    return dx, (dout * normalized).sum(axis=0), dout.sum(axis=0)


def layernorm_dbeta_per_example(dout, cache):
    dx, dgamma, _ = layernorm.backward(dout, cache)
    return dx, dgamma, dout.copy()


def layernorm_forward_keeping_std(x, gamma, beta):
    out, (normalized, _, std) = layernorm.forward(x, gamma, beta)
    layer["std"] = std
    return out, (normalized, gamma)


def layernorm_by_kept_std(dout, cache):
    normalized, gamma = cache
    return layernorm.backward(dout, (normalized, gamma, layer["std"]))


def drop_two_fifths(x):
    return dropout.forward(x, 0.4, np.random.default_rng(5))


def dropout_forward_keeping_kept(x):
    out, (mask,) = dropout.forward(x, 0.3, np.random.default_rng(11))
    return out, (mask > 0,)


def dropout_not_scaled(dout, cache):
    (kept,) = cache
    return dout * kept


def dropout_forward_keeping_dropped(x):
    out, (mask,) = drop_two_fifths(x)
    dropped = mask == 0
    return out, (dropped, 1 / 0.6)


def dropout_where_dropped(dout, cache):
    dropped, scale = cache
    return dout * dropped * scale


def dropout_forward_keeping_out(x):
    out, _ = drop_two_fifths(x)
    return out, (out, 1 / 0.6)


def dropout_where_out_is_positive(dout, cache):
    out, scale = cache
    return dout * (out > 0) * scale


def maxout_of_three(x):
    return maxout.forward(x, 3)


def maxout_to_every_piece(dout, cache):
    _, pieces, _ = cache
    return np.repeat(dout, pieces, axis=1)


def far_apart(rng):
    return (rng.permutation(np.linspace(-2.3, 2.3, 24)).reshape(4, 6),)


MUTANTS = [
    Mutant(
        "batchnorm: staged, the mean's path forgotten", "lost path",
        batchnorm.forward, batchnorm_without_dmean, normal((6, 3), 3, 3),
    ),
    Mutant(
        "batchnorm: dgamma not summed", "not summed",
        batchnorm.forward, batchnorm_dgamma_per_example, normal((5, 4), 4, 4),
    ),
    Mutant(
        "batchnorm: dbeta returned before dgamma", "order",
        batchnorm.forward, batchnorm_dbeta_first, normal((7, 3), 3, 3),
    ),
    Mutant(
        "batchnorm: dgamma summed over the columns", "wrong axis",
        batchnorm.forward, batchnorm_dgamma_over_columns, normal((5, 5), 5, 5),
    ),
    Mutant(
        "batchnorm: a constant batch size", "last batch",
        batchnorm.forward, batchnorm_constant_batch, normal((BATCH, 4), 4, 4),
    ),
    Mutant(
        "batchnorm: x centered in place", "input mutated",
        batchnorm_forward_centering_in_place, batchnorm.backward, normal((6, 5), 5, 5),
    ),
    Mutant(
        "batchnorm: dbeta with keepdims", "shape",
        batchnorm.forward, batchnorm_dbeta_keepdims, normal((6, 2), 2, 2),
    ),
    Mutant(
        "layernorm: batchnorm's axis in dx", "wrong axis",
        layernorm.forward, layernorm_means_over_batch, normal((4, 6), 6, 6),
    ),
    Mutant(
        "layernorm: dbeta not summed", "not summed",
        layernorm.forward, layernorm_dbeta_per_example, normal((3, 5), 5, 5),
    ),
    Mutant(
        "layernorm: std kept with the layer", "stale cache",
        layernorm_forward_keeping_std, layernorm_by_kept_std, normal((5, 4), 4, 4),
    ),
    Mutant(
        "dropout: 1 / (1 - p) forgotten", "factor",
        dropout_forward_keeping_kept, dropout_not_scaled, normal((5, 4)),
    ),
    Mutant(
        "dropout: passed where dropped", "mask inverted",
        dropout_forward_keeping_dropped, dropout_where_dropped, normal((6, 3)),
    ),
    Mutant(
        "dropout: passed where the output is positive", "wrong mask",
        dropout_forward_keeping_out, dropout_where_out_is_positive, normal((4, 6)),
    ),
    Mutant(
        "maxout: dout to every piece", "mask missing",
        maxout_of_three, maxout_to_every_piece, far_apart,
    ),
]

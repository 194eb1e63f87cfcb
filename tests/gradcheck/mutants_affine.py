"""Mutants of the linear layers: matmul, affine, the L2 penalty, and a few as a student writes."""

import numpy as np
from layer_cases import normal
from mutant import Mutant

from layers import affine, l2_penalty, matmul

BATCH = 8

saved = {}


def affine_dx_W_not_transposed(dout, cache):
    x, W = cache
    return dout @ W, x.T @ dout, dout.sum(axis=0)


def affine_dW_other_way_round(dout, cache):
    x, W = cache
    return dout @ W.T, dout.T @ x, dout.sum(axis=0)


def affine_db_over_columns(dout, cache):
    x, W = cache
    return dout @ W.T, x.T @ dout, dout.sum(axis=1)


def affine_db_mean(dout, cache):
    x, W = cache
    return dout @ W.T, x.T @ dout, dout.mean(axis=0)


def affine_db_per_example(dout, cache):
    x, W = cache
    return dout @ W.T, x.T @ dout, +dout


def affine_db_keepdims(dout, cache):
    x, W = cache
    return dout @ W.T, x.T @ dout, dout.sum(axis=0, keepdims=True)


def affine_db_before_dW(dout, cache):
    dx, dW, db = affine.backward(dout, cache)
    return dx, db, dW


def affine_db_never_added(dout, cache):
    x, W = cache
    db = np.zeros(W.shape[1], W.dtype)
    for row in dout:
        np.add(db, row)
    return dout @ W.T, x.T @ dout, db


def affine_dW_ones_for_dout(dout, cache):
    x, W = cache
    return dout @ W.T, x.T @ np.ones_like(dout), dout.sum(axis=0)


def affine_dW_by_outer_products(dout, cache):
    x, W = cache
    dW = np.zeros(W.shape)
    for row, drow in zip(x, dout, strict=True):
        dW += np.outer(row, drow)
    return dout @ W.T, dW, dout.sum(axis=0)


def affine_forward_saving_x(x, W, b):
    saved["x"] = x
    return x @ W + b, (W,)


def affine_dW_of_saved_x(dout, cache):
    (W,) = cache
    return dout @ W.T, saved["x"].T @ dout, dout.sum(axis=0)


def matmul_dW_x_not_transposed(dout, cache):
    x, W = cache
    return dout @ W.T, x @ dout


def matmul_dW_first(dout, cache):
    x, W = cache
    return x.T @ dout, dout @ W.T


def penalize(W):
    return l2_penalty.forward(W, 0.3)


def l2_penalty_without_2(dpenalty, cache):
    W, strength = cache
    return W * W.dtype.type(strength * dpenalty)


def l2_penalty_without_dpenalty(dpenalty, cache):
    W, strength = cache
    return 2 * strength * W


def l2_penalty_in_place(dpenalty, cache):
    W, strength = cache
    W *= 2 * strength * dpenalty
    return W


def bilinear_forward(x, A, y):
    return np.sum(x @ A * y, axis=1), (x, A, y)


def bilinear_dx_A_not_transposed(dout, cache):
    x, A, y = cache
    weighted = dout[:, None] * y
    return weighted @ A, x.T @ weighted, dout[:, None] * (x @ A)


def similarity_forward(q, k):
    return q @ k.T, (q, k)


def similarity_dk_dout_not_transposed(dout, cache):
    q, k = cache
    return dout @ k, dout @ q


def autoencoder_forward(x, W):
    hidden = x @ W
    return hidden @ W.T, (x, W, hidden)


def autoencoder_dW_overwritten(dout, cache):
    x, W, hidden = cache
    dhidden = dout @ W
    dW = dout.T @ hidden
    dx = dhidden @ W.T
    dW = x.T @ dhidden
    return dx, dW


def gram_forward(x):
    return x @ x.T, (x,)


def gram_first_factor_only(dout, cache):
    (x,) = cache
    return dout @ x


def pooled_forward(x, W):
    return x.mean(axis=0) @ W, (x, W)


def pooled_dx_over_full_batch(dout, cache):
    x, W = cache
    dmean = W @ dout
    return np.tile(dmean / BATCH, (x.shape[0], 1)), np.outer(x.mean(axis=0), dout)


MUTANTS = [
    Mutant(
        "affine: dx without the transpose of W", "transposed",
        affine.forward, affine_dx_W_not_transposed, normal((6, 4), (4, 4), 4),
    ),
    Mutant(
        "affine: dW as dout^T x", "transposed",
        affine.forward, affine_dW_other_way_round, normal((6, 4), (4, 3), 3),
    ),
    Mutant(
        "affine: db summed over the columns", "wrong axis",
        affine.forward, affine_db_over_columns, normal((4, 3), (3, 4), 4),
    ),
    Mutant(
        "affine: db a mean", "factor",
        affine.forward, affine_db_mean, normal((5, 3), (3, 2), 2),
    ),
    Mutant(
        "affine: db not summed", "not summed",
        affine.forward, affine_db_per_example, normal((6, 2), (2, 5), 5),
    ),
    Mutant(
        "affine: db with keepdims", "shape",
        affine.forward, affine_db_keepdims, normal((3, 5), (5, 4), 4),
    ),
    Mutant(
        "affine: db returned before dW", "order",
        affine.forward, affine_db_before_dW, normal((7, 3), (3, 4), 4),
    ),
    Mutant(
        "affine: db added up without keeping the sum", "zero",
        affine.forward, affine_db_never_added, normal((4, 6), (6, 3), 3),
    ),
    Mutant(
        "affine: dW with ones for dout", "upstream ignored",
        affine.forward, affine_dW_ones_for_dout, normal((5, 4), (4, 2), 2),
    ),
    Mutant(
        "affine: dW collected in float64 zeros", "dtype",
        affine.forward, affine_dW_by_outer_products, normal((5, 6), (6, 3), 3),
    ),
    Mutant(
        "affine: x kept in a variable of the module", "stale cache",
        affine_forward_saving_x, affine_dW_of_saved_x, normal((6, 3), (3, 5), 5),
    ),
    Mutant(
        "matmul: dW without the transpose of x", "transposed",
        matmul.forward, matmul_dW_x_not_transposed, normal((4, 4), (4, 4)),
    ),
    Mutant(
        "matmul: dW returned before dx", "order",
        matmul.forward, matmul_dW_first, normal((5, 3), (3, 4)),
    ),
    Mutant(
        "l2_penalty: without its 2", "factor",
        penalize, l2_penalty_without_2, normal((4, 3)), (),
    ),
    Mutant(
        "l2_penalty: upstream left out", "upstream ignored",
        penalize, l2_penalty_without_dpenalty, normal((5, 2)), (),
    ),
    Mutant(
        "l2_penalty: W scaled in place", "input mutated",
        penalize, l2_penalty_in_place, normal((3, 6)), (),
    ),
    Mutant(
        "bilinear: dx without the transpose of A", "transposed",
        bilinear_forward, bilinear_dx_A_not_transposed, normal((5, 3), (3, 3), (5, 3)), (0, 2),
    ),
    Mutant(
        "similarity q k^T: dk without the transpose of dout", "transposed",
        similarity_forward, similarity_dk_dout_not_transposed, normal((5, 3), (5, 3)), (),
    ),
    Mutant(
        "tied autoencoder: dW overwritten by the encoder's", "lost path",
        autoencoder_forward, autoencoder_dW_overwritten, normal((6, 5), (5, 3)),
    ),
    Mutant(
        "gram matrix x x^T: only the first x", "lost path",
        gram_forward, gram_first_factor_only, normal((5, 4)), (),
    ),
    Mutant(
        "mean-pooled linear: dx divided by a constant batch size", "last batch",
        pooled_forward, pooled_dx_over_full_batch, normal((BATCH, 3), (3, 4)),
    ),
]

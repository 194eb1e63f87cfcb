"""Posted mistakes about what is summed, over which axis, and how often."""

import numpy as np
from posted import Posted, normal


def affine(x, W, b):
    return x @ W + b, (x, W)


def affine_one_sum(dout, cache):
    """https://github.com/rasbt/stat453-deep-learning-ss21/issues/5"""
    x, W = cache
    return dout @ W.T, x.T @ dout, np.full(W.shape[1], dout.sum(), dout.dtype)


def affine_first_axis_only(dout, cache):
    """https://github.com/ooples/AiDotNet.Tensors/issues/234"""
    x, W = cache
    return dout @ W.T, np.einsum("btd,btm->dm", x, dout), dout.sum(axis=0)


def affine_columns(x, W, b):
    """Examples as columns. x (D, N), W (M, D), b (M, 1), out (M, N)."""
    return W @ x + b, (x, W)


def affine_columns_mean(dout, cache):
    """https://github.com/kvfrans/notes/issues/5"""
    x, W = cache
    return W.T @ dout, dout @ x.T, dout.mean(axis=1, keepdims=True)


def add(x, y):
    """A matrix and a row. x (N, D), y (D,)."""
    return x + y, ()


def add_mean(dout, cache):
    """https://github.com/tensorflow/tfjs-core/pull/398"""
    return +dout, dout.mean(axis=0)


def add_row(x, y):
    """A matrix and a row. x (N, D), y (1, D)."""
    return x + y, ()


def add_row_not_summed(dout, cache):
    """https://github.com/deeplearning4j/nd4j/issues/2424"""
    return +dout, +dout


def mean(x):
    """The mean of each column. x (N, D), out (D,)."""
    return x.mean(axis=0), (x.shape,)


def mean_of_all(dout, cache):
    """https://github.com/facebookresearch/shumai/issues/74"""
    shape, = cache
    return np.broadcast_to(dout, shape) / dout.dtype.type(np.prod(shape))


def embedding(table, words):
    """table (M, D), words (N, D') of integers, out (N, D', D)."""
    return table[words], (table.shape, words)


def embedding_overwritten(dout, cache):
    """https://github.com/karpathy/nn-zero-to-hero/issues/57"""
    shape, words = cache
    dtable = np.zeros(shape, dout.dtype)
    for i in range(len(words)):
        dtable[words[i]] += dout[i]
    return dtable


def words(rng):
    return rng.standard_normal((5, 3)), np.array([[0, 0, 2], [1, 4, 1], [3, 2, 2], [4, 0, 1]])


POSTED = [
    Posted("affine: one sum for all of b", "db is a single sum over rows and columns, the same for "
           "every entry of b.", affine, affine_one_sum, normal((6, 3), (3, 4), 4),
           first_look="silent", says="every entry of db is the same, the sum over all axes"),
    Posted("affine: only the first of two axes", "x has three axes, and db is summed over the "
           "first alone.", affine, affine_first_axis_only, normal((3, 2, 4), (4, 5), 5),
           first_look="right", says="it is not summed over axis 0"),
    Posted("affine in columns: mean", "db is the mean over the examples, where the sum is meant.",
           affine_columns, affine_columns_mean, normal((3, 6), (4, 3), (4, 1)), rows=(),
           first_look="right",
           says="0.1667 times what it should be, in every entry (1/x.shape[1])"),
    Posted("add: mean over the rows", "The gradient of the row that is added to every row is the "
           "mean, where the sum is meant.", add, add_mean, normal((5, 4), 4),
           first_look="right", says="(1/N, the rows)"),
    Posted("add: not summed", "The gradient of the row that is added to every row is not summed "
           "over the rows.", add_row, add_row_not_summed, normal((5, 4), (1, 4)),
           first_look="misleading", says="it is not summed over axis 0"),
    Posted("mean: over one axis", "The mean is over the rows alone, the gradient is divided by the "
           "number of all entries.", mean, mean_of_all, normal((5, 3)),
           first_look="right", says="(1/x.shape[1])"),
    Posted("embedding: overwritten", "A word that occurs twice in a row is added once: += with "
           "repeated indices keeps the last.", embedding, embedding_overwritten, words, rows=(1,),
           first_look="silent", says="the others are lost"),
]

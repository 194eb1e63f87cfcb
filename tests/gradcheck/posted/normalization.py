"""Posted mistakes of batch, layer, root-mean-square and length normalization."""

import numpy as np
from posted import Posted, normal

EPSILON = 1e-5


def batch_norm(x, gamma, beta):
    centred = x - x.mean(axis=0)
    inverse = 1 / np.sqrt((centred ** 2).mean(axis=0) + x.dtype.type(EPSILON))
    normal_x = centred * inverse
    return gamma * normal_x + beta, (centred, normal_x, inverse, gamma)


def batch_norm_scale_once(dout, cache):
    """https://github.com/ROCm/MIOpen/issues/104"""
    _, normal_x, inverse, gamma = cache
    n = len(dout)
    scaled = dout * gamma
    dx = inverse / n * (n * dout - scaled.sum(axis=0) - normal_x * (scaled * normal_x).sum(axis=0))
    return dx, (dout * normal_x).sum(axis=0), dout.sum(axis=0)


def batch_norm_scale_too_late(dout, cache):
    """https://github.com/denizyuret/Knet.jl/issues/288"""
    centred, normal_x, inverse, gamma = cache
    n = len(dout)
    over = dout * inverse
    dgamma, dbeta = (centred * over).sum(axis=0), dout.sum(axis=0)
    dout = dout * gamma
    dvar = -0.5 * (over * centred * inverse ** 2).sum(axis=0)
    dmean = -over.sum(axis=0) - 2 * dvar * centred.sum(axis=0) / n
    return over + dvar * 2 * centred / n + dmean / n, dgamma, dbeta


def layer_norm(x, gamma, beta):
    centred = x - x.mean(axis=-1, keepdims=True)
    inverse = 1 / np.sqrt((centred ** 2).mean(axis=-1, keepdims=True) + x.dtype.type(EPSILON))
    normal_x = centred * inverse
    out = gamma * normal_x + beta
    return out, (out, normal_x, inverse, gamma, beta)


def layer_norm_index_of_the_row(dout, cache):
    """https://github.com/deepspeedai/DeepSpeed/pull/692"""
    out, normal_x, inverse, gamma, beta = cache
    n, d = dout.shape
    again = (out - beta[:n, None]) / gamma[:n, None]
    scaled = dout * gamma
    dx = inverse / d * (d * scaled - scaled.sum(axis=1, keepdims=True)
                        - normal_x * (scaled * normal_x).sum(axis=1, keepdims=True))
    return dx, (dout * again).sum(axis=0), dout.sum(axis=0)


def layer_norm_two_axes(dout, cache):
    """https://github.com/flagos-ai/FlagGems/issues/5392"""
    _, normal_x, inverse, gamma, _ = cache
    d = dout[0].size
    scaled = dout * gamma
    dx = inverse / d * (d * scaled - scaled.sum(axis=(1, 2), keepdims=True)
                        - normal_x * (scaled * normal_x).sum(axis=(1, 2), keepdims=True))
    return dx, (dout * normal_x).sum(axis=(0, 1)), dout.sum(axis=(0, 1))


def rms_norm(x, weight):
    inverse = 1 / np.sqrt((x ** 2).mean(axis=1, keepdims=True) + x.dtype.type(EPSILON))
    return weight * x * inverse, (x, weight, inverse)


def rms_norm_weight_forgotten(dout, cache):
    """https://github.com/karpathy/llm.c/pull/763"""
    x, _, inverse = cache
    d = x.shape[1]
    dx = inverse * dout - x * inverse ** 3 / d * (dout * x).sum(axis=1, keepdims=True)
    return dx, (dout * x * inverse).sum(axis=0)


def rms_norm_constant(dout, cache):
    """https://github.com/ooples/AiDotNet/pull/695"""
    x, weight, inverse = cache
    return dout * weight * inverse, (dout * x * inverse).sum(axis=0)


def norm_and_skip(x):
    """x + RMSNorm(x): a residual connection around a norm. x (N, D)."""
    inverse = 1 / np.sqrt((x ** 2).mean(axis=1, keepdims=True) + x.dtype.type(EPSILON))
    return x + x * inverse, (x, inverse)


def norm_and_skip_all_through_the_norm(dout, cache):
    """https://github.com/Dao-AILab/quack/pull/53"""
    x, inverse = cache
    both = dout + dout
    return inverse * both - x * inverse ** 3 / x.shape[1] * (both * x).sum(axis=1, keepdims=True)


def unit_length(x):
    """Each row over its length plus a half. x (N, D)."""
    length = np.sqrt((x ** 2).sum(axis=1, keepdims=True))
    return x / (length + x.dtype.type(0.5)), (x, length)


def unit_length_everywhere_the_half(dout, cache):
    """https://github.com/chainer/chainer/pull/4190"""
    x, length = cache
    more = length + x.dtype.type(0.5)
    return dout / more - x * (dout * x).sum(axis=1, keepdims=True) / more ** 3


POSTED = [
    Posted("batch norm: scale in two of three terms", "gamma is missing in the first of the three "
           "terms of dx, N dout.", batch_norm, batch_norm_scale_once, normal((7, 4), 4, 4),
           first_look="silent", says="in each column of dx the direct part is without gamma"),
    Posted("batch norm: scale too late", "dx is made from dout before it was multiplied by gamma: "
           "gamma is left out of dx.", batch_norm, batch_norm_scale_too_late,
           normal((7, 4), 4, 4),
           first_look="silent", says="gamma is left out of dx"),
    Posted("layer norm: index of the row", "The normalized values are found again with the gamma "
           "and beta of the row's index, not of the column's; dgamma is wrong.", layer_norm,
           layer_norm_index_of_the_row, normal((4, 5), 5, 5),
           first_look="silent", says="the differences give sum(dout * cache[1], axis=0)"),
    Posted("layer norm: sums over two axes", "Of three axes only the last is normalized, but dx "
           "takes its sums over the last two.", layer_norm, layer_norm_two_axes,
           normal((3, 4, 5), 5, 5),
           first_look="silent", says="something is summed over axis 1"),
    Posted("rms norm: weight forgotten", "The weight is left out of dx.", rms_norm,
           rms_norm_weight_forgotten, normal((5, 4), 4),
           first_look="silent",
           says="weight is left out of dx"),
    Posted("rms norm: root mean square as a constant", "dx lacks the path through the root mean "
           "square.", rms_norm, rms_norm_constant, normal((5, 4), 4),
           first_look="right", says="the part through the spread is lost"),
    Posted("norm and skip: all through the norm", "The gradient of the skip connection is sent "
           "through the norm too, instead of past it.", norm_and_skip,
           norm_and_skip_all_through_the_norm, normal((5, 4)),
           first_look="silent", says="the part dout is lost, and the rest is 2 times"),
    Posted("unit length: epsilon in every place", "In the second term one of the three lengths is "
           "without epsilon; all three have it.", unit_length, unit_length_everywhere_the_half,
           normal((5, 4)),
           first_look="misleading",
           says="the part through the spread alone is wrong"),
]

"""Posted mistakes of activations and other layers without parameters."""

import numpy as np
from posted import Posted, normal


def relu(x):
    return np.maximum(x, 0), (x,)


def relu_sign_of_the_gradient(dout, cache):
    """https://github.com/exacity/deeplearningbook-chinese/issues/127"""
    return dout * (dout > 0)


def relu_without_upstream(dout, cache):
    """https://github.com/haifengl/smile/issues/528"""
    x, = cache
    return np.where(x > 0, 1, 0).astype(x.dtype)


def tanh(x):
    out = np.tanh(x)
    return out, (x, out)


def tanh_plus(dout, cache):
    """https://github.com/nicodjimenez/lstm/issues/41"""
    _, out = cache
    return (1 + out ** 2) * dout


def tanh_exp(dout, cache):
    """https://github.com/cazala/synaptic/pull/276"""
    x, _ = cache
    return (1 - np.exp(np.tanh(x))) * dout


def tanh_itself(dout, cache):
    """https://github.com/andersbll/nnet/issues/4"""
    x, _ = cache
    e = np.exp(2 * x)
    return (e - 1) / (e + 1) * dout


def logistic(x):
    out = 1 / (1 + np.exp(-x))
    return out, (out,)


def logistic_of_the_gradient(dout, cache):
    """https://github.com/yizt/numpy_neural_network/issues/3"""
    inner = 1 / (1 + np.exp(-dout))
    return 1 / (1 + np.exp(-(1 - inner)))


WIDTH, SLOPE = 0.8, 0.1


def piecewise(x):
    middle = x / (2 * WIDTH) + 0.5
    out = np.where(x > WIDTH, SLOPE * (x - WIDTH) + 1,
                   np.where(x < -WIDTH, SLOPE * (x + WIDTH), middle))
    return out.astype(x.dtype), (x,)


def piecewise_middle(dout, cache):
    """https://github.com/fangwei123456/spikingjelly/pull/413"""
    x, = cache
    return np.where(np.abs(x) < WIDTH, dout / WIDTH, SLOPE * dout).astype(x.dtype)


def prelu(x, slopes):
    out = np.where(x > 0, x, slopes * x)
    return out, (x, slopes, out)


def prelu_by_output(dout, cache):
    """https://github.com/apache/mxnet/pull/3277"""
    x, slopes, out = cache
    dx = np.where(out > 0, dout, slopes * dout)
    return dx, np.where(out > 0, 0, x * dout).sum(axis=0)


def dropout(x, keep):
    out = x * (keep / 0.6).astype(x.dtype)
    return out, (keep,)


def dropout_scaled_only(dout, cache):
    """https://github.com/ddbourgin/numpy-ml/issues/94"""
    return dout / dout.dtype.type(0.6)


def subtract(x, y):
    return x - y, ()


def subtract_plus(dout, cache):
    """https://github.com/AayushSameerShah/Neural-Net-Zero-to-Hero-with-Andrej/issues/1"""
    return +dout, +dout


def max_pool(x):
    """The maximum of every three neighbours of a row. x (N, D), out (N, D - 2)."""
    windows = np.stack([x[:, :-2], x[:, 1:-1], x[:, 2:]], axis=2)
    return windows.max(axis=2), (windows.argmax(axis=2), x.shape)


def max_pool_overwritten(dout, cache):
    """https://github.com/0809zheng/CS231n-assignment2019/issues/19"""
    at, shape = cache
    dx = np.zeros(shape, dout.dtype)
    for i in range(dout.shape[0]):
        for j in range(dout.shape[1]):
            dx[i, j + at[i, j]] = dout[i, j]
    return dx


def kept(rng):
    return rng.standard_normal((5, 4)), rng.random((5, 4)) < 0.6


def with_negative_slopes(rng):
    return rng.standard_normal((6, 4)), np.array([-0.3, 0.2, -0.6, 0.4])


POSTED = [
    Posted("relu: sign of the gradient", "The mask is taken from the sign of the upstream "
           "gradient, not of the input.", relu, relu_sign_of_the_gradient, normal((5, 4)),
           first_look="right", says="the mask is taken from the wrong array: it is that of dout"),
    Posted("relu: without upstream", "The upstream gradient is replaced by 0 or 1 instead of "
           "multiplied by it.", relu, relu_without_upstream, normal((5, 4)),
           first_look="right", says="does not depend on the upstream gradient"),
    Posted("tanh: 1 + tanh^2", "The sign of one term: 1 + tanh^2 for 1 - tanh^2.",
           tanh, tanh_plus, normal((4, 3)),
           first_look="silent", says="has the sign of its term dout * out^2 flipped"),
    Posted("tanh: 1 - exp(tanh)", "exp in place of the square: 1 - e^tanh for 1 - tanh^2.",
           tanh, tanh_exp, normal((4, 3)),
           first_look="silent",
           says="dx is dout - dout * exp(out), where the differences give dout * (1 - out^2)"),
    Posted("tanh: its own value", "The derivative is tanh itself, written with exponentials.",
           tanh, tanh_itself, normal((4, 3)),
           first_look="silent",
           says="dx is dout * out, where the differences give dout * (1 - out^2)"),
    Posted("sigmoid: of the gradient", "The sigmoid of the upstream gradient stands where the "
           "local derivative times it belongs.", logistic, logistic_of_the_gradient,
           normal((4, 3)),
           first_look="silent", says="not proportional to the upstream gradient"),
    Posted("piecewise: slope of the middle", "The middle piece has slope 1 / (2 w), the gradient "
           "has 1 / w there; the outer pieces are right.", piecewise, piecewise_middle,
           normal((6, 5)),
           first_look="silent", says="2 times what it should be (2) where |x| < about 0."),
    Posted("prelu: mask from the output", "The case is decided by the sign of the output, which "
           "differs from the input's where the slope is negative.", prelu, prelu_by_output,
           with_negative_slopes,
           first_look="right", says="evaluated at the output"),
    Posted("dropout: scaled, not masked", "The gradient is divided by the share kept but the "
           "mask is not applied.", dropout, dropout_scaled_only, kept,
           first_look="right", says="the mask is missing"),
    Posted("subtract: plus for the second", "The gradient of what is subtracted has the wrong "
           "sign.", subtract, subtract_plus, normal((3, 4), (3, 4)),
           first_look="misleading", says="dy has its sign flipped"),
    Posted("max pool: overwritten", "Windows overlap, and each writes its gradient over that of "
           "the one before (= for +=).", max_pool, max_pool_overwritten, normal((4, 7)),
           first_look="silent", says="from the last of them alone, and the others are lost"),
]

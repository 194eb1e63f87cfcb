"""Mutants of the linear layers, the activations, the normalizations, dropout and maxout."""

import numpy as np
from layer_cases import normal, off_zero
from mutant import INTO_A_BUFFER, OWN, Mutant, and_then, dropping

AFFINE, MATMUL, L2 = "layers/affine.py", "layers/matmul.py", "layers/l2_penalty.py"
RELU, LEAKY, ELU, SELU = (f"layers/{name}.py" for name in ("relu", "leaky_relu", "elu", "selu"))
SIGMOID, TANH, GELU = "layers/sigmoid.py", "layers/tanh.py", "layers/gelu.py"
SILU, SOFTPLUS = "layers/silu.py", "layers/softplus.py"
BATCHNORM, LAYERNORM = "layers/batchnorm.py", "layers/layernorm.py"
DROPOUT, MAXOUT = "layers/dropout.py", "layers/maxout.py"

DB, AFFINE_GRADIENTS = "dout.sum(axis=0)", "return dx, x.T @ dout, dout.sum(axis=0)"
RELU_DX = "return dout * (x > 0)"
SIGMOID_DX, TANH_DX = "(1 - out) * out * dout", "(1 - out) * (1 + out) * dout"
BATCHNORM_GRADIENTS = "return gamma / std * dx, dgamma, dbeta"
LAYERNORM_MEANS = ("along = (dnormalized * normalized).mean(axis=1, keepdims=True)\n"
                   "    dx = (dnormalized - dnormalized.mean(axis=1, keepdims=True)")


def far_apart(rng):
    return (rng.permutation(np.linspace(-2.3, 2.3, 24)).reshape(4, 6),)


LINEAR = [
    Mutant("affine: dx without the transpose of W", "transposed", AFFINE,
           "dout @ W.T if", "dout @ W if", normal((6, 4), (4, 4), 4)),
    Mutant("affine: dW as dout^T x", "transposed", AFFINE,
           "x.T @ dout,", "dout.T @ x,", normal((6, 4), (4, 3), 3)),
    Mutant("affine: db summed over the columns", "wrong axis", AFFINE,
           DB, "dout.sum(axis=1)", normal((4, 3), (3, 4), 4)),
    Mutant("affine: db a mean", "factor", AFFINE,
           DB, "dout.mean(axis=0)", normal((5, 3), (3, 2), 2)),
    Mutant("affine: db not summed", "not summed", AFFINE,
           DB, "+dout", normal((6, 2), (2, 5), 5)),
    Mutant("affine: db with keepdims", "shape", AFFINE,
           DB, "dout.sum(axis=0, keepdims=True)", normal((3, 5), (5, 4), 4)),
    Mutant("affine: db returned before dW", "order", AFFINE,
           AFFINE_GRADIENTS, "return dx, dout.sum(axis=0), x.T @ dout",
           normal((7, 3), (3, 4), 4)),
    Mutant("affine: db added up without keeping the sum", "zero", AFFINE,
           AFFINE_GRADIENTS,
           "db = np.zeros_like(dout[0])\n    for row in dout:\n        np.add(db, row)\n"
           "    return dx, x.T @ dout, db", normal((4, 6), (6, 3), 3)),
    Mutant("affine: dW with ones for dout", "upstream ignored", AFFINE,
           "x.T @ dout,", "x.T @ np.ones_like(dout),", normal((5, 4), (4, 2), 2)),
    Mutant("affine: dW collected in float64 zeros", "dtype", AFFINE,
           AFFINE_GRADIENTS,
           "dW = np.zeros(W.shape)\n    dW += x.T @ dout\n    return dx, dW, dout.sum(axis=0)",
           normal((5, 6), (6, 3), 3)),
    Mutant("affine: x kept in a variable of the module", "stale cache", AFFINE,
           ("    return out, (x, W)", "x, W = cache"),
           ("    forward.x = x\n    return out, (W,)", "x, W = forward.x, cache[0]"),
           normal((6, 3), (3, 5), 5)),
    Mutant("matmul: dW without the transpose of x", "transposed", MATMUL,
           "x.T @ dout", "x @ dout", normal((4, 4), (4, 4))),
    Mutant("matmul: dW returned before dx", "order", MATMUL,
           "dout @ W.T, x.T @ dout", "x.T @ dout, dout @ W.T", normal((5, 3), (3, 4))),
    Mutant("l2_penalty: without its 2", "factor", L2,
           "2 * strength * dpenalty", "strength * dpenalty", and_then(normal((4, 3)), 0.3)),
    Mutant("l2_penalty: upstream left out", "upstream ignored", L2,
           "2 * strength * dpenalty", "2 * strength", and_then(normal((5, 2)), 0.3)),
    Mutant("l2_penalty: W scaled in place", "input mutated", L2,
           "return W * W.dtype.type(2 * strength * dpenalty)",
           "W *= 2 * strength * dpenalty\n    return W", and_then(normal((3, 6)), 0.3)),
    Mutant("bilinear: dx without the transpose of A", "transposed", OWN + "bilinear.py",
           "weighted @ A.T", "weighted @ A", normal((5, 3), (3, 3), (5, 3))),
    Mutant("similarity q k^T: dk without the transpose of dout", "transposed",
           OWN + "similarity.py", "dout.T @ q", "dout @ q", normal((5, 3), (5, 3))),
    Mutant("tied autoencoder: dW overwritten by the encoder's", "lost path", OWN + "tied.py",
           "dW += x.T", "dW = x.T", normal((6, 5), (5, 3))),
    Mutant("gram matrix x x^T: only the first x", "lost path", OWN + "gram.py",
           "dout @ x + dout.T @ x", "dout @ x", normal((5, 4))),
    Mutant("mean-pooled linear: dx divided by a constant batch size", "last batch",
           OWN + "pooled.py", "dmean / len(x)", "dmean / 8", normal((8, 3), (3, 4))),
]

ACTIVATIONS = [
    Mutant("relu: dout passed everywhere", "mask missing", RELU,
           RELU_DX, "return +dout", off_zero((6, 4))),
    Mutant("relu: passed where the input is negative", "mask inverted", RELU,
           RELU_DX, "return dout * (x <= 0)", off_zero((5, 3))),
    Mutant("relu: ReLU of dout", "wrong mask", RELU,
           RELU_DX, "return np.maximum(dout, 0)", off_zero((4, 6))),
    Mutant("relu: dout zeroed in place", "input mutated", RELU,
           RELU_DX, "dout[x <= 0] = 0\n    return dout", off_zero((3, 5))),
    Mutant("relu: mask of float64 ones", "dtype", RELU,
           RELU_DX, "return np.where(x > 0, 1.0, 0.0) * dout", off_zero((7, 2))),
    Mutant("relu: assignment to a copy", "zero", RELU,
           RELU_DX, "dx = np.zeros_like(x)\n    dx[x > 0][:] = dout[x > 0]\n    return dx",
           off_zero((4, 3))),
    Mutant("relu: mask in a buffer that the next forward reuses", "stale cache", RELU,
           "return np.maximum(x, zeros), (x,)",
           INTO_A_BUFFER + "return np.maximum(x, zeros), (kept,)", off_zero((6, 5))),
    Mutant("leaky_relu: slope where the input is positive", "mask inverted", LEAKY,
           "x > 0, dout, slope * dout", "x > 0, slope * dout, dout",
           and_then(off_zero((5, 4)), 0.2)),
    Mutant("leaky_relu: the slopes alone", "upstream ignored", LEAKY,
           "np.where(x > 0, dout, slope * dout)", "np.where(x > 0, 1, slope).astype(x.dtype)",
           and_then(off_zero((3, 6)), 0.2)),
    Mutant("elu: the branch chosen by dout", "wrong mask", ELU,
           "np.where(x > 0, dout,", "np.where(dout > 0, dout,", off_zero((6, 3))),
    Mutant("elu: e^out for e^x", "wrong point", ELU,
           "return out, (x, alpha)", "return out, (out, alpha)", and_then(off_zero((4, 5)), 0.7)),
    Mutant("selu: SCALE forgotten", "factor", SELU,
           "return SCALE * elu.backward", "return elu.backward", off_zero((5, 5))),
    Mutant("selu: the exponential for positive inputs too", "mask missing", SELU,
           "return SCALE * elu.backward(dout, cache)",
           "x, alpha = cache\n    return SCALE * alpha * np.exp(x) * dout", off_zero((4, 4))),
    Mutant("sigmoid: x (1 - x) with the input", "wrong point", SIGMOID,
           "return out, (out,)", "return out, (x,)", normal((5, 4))),
    Mutant("sigmoid: dx in a float32 array", "dtype", SIGMOID,
           SIGMOID_DX, "np.array((1 - out) * out * dout, np.float32)", normal((6, 2))),
    Mutant("tanh: 1 - x^2 with the input", "wrong point", TANH,
           "return out, (out,)", "return out, (x,)", normal((4, 7))),
    Mutant("tanh: out^2 - 1", "sign", TANH,
           TANH_DX, "(out**2 - 1) * dout", normal((3, 4))),
    Mutant("gelu: the gate's own slope forgotten", "lost path", GELU,
           " + 0.5 * x * (1 - t) * (1 + t) * dinner) * dout", ") * dout", normal((6, 3))),
    Mutant("silu: the direct path of x forgotten", "lost path", SILU,
           "return (gate + x *", "return (x *", normal((5, 3))),
    Mutant("softplus: sigmoid of the output", "wrong point", SOFTPLUS,
           "return np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x))), (x,)",
           "out = np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x)))\n    return out, (out,)",
           normal((4, 3))),
    Mutant("softplus: dx flattened", "shape", SOFTPLUS,
           "return gate * dout", "return (gate * dout).ravel()", normal((3, 5))),
]

NORMS = [
    Mutant("batchnorm: staged, the mean's path forgotten", "lost path", BATCHNORM,
           "(dbeta + normalized * dgamma)", "normalized * dgamma", normal((6, 3), 3, 3)),
    Mutant("batchnorm: dgamma not summed", "not summed", BATCHNORM,
           BATCHNORM_GRADIENTS, "return gamma / std * dx, dout * normalized, dbeta",
           normal((5, 4), 4, 4)),
    Mutant("batchnorm: dbeta returned before dgamma", "order", BATCHNORM,
           BATCHNORM_GRADIENTS, "return gamma / std * dx, dbeta, dgamma", normal((7, 3), 3, 3)),
    Mutant("batchnorm: dgamma summed over the columns", "wrong axis", BATCHNORM,
           BATCHNORM_GRADIENTS,
           "return gamma / std * dx, (dout * normalized).sum(axis=1), dbeta",
           normal((5, 5), 5, 5)),
    Mutant("batchnorm: a constant batch size", "last batch", BATCHNORM,
           "dgamma) / x.shape[0]", "dgamma) / 8", normal((8, 4), 4, 4)),
    Mutant("batchnorm: x centered in place", "input mutated", BATCHNORM,
           "mean = x.mean(axis=0)", "x -= x.mean(axis=0)\n        mean = x.mean(axis=0)",
           normal((6, 5), 5, 5)),
    Mutant("batchnorm: dbeta with keepdims", "shape", BATCHNORM,
           BATCHNORM_GRADIENTS, "return gamma / std * dx, dgamma, dbeta[None]",
           normal((6, 2), 2, 2)),
    Mutant("layernorm: batchnorm's axis in dx", "wrong axis", LAYERNORM,
           LAYERNORM_MEANS, LAYERNORM_MEANS.replace("axis=1, keepdims=True", "axis=0"),
           normal((4, 6), 6, 6)),
    Mutant("layernorm: dbeta not summed", "not summed", LAYERNORM,
           "dbeta = dout.sum(axis=0)", "dbeta = dout.copy()", normal((3, 5), 5, 5)),
    Mutant("layernorm: std kept with the layer", "stale cache", LAYERNORM,
           ("    return gamma * normalized + beta, (", "normalized, gamma, std = cache"),
           ("    forward.std = std\n    return gamma * normalized + beta, (",
            "(normalized, gamma, _), std = cache, forward.std"), normal((5, 4), 4, 4)),
    Mutant("dropout: 1 / (1 - p) forgotten", "factor", DROPOUT,
           "return dout * mask", "return dout * (mask > 0)", dropping((5, 4), 0.3, 11)),
    Mutant("dropout: passed where dropped", "mask inverted", DROPOUT,
           "return dout * mask", "return dout * (mask == 0) / 0.6", dropping((6, 3), 0.4, 5)),
    Mutant("dropout: passed where the output is positive", "wrong mask", DROPOUT,
           "return x * mask, (mask,)", "return x * mask, (mask * (x > 0),)",
           dropping((4, 6), 0.4, 5)),
    Mutant("maxout: dout to every piece", "mask missing", MAXOUT,
           "return dx.reshape(winner.shape[0], -1)", "return np.repeat(dout, pieces, axis=1)",
           and_then(far_apart, 3)),
]

MUTANTS = [*LINEAR, *ACTIVATIONS, *NORMS]

"""Mutants of the losses, of the gates, and of small layers as a student writes them."""

from layer_cases import labelled, normal, off_zero, spread
from mutant import Mutant, and_then


def hinged(num_examples, num_classes):
    """Scores 0.15 apart, so that no two differ by the margin of 1, the kink of the hinge."""
    def make(rng):
        scores = 0.15 * rng.permutation(num_examples * num_classes)
        scores -= scores.mean()
        return scores.reshape(num_examples, num_classes), rng.integers(0, num_classes, num_examples)

    return make


def positive(rng):
    return (rng.uniform(0.5, 3.0, (4, 5)),)


MUTANTS = [
    Mutant("softmax_loss: not divided by N", "factor", "dloss / y.size", "dloss",
           labelled(6, 4, classes=4)),
    Mutant("softmax_loss: labels minus probabilities", "sign", "return dscores", "return -dscores",
           labelled(5, 4, classes=4)),
    Mutant("softmax_loss: -1 of the right class forgotten", "lost path",
           "    dscores[rows, y] -= share\n", "", labelled(4, 3, classes=3)),
    Mutant("softmax_loss: dloss left out", "upstream ignored", "dloss / y.size", "1 / y.size",
           labelled(4, 5, classes=5)),
    Mutant("softmax_loss: -1 put into the cached probabilities", "input mutated",
           "dscores = exponentials * (share / totals)",
           "dscores = exponentials\n    dscores *= share / totals", labelled(6, 3, classes=3)),
    Mutant("softmax_loss: divided by a constant batch size", "last batch", "dloss / y.size",
           "dloss / 7", labelled(7, 3, classes=3)),
    Mutant("softmax_loss: one-hot labels in float64", "dtype", "dscores[rows, y] -= share",
           "dscores = dscores - share * np.eye(dscores.shape[1])[y]", labelled(5, 6, classes=6)),
    Mutant("softmax_loss: exponentials summed over the batch", "wrong axis", "(share / totals)",
           "(share / exponentials.sum(axis=0))", labelled(6, 5, classes=5)),
    Mutant("svm_loss: every margin counted as violated", "mask missing", "(excess > 0)",
           "(excess != 0)", hinged(6, 4)),
    Mutant("svm_loss: nothing for the right class", "lost path",
           "    dscores[np.arange(y.size, like=y), y] = -dscores.sum(axis=1)\n", "", hinged(5, 4)),
    Mutant("svm_loss: positive scores for violated margins", "wrong mask",
           "(excess, y, weights)\n\n", "(np.where(excess, scores, 0), y, weights)\n\n",
           hinged(7, 3)),
    Mutant("svm_loss: violated margins counted over the batch", "wrong axis",
           "-dscores.sum(axis=1)", "-dscores.sum(axis=0)", hinged(5, 5)),
    Mutant("logistic_loss: the score where its sigmoid belongs", "wrong point",
           "dscores, _ = sigmoid.forward(scores)", "dscores = scores", labelled(6, classes=2)),
    Mutant("logistic_loss: label minus probability", "sign", "dscores *= dloss",
           "dscores *= -dloss", labelled(5, classes=2)),
    Mutant("logistic_loss: a column of scores flattened", "shape", "return dscores",
           "return dscores.reshape(-1)", labelled(7, 1, classes=2)),
    Mutant("logistic_loss: 1 // N", "zero", "dloss / y.size", "dloss * (1 // y.size)",
           labelled(4, classes=2)),
    Mutant("square_loss: the 2 of a loss without 1/2", "factor", "dscores *= dloss",
           "dscores *= 2 * dloss", normal((5, 2), (5, 2))),
    Mutant("square_loss: divided by the size of the first batch", "last batch",
           "dscores = error / error.shape[0]",
           'dscores = error / vars(backward).setdefault("size", len(error))',
           normal((6, 3), (6, 3))),
    # Gates.
    Mutant("copy: the second overwrites the first", "lost path", "return dfirst + dsecond",
           "return +dsecond", normal((4, 2))),
    Mutant("multiply: each by itself, not by the other", "order", "return y * dout, x * dout",
           "return x * dout, y * dout", normal(5, 5)),
    Mutant("maximum: compared with 0", "wrong mask",
           "np.where(x >= y, dout, 0)[()], np.where(y > x, dout, 0)",
           "np.where(x > 0, dout, 0)[()], np.where(y > 0, dout, 0)",
           lambda rng: tuple(spread(rng, (2, 6)))),
    Mutant("exp: x for e^x", "wrong point", "return out, (out,)", "return out, (x,)", normal(6)),
    Mutant("reciprocal: the minus forgotten", "sign", "return -(out * out) * dout",
           "return out * out * dout", off_zero(4)),
    Mutant("shift: the derivative of the constant", "zero", "return +dout",
           "return np.zeros_like(x)", and_then(normal(3), 0.5)),
    Mutant("log: the newest x", "stale cache", ("    return np.log(x), (x,)", "(x,) = cache"),
           ("    forward.x = x\n    return np.log(x), ()", "x = forward.x"), positive),
    Mutant("scale and shift: dgamma not summed", "not summed", "(x * dout).sum(axis=0)", "x * dout",
           normal((6, 4), 4, 4), file="scale_and_shift"),
    Mutant("softmax layer: summed over the batch", "wrong axis",
           "(dout * probabilities).sum(axis=1", "(dout * probabilities).sum(axis=0", normal((4, 5)),
           file="softmax"),
    Mutant("hard tanh: passed where clipped", "mask inverted", "np.abs(x) < 1", "np.abs(x) > 1",
           lambda rng: (spread(rng, (4, 3)),), file="hard_tanh"),
    Mutant("residual block x + tanh(x W): the skip forgotten", "lost path", "dout + dhidden @ W.T",
           "dhidden @ W.T", normal((5, 3), (3, 3)), file="residual_tanh"),
]

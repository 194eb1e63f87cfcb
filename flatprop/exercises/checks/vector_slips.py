"""Common slips in numerical gradients, Jacobians and chains; what a slip is: slips.py."""

import numpy as np

from flatprop.exercises.checks.slips import one_or_two


def slopes(x, a, power, h, down, up, steps):
    """(f(x + up h) - f(x + down h)) / (steps h) of f = sum a x^power, entry by entry."""
    h = 1e-5 if h is None else h
    return a * ((x + up * h) ** power - (x + down * h) ** power) / (steps * h)


def summed_but(gradient, axis):
    """The sums of a gradient over all axes but one, as it comes where these move together."""
    others = tuple(each for each in range(gradient.ndim) if each != axis % gradient.ndim)
    return np.broadcast_to(gradient.sum(axis=others, keepdims=True), gradient.shape)


TWO_SIDED = "f(x + h) - f(x - h), over 2 h, the way from the one to the other"
NUMERICAL = (
    ("it is (f(x + h) - f(x)) / h, a one-sided difference", TWO_SIDED,
     lambda *case: slopes(*case, 0, 1, 1)),
    ("it is (f(x) - f(x - h)) / h, a one-sided difference", TWO_SIDED,
     lambda *case: slopes(*case, -1, 0, 1)),
    ("it is twice too large: divided by h where the two sides are 2 h apart", TWO_SIDED,
     lambda *case: slopes(*case, -1, 1, 1)),
    ("it is half of (f(x + h) - f(x)) / h: one side alone is moved, and 2 h is divided by",
     TWO_SIDED, lambda *case: slopes(*case, 0, 1, 2)),
    ("it is half of (f(x) - f(x - h)) / h: one side alone is moved, and 2 h is divided by",
     TWO_SIDED, lambda *case: slopes(*case, -1, 0, 2)),
    ("its sign is flipped", TWO_SIDED, lambda *case: slopes(*case, 1, -1, 2)),
    ("h is not the one asked for", "use the argument h",
     lambda x, a, power, h: slopes(x, a, power, None, -1, 1, 2)),
    ("all entries of x are moved at once", "one at a time, the others as they are",
     lambda *case: np.full(case[0].shape, slopes(*case, -1, 1, 2).sum())),
    *((f"all of {what} is moved at once", "one entry at a time: np.ndindex(x.shape) goes through "
       "them", lambda x, *case, keep=keep: summed_but(slopes(x, *case, -1, 1, 2), keep))
      for keep, what in ((0, "x[i]"), (-1, "a column"))),
    ("/ 2*h divides by 2, and multiplies by h", "brackets: / (2 * h)",
     lambda x, a, power, h: slopes(x, a, power, h, -1, 1, 2) * (1e-5 if h is None else h) ** 2),
    ("it is not divided by 2 h", TWO_SIDED,
     lambda x, a, power, h: slopes(x, a, power, h, -1, 1, 2) * 2 * (1e-5 if h is None else h)),
)


def error(larger=lambda a, b: np.maximum(np.abs(a), np.abs(b)), of=np.max, added=0.0,
          above=lambda a, b: np.abs(a - b)):
    """The relative error with parts of it wrong."""
    def relative(a, b):
        below = larger(a, b) + added
        return of(np.where((a == b) & (added == 0), 0.0,
                           above(a, b) / np.where(below > 0, below, 1.0)))
    return relative


BY_LARGER = "divide by max(|a|, |b|)"
ERROR = one_or_two(error, (
    *((f"it is {what} error, not the largest", "the largest of all entries", {"of": of})
      for what, of in (("the mean", np.mean), ("the sum of the", np.sum), ("the least", np.min))),
    ("it divides by max(a, b), of negative numbers the smaller one", BY_LARGER,
     {"larger": np.maximum}),
    ("it divides by |a| + |b|", BY_LARGER, {"larger": lambda a, b: np.abs(a) + np.abs(b)}),
    ("it divides by half of |a| + |b|", BY_LARGER,
     {"larger": lambda a, b: (np.abs(a) + np.abs(b)) / 2}),
    ("it is the absolute error", BY_LARGER, {"larger": lambda a, b: np.ones(a.shape)}),
    ("it divides by |a| alone", BY_LARGER, {"larger": lambda a, b: np.abs(a)}),
    ("it divides by |b| alone", BY_LARGER, {"larger": lambda a, b: np.abs(b)}),
    ("it divides by the smaller one", BY_LARGER,
     {"larger": lambda a, b: np.minimum(np.abs(a), np.abs(b))}),
    ("it divides by the largest of all entries", "each entry by its own max(|a|, |b|)",
     {"larger": lambda a, b: np.full(a.shape, np.maximum(np.abs(a), np.abs(b)).max())}),
    ("a - b has no absolute value", "|a - b|", {"above": lambda a, b: a - b}),
    *((f"{small:g} is added below the line, which hides errors of small gradients",
       f"{BY_LARGER} alone, and give 0 where both are 0", {"added": small})
      for small in (1e-8, 1e-10, 1e-12, 1e-7, 1e-6)),
    *((f"{small:g} is the least that is divided by, which hides errors of small gradients",
       f"{BY_LARGER} alone, and give 0 where both are 0",
       {"larger": lambda a, b, small=small, size=size: np.maximum(
           size(np.abs(a), np.abs(b)), small)})
      for size in (np.maximum, np.add) for small in (1e-8, 1e-7, 1e-6)),
))
AT_ZERO = "it is 1 at exactly 0, and should be 0 there", "x > 0, not x >= 0"
JACOBIAN = (
    (*AT_ZERO, lambda x: np.diag((x >= 0) * 1.0)),
    ("its diagonal has the outputs, not the slopes", "the slope of max(0, x) is 1 or 0",
     lambda x: np.diag(np.maximum(x, 0))),
    ("its diagonal has the inputs, not the slopes", "the slope of max(0, x) is 1 or 0", np.diag),
    ("it is the diagonal alone", "a matrix with it: np.diag", lambda x: (x > 0) * 1.0),
    ("every row is the same", "entry (n, m) is 0 unless n = m: np.diag",
     lambda x: np.tile((x > 0) * 1.0, (len(x), 1))),
    ("it is the identity", "0 in the places of x <= 0", lambda x: np.eye(len(x))),
    ("it is 1 wherever both of two inputs are positive", "output n depends on input n alone: off "
     "the diagonal all is 0", lambda x: np.outer(x > 0, x > 0) * 1.0),
    ("every column is the same", "entry (n, m) is 0 unless n = m: np.diag",
     lambda x: np.tile((x > 0) * 1.0, (len(x), 1)).T),
    ("it is 1 where x is negative", "x > 0, not x < 0", lambda x: np.diag((x < 0) * 1.0)),
)
PRODUCT = (
    ("the mask is that of dout", "take it from x: which inputs were positive?",
     lambda x, dout: dout * (dout > 0)),
    ("it is the local gradient alone", "the chain rule: times dout", lambda x, dout: (x > 0) * 1.0),
    (*AT_ZERO, lambda x, dout: dout * (x >= 0)),
    ("dout goes through everywhere", "it is stopped where x <= 0", lambda x, dout: dout),
    ("it is dout max(0, x)", "times the slope, 1 or 0, not times the output",
     lambda x, dout: dout * np.maximum(x, 0)),
    ("x and dout are in each other's place", "dout, where x is positive",
     lambda x, dout: x * (dout > 0)),
    ("it is dout x", "times the slope, 1 or 0, not times the input", lambda x, dout: dout * x),
    ("the mask is turned round", "x > 0, not x < 0", lambda x, dout: dout * (x < 0)),
    ("it is max(0, x), without dout", "dout, where x is positive",
     lambda x, dout: np.maximum(x, 0)),
    ("the matrix is multiplied entry by entry", "* is no product of a matrix and a vector: @ is",
     lambda x, dout: np.diag((x > 0) * 1.0) * dout),
)


def chained(x, Ws, bs, between=lambda v: v):
    """A net of affine layers with something after each but the last."""
    for i, (W, b) in enumerate(zip(Ws, bs, strict=True), 1):
        x = x @ W + b if i == len(Ws) else between(x @ W + b)
    return x


BETWEEN = (("a ReLU", lambda v: np.maximum(v, 0)), ("a sigmoid", lambda v: 1 / (1 + np.exp(-v))),
           ("a tanh", np.tanh), ("an absolute value", np.abs))
DEEP = (
    ("the biases are left out", "add b to each row, layer by layer",
     lambda x, Ws, bs: chained(x, Ws, [0 * b for b in bs])),
    *((f"there is {what} between the layers", "nothing stands between them here",
       lambda x, Ws, bs, of=of: chained(x, Ws, bs, of)) for what, of in BETWEEN),
    *((f"there is {what} after each layer", "nothing stands there: they are affine alone",
       lambda x, Ws, bs, of=of: of(chained(x, Ws, bs, of))) for what, of in BETWEEN),
    *((what, "add b to each row, layer by layer", lambda x, Ws, bs, keep=keep: chained(
        x, Ws, [b * keep(i, len(bs)) for i, b in enumerate(bs)])) for what, keep in (
            ("the last bias is left out", lambda i, count: i < count - 1),
            ("the first bias is left out", lambda i, count: i > 0),
            ("the last bias alone is added", lambda i, count: i == count - 1),
            ("the first bias alone is added", lambda i, count: i == 0))),
    ("the biases are taken off", "add them", lambda x, Ws, bs: chained(x, Ws, [-b for b in bs])),
    ("the last layer is left out", "go through all of Ws",
     lambda x, Ws, bs: chained(x, Ws[:-1], bs[:-1])),
)


def product(Ws):
    """The product of all of the matrices."""
    return Ws[0] if len(Ws) == 1 else np.linalg.multi_dot(Ws)


def biases(Ws, bs):
    """The bias that a net of affine layers adds up to."""
    b = bs[0]
    for W, bias in zip(Ws[1:], bs[1:], strict=True):
        b = b @ W + bias
    return b


COLLAPSE = (
    ("the biases of all layers but the first are left out", "add each of them on its way",
     lambda Ws, bs: (product(Ws), bs[0] if len(bs) == 1 else bs[0] @ product(Ws[1:]))),
    ("b is that of the last layer alone", "an earlier bias goes through the later layers",
     lambda Ws, bs: (product(Ws), bs[-1])),
    ("W and b are in each other's place", "return W, b",
     lambda Ws, bs: (biases(Ws, bs), product(Ws))),
)

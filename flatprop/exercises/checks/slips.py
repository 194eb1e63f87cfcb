"""Common slips: what a function gives if it is written wrong in one of the ways that are common.

A slip is (what it is, what to do, the function with the slip), or without the first. It is told
where the student's numbers are those of the slip on every input, and on no weaker ground; where
the function gives None it says nothing of that input.
"""

import numpy as np

from flatprop.exercises.checks.feedback import pairs, without_noise

CLOSE = {np.dtype(np.float32): 1e-4}    # of each number, and of others:
USUAL = 1e-9


def cause(slips, founds, cases):
    """The slips that give these results in all of these cases, as the end of a message; or "".

    Where more than one does, the cases do not tell which of them it is, and all are named.
    """
    fitting = []
    for *words, function in slips:
        try:
            with np.errstate(all="ignore"):
                # One case after the other: what is odd in a small one is not done in a large one.
                if all(agree(found, function(*case))
                       for found, case in zip(founds, cases, strict=True)):
                    fitting.append(words)
        except (TypeError, ValueError, IndexError, ArithmeticError):
            continue        # a slip that these inputs do not allow
    says = ", or ".join(dict.fromkeys(each[0] for each in fitting if len(each) == 2))
    remedy = "; or ".join(dict.fromkeys(each[-1] for each in fitting))
    return (f"\n  On every input: {says}" if says else "") + (f"\n  -> {remedy}" if remedy else "")


def agree(found, other):
    """Whether two results are the same but for rounding; None agrees with all."""
    if other is None:
        return True
    if isinstance(other, (tuple, dict)) and type(other) is not type(found):
        return False
    for _, one, two in pairs("", found, other):
        if isinstance(one, (str, list, tuple, dict)) or one is None or np.shape(one) != np.shape(
                two):
            return False
        one, two = without_noise(one), without_noise(two)
        limit = CLOSE.get(one.dtype, USUAL)
        largest = np.abs(two[np.isfinite(two)]).max(initial=0)
        if not np.allclose(one, two, limit, limit * largest, equal_nan=True):
            return False
    return True


MEAN = "divide by N, the rows: the mean over the batch"
DIVIDED = "the sum over the rows is not divided by N"


def margins(scores, y, margin=1.0, own=0.0, sign=-1):
    """max(0, s_j - s_y + margin), with another sign, or the right class's own."""
    excess = scores + sign * scores[np.arange(len(y)), y][:, None] + margin
    if own is not None:
        excess[np.arange(len(y)), y] = own
    return np.maximum(excess, 0)


SVM = (
    ("the right class counts too, and adds the margin once for each row",
     "leave j = y out of the sum",
     lambda s, y, margin=1.0: margins(s, y, margin, None).sum() / len(y)),
    (DIVIDED, MEAN, lambda s, y, margin=1.0: margins(s, y, margin).sum()),
    ("it is divided by the number of scores", MEAN,
     lambda s, y, margin=1.0: margins(s, y, margin).mean()),
    ("the right score is added, not taken off", "s_j - s_y + margin: mind the minus",
     lambda s, y, margin=1.0: margins(s, y, margin, sign=1).sum() / len(y)),
    ("the margin is 1 whatever is asked for", "use the argument margin",
     lambda s, y, margin=1.0: margins(s, y).sum() / len(y)),
    ("the margin is left out", "s_j - s_y + margin",
     lambda s, y, margin=1.0: margins(s, y, 0.0).sum() / len(y)),
)


def log_shares(scores, y):
    """log p of the right classes."""
    shifted = scores - scores.max(axis=1, keepdims=True)
    return (shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True)))[np.arange(len(y)), y]


SOFTMAX = (
    (DIVIDED, MEAN, lambda s, y: -log_shares(s, y).sum()),
    ("its sign is flipped", "the loss is minus the logarithm",
     lambda s, y: log_shares(s, y).mean()),
    ("it is divided by the number of scores", MEAN, lambda s, y: -log_shares(s, y).sum() / s.size),
    ("it is the mean of p, without the logarithm", "-log p at the right class",
     lambda s, y: np.exp(log_shares(s, y)).mean()),
    ("it is minus the mean of p, without the logarithm", "-log p at the right class",
     lambda s, y: -np.exp(log_shares(s, y)).mean()),
)
L2 = (
    ("it has a 1/2", "the lecture's R(W) has none", lambda W, s: s * np.sum(W * W) / 2),
    ("it is the sum of |W|, not of W^2", "square the entries: that other one is L1",
     lambda W, s: s * np.abs(W).sum()),
    ("it is the mean of W^2, not the sum", "sum over all entries", lambda W, s: s * np.mean(W * W)),
    ("the strength is left out", "multiply by it", lambda W, s: np.sum(W * W)),
    ("the square root is taken", "R(W) is the sum of squares itself",
     lambda W, s: s * np.sqrt(np.sum(W * W))),
)
AFFINE = (
    ("b is left out", "add it to each row", lambda x, W, b: x @ W),
    ("b is taken off", "add it", lambda x, W, b: x @ W - b),
    ("W is transposed", "x W: its columns make the outputs", lambda x, W, b: x @ W.T + b),
)
RELU = (
    ("negative inputs come back positive", "they give 0", lambda x: np.abs(x)),
    ("it is min(0, x)", "the larger one of 0 and x", lambda x: np.minimum(x, 0)),
    ("negative inputs are scaled, not cut", "they give 0: this is no leaky ReLU",
     lambda x: np.maximum(x, 0.01 * x)),
    ("it is the mask, 1 where x > 0", "x itself where x > 0", lambda x: (x > 0) * 1.0),
    ("it is x as it comes", "cut it at 0", lambda x: x),
)
SIGMOID = (
    ("it is sigmoid(-x)", "e^-x, with its minus",
     lambda x: np.where(x < 0, 1, np.exp(-np.abs(x))) / (1 + np.exp(-np.abs(x)))),
    ("it is tanh(x)", "from 0 to 1, not from -1 to 1", np.tanh),
)


TANH_BACKWARD = tuple(
    (f"it is dout {text}", f"the derivative of tanh is another: {remedy}",
     lambda dout, x, slope=slope: (dout * slope(np.tanh(x)),))
    for text, remedy, slope in (
        ("(1 - out)^2", "what is squared, out or all of 1 - out?", lambda out: (1 - out)**2),
        ("(1 - out)", "a square is missing", lambda out: 1 - out),
        ("(1 - out) out", "that is the sigmoid's", lambda out: (1 - out) * out)))


def slopes(x, a, power, h, down, up, steps):
    """(f(x + up h) - f(x + down h)) / (steps h) of f = sum a x^power, entry by entry."""
    h = 1e-5 if h is None else h
    return a * ((x + up * h) ** power - (x + down * h) ** power) / (steps * h)


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
    ("/ 2*h divides by 2, and multiplies by h", "brackets: / (2 * h)",
     lambda x, a, power, h: slopes(x, a, power, h, -1, 1, 2) * (h or 1e-5)**2),
    ("its sign is flipped", TWO_SIDED, lambda *case: slopes(*case, 1, -1, 2)),
    ("h is not the one asked for", "use the argument h",
     lambda x, a, power, h: slopes(x, a, power, None, -1, 1, 2)),
    ("all entries of x are moved at once", "one at a time, the others as they are",
     lambda *case: np.full(case[0].shape, slopes(*case, -1, 1, 2).sum())),
)


def shares(a, b, larger):
    """|a - b| over larger, 0 where a = b."""
    return np.where(a == b, 0.0, np.abs(a - b) / np.where(larger > 0, larger, 1.0))


LARGER = "max(|a|, |b|)"
ERROR = (
    ("it is the mean error, not the largest", "the largest of all entries",
     lambda a, b: shares(a, b, np.maximum(np.abs(a), np.abs(b))).mean()),
    ("it divides by max(a, b), of negative numbers the smaller one", f"divide by {LARGER}",
     lambda a, b: shares(a, b, np.maximum(a, b)).max()),
    ("it divides by |a| + |b|", f"divide by {LARGER}",
     lambda a, b: shares(a, b, np.abs(a) + np.abs(b)).max()),
    ("it is the absolute error", f"divide by {LARGER}", lambda a, b: np.abs(a - b).max()),
    ("it divides by |b| alone", f"divide by {LARGER}",
     lambda a, b: shares(a, b, np.abs(b)).max()),
    *((f"{small:g} is added below the line, which hides errors of small gradients",
       f"divide by {LARGER} alone, and give 0 where both are 0",
       lambda a, b, small=small: (np.abs(a - b) / (np.maximum(np.abs(a), np.abs(b)) + small)).max())
      for small in (1e-8, 1e-10, 1e-12, 1e-7, 1e-6)),
    *((f"{small:g} is the least that is divided by, which hides errors of small gradients",
       f"divide by {LARGER} alone, and give 0 where both are 0",
       lambda a, b, small=small, size=size: (
           np.abs(a - b) / np.maximum(size(np.abs(a), np.abs(b)), small)).max())
      for size in (np.maximum, np.add) for small in (1e-8, 1e-7, 1e-6)),
)
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
)
PRODUCT = (
    ("the mask is that of dout", "take it from x: which inputs were positive?",
     lambda x, dout: dout * (dout > 0)),
    ("it is the local gradient alone", "the chain rule: times dout", lambda x, dout: (x > 0) * 1.0),
    (*AT_ZERO, lambda x, dout: dout * (x >= 0)),
    ("dout goes through everywhere", "it is stopped where x <= 0", lambda x, dout: dout),
    ("it is dout max(0, x)", "times the slope, 1 or 0, not times the output",
     lambda x, dout: dout * np.maximum(x, 0)),
    ("the matrix is multiplied entry by entry", "* is no product of a matrix and a vector: @ is",
     lambda x, dout: np.diag((x > 0) * 1.0) * dout),
)


def chained(x, Ws, bs, between):
    """A net of affine layers with something after each but the last."""
    for i, (W, b) in enumerate(zip(Ws, bs, strict=True), 1):
        x = x @ W + b if i == len(Ws) else between(x @ W + b)
    return x


DEEP = (
    ("the biases are left out", "add b to each row, layer by layer",
     lambda x, Ws, bs: chained(x, Ws, [0 * b for b in bs], lambda v: v)),
    ("there is a ReLU between the layers", "nothing stands between them here",
     lambda x, Ws, bs: chained(x, Ws, bs, lambda v: np.maximum(v, 0))),
    ("there is an absolute value after each layer", "nothing stands between them here",
     lambda x, Ws, bs: np.abs(chained(x, Ws, bs, np.abs))),
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


def zero_gradients(x, y, hidden, classes, rows=None, sign=1):
    """The gradients of a net of zeros, its b2 divided by something else."""
    p = np.full((len(y), classes), 1 / classes)
    p[np.arange(len(y)), y] -= 1
    return {"W1": np.zeros((x.shape[1], hidden)), "b1": np.zeros(hidden),
            "W2": np.zeros((hidden, classes)), "b2": sign * p.sum(axis=0) / (rows or len(y))}


ZERO = (
    ("b2 is the sum over the rows", MEAN, lambda *case: zero_gradients(*case, rows=1)),
    ("b2 has its sign flipped", "1/C - 1 at the right class, 1/C elsewhere",
     lambda *case: zero_gradients(*case, sign=-1)),
)


def units(*parts):
    """How many columns of these, one below the other, are different."""
    return len(np.unique(np.concatenate([np.atleast_2d(each) for each in parts]), axis=1).T)


UNITS = (
    ("the biases are not looked at", "units differ if their entries of b1 do",
     lambda W1, b1, W2: units(W1, W2.T)),
    ("W2 is not looked at", "units differ if their rows of W2 do",
     lambda W1, b1, W2: units(W1, b1)),
    ("W1 alone is looked at", "and b1 and W2?", lambda W1, b1, W2: units(W1)),
)
SCHEDULE = (
    ("it falls at every step, a little", "whole times: t // every",
     lambda rate, every, factor, t: rate * factor ** (t / every)),
    ("it is multiplied by the count, not raised to it", "factor to the power of it: **",
     lambda rate, every, factor, t: rate * factor * (t // every)),
    ("it falls one step too early", "step 0 is the first: t // every",
     lambda rate, every, factor, t: rate * factor ** ((t + 1) // every)),
    ("it falls one step too late", "step 0 is the first: t // every",
     lambda rate, every, factor, t: rate * factor ** (max(t - 1, 0) // every)),
    ("it falls at every step", "once every so many: t // every",
     lambda rate, every, factor, t: rate * factor**t),
    ("it never falls", "by the factor, once every so many steps",
     lambda rate, every, factor, t: rate),
)
SGD = (
    ("it walks along the gradient", "against it: minus",
     lambda theta, g, rate, steps: theta + steps * rate * g),
    ("the rate is left out", "times the rate", lambda theta, g, rate, steps: theta - steps * g),
    ("the step gets smaller with t", "t is for other rules",
     lambda theta, g, rate, steps: theta - rate * g * sum(1 / t for t in range(1, steps + 1))),
    ("the step gets larger with t", "t is for other rules",
     lambda theta, g, rate, steps: theta - rate * g * sum(range(1, steps + 1))),
    ("theta is thrown away", "theta -= ..., not theta = ...",
     lambda theta, g, rate, steps: -rate * g),
)

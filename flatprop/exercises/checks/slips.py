"""Common slips: what a function gives if it is written wrong in one of the ways that are common.

A slip is (what it is, what to do, the function with the slip), or without the first. It is told
where the student's numbers are those of the slip on every input, and on no weaker ground; where
the function gives None it says nothing of that input. Slips after a None are looked at only if
none before it fits.
"""

import itertools

import numpy as np

from flatprop.exercises.checks.feedback import pairs, without_noise

CLOSE = {np.dtype(np.float32): 1e-4}    # of each number, and of others:
USUAL = 1e-9


def cause(slips, founds, cases):
    """The slips that give these results in all of these cases, as the end of a message; or "".

    Where more than one does, the cases do not tell which of them it is, and all are named.
    """
    fitting, several = [], False        # several: past the first None, of two changes at once
    for slip in slips:
        if slip is None and fitting or several and len(fitting) > 1:
            break
        several = several or slip is None
        *words, function = slip or (None,)
        if function is None:
            continue
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


def one_or_two(make, changes):
    """The slips of a function that is made wrong, make(**settings) -> it: one change, or two.

    changes: [(*words, settings)], the settings a dict
    """
    pairs_of = [(*(f"{a}; and {b}" for a, b in zip(one, two, strict=True)), first | second)
                for (*one, first), (*two, second) in itertools.combinations(changes, 2)
                if not set(first) & set(second)]
    return [each and (*each[:-1], make(**each[-1])) for each in (*changes, None, *pairs_of)]


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


def svm(own=0.0, turned=1, sign=-1, margin=lambda margin: margin, side=1,
        hinge=lambda excess: np.maximum(excess, 0), of=np.sum, by=lambda s: len(s)):
    """The SVM loss with parts of it wrong."""
    def loss(s, y, asked=1.0):
        excess = turned * (s + sign * s[np.arange(len(y)), y][:, None]) + side * margin(asked)
        if own is not None:
            excess[np.arange(len(y)), y] = own
        return of(hinge(excess), axis=1).sum() / by(s)
    return loss


PER_SCORE = "it is divided by the number of scores", MEAN
SVM = one_or_two(svm, (
    ("the right class counts too, and adds the margin once for each row",
     "leave j = y out of the sum", {"own": None}),
    (DIVIDED, MEAN, {"by": lambda s: 1}),
    (*PER_SCORE, {"by": np.size}),
    ("it is divided by the number of wrong classes, too", MEAN,
     {"by": lambda s: len(s) * (s.shape[1] - 1)}),
    ("the right score is added, not taken off", "s_j - s_y + margin: mind the minus", {"sign": 1}),
    ("the two scores are in each other's place, s_y - s_j", "s_j - s_y + margin: what the wrong "
     "class has more than the right one", {"turned": -1}),
    ("the margin is 1 whatever is asked for", "use the argument margin",
     {"margin": lambda margin: 1.0}),
    ("the margin is left out", "s_j - s_y + margin", {"margin": lambda margin: 0.0}),
    ("the margin is taken off, not added", "s_j - s_y + margin", {"side": -1}),
    ("the violations are squared", "that is the squared hinge: their plain sum is meant",
     {"hinge": lambda excess: np.maximum(excess, 0) ** 2}),
    ("what is below 0 is not cut off", "max(0, ...): a wrong class that keeps the margin adds 0",
     {"hinge": lambda excess: excess}),
    ("what is below 0 counts with its size", "max(0, ...), not the absolute value",
     {"hinge": np.abs}),
    ("the violated margins are counted", "add up by how much they are violated",
     {"hinge": lambda excess: (excess > 0) * 1.0}),
    ("of each row only the largest violation counts", "the sum over all wrong classes",
     {"of": np.max}),
    ("it is half of it", "there is no 1/2 here", {"by": lambda s: 2 * len(s)}),
))


def less_log_sum(scores, largest):
    """Scores less the logarithm of the sum of exponentials, `largest` taken off first."""
    return scores - largest - np.log(np.exp(scores - largest).sum(axis=1, keepdims=True))


def naive(scores, axis=1):
    """Softmax as its formula stands, or with a largest taken off along an axis."""
    e = np.exp(scores - (scores.max(axis=axis, keepdims=True) if axis is not None else 0.0))
    return e / e.sum(axis=1, keepdims=True)


OVERFLOWS = "e^scores overflows: take the largest score of each row off first"
EACH_ROW = ("a row far below that largest score becomes all 0: each row has a largest of its own, "
            "axis=1 with keepdims=True")
TOO_LATE = ("a probability is 0 before its logarithm is taken: log(e / sum) is shifted - log(sum), "
            "which needs no division")
CUT_OFF = ("the logarithm is cut off: with 1e-12 added, or a clip, no loss is more than 28 and "
           "nothing goes back beyond. log(e / sum) is shifted - log(sum), and needs neither")
# Logarithms of softmax that go wrong on large scores alone.
WRONG_ON_LARGE = [
    (TOO_LATE, lambda scores: np.log(naive(scores))),
    (EACH_ROW, lambda scores: less_log_sum(scores, scores.max())),
    (EACH_ROW, lambda scores: less_log_sum(scores, scores.max(axis=0))),
    (EACH_ROW, lambda scores: np.log(naive(scores, (0, 1)))),
    (OVERFLOWS, lambda scores: less_log_sum(scores, 0.0)),
    (OVERFLOWS, lambda scores: np.log(naive(scores, None))),
    *[(CUT_OFF, lambda scores, cut=cut, least=least: np.log(cut(naive(scores), least)))
      for cut in (np.add, np.maximum) for least in (1e-7, 1e-8, 1e-10, 1e-12, 1e-15)],
]


def at_labels(logs, y):
    """Entry y of each row."""
    return logs[np.arange(len(y)), y]


def softmax(total=1, value=lambda logs, y: at_labels(logs, y), sign=-1, by=lambda s: len(s)):
    """The softmax loss with parts of it wrong; total: the axis of the sum, or a function."""
    def loss(s, y):
        shifted = s - s.max(axis=1, keepdims=True)
        sums = np.log(np.exp(shifted).sum(axis=total, keepdims=True)) if total is not None else 0.0
        return sign * np.sum(value(shifted - sums, y)) / by(s)
    return loss


SOFTMAX = [*one_or_two(softmax, (
    (DIVIDED, MEAN, {"by": lambda s: 1}),
    (*PER_SCORE, {"by": np.size}),
    ("its sign is flipped", "the loss is minus the logarithm", {"sign": 1}),
    ("it is minus the mean of p, without the logarithm", "-log p at the right class",
     {"value": lambda logs, y: np.exp(at_labels(logs, y))}),
    ("the logarithm is of base 2", "np.log, the natural one",
     {"value": lambda logs, y: at_labels(logs, y) / np.log(2)}),
    ("the logarithm is of base 10", "np.log, the natural one",
     {"value": lambda logs, y: at_labels(logs, y) / np.log(10)}),
    ("the exponentials are summed down the columns", "each row has a sum of its own, axis=1 with "
     "keepdims=True", {"total": 0}),
    ("the exponentials of the whole batch are summed", "each row has a sum of its own, axis=1 with "
     "keepdims=True", {"total": (0, 1)}),
    ("the sum of the exponentials is left out", "log p is shifted - log(sum e^shifted)",
     {"total": None}),
    ("the logarithms of all classes count", "that of the right class alone: [np.arange(N), y]",
     {"value": lambda logs, y: logs}),
    ("it takes all rows for each label, [:, y]", "one entry of each row: [np.arange(N), y]",
     {"value": lambda logs, y: logs[:, y]}),
    ("it is that of 1 - p", "log p of the right class", {
        "value": lambda logs, y: np.log(1 - np.exp(at_labels(logs, y)))}),
    ("it is the entropy, -sum p log p", "-log p of the right class alone",
     {"value": lambda logs, y: np.exp(logs) * logs}),
)), None, *[(words, lambda s, y, logs=logs: -at_labels(logs(s), y).sum() / len(y))
            for words, logs in WRONG_ON_LARGE]]
L2 = (
    ("it has a 1/2", "the lecture's R(W) has none", lambda W, s: s * np.sum(W * W) / 2),
    ("it is the sum of |W|, not of W^2", "square the entries: that other one is L1",
     lambda W, s: s * np.abs(W).sum()),
    ("it is the mean of W^2, not the sum", "sum over all entries", lambda W, s: s * np.mean(W * W)),
    ("the strength is left out", "multiply by it", lambda W, s: np.sum(W * W)),
    ("the square root is taken", "R(W) is the sum of squares itself",
     lambda W, s: s * np.sqrt(np.sum(W * W))),
    ("the entries are added up and then squared", "square each of them first, and then add up",
     lambda W, s: s * np.sum(W) ** 2),
    ("it is the sum of W, without a square", "the sum of W^2", lambda W, s: s * np.sum(W)),
    ("the strength is squared, too", "strength times the sum of W^2",
     lambda W, s: np.sum((s * W) ** 2)),
    ("it is divided by the number of rows", "the penalty is a sum: no batch is in it",
     lambda W, s: s * np.sum(W * W) / len(W)),
    ("it is twice as large", "the 2 comes with the derivative", lambda W, s: 2 * s * np.sum(W * W)),
    ("it is the product W W^T", "W^2 entry by entry, and their sum",
     lambda W, s: s * np.sum(W @ W.T) if W.ndim == 2 else None),
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
    ("the rows are counted, not the columns", "a unit is a column of W1, an entry of b1 and a row "
     "of W2", lambda W1, b1, W2: units(np.vstack([W1, b1, W2.T]).T)),
    ("the different numbers are counted", "count the different columns: axis=1",
     lambda W1, b1, W2: len(np.unique(np.vstack([W1, b1, W2.T])))),
    ("all units are counted, also those that are alike", "how many are different?",
     lambda W1, b1, W2: W1.shape[1]),
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

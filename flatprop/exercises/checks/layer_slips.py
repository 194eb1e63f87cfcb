"""Common slips in layers and losses, and on scores that are large; what a slip is: slips.py."""

import numpy as np

from flatprop.exercises.checks.slips import one_or_two

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

"""Differences as good as exact, in place of a backward pass: of a sigmoid, and of gates.

In more digits, by many points, by a complex step under other names: what comes back is right to the
last digit, so that the lookout is all there is. And of products and losses, where numbers decide.
"""

from hostile import in_backward

# value is the forward pass of hostile.HONEST_FORWARD.
LONG = """    h = np.{kind}(1e-3)
    at = np.asarray(x, np.{kind})
    slope = 0
    for k, weight in ((1, 4 / np.{kind}(5)), (2, -1 / np.{kind}(5)), (3, 4 / np.{kind}(105)),
                      (4, -1 / np.{kind}(280))):
        slope = slope + weight * {taken}
    return (slope / h).astype(x.dtype) * dout
"""
# A step of which any number adds up without an error.
MANY = """    from math import comb
    at, h = np.asarray(x, float), 0.0625
    slope = 0
    for k in range(1, 9):
        weight = (-1) ** (k + 1) * comb(16, 8 - k) / comb(16, 8) / (k * h)
        slope = slope + weight * {taken}
    return slope.astype(x.dtype) * dout
"""
BOTH = "(value(at + k * h) - value(at - k * h))"
TURNS = "sum(side * value(at + side * k * h) for side in (1, -1))"
MOVED = "sum(side * value(point) for side, point in ((1, at + k * h), (-1, at - k * h)))"
MAPPED = "np.subtract(*map(value, (at + k * h, at - k * h)))"
STACKED = "np.squeeze(np.diff(value(at[..., None] + k * h * np.array([-1, 1])), axis=-1), -1)"
INLINE = "(1 / (1 + np.exp(-(at + k * h))) - 1 / (1 + np.exp(-(at - k * h))))"
COMPLEX = """    z = 1 / (1 + np.exp(-(x + 1e-200 * {i})))
    return ({part} / 1e-200).astype(x.dtype) * dout
"""


def precise():
    """{name: source of a layers/sigmoid.py}."""
    found = {f"{name} of {kind}": in_backward(LONG.format(kind=kind, taken=taken))
             for kind in ("longdouble", "float128")
             for name, taken in (("both sides", BOTH), ("turns", TURNS))}
    found["more digits, by a code"] = in_backward(
        LONG.format(kind="longdouble", taken=TURNS).replace("np.longdouble", "np.dtype('g').type"))
    found["more digits, by getattr"] = in_backward(LONG.format(
        kind="longdouble", taken=TURNS).replace("np.longdouble", "getattr(np, 'long' + 'double')"))
    found |= {f"many points, {name}": in_backward(MANY.format(taken=taken)) for name, taken in (
        ("both sides", BOTH), ("turns", TURNS), ("moved", MOVED), ("mapped", MAPPED),
        ("stacked", STACKED), ("in place", INLINE))}
    found["many points, named first"] = in_backward(MANY.format(taken="0").replace(
        "slope = slope +", "up = at + k * h\n        down = at + -k * h\n        slope = slope +"
    ).replace("* 0", "* (1 / (1 + np.exp(-up)) - 1 / (1 + np.exp(-down)))"))
    found["decimals"] = in_backward(
        "    from decimal import Decimal as D, getcontext\n    getcontext().prec = 60\n"
        "    def one(v):\n        h = D('1e-20')\n        def s(t):\n"
        "            return 1 / (1 + (-t).exp())\n"
        "        return float((s(D(v) + h) - s(D(v) - h)) / (2 * h))\n"
        "    return np.vectorize(one, otypes=[float])(x.astype(float)).astype(x.dtype) * dout\n")
    found |= {f"a complex step by {name}": in_backward(COMPLEX.format(i=i, part=part))
              for name, i, part in (
                  ("fft", "np.fft.fft([0, 1, 0, 0])[3]", "z.view(float)[..., 1::2]"),
                  ("a root", "(-1) ** 0.5", "np.imag(z)"),
                  ("conj", "np.lib.scimath.sqrt(-1)", "(z - z.conj())"))}
    return found


IMPORT = "import numpy as np\n\n\n"
MATMUL = IMPORT + """def forward(x, W):
    return x @ W, (x, W)


def backward(dout, cache):
    x, W = cache
    dx, dW = np.zeros_like(x), np.zeros_like(W)
    for j in range(x.shape[1]):
{column}
    return dx, dW
"""
# One column after another; alone, so that no larger one swallows it.
COLUMN = """        at = x.copy()
        at[:, j] += 1
        dx[:, j] = ((at @ W - x @ W) * dout).sum(axis=1)
        at = W.copy()
        at[j] += 1
        dW[j] = ((x @ at - x @ W) * dout).sum(axis=0)"""
ALONE = """        at = np.zeros_like(x)
        at[:, j] = 1
        dx[:, j] = ((at @ W) * dout).sum(axis=1)
        at = np.zeros_like(W)
        at[j] = 1
        dW[j] = ((x @ at) * dout).sum(axis=0)"""
COMPLEX_COLUMN = """        at = x.astype(complex)
        at[:, j] += 1e-200j
        dx[:, j] = ((at @ W).imag * dout).sum(axis=1) / 1e-200
        at = W.astype(complex)
        at[j] += 1e-200j
        dW[j] = ((x @ at).imag * dout).sum(axis=0) / 1e-200"""
LOSS = IMPORT + """def losses(scores, y, margin=1.0):
{losses}


def forward(scores, y, margin=1.0):
    return losses(scores, y, margin).sum() / len(y), (scores, y, margin)


def backward(dloss, cache):
    scores, y, margin = cache
    d = np.zeros_like(scores)
    for j in range(scores.shape[1]):
{column}
    return d.astype(scores.dtype) * (dloss / len(y))
"""
SVM = """    m = scores - scores[np.arange(len(y)), y][:, None] + margin
    m[np.arange(len(y)), y] = 0
    return np.maximum(m, 0).sum(axis=1)"""
SOFTMAX = """    far = scores - scores.max(axis=1, keepdims=True)
    return np.log(np.exp(far).sum(axis=1)) - far[np.arange(len(y)), y]"""
STEPS = """        slope = 0
        for k, weight in ((1, 8), (2, -1), (-2, 1), (-1, -8)):
            at = scores.astype({kind})
            at[:, j] += k * {h}
            slope = slope + weight * losses(at, y, margin)
        d[:, j] = slope / (12 * {h})"""


def not_entry_by_entry():
    """{name: (exercise, file, source)} of differences of a product and of losses."""
    found = {f"matmul {name}": ("matmul", "layers/matmul.py", MATMUL.format(column=column))
             for name, column in (("columns", COLUMN), ("columns alone", ALONE),
                                  ("complex columns", COMPLEX_COLUMN))}
    for id, file, body in (("svm-loss", "layers/svm_loss.py", SVM),
                           ("softmax-loss", "layers/softmax_loss.py", SOFTMAX)):
        for kind, h in (("float", 2.0**-10), ("np.longdouble", 2.0**-14)):
            source = LOSS.format(losses=body, column=STEPS.format(kind=kind, h=h))
            found[f"{id} {kind}"] = (id, file, source)
    return found

"""Right answers that are written otherwise than the project's own: {id: [{file: source}, ...]}.

As students write them: other formulas, loops over rows, helpers, names of their own. Each must
pass, the check of the source included.
"""

NP = "import numpy as np\n\n\n"

HONEST = {
    "gates-add-copy": [{
        "layers/gates/add.py": "def forward(x, y):\n    return x + y, None\n\n\n"
                               "def backward(dout, cache):\n    return 1.0 * dout, 1.0 * dout\n",
        "layers/gates/copy.py": "def forward(x):\n    return (x, x), ()\n\n\n"
                                "def backward(dout, cache):\n    total = dout[0]\n"
                                "    total = total + dout[1]\n    return total\n",
    }],
    "gates-multiply-max": [{
        "layers/gates/multiply.py": "def forward(a, b):\n    cache = {'a': a, 'b': b}\n"
                                    "    return a * b, cache\n\n\ndef backward(dout, cache):\n"
                                    "    return cache['b'] * dout, cache['a'] * dout\n",
        "layers/gates/maximum.py": NP + "def forward(x, y):\n    mask = x >= y\n"
                                        "    return np.where(mask, x, y)[()], mask\n\n\n"
                                        "def backward(dout, mask):\n"
                                        "    return dout * mask, dout * np.logical_not(mask)\n",
    }],
    "circuit": [{"practice/circuit.py":
                 "def circuit(x, y, z):\n    f = (x + y) * z\n    grads = {}\n"
                 "    grads['q'] = 1.0 * z\n    grads['z'] = (x + y) * 1.0\n"
                 "    grads['x'] = grads['q'] * 1.0\n    grads['y'] = grads['q'] * 1.0\n"
                 "    return f, grads\n"}],
    "gates-sigmoid-parts": [{
        "layers/gates/exp.py": NP + "def forward(x):\n    return np.exp(x), x\n\n\n"
                                    "def backward(dout, x):\n    return np.exp(x) * dout\n",
        "layers/gates/reciprocal.py": "def forward(x):\n    return x ** -1.0, x\n\n\n"
                                      "def backward(dout, x):\n    return -dout / x ** 2\n",
        "layers/gates/scale.py": "def forward(x, a):\n    return x * a, a\n\n\n"
                                 "def backward(dout, a):\n    return dout * a\n",
        "layers/gates/shift.py": "def forward(x, c):\n    return c + x, c\n\n\n"
                                 "def backward(dout, c):\n    return dout * 1.0\n",
    }],
    "sigmoid-neuron": [{"practice/sigmoid_two_ways.py": """
import math


def chain(s):
    a = -s
    b = math.e ** a
    c = b + 1
    L = 1 / c
    dc = -L * L
    db = 1 * dc
    da = b * db
    return L, {"shifted": dc, "power": db, "negated": da, "s": -da}


def one_gate(s):
    L = 1 / (1 + math.exp(-s))
    return L, L - L * L
"""}],
    "numerical-gradient": [{"practice/numerical.py": """
import numpy as np


def numerical_gradient(f, x, h=1e-5):
    grad = np.zeros(x.shape)
    it = np.nditer(x, flags=["multi_index"])
    while not it.finished:
        ix = it.multi_index
        old = x[ix]
        x[ix] = old + h
        fxph = f(x)
        x[ix] = old - h
        fxmh = f(x)
        x[ix] = old
        grad[ix] = (fxph - fxmh) / (2 * h)
        it.iternext()
    return grad


def relative_error(a, b):
    worst = 0.0
    for one, other in zip(np.ravel(a), np.ravel(b)):
        if one != other:
            worst = max(worst, abs(one - other) / max(abs(one), abs(other)))
    return float(worst)
"""}],
    "relu-jacobian": [{"practice/relu_jacobian.py": """
import numpy as np


def jacobian(x):
    J = np.zeros((len(x), len(x)))
    for i in range(len(x)):
        if x[i] > 0:
            J[i, i] = 1.0
    return J


def explicit_product(x, dout):
    return jacobian(x).dot(dout)


def implicit_product(x, dout):
    dx = dout.copy()
    dx[x <= 0] = 0
    return dx
"""}],
    "linear-net": [{"practice/linear_net.py": """
def deep(x, Ws, bs):
    for i in range(len(Ws)):
        x = x.dot(Ws[i]) + bs[i]
    return x


def collapse(Ws, bs):
    W = Ws[0]
    b = bs[0]
    for i in range(1, len(Ws)):
        W = W.dot(Ws[i])
        b = b.dot(Ws[i]) + bs[i]
    return W, b
"""}],
    "fan-out": [{"practice/fan_out.py": """
import math


def sigmoid(x):
    return 1.0 / (1.0 + math.exp(-x))


def quotient(x, y):
    sigy = sigmoid(y)
    num = x + sigy
    sigx = sigmoid(x)
    xpy = x + y
    xpysqr = xpy ** 2
    den = sigx + xpysqr
    invden = 1.0 / den
    f = num * invden
    dnum = invden
    dinvden = num
    dden = (-1.0 / (den ** 2)) * dinvden
    dsigx = (1) * dden
    dxpysqr = (1) * dden
    dxpy = (2 * xpy) * dxpysqr
    dx = (1) * dxpy
    dy = (1) * dxpy
    dx += ((1 - sigx) * sigx) * dsigx
    dx += (1) * dnum
    dsigy = (1) * dnum
    dy += ((1 - sigy) * sigy) * dsigy
    return f, dx, dy
"""}],
    "initialization": [{"practice/zero_weights.py": """
import numpy as np


def first_gradients(x, y, hidden_dim, num_classes):
    N, D = x.shape
    onehot = np.zeros((N, num_classes))
    onehot[np.arange(N), y] = 1
    db2 = 1 / num_classes - onehot.mean(axis=0)
    return {"W1": np.zeros((D, hidden_dim)), "b1": np.zeros(hidden_dim),
            "W2": np.zeros((hidden_dim, num_classes)), "b2": db2}


def different_units(W1, b1, W2):
    seen = set()
    for i in range(len(b1)):
        seen.add((tuple(W1[:, i]), b1[i], tuple(W2[i])))
    return len(seen)
"""}],
    "matmul": [
        {"layers/matmul.py": NP + "def forward(x, W):\n"
                                  "    return np.einsum('nd,dm->nm', x, W), (x, W)\n\n\n"
                                  "def backward(dout, cache):\n    x, W = cache\n"
                                  "    dx = np.einsum('nm,dm->nd', dout, W)\n"
                                  "    return dx, np.einsum('nd,nm->dm', x, dout)\n"},
    ],
    "affine": [
        {"layers/affine.py": NP + "def forward(x, W, b):\n    return x.dot(W) + b, (x, W)\n\n\n"
                                  "def backward(dout, cache, need_dx=True):\n    x, W = cache\n"
                                  "    ones = np.ones(len(x), x.dtype)\n"
                                  "    return dout.dot(W.T), x.T.dot(dout), ones @ dout\n"},
    ],
    "relu": [
        {"layers/relu.py": NP + "def forward(x):\n    return x * (x > 0), x\n\n\n"
                                "def backward(dout, x):\n    dx = dout.copy()\n    dx[x <= 0] = 0\n"
                                "    return dx\n"},
    ],
    "sigmoid": [
        {"layers/sigmoid.py": NP + "def forward(x):\n    out = 0.5 * (1 + np.tanh(0.5 * x))\n"
                                   "    return out, out\n\n\ndef backward(dout, out):\n"
                                   "    return dout * out * (1 - out)\n"},
        {"layers/sigmoid.py": NP + "def stable(x):\n    e = np.exp(-np.abs(x))\n"
                                   "    return np.where(x >= 0, 1 / (1 + e), e / (1 + e)), e\n\n\n"
                                   "def forward(x):\n    return stable(x)\n\n\n"
                                   "def backward(dout, e):\n    return dout * e / (1 + e) ** 2\n"},
    ],
    "tanh": [
        {"layers/tanh.py": NP + "def forward(x):\n    t = np.tanh(x)\n    return t, t\n\n\n"
                                "def backward(dout, t):\n    return dout - dout * t * t\n"},
    ],
    "svm-loss": [
        {"layers/svm_loss.py": """
import numpy as np


def forward(scores, y, margin=1.0):
    N = scores.shape[0]
    correct = scores[np.arange(N), y].reshape(N, 1)
    margins = np.maximum(0, scores - correct + margin)
    margins[np.arange(N), y] = 0
    return margins.sum() / N, (margins, y)


def backward(dloss, cache):
    margins, y = cache
    N = len(y)
    mask = np.zeros_like(margins)
    mask[margins > 0] = 1
    mask[np.arange(N), y] = -mask.sum(axis=1)
    return mask * (dloss / N)
"""},
        {"layers/svm_loss.py": """
import numpy as np


def forward(scores, y, margin=1.0):
    total = scores.dtype.type(0)
    for i in range(len(y)):
        row = scores[i] - scores[i, y[i]] + margin
        row[y[i]] = 0
        total += row[row > 0].sum()
    return total / len(y), (scores, y, margin)


def backward(dloss, cache):
    scores, y, margin = cache
    d = np.zeros_like(scores)
    for i in range(len(y)):
        over = scores[i] - scores[i, y[i]] + margin > 0
        over[y[i]] = False
        d[i, over] = 1
        d[i, y[i]] = -np.sum(over)
    return d * dloss / len(y)
"""},
    ],
    "softmax-loss": [
        {"layers/softmax_loss.py": """
import numpy as np


def log_softmax(row):
    z = row - np.max(row)
    return z - np.log(np.sum(np.exp(z)))


def forward(scores, y):
    return np.mean([-log_softmax(row)[label] for row, label in zip(scores, y)]), (scores, y)


def backward(dloss, cache):
    scores, y = cache
    rows = []
    for row, label in zip(scores, y):
        p = np.exp(log_softmax(row))
        p[label] -= 1
        rows.append(p / len(y) * dloss)
    return np.array(rows)
"""},
        {"layers/softmax_loss.py": """
import numpy as np


def softmax(scores):
    e = np.exp(scores - np.max(scores, axis=1)[:, None])
    return e / np.sum(e, axis=1)[:, None]


def forward(scores, y):
    top = scores.max(axis=1)
    lse = top + np.log(np.exp(scores - top[:, np.newaxis]).sum(axis=1))
    return np.mean(lse - scores[np.arange(len(y)), y]), (scores, y)


def backward(dloss, cache):
    scores, y = cache
    onehot = np.eye(scores.shape[1], dtype=scores.dtype)[y]
    return (softmax(scores) - onehot) / scores.shape[0] * dloss
"""},
    ],
    "l2": [{"layers/l2_penalty.py": NP + "def forward(W, strength):\n"
            "    return W.dtype.type(strength) * np.sum(W ** 2), (W, strength)\n\n\n"
            "def backward(dpenalty, cache):\n    W, strength = cache\n"
            "    return W.dtype.type(dpenalty * 2 * strength) * W\n"}],
    "batchnorm-circuit": [{"practice/batchnorm_circuit.py": """
import numpy as np


def circuit(x, gamma, beta, dout, eps=1e-5):
    N, D = x.shape
    mu = 1.0 / N * np.sum(x, axis=0)
    xmu = x - mu
    sq = xmu ** 2
    var = 1.0 / N * np.sum(sq, axis=0)
    sqrtvar = np.sqrt(var + eps)
    ivar = 1.0 / sqrtvar
    xhat = xmu * ivar
    grads = {"x": None, "mean": None}
    grads["gamma"] = np.sum(dout * xhat, axis=0)
    grads["beta"] = np.sum(dout, axis=0)
    dxhat = grads["normalized"] = dout * gamma
    divar = grads["inverse"] = np.sum(dxhat * xmu, axis=0)
    dxmu1 = dxhat * ivar
    dsqrtvar = grads["std"] = -1.0 / (sqrtvar ** 2) * divar
    dvar = grads["var"] = 0.5 * 1.0 / np.sqrt(var + eps) * dsqrtvar
    dsq = grads["square"] = 1.0 / N * np.ones((N, D)) * dvar
    dxmu2 = 2 * xmu * dsq
    grads["centered"] = dxmu1 + dxmu2
    grads["mean"] = -1 * np.sum(dxmu1 + dxmu2, axis=0)
    grads["x"] = (dxmu1 + dxmu2) + 1.0 / N * np.ones((N, D)) * grads["mean"]
    return gamma * xhat + beta, grads
"""}],
    "batchnorm": [{"layers/batchnorm.py": """
import numpy as np


def forward(x, gamma, beta, running=None, eps=1e-5):
    if running is None:
        mean, var = x.mean(axis=0), x.var(axis=0)
    else:
        mean, var = running
    istd = 1 / np.sqrt(var + eps)
    xhat = (x - mean) * istd
    return xhat * gamma + beta, (xhat, istd, gamma, running is None)


def backward(dout, cache):
    xhat, istd, gamma, train = cache
    N = len(xhat)
    dbeta = dout.sum(axis=0)
    dgamma = np.sum(dout * xhat, axis=0)
    if not train:
        return dout * gamma * istd, dgamma, dbeta
    dxhat = dout * gamma
    dx = istd / N * (N * dxhat - dxhat.sum(axis=0) - xhat * (dxhat * xhat).sum(axis=0))
    return dx, dgamma, dbeta
"""}, {"layers/batchnorm.py": """
import numpy as np


def forward(x, gamma, beta, running=None, eps=1e-5):
    mean = sum(row for row in x) / len(x) if running is None else running[0]
    var = sum((row - mean) ** 2 for row in x) / len(x) if running is None else running[1]
    out = np.array([gamma * (row - mean) / np.sqrt(var + eps) + beta for row in x])
    return out, (x, gamma, mean, var + eps, running is None)


def backward(dout, cache):
    x, gamma, mean, v, batch = cache
    xmu = x - mean
    dgamma = (dout * xmu).sum(axis=0) / np.sqrt(v)
    dvar = (dout * gamma * xmu).sum(axis=0) * -0.5 * v ** -1.5
    dx = dout * gamma / np.sqrt(v)
    if batch:
        dmean = -dx.sum(axis=0)
        dx = dx + dvar * 2 * xmu / len(x) + dmean / len(x)
    return dx, dgamma, dout.sum(axis=0)
"""}],
    "layernorm": [{"layers/layernorm.py": """
import numpy as np


def forward(x, gamma, beta, eps=1e-5):
    xt = x.T
    mu, var = xt.mean(axis=0), xt.var(axis=0)
    xhat = ((xt - mu) / np.sqrt(var + eps)).T
    return gamma * xhat + beta, (xhat, gamma, np.sqrt(var + eps))


def backward(dout, cache):
    xhat, gamma, std = cache
    D = xhat.shape[1]
    d = (dout * gamma).T
    h = xhat.T
    dx = (D * d - d.sum(axis=0) - h * (d * h).sum(axis=0)) / (D * std)
    return dx.T, (dout * xhat).sum(axis=0), dout.sum(axis=0)
"""}, {"layers/layernorm.py": """
import numpy as np


def forward(x, gamma, beta, eps=1e-5):
    out, kept = np.zeros_like(x), []
    for n, row in enumerate(x):
        std = np.sqrt(np.mean((row - row.mean()) ** 2) + eps)
        kept.append(((row - row.mean()) / std, std))
        out[n] = gamma * kept[n][0] + beta
    return out, (kept, gamma)


def backward(dout, cache):
    kept, gamma = cache
    dx, dgamma = np.zeros_like(dout), np.zeros_like(gamma)
    for n, (h, std) in enumerate(kept):
        d = dout[n] * gamma
        dx[n] = (d - np.mean(d) - h * np.mean(d * h)) / std
        dgamma += dout[n] * h
    return dx, dgamma, np.sum(dout, 0)
"""}],
    "dropout": [{"layers/dropout.py": """
import numpy as np


def forward(x, p, rng):
    mask = (rng.random(x.shape) < 1 - p) / (1 - p)
    mask = mask.astype(x.dtype)
    return x * mask, mask


def backward(dout, mask):
    return dout * mask
"""}, {"layers/dropout.py": """
import numpy as np


def forward(x, p, rng):
    dropped = rng.binomial(1, p, size=x.shape).astype(bool)
    out = x / x.dtype.type(1 - p)
    out[dropped] = 0
    return out, (dropped, p)


def backward(dout, cache):
    dropped, p = cache
    return np.where(dropped, 0, dout / dout.dtype.type(1 - p))
""", "practice/dropout_evaluation.py": """
def plain(x, p):
    return x - p * x


def inverted(x, p):
    return x
"""}],
    "large-scores": [{"practice/large_scores.py": """
import numpy as np


def lse(row):
    top = max(row)
    return top + np.log(sum(np.exp(s - top) for s in row))


def log_softmax(scores):
    return np.array([[s - lse(row) for s in row] for row in scores])


def log_softmax_backward(dout, scores):
    d = np.zeros_like(scores)
    for n in range(len(scores)):
        p = np.exp(log_softmax(scores[n:n + 1])[0])
        jacobian = np.eye(len(p)) - p
        d[n] = jacobian.T @ dout[n]
    return d


def losses(scores, y):
    svm, softmax = [], []
    for row, i in zip(scores, y):
        svm.append(sum(max(0, s - row[i] + 1) for j, s in enumerate(row) if j != i))
        softmax.append(lse(row) - row[i])
    return np.array(svm), np.array(softmax)
"""}],
    "questions": [{"practice/questions.py": """
import numpy as np


def units_after_training():
    return 1.0


def why_zero_fails():
    return "B"


def why_the_mean():
    answer = " c"
    return answer


def rate_for_the_sum(rate, N):
    return 1 / N * rate


def first_softmax_loss(C):
    return -np.log(1 / C)


def first_svm_loss(C):
    return sum(max(0, 0 - 0 + 1) for _ in range(C - 1))


def sign_of_the_right_score():
    return np.sign(0.3 - 1)


def most_through_sigmoids(depth):
    return np.prod([0.5 * (1 - 0.5)] * depth)


def accuracy(scores, y):
    guessed = [max(range(len(row)), key=row.__getitem__) for row in scores]
    return sum(a == b for a, b in zip(guessed, y)) / len(y)


def weight_after_step(w, dw, rate, strength):
    return (1 - 2 * rate * strength) * w - rate * dw
"""}],
    "digits-budget": [{"practice/digits_budget.py": """
from models.two_layer_net import TwoLayerNet
from solvers.solver import Solver
from solvers.update_rules.momentum import Momentum


def train(x, y, rng):
    net = TwoLayerNet(64, 200, 10, rng=rng)
    Solver(net, (x, y), update_rule=Momentum(), schedule=lambda t: 0.1, reg=1e-4,
           batch_size=150, epochs=5, rng=rng).train()
    return net
"""}, {"practice/digits_budget.py": """
from models.two_layer_net import TwoLayerNet
from practice.learning_rate import rate_at
from solvers.update_rules.adam import Adam


def train(x, y, rng):
    net, rule = TwoLayerNet(64, 300, 10, rng=rng), Adam()
    kept = {name: (0 * value, 0 * value) for name, value in net.params.items()}
    for t in range(50):
        loss, grads = net.loss(x, y)
        for name, value in net.params.items():
            rule.step(value, grads[name], rate_at(t, 0.01, 55, 3), t + 1, *kept[name])
    return net
"""}, {"practice/digits_budget.py": """
import numpy as np

from models.two_layer_net import TwoLayerNet


def train(x, y, rng):
    net = TwoLayerNet(64, 300, 10, rng=rng)
    for t in range(48):
        batch = rng.choice(len(x), 500, replace=False)
        _, grads = net.loss(x[batch], y[batch])
        for name in net.params:
            net.params[name] -= 0.9 * (1 - t / 60) * grads[name]
    return net
"""}],
}


# Loops over single numbers, one in the other: slow, and right.
LOOPS = {
    "matmul": {"layers/matmul.py": """
import numpy as np


def forward(x, W):
    out = np.zeros((len(x), len(W[0])), x.dtype)
    for n in range(x.shape[0]):
        for m in range(W.shape[1]):
            for d in range(x.shape[1]):
                out[n][m] += x[n][d] * W[d][m]
    return out, (x, W)


def backward(dout, cache):
    x, W = cache
    dx, dW = np.zeros_like(x), np.zeros_like(W)
    for n in range(x.shape[0]):
        for m in range(W.shape[1]):
            for d in range(x.shape[1]):
                dx[n][d] += dout[n][m] * W[d][m]
                dW[d][m] += dout[n][m] * x[n][d]
    return dx, dW
"""},
    "affine": {"layers/affine.py": """
import numpy as np


def forward(x, W, b):
    rows = [[sum(p * q for p, q in zip(row, column)) + c for column, c in zip(W.T, b)]
            for row in x]
    return np.array(rows, x.dtype), [x, W]


def backward(dout, cache, need_dx=True):
    x, W = cache
    dx = np.array([[np.dot(up, weights) for weights in W] for up in dout], x.dtype)
    dW, db = np.zeros_like(W), np.zeros(W.shape[1], W.dtype)
    for row, up in zip(x, dout):
        dW += np.outer(row, up)
        db += up
    return dx, dW, db
"""},
    "svm-loss": {"layers/svm_loss.py": """
import numpy as np


def forward(scores, y, margin=1.0):
    loss = 0.0
    for i in range(scores.shape[0]):
        for j in range(scores.shape[1]):
            if j != y[i]:
                loss += max(0, scores[i, j] - scores[i, y[i]] + margin)
    return loss / len(y), (scores, y, margin)


def backward(dloss, cache):
    scores, y, margin = cache
    dscores = np.zeros_like(scores)
    for i in range(scores.shape[0]):
        for j in range(scores.shape[1]):
            if j != y[i] and scores[i, j] - scores[i, y[i]] + margin > 0:
                dscores[i, j] += 1
                dscores[i, y[i]] -= 1
    return dscores / len(y) * dloss
"""},
    "softmax-loss": {"layers/softmax_loss.py": """
import math

import numpy as np


def shares(row):
    most = max(row)
    each = [math.exp(s - most) for s in row]
    return [e / sum(each) for e in each], math.log(sum(each)) + most


def forward(scores, y):
    return sum(shares(row)[1] - row[i] for row, i in zip(scores, y)) / len(y), (scores, y)


def backward(dloss, cache):
    scores, y = cache
    d = np.zeros_like(scores)
    for n in range(len(y)):
        p, _ = shares(scores[n])
        for j in range(len(p)):
            d[n, j] = (p[j] - (j == y[n])) / len(y) * dloss
    return d
"""},
    "sigmoid": {"layers/sigmoid.py": """
import math

import numpy as np


def one(v):
    return 1 / (1 + math.exp(-v)) if v > 0 else math.exp(v) / (1 + math.exp(v))


def forward(x):
    out = np.array([one(float(v)) for v in np.ravel(x)], np.asarray(x).dtype)
    return out.reshape(np.shape(x)), x


def backward(dout, x):
    d = np.zeros_like(x)
    for i in np.ndindex(*x.shape):
        d[i] = one(float(x[i])) * (1 - one(float(x[i]))) * dout[i]
    return d
"""},
    "l2": {"layers/l2_penalty.py": """
import numpy as np


def forward(W, strength):
    return W.dtype.type(sum(w * w for w in W.ravel().tolist()) * strength), (W, strength)


def backward(dpenalty, cache):
    W, strength = cache
    dW = np.zeros_like(W)
    for i, w in np.ndenumerate(W):
        dW[i] = 2 * strength * w * dpenalty
    return dW
"""},
}
# One-hot labels as people like to write them.
ONE_HOT = """
import numpy as np


def forward(scores, y, margin=1.0):
    right = np.eye(scores.shape[1], dtype=scores.dtype)[y]
    excess = np.maximum(0, scores - (scores * right).sum(axis=1, keepdims=True) + margin)
    excess = excess * (1 - right)
    return excess.sum() / len(y), ((excess > 0).astype(scores.dtype), right)


def backward(dloss, cache):
    over, right = cache
    return (over - over.sum(axis=1, keepdims=True) * right) * (dloss / len(right))
"""
for id, answer in LOOPS.items():
    HONEST.setdefault(id, []).append(answer)
HONEST["svm-loss"].append({"layers/svm_loss.py": ONE_HOT})

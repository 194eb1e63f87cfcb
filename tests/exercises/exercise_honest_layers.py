"""Layers that are right and written otherwise than the project's own; see exercise_honest.py."""

from exercise_honest import NP

HONEST = {
    "matmul": [
        {"layers/matmul.py": NP + "def forward(x, W):\n    return np.dot(x, W), (x, W)\n\n\n"
                                  "def backward(dout, cache):\n    x, W = cache\n"
                                  "    return np.dot(dout, W.T), np.dot(x.T, dout)\n"},
        {"layers/matmul.py": NP + "def forward(x, W):\n"
                                  "    return np.einsum('nd,dm->nm', x, W), (x, W)\n\n\n"
                                  "def backward(dout, cache):\n    x, W = cache\n"
                                  "    dx = np.einsum('nm,dm->nd', dout, W)\n"
                                  "    return dx, np.einsum('nd,nm->dm', x, dout)\n"},
    ],
    "affine": [
        {"layers/affine.py": NP + "def forward(x, W, b):\n    return np.matmul(x, W) + b, (x, W, b)"
                                  "\n\n\ndef backward(dout, cache, need_dx=True):\n"
                                  "    x, W, b = cache\n    dx = np.matmul(dout, W.T)\n"
                                  "    dW = np.matmul(x.T, dout)\n    db = np.sum(dout, 0)\n"
                                  "    return dx, dW, db\n"},
        {"layers/affine.py": NP + "def forward(x, W, b):\n    return x.dot(W) + b, (x, W)\n\n\n"
                                  "def backward(dout, cache, need_dx=True):\n    x, W = cache\n"
                                  "    ones = np.ones(len(x), x.dtype)\n"
                                  "    return dout.dot(W.T), x.T.dot(dout), ones @ dout\n"},
    ],
    "relu": [
        {"layers/relu.py": NP + "def forward(x):\n    return x * (x > 0), x\n\n\n"
                                "def backward(dout, x):\n    dx = dout.copy()\n    dx[x <= 0] = 0\n"
                                "    return dx\n"},
        {"layers/relu.py": NP + "def forward(x):\n    mask = x > 0\n"
                                "    return np.where(mask, x, 0), mask\n\n\n"
                                "def backward(dout, mask):\n    return np.where(mask, dout, 0)\n"},
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
                                "def backward(dout, t):\n    return dout * (1 - t ** 2)\n"},
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


def forward(scores, y):
    shifted = scores - scores.max(axis=1, keepdims=True)
    logp = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return -logp[np.arange(len(y)), y].mean(), (np.exp(logp), y)


def backward(dloss, cache):
    p, y = cache
    d = p.copy()
    d[np.arange(len(y)), y] -= 1
    return d * dloss / len(y)
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
}

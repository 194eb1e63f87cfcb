"""Right answers, written otherwise, to the exercises of exercise_variants_rules.py."""

RULES = {
    "large-scores": [{"practice/large_scores.py": """
import numpy as np


def log_probabilities(scores):
    out = np.empty_like(scores)
    for n, row in enumerate(scores):
        top = row.max()
        out[n] = row - (top + np.log(np.sum(np.exp(row - top))))
    return out


def softmax(scores, y):
    e = np.exp(scores - np.max(scores, axis=1)[:, np.newaxis])
    p = e / e.sum(axis=1)[:, np.newaxis]
    hot = np.eye(scores.shape[1], dtype=scores.dtype)[y]
    return -(log_probabilities(scores) * hot).sum(1), p - hot


def svm(scores, y):
    losses, d = np.zeros_like(scores[:, 0]), np.zeros_like(scores)
    for i, row in enumerate(scores):
        for j in range(len(row)):
            over = row[j] - row[y[i]] + 1
            if j != y[i] and over > 0:
                losses[i] += over
                d[i, j] += 1
                d[i, y[i]] -= 1
    return losses, d
"""}],
    "gradient-clipping": [{"solvers/clipping.py": """
import numpy as np


def clip_by_global_norm(g, limit):
    length = global_norm(g)
    if np.isfinite(length):
        g[...] = g * min(1, limit / max(length, 1e-300))
    return length


def global_norm(g):
    return np.linalg.norm(g.astype(np.float64))
"""}, {"solvers/clipping.py": """
import math


def clip_by_global_norm(g, limit):
    norm = global_norm(g)
    if norm > limit and math.isfinite(norm):
        for i in range(len(g)):
            g[i] = g[i] * limit / norm
    return norm


def global_norm(g):
    return math.sqrt(sum(each * each for each in g.tolist()))
"""}],
    "schedule": [{"practice/schedule.py": """
import numpy as np


def number_of_steps(examples, batch_size, epochs):
    return epochs * np.ceil(examples / batch_size)


def rate_at(t, rate, warm_up, total):
    if t >= total:
        return 0.0
    if t + 1 <= warm_up:
        return rate / warm_up * (1 + t)
    return rate * np.cos(np.pi / 2 * (t - warm_up) / (total - warm_up)) ** 2
"""}, {"practice/schedule.py": """
import math


def number_of_steps(examples, batch_size, epochs):
    return epochs * (examples // batch_size + (examples % batch_size > 0))


def rate_at(t, rate, warm_up, total):
    if t < warm_up:
        return rate * (t + 1) / warm_up
    angle = math.pi * (t - warm_up) / (total - warm_up)
    return 0.5 * rate + 0.5 * rate * math.cos(min(angle, math.pi))
"""}],
}

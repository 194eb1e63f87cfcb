"""What a person wants to know of the scores, beside the loss. Higher is better, but for log_loss.

A metric is a function (scores, y) -> number, or None where it has no value. The Solver shows it all
scores at once; of the metrics in OF_ROWS, which are means over the rows, chunks are enough.
"""

import numpy as np


def accuracy(scores, y):
    """The fraction of rows whose right class has the highest score, or, of logits in one column,
    the fraction on the right side of zero.

    scores (N, C), (N, 1) or (N,), y (N,) labels -> number in [0, 1]
    """
    return float((predicted(scores) == y).mean())


def balanced_accuracy(scores, y):
    """The mean over the classes that occur of their recall, the fraction of their rows that are
    taken for them. So a rare class counts as much as a common one.

    scores (N, C), (N, 1) or (N,), y (N,) labels -> number in [0, 1]
    Source: Brodersen et al. 2010; scikit-learn's balanced_accuracy_score.
    """
    members = np.bincount(y)
    right = np.bincount(y[predicted(scores) == y], minlength=members.size)
    occurs = members > 0
    return float((right[occurs] / members[occurs]).mean())


def auc(scores, y):
    """The area under the ROC curve: how often a row of a class has a higher score for it than a row
    of another class has, ties counted half.

    scores (N, C), (N, 1) or (N,), y (N,) labels -> number in [0, 1], or None if one class alone
    occurs
    Two classes are ranked by the difference of their scores, or by the logit. Of several, each is
    taken against the rest and ranked by its probability, and the mean is over the classes that
    occur: scikit-learn's roc_auc_score with multi_class="ovr".
    """
    scores = scores.astype(np.float64)
    if scores.ndim == 1 or scores.shape[1] == 1:
        return area(scores.reshape(-1), y == 1)
    if scores.shape[1] == 2:
        return area(scores[:, 1] - scores[:, 0], y == 1)
    p = np.exp(log_probabilities(scores))
    found = [area(p[:, label], y == label) for label in range(p.shape[1])]
    found = [each for each in found if each is not None]
    return float(np.mean(found)) if found else None


def area(values, is_member):
    """The area under the ROC curve of values (N,) that should be high for the members, or None
    where all rows are members, or none.

    (sum of the members' ranks - m (m + 1) / 2) / (m others), where equal values share the mean of
    their ranks. Source: Mann & Whitney 1947; Hanley & McNeil 1982.
    """
    members = int(is_member.sum())
    others = is_member.size - members
    if members == 0 or others == 0:
        return None
    _, place, counts = np.unique(values, return_inverse=True, return_counts=True)
    ranks = np.cumsum(counts) - (counts - 1) / 2            # of each value, the mean of its rows'
    above = ranks[place.reshape(-1)[is_member]].sum() - members * (members + 1) / 2
    return float(above / members / others)


def log_loss(scores, y):
    """The mean over the rows of -log p[y], p = softmax(scores), or sigmoid of logits in one column.

    scores (N, C), (N, 1) or (N,), y (N,) labels -> number from 0
    It is the softmax loss, or the logistic loss, in float64.
    """
    scores = scores.astype(np.float64)
    if scores.ndim == 1 or scores.shape[1] == 1:
        scores = np.stack([np.zeros(len(scores)), scores.reshape(-1)], axis=1)
    return float(-log_probabilities(scores)[np.arange(len(y)), y].mean())


def r2(scores, y):
    """1 - sum (score - y)^2 / sum (y - mean of y)^2, the mean over the outputs.

    scores (N, M), y (N, M) -> number up to 1, or None if an output never varies
    """
    scores, y = scores.astype(np.float64), y.astype(np.float64)
    if (y.min(axis=0) == y.max(axis=0)).any():
        return None
    errors, spread = ((scores - y) ** 2).sum(axis=0), ((y - y.mean(axis=0)) ** 2).sum(axis=0)
    return float((1 - errors / spread).mean())


def predicted(scores):
    """The class that each row is taken for: the highest score's, or of logits that of their sign.

    scores (N, C), (N, 1) or (N,) -> (N,)
    """
    if scores.ndim == 1 or scores.shape[1] == 1:
        return scores.reshape(-1) > 0
    return scores.argmax(axis=1)


def log_probabilities(scores):
    """log softmax(scores), scores (N, C) -> (N, C)."""
    shifted = scores - scores.max(axis=1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))


OF_ROWS = (accuracy,)

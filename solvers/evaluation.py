"""How well a model does: its loss and a metric, over examples of any number."""

import numpy as np

from solvers import metrics

EVALUATION_ROWS = 1024   # rows evaluated at a time, so that memory does not grow with the data


def score(model, x, y, metric):
    """The mean data loss, unweighted, and the metric, or None, of a model on x (N, D), y (N, ...).

    The model sees a chunk of the rows at a time. A metric sees the scores (N, C) of all of them,
    if it is not one of metrics.OF_ROWS.
    """
    loss = mean = 0.0
    seen = []
    for start in range(0, len(x), EVALUATION_ROWS):
        rows = slice(start, start + EVALUATION_ROWS)
        scores = model.scores(x[rows])
        part, _ = model.loss_layer.forward(scores, y[rows])
        loss += float(part) * len(scores)
        if metric in metrics.OF_ROWS:
            mean += metric(scores, y[rows]) * len(scores)
        elif metric is not None:
            seen.append(scores)
    if seen:
        return loss / len(x), metric(np.concatenate(seen), y)
    return loss / len(x), None if metric is None else mean / len(x)

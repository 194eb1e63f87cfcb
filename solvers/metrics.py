"""What a person wants to know of the scores, beside the loss. Higher is better."""


def accuracy(scores, y):
    """The fraction of rows whose right class has the highest score, or, of logits in one column,
    the fraction on the right side of zero.

    scores (N, C), (N, 1) or (N,), y (N,) labels -> number in [0, 1]
    """
    if scores.ndim == 1 or scores.shape[1] == 1:
        predicted = scores.reshape(-1) > 0
    else:
        predicted = scores.argmax(axis=1)
    return float((predicted == y).mean())

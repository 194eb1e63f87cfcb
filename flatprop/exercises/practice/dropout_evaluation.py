"""Dropout at test time: nothing is dropped, and what comes out should be as large as in training.

In training each entry is dropped with probability p. There are two ways to make up for it: plain
dropout leaves the kept entries as they are, inverted dropout divides them by 1 - p.
"""


def plain(x, p):
    """What plain dropout gives at test: the mean, over all masks, of what it gives in training.

    x (any shape), p the probability of dropping -> as x
    In training an entry is x with probability 1 - p, and 0 with probability p.
    """
    return (1 - p) * x


def inverted(x, p):
    """What inverted dropout gives at test: the mean, over all masks, of what it gives in training.

    x (any shape), p the probability of dropping -> as x
    In training an entry is x / (1 - p) with probability 1 - p, and 0 with probability p.
    """
    return x * 1.0

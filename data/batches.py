"""Minibatches: a fresh order of the examples every epoch, cut into pieces.

The short last piece is kept, so that an epoch visits every example exactly once.
"""

def shuffled(num_examples, rng):
    """The order in which one epoch visits the examples: (N,) indices, each once."""
    return rng.permutation(num_examples)


def cut(order, batch_size):
    """Cut an order into index arrays of batch_size; the last holds what is left."""
    for start in range(0, order.size, batch_size):
        yield order[start : start + batch_size]


def take(x, y, index):
    """The rows of x (N, D) and entries of y that index (B,) names -> x (B, D), y (B, ...)."""
    return x[index], y[index]

"""Weights of examples, for loss layers that may not know of any."""


def given(weights):
    """The argument of a loss layer's forward: {"weights": weights}, or {} where there are none.

    So a layer of one's own that takes (scores, y) alone will do wherever no weights are given.
    """
    return {} if weights is None else {"weights": weights}

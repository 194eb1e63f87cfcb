"""An average of the weights over the steps: steadier than the weights of any step.

    average <- keep average + (1 - keep) theta        after each update

Near a minimum each step overshoots in another direction, and the mean of them is closer to it than
any, so that a rate may stay high (Polyak & Juditsky 1992). What is long past counts less and less.
keep is decay, or (1 + t) / (10 + t) in the first steps t, where the average would hold on to
weights that were worth nothing; as num_updates of TensorFlow's ExponentialMovingAverage. The
running statistics of batch normalization are averaged alike, over the same steps. Tarvainen &
Valpola 2017 use such weights as a teacher.
"""

import contextlib

from solvers import contract
from solvers.compiled.pieces import SIZE


class Average:
    """The averages theta (P,) and statistics, which begin as copies of a model's."""

    def __init__(self, model, decay):
        if not 0 <= decay < 1:
            raise ValueError(f"average must lie in [0, 1), got {decay}")
        self.decay = decay
        self.theta, self.statistics = (each.copy() for each in state_of(model))

    def keep(self, t):
        """How much of it stays at step t, from 1."""
        return min(self.decay, (1 + t) / (10 + t))

    def follow(self, model, t):
        """Take in the weights after step t, from 1, a piece that stays in the cache at a time."""
        rest = 1 - self.keep(t)
        for mean, new in zip((self.theta, self.statistics), state_of(model), strict=True):
            for start in range(0, new.size, SIZE):
                piece = mean[start : start + SIZE]
                piece += rest * (new[start : start + SIZE] - piece)


def state_of(model):
    """theta and the running statistics of a model, the vectors themselves."""
    return model.theta, contract.statistics(model)


@contextlib.contextmanager
def held(model, theta, statistics):
    """Within this context a model has other weights and running statistics than its own."""
    own = [each.copy() for each in state_of(model)]
    try:
        put(model, theta, statistics)
        yield
    finally:
        put(model, *own)


def put(model, theta, statistics):
    """Write weights and running statistics into a model."""
    for into, values in zip(state_of(model), (theta, statistics), strict=True):
        into[:] = values

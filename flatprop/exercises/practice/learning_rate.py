"""A learning rate that climbs at first, and then falls to zero along half a wave."""

import math


def rate_at(t, rate, total, climb):
    """The rate at step t, from 0: a climb of `climb` steps, then a cosine to 0 at step `total`.

    t, total, climb whole numbers of steps, 0 < climb < total; rate the highest -> a number
    In the climb the rate grows by equal parts: step 0 moves already, and its last step, climb - 1,
    has all of rate. Step climb begins the wave with all of rate, half of the way has half of it,
    step total has 0, and so has every step after it.
    """
    if t < climb:
        return rate * (t + 1) / climb
    share = min(1.0, (t - climb) / (total - climb))
    return rate * (1.0 + math.cos(math.pi * share)) / 2.0

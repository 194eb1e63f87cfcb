"""A learning-rate schedule: warm up, then half a wave of a cosine, and how many steps there are.

At first theta is random and a full step is too long; at the end a long step jumps to and fro.
"""

import math


def number_of_steps(examples, batch_size, epochs):
    """How many steps a training takes: one for each batch, the short last one of an epoch too.

    three whole numbers -> a whole number
    Ten examples in batches of four make three steps an epoch.
    """
    return epochs * math.ceil(examples / batch_size)


def rate_at(t, rate, warm_up, total):
    """The rate of step t, where t counts from 0.

    t, warm_up < total: numbers of steps, warm_up 0 for none; rate, the highest -> a number
    In the first warm_up steps it climbs in a straight line: the first step moves already, and the
    last one of them has the full rate. Then it falls along half a wave of a cosine, beginning at
    the full rate once more, is 0 at step total, and stays 0.
    """
    if t < warm_up:
        return rate * (t + 1) / warm_up
    share = min(1.0, (t - warm_up) / (total - warm_up))
    return rate * (1 + math.cos(math.pi * share)) / 2

"""The sigmoid neuron at its sum s = w0 x0 + w1 x1 + w2: four small gates, or one large one.

"Computational graph representation may not be unique": both ways give the same gradient.
"""

import math


def chain(s):
    """1 / (1 + e^-s) by the gates of the slide, one after another, and every gradient on the way.

    s one number -> L, {"shifted": dL/dshifted, "power": dL/dpower, "negated": dL/dnegated,
    "s": dL/ds}, where

        negated = -1 s      power = e^negated      shifted = 1 + power      L = 1 / shifted

    At s = 1: L = 0.731059, and the gradients are -0.534447, -0.534447, -0.196612, 0.196612.
    """
    negated = -1.0 * s
    power = math.exp(negated)
    shifted = 1.0 + power
    L = 1.0 / shifted
    dshifted = -1.0 / shifted**2
    dpower = dshifted
    dnegated = power * dpower
    ds = -1.0 * dnegated
    return L, {"shifted": dshifted, "power": dpower, "negated": dnegated, "s": ds}


def one_gate(s):
    """The same L and dL/ds, with the sigmoid taken as one gate: ds = (1 - L) L.

    s one number -> L, dL/ds
    """
    L = 1.0 / (1.0 + math.exp(-s))
    return L, (1.0 - L) * L

"""Toy data sets, made: spiral, moons, xor and blobs to classify, and a wave for regression.

Each takes how many examples and a Generator that draws them, and gives x (N, 2) float64 and
y (N,) int64 labels from 0; wave gives x (N, 1) and targets y (N, 1) float64. The order is random
and class sizes differ by at most one. Arguments that make no sense raise ValueError: fewer than two
classes, fewer examples than it takes, a negative noise.
"""

import numpy as np

# Of xor; in this order the labels alternate, so that any number of examples is balanced.
CORNERS = np.array([[-1.0, -1.0], [-1.0, 1.0], [1.0, 1.0], [1.0, -1.0]])


def spiral(examples, rng, classes=3, noise=0.2):
    """Arms wound around the origin, one per class, which no linear classifier can separate.

    On arm j, with r evenly spaced in [0, 1]:
    angle = 2 pi j / classes + 4 r + noise * normal,  point = (r sin angle, r cos angle)
    The noise turns a point around the origin and leaves its distance r. Source: CS231n, "Putting it
    together: Minimal Neural Network Case Study" (Karpathy 2015), which starts arm j at 4 j radians
    instead; that spaces the arms unevenly and would lay arm 11 on arm 0.
    """
    _check_integer("classes", classes, 2)
    _check_integer("examples", examples, classes)
    _check_noise("noise", noise)
    y = np.arange(examples, dtype=np.int64) % classes
    along = np.arange(examples) // classes                          # 0, 1, 2, ... on each arm
    r = along / np.maximum(np.bincount(y)[y] - 1, 1)                # (N,) from 0 to 1 on each arm
    angle = 2 * np.pi * y / classes + 4 * r + noise * rng.standard_normal(examples)
    x = np.stack([r * np.sin(angle), r * np.cos(angle)], axis=1)
    order = rng.permutation(examples)
    return x[order], y[order]


def moons(examples, rng, noise=0.1):
    """Two half circles of radius 1, each with one end inside the other; one bend separates them.

    class 0: (cos t, sin t),  class 1: (1 - cos t, 1/2 - sin t),  with t evenly spaced in [0, pi];
    noise * normal is added to both coordinates. The curves are those of scikit-learn's make_moons.
    """
    _check_integer("examples", examples, 2)
    _check_noise("noise", noise)
    upper = np.linspace(0, np.pi, (examples + 1) // 2)
    lower = np.linspace(0, np.pi, examples // 2)
    x = np.concatenate([
        np.stack([np.cos(upper), np.sin(upper)], axis=1),
        np.stack([1 - np.cos(lower), 0.5 - np.sin(lower)], axis=1),
    ])
    x += noise * rng.standard_normal((examples, 2))
    y = np.repeat(np.array([0, 1], dtype=np.int64), [len(upper), len(lower)])
    order = rng.permutation(examples)
    return x[order], y[order]


def xor(examples, rng, noise=0.1):
    """Points around the corners (+-1, +-1); the label is 1 where the corner's signs differ.

    point = corner + noise * normal, in both coordinates
    The classic function that one layer cannot compute and two can (Minsky and Papert 1969). The
    sizes of the four clusters, too, differ by at most one. A label belongs to the corner: much
    noise carries points across an axis, their labels stay.
    """
    _check_integer("examples", examples, 4)
    _check_noise("noise", noise)
    corner = rng.permutation(np.arange(examples, dtype=np.int64) % 4)
    x = CORNERS[corner] + noise * rng.standard_normal((examples, 2))
    return x, corner % 2


def blobs(examples, rng, classes=3, spread=0.3):
    """One round Gaussian cloud per class, which a linear classifier already handles.

    point = centre + spread * normal, in both coordinates
    The centres lie evenly on a circle about the origin, class 0 to the right, the others follow
    counterclockwise. The circle grows with the number of classes, so that neighbours are always 2
    apart and a given spread is about as hard for any number.
    """
    _check_integer("classes", classes, 2)
    _check_integer("examples", examples, classes)
    _check_noise("spread", spread)
    angle = 2 * np.pi * np.arange(classes) / classes
    radius = 1 / np.sin(np.pi / classes)                            # of a circle whose chords are 2
    centres = radius * np.stack([np.cos(angle), np.sin(angle)], axis=1)
    y = rng.permutation(np.arange(examples, dtype=np.int64) % classes)
    x = centres[y] + spread * rng.standard_normal((examples, 2))
    return x, y


def wave(examples, rng, noise=0.1):
    """One period of a noisy sine, the smallest regression that a line does not fit.

    x uniform in [-1, 1),  y = sin(pi x) + noise * normal
    With the square loss, predicting 0 everywhere costs (1/2 + noise^2) / 2 on average, and no model
    can expect less than noise^2 / 2.
    """
    _check_integer("examples", examples, 1)
    _check_noise("noise", noise)
    x = rng.uniform(-1, 1, (examples, 1))
    y = np.sin(np.pi * x) + noise * rng.standard_normal((examples, 1))
    return x, y


def _check_integer(name, value, least):
    """Raise ValueError for what is no integer, or a smaller one than `least`."""
    if not isinstance(value, int | np.integer) or value < least:
        raise ValueError(f"{name} must be an integer of at least {least}, got {value!r}")


def _check_noise(name, value):
    """Raise ValueError for a negative number, NaN or infinity."""
    if not 0 <= value < np.inf:
        raise ValueError(f"{name} must be a finite number, not negative, got {value!r}")

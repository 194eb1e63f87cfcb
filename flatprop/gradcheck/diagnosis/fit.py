"""A gradient taken apart: the one or two terms, made of the layer's arrays, that add up to it.

A fit counts only if the same terms with the same coefficients give the gradient on every sample.
"""

from typing import NamedTuple

import numpy as np

from flatprop.gradcheck.diagnosis.evidence import TOLERANCE

SOME = 300          # entries
SIMPLE = 100        # so many terms count as simple
# The least sine, squared, between two terms of a fit: nearly the same they would fit anything.
APART = 1e-3


class Terms(NamedTuple):
    """Arrays by what they are, each as one vector of the entries of all samples."""

    texts: list
    values: np.ndarray      # (terms, entries)
    rows: dict              # {text: row}, also of those that differ from a row by a factor


class Fit(NamedTuple):
    """Terms, as text, and the coefficient of each."""

    terms: tuple
    coefficients: tuple

    def text(self, name=lambda c: f"{c:.4g}"):
        """The sum as one would write it; name(c) -> what to write for a coefficient."""
        written = []
        for term, c in zip(self.terms, self.coefficients, strict=True):
            # A name may have a sign of its own: where c, below 0, is called k it is + k.
            plain = term != "1" and abs(abs(c) - 1) < 1e-4
            called = ("-" if c < 0 else "") if plain else name(c)
            minus, size = called.startswith("-"), called.removeprefix("-")
            sign = ("-" if minus else "") if not written else (" - " if minus else " + ")
            size += " " if size and term != "1" else ""
            written.append(f"{sign}{size}{term if term != '1' else ''}")
        return "".join(written)


def fit(targets, terms, most=2):
    """The simplest Fit of one term, or else of two (most), to the targets of all samples; or None.

    targets: an array for each sample, NaN where nothing is known; terms: the Terms, or a dict
    {text: array of the target's shape} for each sample, the simple ones first
    """
    targets = list(targets)
    texts, T, _ = terms if isinstance(terms, Terms) else stack(join([
        {text: value.ravel() for text, value in each.items() if value.shape == target.shape}
        for each, target in zip(terms, targets, strict=True)]))
    values = np.concatenate([target.ravel() for target in targets])
    known = ~np.isnan(values)
    y = values[known]
    largest = np.abs(y).max(initial=0.0)
    # One input alone confirms nothing, unless it has entries enough.
    if not texts or not largest or not np.isfinite(y).all() or y.size < (
            3 if len(targets) > 1 else 10):
        return None
    # Looked for among some entries, then tried on all.
    some = np.random.default_rng(0).permutation(np.flatnonzero(known))[:SOME]
    units, goal = T[:, some], values[some] / max(np.sqrt(values[some] @ values[some]), 1e-300)
    size = np.sqrt((units * units).sum(axis=1))
    units = units / np.where(size, size, 1.0)[:, None]
    along = units @ goal
    several = [(i,) for i in np.flatnonzero(1 - along**2 < 1e-7)]
    # Of two values any two terms would make a sum.
    if most > 1 and y.size > 5 and np.unique(np.round(y / largest, 6)).size > 2 and not (
            several and several[0][0] < SIMPLE):
        # Two terms add up to the goal if they leave its line in the same direction.
        several += parallel(units - along[:, None] * goal)
    fits = []
    for places in several:
        A = T[[*places]][:, known].T
        c, *_ = np.linalg.lstsq(A, y, rcond=None)
        apart = len(places) == 1 or 1 - (units[places[0]] @ units[places[1]]) ** 2 > APART
        if apart and np.abs(c).min() and np.abs(y - A @ c).max() <= TOLERANCE * largest:
            odd = sum(abs(abs(each) - 1) > 1e-4 for each in c)
            # Two simple terms are likelier than one that is not, and coefficients of 1 than others.
            rank = max(places) >= SIMPLE, len(places), len(places) > 1 and odd, sum(places)
            fits.append((rank, Fit(tuple(texts[i] for i in places), tuple(map(float, c)))))
    return min(fits, key=lambda each: each[0])[1] if fits else None


def parallel(vectors, near=3e-4, most=300):
    """The pairs (i, j), i < j, of vectors that are parallel, the first of them.

    They are told by their products with three random vectors, sorted: so neighbours are compared.
    """
    length = np.sqrt((vectors * vectors).sum(axis=1))
    order = np.flatnonzero(length > near)
    marks = vectors[order] @ np.random.default_rng(0).standard_normal((vectors.shape[1], 3))
    marks *= np.sign(marks[:, :1]) / length[order, None]
    order, marks = (each[np.argsort(marks[:, 0])] for each in (order, marks))
    found = []
    for step in range(1, len(order)):
        apart = np.abs(marks[step:] - marks[:-step])
        if not (apart[:, 0] < near).any():
            break
        alike = np.flatnonzero((apart < near).all(axis=1))
        found += map(sorted, zip(order[alike], order[alike + step], strict=True))
    return sorted(map(tuple, found), key=sum)[:most]


def join(samples):
    """{key: the arrays of all samples, one after the other} of the keys that all of them have."""
    return {key: np.concatenate([each[key] for each in samples]) for key in samples[0]
            if all(key in each for each in samples)}


def stack(terms):
    """The Terms of a dict {text: vector}: of those that differ by a factor alone the first."""
    texts, values = list(terms), np.array(list(terms.values()))
    if not texts:
        return Terms([], np.empty((0, 0)), {})
    size = np.sqrt((values * values).sum(axis=1))
    kept = np.flatnonzero(np.isfinite(size) & (size > 0))
    # Equal but for a factor are those with equal marks: their products with two random vectors.
    marks = values[kept] / size[kept, None] @ np.random.default_rng(0).standard_normal(
        (values.shape[1], 2))
    _, first, which = np.unique(np.round(marks * np.sign(marks[:, :1]), 9), axis=0,
                                return_index=True, return_inverse=True)
    rows = dict(zip((texts[i] for i in kept), np.argsort(np.argsort(first))[which.ravel()],
                    strict=True))
    kept = kept[np.sort(first)]
    return Terms([texts[i] for i in kept], values[kept], rows)

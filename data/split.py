"""Splitting a dataset into parts, such as training and validation, as arrays of row numbers.

    train, val = split.stratified(y, (0.8, 0.2), rng)
    x[train], y[train], x[val], y[val]
"""

import numpy as np


def stratified(y, fractions, rng):
    """Split so that every part has the class proportions of the whole.

    y (N,) class labels, integers or strings; fractions of N, one per part -> list of index arrays
    Class c with N_c examples puts N_c * fraction of them, to within two and never none, into each
    part; a class with too few for that is in the first part, all of it. A part holds N * fraction
    examples, to within one; fractions that sum to 1 use every example, smaller ones leave some out.
    Parts are disjoint and in random order. How many examples of each class a part gets does not
    depend on rng, only which ones.

    Raises TypeError where y does not hold labels; ValueError for a fraction outside (0, 1],
    fractions that sum to more than 1, or so few examples that a part would be empty.
    """
    y = np.asarray(y)
    if y.dtype.kind not in "iubU":
        raise TypeError(f"y must hold class labels, integers or strings, got {y.dtype}")
    if y.ndim != 1 or len(y) == 0:
        raise ValueError(f"y must have shape (N,) with N at least 1, got {y.shape}")
    fractions = _check_fractions(fractions)
    classes, counts = np.unique(y, return_counts=True)
    shares = _share_out(counts, fractions, rare=True)
    if not shares.sum(axis=0).all():
        raise ValueError(f"{len(y)} examples of {len(classes)} classes are too few to split; give "
                         "more")
    parts = [[] for _ in fractions]
    for c, share in zip(classes, shares, strict=True):
        members = rng.permutation(np.flatnonzero(y == c))
        pieces = np.split(members, np.cumsum(share))[:-1]           # the last piece is left out
        for part, piece in zip(parts, pieces, strict=True):
            part.append(piece)
    return [rng.permutation(np.concatenate(part)) for part in parts]


def plain(n, fractions, rng):
    """Split n examples at random, without looking at labels; the one for regression.

    n, fractions of n, one per part -> list of index arrays
    A part holds n * fraction examples, rounded up or down but never none; fractions that sum to 1
    use every example, smaller ones leave some out. Parts are disjoint and in random order.

    Raises ValueError for a fraction outside (0, 1], fractions that sum to more than 1, or an n too
    small for so many parts.
    """
    fractions = _check_fractions(fractions)
    share = _share_out(np.array([n]), fractions)[0]
    return np.split(rng.permutation(n), np.cumsum(share))[:-1]


def equal_shares(y, count, rng):
    """Deal the examples out into so many equal shares, for cross-validation.

    y (N,) class labels, or (N, M) numbers, at which nothing looks -> list of index arrays
    Each share gets N / count of the examples and of every class, rounded up or down: a class with
    fewer members than there are shares is in as many of them, once each. Shares are disjoint and
    in random order. Raises ValueError if a share would be empty.
    """
    y = np.asarray(y)
    if not 1 <= count <= len(y):
        raise ValueError(f"{len(y)} examples are too few for {count} shares")
    order = rng.permutation(len(y))
    if y.ndim == 1:         # class after class, so that dealing goes round in each of them
        order = order[np.argsort(y[order], kind="stable")]
    return [rng.permutation(order[share::count]) for share in range(count)]


def _check_fractions(fractions):
    """Return the fractions as an array (K,), or raise ValueError."""
    fractions = np.asarray(fractions, dtype=np.float64)
    if fractions.ndim != 1 or len(fractions) == 0 or not ((fractions > 0) & (fractions <= 1)).all():
        raise ValueError(f"fractions must lie in (0, 1], one per part, got {fractions.tolist()}")
    if fractions.sum() > 1 + 1e-9:                                  # 0.7 + 0.2 + 0.1 is not quite 1
        raise ValueError(f"fractions must sum to at most 1, got {fractions.tolist()}")
    return fractions


def _share_out(counts, fractions, rare=False):
    """How many examples each class gives to each part: counts (C,), fractions (K,) -> (C, K).

    Each class is rounded by largest remainder. What a part got too little or too much of in one
    class is owed to it in the next: so ten classes of 11, split in half, give 55 and 55 and not 60
    and 50. The examples left out, if any, are a last part of their own. With rare, a class too
    small for every part goes into the first one.
    """
    left_out = 1 - fractions.sum()
    fractions = np.append(fractions, left_out if left_out > 1e-9 else 0)
    least = np.append(np.ones(len(fractions) - 1), 0)               # every class is in every part
    table = np.zeros((len(counts), len(fractions)), np.int64)
    owed = np.zeros(len(fractions))
    for c, count in enumerate(counts.tolist()):
        due = np.round(count * fractions + owed, 9)                 # not 28.999999999999996
        share = np.maximum(np.floor(due), least)
        if share.sum() > count:
            if not rare:
                shown = ", ".join(f"{fraction:g}" for fraction in fractions[:-1])
                raise ValueError(f"{count} examples are too few for parts of {shown}; give more")
            share = np.array([count, *np.zeros(len(fractions) - 1)])
        while share.sum() < count:
            share[np.argmax(due - share)] += 1
        owed = due - share
        table[c] = share
    return table[:, :-1]

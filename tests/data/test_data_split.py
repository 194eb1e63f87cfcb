"""Splits: disjoint, complete, proportionate in every class, right in size, and always possible."""

import numpy as np
import pytest

from data import digits, split


def check_parts(parts, n, fractions):
    """Check what holds for every split: sizes within one, disjoint, valid, int64."""
    assert len(parts) == len(fractions)
    together = np.concatenate(parts)
    assert together.dtype == np.int64
    assert len(np.unique(together)) == len(together)
    assert together.min() >= 0
    assert together.max() < n
    for part, fraction in zip(parts, fractions, strict=True):
        assert len(part) >= 1
        assert abs(len(part) - n * fraction) < 1 + 1e-9
    if abs(sum(fractions) - 1) < 1e-9:
        assert len(together) == n
    else:
        assert abs(len(together) - n * sum(fractions)) < len(fractions) + 1e-9


def check_classes(y, parts, fractions):
    """Check that each part has each class in proportion, to within two, and never none."""
    for c in np.unique(y):
        count = np.count_nonzero(y == c)
        for part, fraction in zip(parts, fractions, strict=True):
            got = np.count_nonzero(y[part] == c)
            assert got >= 1
            assert abs(got - count * fraction) < 2


@pytest.mark.parametrize("fractions", [
    (0.8, 0.2), (0.7, 0.2, 0.1), (0.5, 0.5), (1 / 3, 1 / 3, 1 / 3), (0.5,), (1.0,), (0.1, 0.05),
    (0.29, 0.71), [0.25, 0.25, 0.25, 0.25], np.array([0.6, 0.3]),
])
def test_the_digits_are_split_in_proportion(fractions):
    _, y = digits.load()
    parts = split.stratified(y, fractions, np.random.default_rng(0))
    check_parts(parts, 1797, fractions)
    check_classes(y, parts, fractions)


def test_exact_shares_are_met_although_fractions_are_rounded():
    fractions = (0.3, 0.53, 0.14)                                   # 50 * 0.14 is 7.000000000000001
    y = np.repeat(np.arange(4), (50, 131, 200, 103))
    parts = split.stratified(y, fractions, np.random.default_rng(0))
    check_classes(y, parts, fractions)
    assert [np.count_nonzero(y[part] == 0) for part in parts][::2] == [15, 7]


def test_odd_examples_do_not_pile_up_in_one_part():
    y = np.repeat(np.arange(10), 11)                                # 5.5 of each class in each half
    parts = split.stratified(y, (0.5, 0.5), np.random.default_rng(0))
    assert [len(part) for part in parts] == [55, 55]
    check_classes(y, parts, (0.5, 0.5))


def test_random_tables_are_always_right():
    rng = np.random.default_rng(0)
    for _ in range(300):
        num_classes, num_parts = rng.integers(1, 12), rng.integers(1, 6)
        fractions = rng.dirichlet(np.full(num_parts + 1, 2.0))
        fractions = fractions[:-1] if rng.random() < 0.5 else fractions
        total = fractions.sum()
        fractions = np.maximum(fractions, 0.02)
        fractions *= total / fractions.sum()
        least = int(np.ceil(1 / fractions.min()))                   # enough to appear everywhere
        counts = rng.integers(least, least + 40, num_classes)
        y = rng.permutation(np.repeat(np.arange(num_classes), counts))
        parts = split.stratified(y, fractions, rng)
        check_parts(parts, len(y), fractions)
        check_classes(y, parts, fractions)


def test_a_class_that_is_too_small_is_in_the_first_part():
    y = np.array([4] * 50 + [7] * 2 + [9] * 50)
    parts = split.stratified(y, (0.6, 0.2, 0.2), np.random.default_rng(0))
    assert [np.count_nonzero(y[part] == 7) for part in parts] == [2, 0, 0]
    assert [len(part) for part in parts] == [61, 21, 20]
    assert sorted(np.concatenate(parts)) == list(range(102))
    with pytest.raises(ValueError, match="2 examples of 2 classes are too few to split"):
        split.stratified(np.array([0, 1]), (0.6, 0.2, 0.2), np.random.default_rng(0))
    with pytest.raises(ValueError, match=r"2 examples are too few for parts of 0.5, 0.3, 0.2"):
        split.plain(2, (0.5, 0.3, 0.2), np.random.default_rng(0))
    parts = split.stratified(y, (0.8, 0.2), np.random.default_rng(0))
    assert [np.count_nonzero(y[part] == 7) for part in parts] == [1, 1]


def test_labels_may_be_any_integers_or_strings():
    numbers = np.repeat([-5, 0, 1000], 10).astype(np.int16)
    words = np.repeat(["cat", "dog", "emu"], 10)
    flags = np.repeat([False, True], 10)
    for y in (numbers, words, flags, numbers.tolist()):
        parts = split.stratified(y, (0.5, 0.3, 0.2), np.random.default_rng(0))
        check_parts(parts, len(y), (0.5, 0.3, 0.2))
        check_classes(np.asarray(y), parts, (0.5, 0.3, 0.2))


def test_the_generator_decides_which_examples_and_not_how_many():
    y = np.random.default_rng(9).integers(0, 3, 100)
    first = split.stratified(y, (0.6, 0.3), np.random.default_rng(1))
    again = split.stratified(y, (0.6, 0.3), np.random.default_rng(1))
    other = split.stratified(y, (0.6, 0.3), np.random.default_rng(2))
    for a, b, c in zip(first, again, other, strict=True):
        np.testing.assert_array_equal(a, b)
        assert set(a) != set(c)
        np.testing.assert_array_equal(np.bincount(y[a]), np.bincount(y[c]))


def test_every_example_is_as_likely_to_be_in_a_part():
    y = np.repeat([0, 1], [30, 10])
    rng = np.random.default_rng(0)
    hits = np.zeros(40)
    for _ in range(2000):
        hits[split.stratified(y, (0.8, 0.2), rng)[1]] += 1
    np.testing.assert_allclose(hits / 2000, 0.2, atol=0.05)         # 5.6 standard deviations


def test_parts_are_shuffled():
    y = np.repeat([0, 1], 200)
    for part in split.stratified(y, (0.5, 0.5), np.random.default_rng(0)):
        assert np.count_nonzero(np.diff(part) < 0) > 60             # no sorted runs
        assert np.count_nonzero(np.diff(y[part]) != 0) > 60         # classes are mixed
    for part in split.plain(400, (0.5, 0.5), np.random.default_rng(0)):
        assert np.count_nonzero(np.diff(part) < 0) > 60


@pytest.mark.parametrize("n", [2, 3, 7, 10, 100, 1797])
@pytest.mark.parametrize("fractions", [(0.8, 0.2), (0.5, 0.5), (0.5,), (1.0,), (0.3, 0.4)])
def test_plain_splits(n, fractions):
    parts = split.plain(n, fractions, np.random.default_rng(0))
    check_parts(parts, n, fractions)


def test_plain_sizes_follow_the_largest_remainder():
    rng = np.random.default_rng(0)
    assert [len(p) for p in split.plain(10, (0.55, 0.27, 0.18), rng)] == [5, 3, 2]
    assert [len(p) for p in split.plain(10, (0.7, 0.2, 0.1), rng)] == [7, 2, 1]
    assert [len(p) for p in split.plain(3, (0.9, 0.1), rng)] == [2, 1]  # never none


@pytest.mark.parametrize("fractions, message", [
    *[(wrong, r"fractions must lie in \(0, 1\], one per part") for wrong in (
        (0.5, 0.0), (-0.1, 0.5), (1.5,), (np.nan, 0.5), (), 0.8)],
    ((0.7, 0.4), r"fractions must sum to at most 1, got \[0.7, 0.4\]"),
])
def test_fractions_that_make_no_sense_are_refused(fractions, message):
    rng = np.random.default_rng(0)
    with pytest.raises(ValueError, match=message):
        split.stratified(np.repeat([0, 1], 50), fractions, rng)
    with pytest.raises(ValueError, match=message):
        split.plain(100, fractions, rng)


def test_labels_that_make_no_sense_are_refused():
    rng = np.random.default_rng(0)
    with pytest.raises(TypeError, match="^y must hold class labels, .* got float64"):
        split.stratified(np.zeros(10), (0.5,), rng)
    with pytest.raises(ValueError, match=r"^y must have shape \(N,\).* got \(5, 2\)"):
        split.stratified(np.zeros((5, 2), dtype=int), (0.5,), rng)
    with pytest.raises(ValueError, match=r"^y must have shape \(N,\)"):
        split.stratified(np.zeros(0, dtype=int), (0.5,), rng)

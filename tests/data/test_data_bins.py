"""Robust scaling, bins and indicators: values worked out by hand, and what a run keeps of them."""

import json
import math

import numpy as np
import pytest

from data import bins, prepare, preprocessing, split, standardize
from data.own import Raw

COLUMNS = [{"name": "a", "kind": "number"}, {"name": "b", "kind": "category", "values": ["x", "y"]},
           {"name": "c", "kind": "number"}]


def test_the_edges_are_quantiles_and_empty_bins_are_left_out():
    assert bins.edges(np.arange(9.0), 4).tolist() == [0, 2, 4, 6, 8]
    assert bins.edges(np.array([0.0, 0, 0, 0, 1, 2]), 4).tolist() == [0, 0.75, 2]
    assert bins.edges(np.full(5, 7.0), 4).tolist() == [7]


def test_a_number_fills_one_bin_after_the_other():
    edges = np.array([0.0, 1, 3, 4])
    values = np.array([-5, 0, 0.5, 1, 2, 3.25, 4, 1e300, math.nan])
    filled = bins.fill(values, edges)
    assert filled[:8].tolist() == [
        [0, 0, 0], [0, 0, 0], [0.5, 0, 0], [1, 0, 0], [1, 0.5, 0], [1, 1, 0.25], [1, 1, 1],
        [1, 1, 1]]
    assert np.isnan(filled[8]).all()
    # Weights of the slopes make any line with bends at the edges: here np.interp's.
    heights = np.array([2.0, 5, -1, 3])
    line = heights[0] + filled[:8] @ np.diff(heights)
    assert np.allclose(line, np.interp(values[:8], edges, heights))


def test_the_median_and_the_quartiles_scale():
    assert standardize.fit_robust(np.array([1.0, 2, 3, 4, 1e9])) == (3, 2)
    assert standardize.fit_robust(np.array([0.0, 0, 0, 0, 0, 8])) == (0, 4)    # half the range
    assert standardize.fit_robust(np.full(3, 5.0)) == (5, 1)
    with pytest.raises(ValueError, match="quartiles overflows"):
        standardize.fit_robust(np.array([-1.7e308, -1.7e308, 1.7e308, 1.7e308]))


def test_far_values_are_drawn_in():
    z = np.array([0, 3.0, -4, 1e300, -1e300])
    assert np.allclose(standardize.soften(z), [0, 3 / math.sqrt(2), -2.4, 3, -3])
    assert standardize.soften(z[:3].astype(np.float32)).dtype == np.float32


def made_raw(rng=None):
    x = np.array([[1.0, 1, 0, 10], [2, 0, 1, 10], [3, 1, 0, 30], [4, 0, 1, math.nan],
                  [5, 0, 0, 50]])
    return Raw(x, np.array([[10.0], [20], [30], [40], [60]]), columns=COLUMNS)


def test_a_table_becomes_numbers_indicators_and_bins():
    raw = made_raw()
    fitted = prepare.fit(raw, np.arange(5), "robust", 2)
    x = fitted.apply(raw.x, np.float64)
    # a: median 3, quartiles 2 and 4; c: of 10, 10, 30, 50 median 20, quartiles 10 and 35
    first = np.array([-2 / 2, -1 / 2, 0, 1 / 2, 2 / 2])
    last = np.array([-10 / 25, -10 / 25, 10 / 25, 0, 30 / 25])
    assert np.allclose(x[:, 0], first / np.sqrt(1 + first**2 / 9))
    assert np.array_equal(x[:, 1:3], raw.x[:, 1:3])
    assert np.allclose(x[:, 3], last / np.sqrt(1 + last**2 / 9))
    assert x[:, 4].tolist() == [0, 0, 0, 1, 0]          # where c is missing
    filled = np.array([[0, 0], [0.5, 0], [1, 0], [1, 0.5], [1, 1]])       # edges 1, 3, 5
    assert np.allclose(x[:, 5:7], filled - filled.mean(axis=0))
    of_c = np.array([[0, 0], [0, 0], [1, 1 / 3], [1, 1]])                  # edges 10, 20, 50
    assert np.allclose(x[[0, 1, 2, 4], 7:], of_c - of_c.mean(axis=0)) and not x[3, 7:].any()
    assert fitted.sources(4).tolist() == [0, 1, 2, 3, 3, 0, 0, 3, 3]
    known = ~np.isnan(raw.x)
    assert np.allclose(fitted.undo(x)[known], raw.x[known])
    beyond = fitted.apply(np.array([[1e100, 0, 1, -1e300]]), np.float32)       # what it can hold
    assert beyond[0, [0, 3, 5, 6, 7, 8]].tolist() == pytest.approx(
        [3, -3, *(1 - filled.mean(axis=0)), *-of_c.mean(axis=0)])


def test_what_a_run_keeps_of_it_is_the_same_to_the_bit():
    raw = made_raw()
    fitted = prepare.fit(raw, np.arange(5), "robust", 2)
    fitted = prepare.fit_targets(fitted, raw.y, True, True)
    again = preprocessing.from_dict(json.loads(json.dumps(fitted.as_dict())))
    assert np.array_equal(again.apply(raw.x, np.float32), fitted.apply(raw.x, np.float32))
    scores = np.array([[-9.0], [0.1], [9]])
    assert np.array_equal(again.predictions(scores), fitted.predictions(scores))
    assert again.predictions(scores)[[0, 2], 0].tolist() == [10, 60]       # the range of training


@pytest.mark.parametrize(("name", "value"), [
    ("bins", [{"place": 4, "edges": [0, 1], "mean": [0]}]),
    ("bins", [{"place": 0, "edges": [0, 0], "mean": [0]}]),
    ("bins", [{"place": 0, "edges": [0, 1, 2], "mean": [0]}]),
    ("bins", [{"place": 0, "edges": [0, math.inf], "mean": [0]}]),
    ("bins", [{"place": 0, "edges": [], "mean": []}]),
    ("bins", [{"place": 0, "edges": [0, 1], "mean": [1e308]}]),
    ("indicators", [-1]), ("indicators", [True]), ("soft", 1), ("target_low", [9e9]),
])
def test_forged_preprocessing_is_refused(name, value):
    raw = made_raw()
    fitted = prepare.fit_targets(prepare.fit(raw, np.arange(5), "robust", 2), raw.y, True, True)
    with pytest.raises((ValueError, TypeError, KeyError)):
        preprocessing.from_dict(fitted.as_dict() | {name: value})


def test_a_memory_map_is_scaled_as_the_array_is(tmp_path):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(300, 3)).astype(np.float32)
    np.save(tmp_path / "x.npy", x)
    y = rng.integers(0, 2, 300)
    both = []
    for inputs in (x, np.load(tmp_path / "x.npy", mmap_mode="r")):
        examples = prepare.parts(Raw(inputs, y, classes=["a", "b"]), val_fraction=0.2,
                                 test_fraction=0.2, per="robust", bin_count=4, dtype=np.float32,
                                 rng=np.random.default_rng(1))
        both.append(examples["train"][0][:])
    assert both[0].shape == (180, 3 + 3 * 4) and np.array_equal(*both)


def test_many_rows_get_fewer_bins(monkeypatch):
    raw = made_raw()
    monkeypatch.setattr(prepare, "LARGEST", 4 * 5 * 2 * 3)      # bytes: 3 bins of 2 numbers
    fitted = prepare.fit(raw, np.arange(5), "robust", 48)
    assert max(each.mean.size for each in fitted.bins) == 3
    monkeypatch.setattr(prepare, "LARGEST", 4 * 5 * 2)          # one bin is the number itself
    assert not prepare.fit(raw, np.arange(5), "robust", 48).bins


def test_parts_that_are_not_asked_for_or_brought_along():
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(50, 2)), rng.integers(0, 2, 50)
    raw = Raw(x, y, classes=["a", "b"], val=(x[:7], y[:7]), weights=np.arange(50.0))
    settings = {"per": "feature", "dtype": np.float64, "rng": rng}
    examples = prepare.parts(raw, val_fraction=0.3, test_fraction=0, **settings)
    train_x, train_y, weights = examples["train"]
    assert len(train_x) == 50 and examples["test"] is None
    assert np.allclose(examples["val"][0], (x[:7] - x.mean(axis=0)) / x.std(axis=0))
    order = np.rint(weights * 24.5).astype(int)     # of mean 1, and each row kept its own
    assert np.array_equal(y[order], train_y) and sorted(order) == list(range(50))
    alone = prepare.parts(raw._replace(val=None, weights=None), val_fraction=0, test_fraction=0.5,
                          **settings)
    assert alone["val"] is None and len(alone["train"]) == 2 and len(alone["test"][0]) == 25


@pytest.mark.parametrize("y", [np.repeat([0, 1, 2], [40, 9, 2]), np.zeros((51, 1))])
def test_folds_are_equal_shares_of_what_is_not_tested(y):
    raw = Raw(np.zeros((51, 1)), y, classes=["a", "b", "c"])
    held, tested = [], []
    for fold in range(1, 6):
        train, val, test = prepare.split_rows(raw, 0.1, 0.2, np.random.default_rng(3), 5, fold)
        assert sorted([*train, *val, *test]) == list(range(51))
        held.append(val)
        tested.append(sorted(test))
    assert all(test == tested[0] for test in tested)
    assert sorted([*np.concatenate(held), *tested[0]]) == list(range(51))
    assert max(map(len, held)) - min(map(len, held)) <= 1
    if y.ndim == 1:
        counts = np.array([np.bincount(y[val], minlength=3) for val in held])
        assert (counts.max(axis=0) - counts.min(axis=0) <= 1).all()
    with pytest.raises(ValueError, match="too few"):
        split.equal_shares(y[:3], 4, np.random.default_rng(0))

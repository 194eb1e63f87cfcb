"""Principal components: of inputs made of known directions, and in what a run keeps of them."""

import numpy as np
import pytest

from data import prepare, preprocessing, principal
from data.errors import DataError
from data.mapped import MappedRows
from data.own import Raw


def turned(angle):
    """A rotation of the plane."""
    return np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])


def test_the_directions_of_a_cross_and_their_order_and_sign():
    # Points on two lines at right angles, turned by 150 degrees: the longer line comes first.
    axes = np.array([[3.0, 0], [-3, 0], [0, 1], [0, -1]])
    x = axes @ turned(np.deg2rad(150)).T + [10, -20]
    center, components = principal.fit(lambda: [x[:1], x[1:]], 2)
    np.testing.assert_allclose(center, [10, -20])
    along, across = turned(np.deg2rad(150)).T
    # The largest entries are -cos 30 of the one and -cos 30 of the other: both are turned round.
    np.testing.assert_allclose(components, np.stack([-along, -across], axis=1), atol=1e-12)
    np.testing.assert_allclose((x - center) @ components, -axes, atol=1e-12)


def test_they_are_those_of_a_singular_value_decomposition():
    x = np.random.default_rng(0).normal(size=(50, 6)) @ np.random.default_rng(1).normal(size=(6, 6))
    center, components = principal.fit(lambda: [x], 4)
    _, _, rows = np.linalg.svd(x - x.mean(0), full_matrices=False)
    np.testing.assert_allclose(np.abs(components.T @ rows[:4].T), np.eye(4), atol=1e-9)
    np.testing.assert_allclose(components.T @ components, np.eye(4), atol=1e-12)


def test_more_than_there_are_directions_is_refused():
    x = np.random.default_rng(0).normal(size=(50, 2)) @ np.array([[1.0, 2, 3], [0, 1, 1]])
    assert principal.fit(lambda: [x], 2)[1].shape == (3, 2)
    with pytest.raises(DataError, match="varies in 2 directions, fewer than 3"):
        principal.fit(lambda: [x], 3)
    with pytest.raises(DataError, match="varies in 0 directions"):
        principal.fit(lambda: [np.ones((4, 3))], 1)


def fitted_to(x, per, count, **about):
    raw = Raw(x, np.zeros(len(x), np.int64), classes=["a"], **about)
    index = np.arange(len(x))
    return prepare.fit_components(prepare.fit(raw, index, per), x, index, count)


@pytest.mark.parametrize("per", ["dataset", "feature", "robust", "none"])
def test_they_come_last_rounded_once_and_are_undone(per):
    x = np.random.default_rng(2).normal(3, [1, 2, 3, 4], (40, 4))
    fitted = fitted_to(x, per, 2)
    before = fitted.without_components.apply(x, np.float64)
    exact = (before - before.mean(0)) @ fitted.components
    assert np.array_equal(fitted.apply(x, np.float32), exact.astype(np.float32))
    assert x.shape[1] + fitted.added == 2
    all_of_them = fitted_to(x, per, 4)
    np.testing.assert_allclose(all_of_them.undo(all_of_them.apply(x, np.float64)), x, atol=1e-6)
    # Of fewer what lies in their directions: nothing that is nearer is to be had from them.
    back = fitted.without_components.apply(fitted.undo(exact), np.float64)
    np.testing.assert_allclose((before - back) @ fitted.components, 0, atol=1e-9)


def test_an_empty_cell_counts_as_the_mean():
    columns = [{"name": "a", "kind": "number"}, {"name": "b", "kind": "number"}]
    x = np.random.default_rng(3).normal(size=(30, 2))
    x[4, 1] = np.nan
    fitted = fitted_to(x, "robust", 2, columns=columns)
    assert fitted.components.shape == (3, 2)                    # with the indicator
    filled = fitted.without_components.apply(x, np.float64)
    assert filled[4].tolist()[1:] == [0.0, 1.0]
    np.testing.assert_allclose(fitted.apply(x, np.float64),
                               (filled - filled.mean(0)) @ fitted.components)


def test_a_memory_map_gives_the_same(tmp_path):
    x = np.random.default_rng(4).normal(size=(30, 5))
    np.save(tmp_path / "x.npy", x)
    mapped = np.load(tmp_path / "x.npy", mmap_mode="r")
    fitted = fitted_to(mapped, "feature", 3)
    rows = MappedRows(mapped, np.arange(30), fitted, np.float32)
    assert rows.shape == (30, 3)
    of_array = fitted_to(x, "feature", 3).apply(x, np.float32)
    np.testing.assert_allclose(rows.take(np.array([7, 2])), of_array[[7, 2]], rtol=1e-4, atol=1e-6)


def test_what_a_run_keeps_is_the_same_to_the_bit_and_forged_it_is_refused():
    x = np.random.default_rng(5).normal(size=(30, 4))
    fitted = fitted_to(x, "feature", 2)
    plain = fitted.as_dict()
    again = preprocessing.from_dict(plain)
    assert np.array_equal(again.apply(x, np.float64), fitted.apply(x, np.float64))
    for change in ({"components": [[1.0, 2.0]]}, {"components": [1.0, 2.0, 3.0, 4.0]},
                   {"components": np.ones((4, 5)).tolist()}, {"center": [1.0]},
                   {"components": np.full((4, 2), np.nan).tolist()}, {"components": "text"},
                   {"components": np.ones((3, 2)).tolist(), "center": [1.0, 1.0, 1.0]},
                   {"components": np.ones((4, 0)).tolist()}, {"center": None}):
        with pytest.raises((ValueError, TypeError, KeyError)):
            preprocessing.from_dict(plain | change)

"""The arithmetic behind the performance page, by hand on two small cells."""

import pytest

from benchmarks import summary


def cell(*rounds, others=None):
    return {"network": "n", "rule": "sgd", "rounds": list(rounds), "others": others}


def test_ratios_are_taken_within_a_round_and_the_fastest_peer_of_each_round_counts():
    # The machine is twice as slow in the second round: the ratios 3 and 2 do not see it.
    one = cell({"flatprop": [10, 10, 40], "pytorch": [30, 30, 30], "pytorch-compile": [50]},
               {"flatprop": [20], "pytorch": [60], "pytorch-compile": [40]})
    assert summary.ratios(one, summary.PYTORCH, "flatprop") == (2.5, 2.0, 3.0)
    assert summary.ratios(one, "jax", "flatprop") is None
    assert summary.microseconds(one)["flatprop"] == 15


def test_the_geometric_mean_of_twice_and_half_is_one_and_names_the_slow_cell():
    fast = cell({"flatprop": [1.0], "jax": [2.0]})
    slow = cell({"flatprop": [2.0], "jax": [1.0]})
    mean, least, where = summary.geometric_mean([fast, slow], "jax", "flatprop")
    assert mean == pytest.approx(1.0)
    assert least == 0.5
    assert where is slow


def test_a_cell_is_disturbed_by_more_than_a_twentieth_of_the_machine():
    assert not summary.disturbed(cell(others={"a": 0.03}))
    assert summary.disturbed(cell(others={"a": 0.03, "b": 0.03}))
    assert not summary.disturbed(cell(others=None))

"""benchmarks/gpu.py, on duck_array.py's device: it must work when there is a GPU at last."""

import sys

import pytest
from duck_array import Memory

from solvers.by_name import UPDATE_RULES

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the benchmarks need Linux")


@pytest.mark.parametrize("rule", UPDATE_RULES)
def test_a_step_that_needs_nothing_from_the_host_has_the_bits_of_the_solver(rule):
    """The rate, the place in the epoch and Adam's corrections are on the device."""
    from benchmarks import gpu
    assert gpu.captured_difference(Memory().device(), rule, 6) == 0


def test_everything_that_a_model_can_be_made_of_is_compared(capsys):
    from benchmarks import gpu
    found = gpu.agreement(Memory().device(), 2)
    assert set(found.values()) == {0.0} and len(found) == len(gpu.cases()) + len(UPDATE_RULES)
    assert {"activation maxout", "norm batch", "loss square", "rule adamw"} < found.keys()
    assert "TOO MUCH" not in capsys.readouterr().out

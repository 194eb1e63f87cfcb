"""The compiled loops against the NumPy forms they replace: the same to the bit."""

import sys

import numpy as np
import pytest
from update_rule_cases import RULES, slots_for

from models.fully_connected_net import FullyConnectedNet
from solvers import schedules
from solvers.compiled import loops
from solvers.solver import Solver
from solvers.update_rules.adam import Adam
from solvers.update_rules.sgd import Sgd


@pytest.fixture(params=["numba", "python"])
def loops_run(request, monkeypatch):
    """Run the loops compiled, and as the plain Python they are: slowly, and without numba."""
    if request.param == "numba":
        pytest.importorskip("numba", reason="the compiled loops need numba, the extra [fast]")
    else:
        monkeypatch.setattr(loops, "compiled", lambda loop: loop)
        monkeypatch.setattr(loops, "LARGE", 30)


@pytest.mark.parametrize("rule_class", RULES)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_compiled_rule_gives_the_same_numbers(rule_class, dtype, loops_run):
    rng, rule = np.random.default_rng(0), rule_class()
    theta = rng.normal(size=301).astype(dtype)
    plain, one_loop = [[vector.copy(), *slots_for(rule, theta)] for vector in (theta, theta)]
    step = loops.compiled_step(rule)
    assert step != rule.step
    for t in range(1, 21):
        dtheta = (rng.normal(size=301) * 10.0 ** rng.integers(-6, 3, 301)).astype(dtype)
        rule.step(plain[0], dtheta, 0.01 / t, t, *plain[1:])
        step(one_loop[0], dtheta, 0.01 / t, t, *one_loop[1:])
    for ours, theirs in zip(one_loop, plain, strict=True):
        assert ours.dtype == dtype and np.array_equal(ours, theirs)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_whole_run_is_the_same(dtype, loops_run):
    rng = np.random.default_rng(1)
    x, y = rng.normal(size=(90, 6)).astype(dtype), rng.integers(0, 3, 90)
    ends = []
    for compiled in (False, True):
        model = FullyConnectedNet([6, 8, 3], dtype=dtype, rng=np.random.default_rng(2))
        Solver(model, (x, y), update_rule=Adam(), schedule=schedules.constant(0.01),
               reg=[1e-2, 0.0], epochs=3, batch_size=16, compiled=compiled,
               rng=np.random.default_rng(3)).train()
        ends.append(model.theta)
    assert np.array_equal(*ends)


def test_a_rule_of_ones_own_is_used_as_it_is():
    class Lazy(Sgd):
        def step(self, theta, dtheta, rate, t):
            pass

    rule = Lazy()
    assert loops.compiled_step(rule) == rule.step


def test_without_numba_the_remedy_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "numba", None)
    loops.compiled.cache_clear()
    with pytest.raises(ImportError, match=r'pip install -e ".*\[fast\]"'):
        loops.compiled_step(Sgd())
    loops.compiled.cache_clear()


def test_numba_pays_for_long_runs_alone(monkeypatch):
    monkeypatch.setattr(loops.importlib.util, "find_spec", lambda name: object())
    assert not loops.pays(152_330, 500)          # the digits: half a second of savings, at best
    assert loops.pays(669_706, 6_330)            # MNIST, 15 epochs
    assert loops.pays(2_410, 1_000_000)
    monkeypatch.setattr(loops.importlib.util, "find_spec", lambda name: None)
    assert not loops.pays(669_706, 10**6)

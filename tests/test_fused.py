"""The compiled loops against the NumPy forms they replace."""

import sys

import numpy as np
import pytest

from models.fully_connected_net import FullyConnectedNet
from solvers import fused, schedules
from solvers.solver import Solver
from solvers.update_rules.adagrad import Adagrad
from solvers.update_rules.adam import Adam
from solvers.update_rules.adamw import Adamw
from solvers.update_rules.momentum import Momentum
from solvers.update_rules.nesterov import Nesterov
from solvers.update_rules.rmsprop import Rmsprop
from solvers.update_rules.sgd import Sgd

RULES = [Sgd, Momentum, Nesterov, Adagrad, Rmsprop, Adam, Adamw]
LOOPS = [fused.add_l2, fused.sgd, fused.momentum, fused.nesterov, fused.adagrad, fused.rmsprop,
         fused.adam]


def with_numba():
    return pytest.importorskip("numba", reason="the compiled loops need numba, the extra [fast]")


def interpreted(monkeypatch):
    """Run the loops as the plain Python they are: slowly, and without numba."""
    monkeypatch.setattr(fused, "compiled", lambda loop: loop)


def run_both(make, dtype):
    rng = np.random.default_rng(0)
    theta = rng.normal(size=301).astype(dtype)
    pair = theta.copy(), theta.copy()
    rules = make(), make(fused=True)
    for step in range(20):
        dtheta = (rng.normal(size=301) * 10.0 ** rng.integers(-6, 3, 301)).astype(dtype)
        for vector, rule in zip(pair, rules, strict=True):
            rule.step(vector, dtheta, 0.01 / (1 + step))
    return pair, rules


@pytest.mark.parametrize("make", RULES)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("numba", [True, False], ids=["numba", "python"])
def test_a_fused_rule_gives_the_same_numbers(make, dtype, numba, monkeypatch):
    with_numba() if numba else interpreted(monkeypatch)
    (plain, one_loop), rules = run_both(make, dtype)
    spacing = np.spacing(np.abs(plain).max())
    assert np.abs(plain - one_loop).max() <= 4 * spacing
    assert one_loop.dtype == dtype
    for name, value in rules[0].state().items():
        other = rules[1].state()[name]
        assert np.allclose(other, value, rtol=8 * np.finfo(dtype).eps, atol=0)


@pytest.mark.parametrize("numba", [True, False], ids=["numba", "python"])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_whole_run_is_the_same(numba, dtype, monkeypatch):
    with_numba() if numba else interpreted(monkeypatch)
    rng = np.random.default_rng(1)
    x, y = rng.normal(size=(90, 6)).astype(dtype), rng.integers(0, 3, 90)
    ends = []
    for one_loop in (False, True, True):
        model = FullyConnectedNet([6, 8, 3], dtype=dtype, rng=np.random.default_rng(2))
        Solver(model, (x, y), update_rule=Adam(fused=one_loop), schedule=schedules.constant(0.01),
               reg=[1e-2, 0.0], epochs=3, batch_size=16, fused=one_loop,
               rng=np.random.default_rng(3)).train()
        ends.append(model.theta)
    assert np.allclose(ends[0], ends[1], rtol=0, atol=100 * np.finfo(dtype).eps)
    assert np.array_equal(ends[1], ends[2])


def test_without_numba_the_remedy_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "numba", None)
    fused.compiled.cache_clear()
    with pytest.raises(ImportError, match=r'pip install "flatprop\[fast\]"'):
        Sgd(fused=True).step(np.zeros(3), np.ones(3), 0.1)
    fused.compiled.cache_clear()


def test_numba_pays_for_long_runs_alone(monkeypatch):
    monkeypatch.setattr(fused.importlib.util, "find_spec", lambda name: object())
    assert not fused.pays(152_330, 500)          # the digits: half a second of savings, at best
    assert fused.pays(669_706, 6_330)            # MNIST, 15 epochs
    assert fused.pays(2_410, 1_000_000)
    monkeypatch.setattr(fused.importlib.util, "find_spec", lambda name: None)
    assert not fused.pays(669_706, 10**6)

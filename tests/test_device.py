"""Training on a device: the Solver's steps, to the bit; streams, divergence, another device.

The device is duck_array.py's, which needs none.
"""

import duck_array
import numpy as np
import pytest
from duck_array import Duck, Memory
from solver_cases import small_problem, solver_for
from update_rule_cases import RULES

from data.mapped import MappedRows
from data.preprocessing import Preprocessing
from flatprop import device
from layers import batchnorm, layernorm, square_loss
from models.fully_connected_net import FullyConnectedNet
from solvers import schedules
from solvers.clipping import clip_by_global_norm
from solvers.divergence import Diverged
from solvers.update_rules.adam import Adam
from solvers.update_rules.momentum import Momentum


def solvers(make, memory=None, **options):
    """The same Solver twice, the second with its steps on a device."""
    found = [make(**options), make(**options)]
    device.take_over(found[1], (memory or Memory()).device())
    return found


def normed(**options):
    """A Solver with all that a model can have: norm, dropout, weights, validation."""
    x, y = small_problem(np.float32)
    weights = np.linspace(0.5, 1.5, len(x)).astype(np.float32)
    model = FullyConnectedNet([4, 6, 5, 2], norm=batchnorm, drop=[0.1, 0.3, 0.2],
                              noise=[0.1, 0.2, 0.0])
    settings = {"reg": 0.01, "max_norm": 1.2, "noise_schedule": lambda t: 1 / (1 + t),
                "update_rule": Adam(),
                "schedule": schedules.cosine(0.01, 12)}
    return solver_for(model, (x, y, weights), (x[:20], y[:20]), **settings | options)


def assert_same(here, there):
    """Two Solvers that are alike to the bit, but for the seconds that they took."""
    assert np.array_equal(here.model.theta, there.model.theta)
    assert np.array_equal(here.model.statistics, there.model.statistics)
    assert all(np.array_equal(slot, there.slots[name]) for name, slot in here.slots.items())
    assert [entry | {"seconds": 0} for entry in here.history] == [
        entry | {"seconds": 0} for entry in there.history]
    assert (here.steps, here.best["epoch"]) == (there.steps, there.best["epoch"])
    assert type(there.model.theta) is np.ndarray


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_training_on_a_device_gives_the_bits_of_training_here(rule):
    here, there = solvers(normed, update_rule=rule())
    here.train()
    there.train()
    assert_same(here, there)


def test_momentum_climbs_on_a_device_too():
    here, there = solvers(normed, update_rule=Momentum(),
                          momentum_schedule=schedules.climb(0.5, 0.9, 8))
    here.train()
    there.train()
    assert_same(here, there)
    plain, _ = solvers(normed, update_rule=Momentum())
    plain.train()
    assert not np.array_equal(plain.model.theta, there.model.theta)


@pytest.mark.parametrize("options", [{"augment": lambda x, rng: x}, {"average": 0.99}])
def test_what_a_step_on_a_device_leaves_out_is_refused(options):
    with pytest.raises(ValueError, match="augment and average are of the processor"):
        solvers(normed, **options)


def test_no_step_of_a_block_waits_for_the_device(monkeypatch):
    here, there = solvers(normed, clip=1.0, update_rule=Momentum())
    unseen = device.unseen_step
    taken = []

    def watched(*batch):
        taken.append(batch)
        with duck_array.no_waiting():
            return unseen(*batch)

    monkeypatch.setattr(device, "unseen_step", watched)
    there.train()
    assert len(taken) == there.steps - 1 == 11      # the first is taken with a look at everything
    here.train()        # whose clipping divides by a length in float64
    assert np.allclose(here.model.theta, there.model.theta, atol=1e-5)


def test_blocks_end_where_a_step_is_to_be_seen():
    _, there = solvers(normed)
    seen = []
    there.stop_every, there.on_step = 3, lambda solver: seen.append(solver.steps)
    there.device.length = 4
    there.train()
    assert {3, 6, 9, 12} <= set(seen)


def test_rows_that_have_no_room_go_there_batch_by_batch():
    x, y = small_problem(np.float32, 6000)

    def make():
        return solver_for(FullyConnectedNet([4, 3, 2]), (x, y), update_rule=Momentum())

    here, there = solvers(make, Memory((x.nbytes + y.nbytes) // 2))
    assert not there.device.is_there
    here.train()
    there.train()
    assert_same(here, there)
    assert solvers(make)[1].device.is_there


@pytest.mark.parametrize("room", [2**40, 20_000])
def test_rows_of_a_file_go_there_in_pieces_or_batch_by_batch(tmp_path, monkeypatch, room):
    rows, y = small_problem(np.float64, 600)
    np.save(tmp_path / "x.npy", rows)
    mapped = MappedRows(np.load(tmp_path / "x.npy", mmap_mode="r"), np.arange(600),
                        Preprocessing(np.zeros(1), np.ones(1)), np.float32)
    monkeypatch.setattr(device, "PIECE", 1000)
    here, there = solvers(lambda: solver_for(FullyConnectedNet([4, 3, 2]), (mapped, y)),
                          Memory(room))
    assert there.device.is_there == (room > 20_000)
    here.train()
    there.train()
    assert_same(here, there)


@pytest.mark.parametrize("drop", [0.0, 0.4])
def test_a_device_diverges_at_the_same_step_with_the_weights_before_it(drop):
    def make():
        x, y = small_problem(np.float64, 400)
        x[37, 0] = 1e200        # the loss of its batch is not finite
        model = FullyConnectedNet([4, 8, 1], loss_layer=square_loss, dtype=np.float64, drop=drop)
        return solver_for(model, (x, y[:, None].astype(float)), metric=None, batch_size=4,
                          schedule=schedules.constant(1e-3), rng=np.random.default_rng(3))

    here, there = solvers(make)
    there.device.length = 64
    errors = []
    for solver in (here, there):
        with pytest.raises(Diverged) as caught, np.errstate(all="ignore"):
            solver.train()
        errors.append(str(caught.value))
        assert caught.value.step > 10
    assert errors[0] == errors[1]
    assert np.array_equal(here.model.theta, there.model.theta)


def test_a_run_changes_between_devices_where_it_stands():
    """Between blocks all is on the host, so the rest is the Solver's own."""
    here, there = solvers(normed, epochs=4)
    here.train()

    def leave(solver):
        if solver.steps >= 6:
            raise KeyboardInterrupt

    there.on_step = leave
    with pytest.raises(KeyboardInterrupt):
        there.train()
    there.on_step = there.device = None
    there.train()
    assert_same(here, there)


def test_weights_are_those_of_the_host_after_use_best():
    here, there = solvers(normed, epochs=6, schedule=schedules.constant(0.5))
    for solver in (here, there):
        solver.train()
        solver.use_best()
    assert here.evaluate(here.x, here.y) == there.evaluate(there.x, there.y)


def test_labels_that_do_not_fit_are_refused_before_they_go_there():
    x, y = small_problem()
    y[3] = 2
    solver = solver_for(FullyConnectedNet([4, 3, 2], norm=layernorm, dtype=np.float64), (x, y))
    with pytest.raises(ValueError, match=r"y holds labels from 0 to 2: with 2 classes"):
        device.take_over(solver, Memory().device())


@pytest.mark.parametrize("gradient, limit", [
    ([3.0, 4.0], 1.0), ([3.0, 4.0], 9.0), ([0.0, 0.0], 1.0), ([3e30, 4e30], 1.0),
    ([3e-30, 4e-30], 1e-30)])
def test_clipping_on_a_device_does_not_overflow_or_wait(gradient, limit):
    here = np.array(gradient, np.float32)
    there = Duck(here.copy())
    with duck_array.no_waiting():
        norm = clip_by_global_norm(there, limit)
    assert float(norm) == pytest.approx(clip_by_global_norm(here, limit), rel=1e-6)
    assert np.allclose(there._held, here, rtol=1e-6, atol=0)


def test_clipping_on_a_device_leaves_what_is_not_finite_to_be_found():
    there = Duck(np.array([1.0, np.inf]))
    with np.errstate(invalid="ignore"):
        clip_by_global_norm(there, 1.0)
    assert not np.isfinite(there._held).any()

"""Pieces of theta: every entry once, in order, and a step by pieces is a step of the whole."""

import math

import numpy as np
import pytest

from models.fully_connected_net import FullyConnectedNet
from solvers import pieces, schedules
from solvers.solver import Solver
from solvers.update_rules.adagrad import Adagrad
from solvers.update_rules.adam import Adam
from solvers.update_rules.adamw import Adamw
from solvers.update_rules.momentum import Momentum
from solvers.update_rules.nesterov import Nesterov
from solvers.update_rules.rmsprop import Rmsprop
from solvers.update_rules.sgd import Sgd

SHAPES = {"W1": (7, 3), "W2": (3, 5), "b1": (3,), "b2": (5,), "c": (1,)}


@pytest.mark.parametrize("size", [1, 2, 4, 21, 22, 44, 45, 1000])
def test_every_entry_is_taken_once_and_placed_in_order(size):
    total = sum(math.prod(shape) for shape in SHAPES.values())
    flat = {name: [(name, i) for i in range(math.prod(shape))] for name, shape in SHAPES.items()}
    seen, stop = [], 0
    theta = np.arange(float(total))
    for piece, dtheta, parts in pieces.cut(theta, SHAPES, {}, size):
        dtheta[:] = -1
        assert piece.start == stop
        assert 0 < piece.stop - piece.start <= size
        stop = piece.stop
        for name, taken, room, here, _ in parts:
            assert room.size == here.size == taken.stop - taken.start
            assert (room == -1).all()                   # no other part has been here
            assert np.shares_memory(here, theta)
            room[:] = here
            seen += flat[name][taken]
        assert np.array_equal(dtheta, theta[piece])     # everything is in its place
    assert stop == total
    assert seen == sum(flat.values(), [])


def test_only_weights_carry_their_lambda():
    planned = pieces.cut(np.zeros(45), SHAPES, {"W1": 0.5, "W2": 0.25}, 6)
    carried = {(name, twice) for _, _, parts in planned for name, *_, twice in parts}
    assert carried == {("W1", 0.5), ("W2", 0.25), ("b1", 0.0), ("b2", 0.0), ("c", 0.0)}


@pytest.mark.parametrize("make", [Sgd, Momentum, Nesterov, Adagrad, Rmsprop, Adam,
                                  lambda: Adamw(decayed=slice(0, 30)),
                                  lambda: Adamw(decayed=slice(13, None))])
def test_a_rule_in_pieces_is_the_rule_in_one(make):
    rng = np.random.default_rng(0)
    whole = rng.normal(size=44)
    by_pieces = whole.copy()
    one, other = make(), make()
    for _ in range(5):
        dtheta = rng.normal(size=44)
        one.step(whole, dtheta, 0.1)
        for start in range(0, 44, 9):
            piece = slice(start, min(start + 9, 44))
            other.step(by_pieces, dtheta[piece], 0.1, piece)
        assert np.array_equal(whole, by_pieces)


@pytest.mark.parametrize("reg", [0.0, 0.1, [0.1, 0.0, 0.3]])
def test_training_in_pieces_is_training_in_one(reg, monkeypatch):
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(50, 6)), rng.integers(0, 3, 50)
    ends = []
    for size in (pieces.SIZE, 7):
        monkeypatch.setattr(pieces, "SIZE", size)
        model = FullyConnectedNet([6, 8, 5, 3], dtype=np.float64, rng=np.random.default_rng(1))
        solver = Solver(model, (x, y), update_rule=Adam(), schedule=schedules.constant(0.01),
                        reg=reg, epochs=3, batch_size=16, rng=np.random.default_rng(2))
        assert len(solver.pieces) == (1 if size > 100 else -(-model.theta.size // 7))
        solver.train()
        ends.append(model.theta)
    assert np.array_equal(*ends)

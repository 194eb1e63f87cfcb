"""Pieces of theta: every entry once, in order, and a step by pieces is a step of the whole."""

import math

import numpy as np
import pytest

from models.fully_connected_net import FullyConnectedNet
from solvers import schedules
from solvers.by_name import UPDATE_RULES
from solvers.compiled import pieces
from solvers.solver import Solver

SHAPES = {"W1": (7, 3), "b1": (3,), "W2": (3, 5), "b2": (5,), "c": (1,)}


@pytest.mark.parametrize("size", [1, 2, 4, 21, 22, 44, 45, 1000])
def test_every_entry_is_taken_once_and_placed_in_order(size):
    total = sum(math.prod(shape) for shape in SHAPES.values())
    flat = {name: [(name, i) for i in range(math.prod(shape))] for name, shape in SHAPES.items()}
    seen, stop = [], 0
    theta, slot = np.arange(float(total)), np.arange(float(total))
    for piece in pieces.cut(theta, SHAPES, {}, [slot], size):
        assert 0 < piece.theta.size <= size
        here = slice(stop, stop + piece.theta.size)
        stop = here.stop
        for view, whole in ((piece.theta, theta), (piece.slots[0], slot)):
            assert np.shares_memory(view, whole) and np.array_equal(view, whole[here])
        piece.dtheta[:] = -1
        for name, taken, values, room, _ in piece.parts:
            assert room.size == values.size == taken.stop - taken.start
            assert (room == -1).all()                   # no other part has been here
            room[:] = values
            seen += flat[name][taken]
        assert np.array_equal(piece.dtheta, piece.theta)     # everything is in its place
    assert stop == total
    assert seen == sum(flat.values(), [])


def test_only_weights_carry_their_lambda_and_decay():
    theta = np.zeros(45)
    planned = pieces.cut(theta, SHAPES, {"W1": 0.5, "W2": 0.0}, [], 6)
    carried = {(part.name, part.twice) for piece in planned for part in piece.parts}
    assert carried == {("W1", 1.0), ("W2", 0.0), ("b1", 0.0), ("b2", 0.0), ("c", 0.0)}
    for piece in planned:
        for weights in piece.weights:
            weights += 1
    assert np.array_equal(theta, [1] * 21 + [0] * 3 + [1] * 15 + [0] * 6)


@pytest.mark.parametrize("rule", UPDATE_RULES)
@pytest.mark.parametrize("reg", [0.0, 0.1, [0.1, 0.0, 0.3]])
def test_training_in_pieces_is_training_in_one(reg, rule, monkeypatch):
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(50, 6)), rng.integers(0, 3, 50)
    ends = []
    for size in (pieces.SIZE, 7):
        monkeypatch.setattr(pieces, "SIZE", size)
        model = FullyConnectedNet([6, 8, 5, 3], dtype=np.float64, rng=np.random.default_rng(1))
        solver = Solver(model, (x, y), update_rule=UPDATE_RULES[rule](), reg=reg, epochs=3,
                        schedule=schedules.constant(0.01), batch_size=16,
                        rng=np.random.default_rng(2))
        assert len(solver.pieces) == (1 if size > 100 else -(-model.theta.size // 7))
        solver.train()
        ends.append(model.theta)
    assert np.array_equal(*ends)

"""flatprop: the Solver's own epoch, as train.py runs it in a long run: compiled.

FLATPROP_NUMBA=0 in the environment, a word of these benchmarks alone, asks for the NumPy forms.
"""

import numpy as np

from benchmarks import fresh_process
from benchmarks.networks import LAMBDA, MOMENTUM, RATES
from models.fully_connected_net import FullyConnectedNet
from solvers import schedules
from solvers.solver import Solver
from solvers.update_rules.adam import Adam
from solvers.update_rules.momentum import Momentum
from solvers.update_rules.sgd import Sgd


def make(sizes, batch, rule, x, y, start):
    """-> run(epochs), which gives the last epoch's mean loss, and weights()."""
    model = FullyConnectedNet(sizes)
    for i, (W, b) in enumerate(start, 1):
        model.params[f"W{i}"][:] = W
        model.params[f"b{i}"][:] = b
    update_rule = {
        "sgd": Sgd(), "momentum": Momentum(MOMENTUM), "adam": Adam(),
    }[rule]
    solver = Solver(
        model, (x, y), update_rule=update_rule, schedule=schedules.constant(RATES[rule]),
        reg=LAMBDA, batch_size=batch, rng=np.random.default_rng(2),
        compiled=fresh_process.compiled(),
    )

    def run(epochs):
        for _ in range(epochs):
            loss = solver.next_epoch()
        return loss

    def weights():
        return [(model.params[f"W{i}"], model.params[f"b{i}"]) for i in range(1, len(sizes))]

    return run, weights

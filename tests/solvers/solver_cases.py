"""A small problem, and a Solver for it, for the tests of the Solver."""

import numpy as np

from solvers import schedules
from solvers.solver import Solver
from solvers.update_rules.sgd import Sgd


def small_problem(dtype=np.float64, n=60):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(n, 4)).astype(dtype)
    y = (x[:, 0] * x[:, 1] > 0).astype(np.int64)
    return x, y


def solver_for(model, train, val=None, **options):
    settings = {"update_rule": Sgd(), "schedule": schedules.constant(0.1), "batch_size": 16,
                "epochs": 3, "rng": np.random.default_rng(0)} | options
    return Solver(model, train, val, **settings)

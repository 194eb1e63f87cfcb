"""Trainings by several processes, compared with one process; run by threads, or by mpiexec:

    mpiexec -n 4 python tests/solvers/ranks_cases.py
"""

import json
import sys
import threading
from pathlib import Path

import numpy as np

if __name__ == "__main__":      # started by mpiexec, not by pytest
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from data import digits
from layers import batchnorm, layernorm, maxout, squared_hinge_loss, svm_loss
from models.fully_connected_net import FullyConnectedNet
from models.two_layer_net import TwoLayerNet
from solvers import schedules
from solvers.by_name import UPDATE_RULES
from solvers.ranks import Ranks
from solvers.solver import Solver

NET = {"norm": batchnorm, "drop": 0.3}


class CountedRows:
    """An array that counts how often each of its rows was taken, as MappedRows would read it."""

    def __init__(self, x):
        self.x, self.counts = x, np.zeros(len(x), int)
        self.shape, self.dtype = x.shape, x.dtype

    def __len__(self):
        return len(self.x)

    def take(self, index, axis=0):
        np.add.at(self.counts, index, 1)
        return self.x.take(index, axis=axis)

    def __getitem__(self, rows):
        return self.take(np.arange(*rows.indices(len(self))))


def make_solver(model, x, y, *, rule="momentum", rate=0.01, rows=500, batch_size=60, epochs=12,
                val=True, weights=None, **more):
    """A Solver on some digits: with 500 rows and batches of 60, 9 steps an epoch, the last short.
    """
    return Solver(model, (x[:rows], y[:rows], *([] if weights is None else [weights[:rows]])),
                  (x[rows : rows + 70], y[rows : rows + 70]) if val else None,
                  update_rule=UPDATE_RULES[rule](), schedule=schedules.constant(rate), reg=1e-3,
                  batch_size=batch_size, epochs=epochs, rng=np.random.default_rng(1), **more)


def net(dtype="float64", **more):
    return FullyConnectedNet([64, 24, 16, 10], dtype=dtype, rng=np.random.default_rng(2), **more)


def cases():
    """{name: a function that gives a Solver}"""
    x, y = digits.load()
    x = np.asarray(x.reshape(len(x), -1), np.float64) / 16
    uneven = np.random.default_rng(3).uniform(0.5, 2, len(x))
    found = {f"{rule}, batch norm, dropout":
             lambda rule=rule: make_solver(net(**NET), x, y, rule=rule) for rule in UPDATE_RULES}
    return found | {
        "layer norm, clip, weights": lambda: make_solver(
            net(norm=layernorm), x, y, clip=0.5, weights=uneven),
        "two layers, svm": lambda: make_solver(
            TwoLayerNet(64, 20, 10, loss_layer=svm_loss, dtype="float64"), x, y, rate=0.001),
        "batches of 3": lambda: make_solver(net(**NET), x, y, rows=31, batch_size=3, epochs=2),
        "batches of 1": lambda: make_solver(net(drop=0.3), x, y, rows=11, batch_size=1, epochs=10),
        "noise that falls, maxout of 3, squared hinge, max-norm": lambda: make_solver(
            net(norm=batchnorm, noise=[0.2, 0.3, 0.1], activation=maxout, pieces=3,
                loss_layer=squared_hinge_loss), x, y, rate=0.001, epochs=4, max_norm=1.0,
            noise_schedule=schedules.polynomial(1.0, 36)),
        "patience": lambda: make_solver(net(), x, y, rate=0.3, epochs=100, patience=2),
        "no validation": lambda: make_solver(net(**NET), x, y, val=False, epochs=2),
    }


def result(solver):
    """Train; gives {part: vector} of what has come of it.

    What a bias adds before batch normalization is taken off again, so that its gradient is nothing
    but rounding, which rules that divide by its size make large; it and the mean stand apart.
    """
    history = solver.train()
    model, best = solver.model, solver.best
    running = getattr(model, "running", {})
    idle = [f"b{name[4:]}" for name in running if name.startswith("mean")]
    weights = [array.ravel() for name, array in model.params.items() if name not in idle]
    numbers = [entry[name] for entry in history
               for name in ("train_loss", "train_metric", "val_loss", "val_metric")]
    found = {"weights": np.concatenate(weights),
             "history": np.array(numbers, float),
             "best": np.array([len(history), best["epoch"]], float)}
    if idle:
        means = [array for name, array in running.items() if name.startswith("mean")]
        found["idle"] = np.concatenate([*(model.params[name] for name in idle), *means])
    return found


def differences(world):
    """{case: {part: the largest difference between these processes and one}} of every size-th
    case, which this process has trained alone too."""
    found = {}
    for number, (name, make) in enumerate(cases().items()):
        solver = make()
        Ranks(world).join(solver)
        together = result(solver)
        if number % world.size == world.rank:
            found[name] = {part: float(np.nanmax(np.abs(values - together[part])))
                           for part, values in result(make()).items()}
    return found


class Threads:
    """A world of threads, for machines without MPI."""

    def __init__(self, rank, size, barrier, held):
        self.rank, self.size, self.barrier, self.held = rank, size, barrier, held

    def Allreduce(self, array, out):
        self.held[self.rank] = array
        self.barrier.wait()
        out[...] = sum(self.held[1:], self.held[0])
        self.barrier.wait()


def in_threads(size, work):
    """What work(world) gives in each of so many threads."""
    barrier, held, found = threading.Barrier(size, timeout=60), [None] * size, [None] * size

    def run(rank):
        try:
            found[rank] = work(Threads(rank, size, barrier, held))
        except BaseException as error:
            found[rank] = error
            barrier.abort()

    threads = [threading.Thread(target=run, args=(rank,)) for rank in range(size)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    for each in found:
        if isinstance(each, BaseException) and not isinstance(each, threading.BrokenBarrierError):
            raise each
    return found


if __name__ == "__main__":
    from mpi4py import MPI
    gathered = MPI.COMM_WORLD.gather(differences(MPI.COMM_WORLD))
    if MPI.COMM_WORLD.rank == 0:
        print(json.dumps({name: parts for each in gathered for name, parts in each.items()}))

"""Several processes train as one does, each with its own rows; threads play the processes."""

import json
import subprocess
import sys

import numpy as np
import pytest
import ranks_cases
from mpi_cases import MOST, MPIEXEC, needs_mpi
from ranks_cases import CountedRows, cases, differences, in_threads, make_solver, net

from solvers.divergence import Diverged
from solvers.ranks import Ranks, share


def test_shares_are_each_row_once():
    for count in range(20):
        for size in range(1, 9):
            rows = [row for rank in range(size) for row in range(count)[share(count, rank, size)]]
            assert rows == list(range(count))


def is_rounding(parts):
    """Whether differences are those of sums in another order; see ranks_cases.result."""
    return all(value < (1e-6 if part == "idle" else 1e-8 if part == "history" else 1e-12)
               for part, value in parts.items())


@pytest.mark.slow
@pytest.mark.parametrize("size", [2, 5])
def test_the_result_is_that_of_one_process(size):
    found = {name: parts for each in in_threads(size, differences) for name, parts in each.items()}
    assert len(found) == len(cases())
    assert {name: parts for name, parts in found.items() if not is_rounding(parts)} == {}


@pytest.mark.slow
@needs_mpi
@pytest.mark.processes
@pytest.mark.parametrize("size", [1, 2, 4])
def test_the_same_by_mpi(size):
    done = subprocess.run([MPIEXEC, "-n", str(size), sys.executable, ranks_cases.__file__],
                          capture_output=True, text=True, timeout=5 * MOST)
    assert done.returncode == 0, done.stdout + done.stderr
    found = json.loads(done.stdout)
    assert len(found) == len(cases())
    assert {name: parts for name, parts in found.items() if not is_rounding(parts)} == {}


def test_a_process_reads_its_own_rows_alone():
    def work(world):
        solver = cases()["sgd, batch norm, dropout"]()
        train, val = CountedRows(solver.x), CountedRows(solver.val[0])
        solver.x, solver.val, solver.epochs = train, (val, solver.val[1]), 3
        Ranks(world).join(solver)
        solver.train()
        return train.counts, val.counts

    train, val = (sum(counts) for counts in zip(*in_threads(3, work), strict=True))
    # Each epoch, every row once, and once for its accuracy; all processes together.
    assert (train == 6).all() and (val == 3).all()


def test_all_stop_at_the_same_step_and_diverge_at_the_same_place():
    class Stop(Exception):
        pass

    def work(world, bad):
        x = np.random.default_rng(0).normal(size=(60, 64))
        x[bad] = np.nan
        solver = make_solver(net(), x, np.zeros(60, int), rows=50, batch_size=7, val=False)
        ranks = Ranks(world, lambda: world.rank == 2 and solver.steps == 4)
        ranks.join(solver)

        def after_step(solver):
            if ranks.asked():
                raise Stop(solver.steps)
        solver.on_step = after_step
        try:
            solver.train()
        except (Stop, Diverged) as end:
            return repr(end)

    assert in_threads(3, lambda world: work(world, slice(0))) == ["Stop(5)"] * 3
    (text,) = set(in_threads(3, lambda world: work(world, slice(None))))
    assert "step 0" in text and "the input x" in text

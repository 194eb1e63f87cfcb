"""One training by several processes, the ranks of MPI: each takes its rows of every minibatch.

    world = mpi4py.MPI.COMM_WORLD               mpiexec -n 4 python -m mpi4py my_training.py
    Ranks(world).join(solver)
    solver.train()

All of them take the same step: what they compute of their rows is added up, the loss and the
gradients in one message, and with batch normalization two sums a layer on the way forward and one
on the way back, since its statistics are those of all rows. So the result is that of one process
but for rounding. Dropout's mask is drawn for the whole batch by each of them.

Every process builds the same Solver, with the same seed; only its rows are taken out of the data.
A world has a rank, a size, and Allreduce(array, sum).
"""

import copy
import functools

import numpy as np

from layers import batchnorm
from models import parameters
from models.fully_connected_net import FullyConnectedNet
from solvers import contract


def share(count, rank, size):
    """Which of `count` rows in a row process `rank` of `size` takes, a slice; it may be empty."""
    return slice(count * rank // size, count * (rank + 1) // size)


class Ranks:
    """The processes of a world that train one network.

    wants_stop() says whether this one is to stop; asked() whether any of them was, when the last
    step was taken, which all of them know at the same step.
    """

    def __init__(self, world, wants_stop=lambda: False):
        self.world, self.wants_stop, self.stops = world, wants_stop, 0

    def total(self, array, out=None):
        """The sum of an array over all processes, the same to the bit in all of them."""
        out = np.empty_like(array) if out is None else out
        self.world.Allreduce(array, out)
        return out

    def share(self, count):
        """Which of so many rows this process takes."""
        return share(count, self.world.rank, self.world.size)

    def asked(self):
        """Whether one of them was to stop when the last step was taken."""
        return self.stops > 0

    def join(self, solver):
        """Let a Solver train its model together with those of the other processes."""
        solver.model = Together(solver.model, self)
        solver.x = Rows(solver.x, self)
        if solver.val is not None:
            solver.val = Rows(solver.val[0], self), solver.val[1]

        solver.on_epoch = lambda _entry: self.agree(solver)

    def agree(self, solver):
        """After an epoch: take over the weights of process 0, and whether it goes on, as machines
        of another kind may round in another way.
        """
        first = self.world.rank == 0
        solver.model.theta[:] = self.total(solver.model.theta * first)
        solver.counted["epoch"] = int(self.total(np.array([solver.counted["epoch"] * first]))[0])

    def leave(self, solver):
        """Undo join()."""
        solver.model, solver.x = solver.model.model, solver.x.x
        if solver.val is not None:
            solver.val = solver.val[0].x, solver.val[1]


class Rows:
    """Examples x (N, D), an array or MappedRows, of which each process reads its own alone.

    index, a range or an array, says which of them these are; mine which of those are this process's
    own, a slice, and weight their share of all. Where it has none, `rows` is a row of zeros, so
    that it computes, and sends, what the others wait for. NumPy takes this for the array of all
    rows, and gets it.
    """

    def __init__(self, x, ranks, index=None):
        self.x, self.ranks = x, ranks
        self.index = range(len(x)) if index is None else index
        self.mine = ranks.share(len(self.index))
        self.weight = (self.mine.stop - self.mine.start) / max(1, len(self.index))

    def __len__(self):
        return len(self.index)

    def take(self, index, axis=0):
        """The rows of index (B,), of those of a range."""
        return Rows(self.x, self.ranks, self.index.start + index)

    def __getitem__(self, rows):
        """The rows of a slice."""
        return Rows(self.x, self.ranks, self.index[rows])

    @functools.cached_property
    def rows(self):
        """The own rows (n, D), read now; n is at least 1."""
        own = self.index[self.mine]
        if not len(own):
            return np.zeros((1, self.x.shape[1]), self.x.dtype)
        return (self.x[own.start : own.stop] if isinstance(own, range) else
                self.x.take(own, axis=0))

    def of_own(self, values):
        """Of values (N, ...), one for each row, those of `rows` (n, ...)."""
        return values[self.mine if self.weight else slice(1)]

    def whole(self, values):
        """From the values (n, ...) that every process has of its `rows`, those of all (N, ...)."""
        out = np.zeros((len(self), *values.shape[1:]), values.dtype)
        if self.weight:
            out[self.mine] = values
        return self.ranks.total(out)

    def __array__(self, dtype=None, copy=None):
        return self.whole(self.rows).astype(dtype)


class Together:
    """A model whose loss and gradients are those of all rows of a batch, for the Solver.

    It shares theta and the statistics with the model, whose layers it runs.
    """

    def __init__(self, model, ranks):
        self.model, self.ranks = model, ranks
        self.theta, self.params, self.shapes = model.theta, model.params, model.shapes
        self.weights, self.loss_layer = model.weights, model.loss_layer
        self.statistics = contract.statistics(model)
        self.running, self.rng = getattr(model, "running", {}), contract.generator(model)
        self.mine = copy.copy(model)        # which shares theta and the statistics
        self.of_batch = []                  # what has to know the batch
        if isinstance(model, FullyConnectedNet):
            self.mine.rng = OwnDraws(model.rng.bit_generator)
            self.of_batch.append(self.mine.rng)
            if model.norm is batchnorm:
                self.mine.norm = WholeNorm(ranks)
                self.of_batch.append(self.mine.norm)
        # The loss, whether to stop, and the gradients, as one vector: one message a step.
        self.sums = np.empty(2 + self.theta.size, self.theta.dtype)
        self.totals = np.empty_like(self.sums)

    def loss(self, x, y, weights=None):
        """Mean loss over a batch, Rows x and y (N, ...), and its gradient for every parameter."""
        for each in self.of_batch:
            each.batch = x
        given = () if weights is None else (x.of_own(weights),)
        loss, grads = self.mine.loss(x.rows, x.of_own(y), *given)
        self.sums[:2] = loss * x.weight, self.ranks.wants_stop()
        for name, part in parameters.views(self.sums[2:], self.shapes).items():
            np.multiply(grads[name], x.weight, out=part)
        totals = self.ranks.total(self.sums, self.totals)
        self.ranks.stops = totals[1]
        return totals[0], parameters.views(totals[2:], self.shapes)

    @property
    def noise_share(self):
        """That of the model."""
        return self.mine.noise_share

    @noise_share.setter
    def noise_share(self, share):
        self.mine.noise_share = share

    def scores(self, x):
        """Rows (N, D) -> the scores (N, C) of them all."""
        return x.whole(self.mine.scores(x.rows))

    def activations(self, x):
        """Rows -> the output of each layer by name, in order, for them all."""
        outputs = contract.activations(self.mine, x.rows)
        return {name: x.whole(values) for name, values in outputs.items()}


class OwnDraws(np.random.Generator):
    """Draws for all rows of `batch`, Rows, and gives those of its own: the masks of one process."""

    batch: Rows     # of the step, which Together sets

    def standard_normal(self, size, dtype=np.float64):
        """size (n, ...) -> (n, ...)"""
        return self.batch.of_own(super().standard_normal((len(self.batch), *size[1:]), dtype))

    def random(self, size, dtype=np.float64):
        """size (n, ...) -> (n, ...)"""
        return self.batch.of_own(super().random((len(self.batch), *size[1:]), dtype))


class WholeNorm:
    """layers/batchnorm.py, with the mean and the variance of all rows of `batch`, Rows."""

    batch: Rows     # of the step, which Together sets

    def __init__(self, ranks):
        self.total = ranks.total

    def forward(self, x, gamma, beta, running=None):
        """As batchnorm.forward, for the own rows x (n, M)."""
        if running is None:
            weight = self.batch.weight
            mean = self.total(weight * x.mean(axis=0))
            var = self.total(weight * np.square(x - mean).mean(axis=0))
            running = mean, var
        return batchnorm.forward(x, gamma, beta, running)

    def backward(self, dout, cache):
        """As batchnorm.backward, for the own rows: dx (n, M), and their dgamma (M,), dbeta (M,).

        dout is of the mean loss of the own rows, which the whole one has by their weight.
        """
        x, _, mean, var, eps, _ = cache
        _, dgamma, dbeta = batchnorm.backward(dout, cache)
        whole_dgamma, whole_dbeta = self.total(self.batch.weight * np.stack([dgamma, dbeta]))
        normalized = (x - mean) / np.sqrt(var + eps)
        dout = dout - (whole_dbeta + normalized * whole_dgamma) / len(x)
        dx, _, _ = batchnorm.backward(dout, cache)      # in which mean and var are constants
        return dx, dgamma, dbeta

    def update_running(self, mean, var, cache):
        """As batchnorm.update_running."""
        x, gamma, whole_mean, whole_var, eps, _ = cache
        rows = np.broadcast_to(x[0], (len(self.batch), x.shape[1]))    # it counts them
        return batchnorm.update_running(mean, var, (rows, gamma, whole_mean, whole_var, eps, True))

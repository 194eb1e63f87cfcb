"""Training and scoring on a GPU: the same layers, models and update rules, on arrays over there.

Why it is short: CuPy's arrays answer NumPy's own calls, so the flat code runs on them as it is.
What a step must not do is wait: whoever looks at a number, such as whether a loss is finite, waits
until the device has done all that it was asked for. So steps are taken in blocks, of about a
second. A Solver keeps its arrays on the host. At the start of a block they go to the device, at its
end they come back, and between blocks the Solver is as it would be after that step: a checkpoint, a
signal, or the end of an epoch meets nothing special, and files are the same as without a device.

A block that ends in numbers that are not finite is taken again by halves, until one step is left;
that is taken with a look at everything, as the Solver does, so that Diverged names the same step.

Not yet measured on a GPU: the tests have an array that is as strict as CuPy's.
"""

import copy
import os
import time
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from data import batches
from data.extras import MissingExtra, pip_install
from models import parameters
from solvers import contract
from solvers.clipping import clip_by_global_norm
from solvers.compiled import blocks, pieces
from solvers.ratios import update_ratios

SECONDS = 1.0           # that a block is to take
OF_ROOM = 0.5           # of the device's free memory, the share for the training rows
PIECE = 2**26           # bytes of rows that go to the device at a time


class Device(NamedTuple):
    """Where arrays can be: array(a) copies one of the host there, host(a) back; free() says how
    many bytes are left. text is what a user calls it, cupy the module that captures steps there
    (flatprop/captured.py)."""

    text: str
    array: Callable
    host: Callable
    free: Callable
    cupy: object


class DeviceError(Exception):
    """There is no device to use; the text is one line."""


def cuda(tf32=False):
    """The first NVIDIA GPU. tf32: let products round their factors to 10 bits, which is faster.

    Raises MissingExtra where CuPy is missing, DeviceError where no GPU answers.
    """
    os.environ["CUPY_TF32"] = str(int(tf32))        # which CuPy reads as it is imported
    try:
        import cupy
    except ImportError as error:
        raise MissingExtra(f"a GPU needs CuPy: {pip_install('gpu')}") from error
    try:
        ones = cupy.ones((2, 2), np.float32)
        float((ones @ ones).sum())                  # which needs the driver, a compiler and cuBLAS
        properties = cupy.cuda.runtime.getDeviceProperties(cupy.cuda.Device().id)
    except Exception as error:      # of many kinds: of the driver, of a library that is missing
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        raise DeviceError(f"no GPU that CuPy can use ({reason}): nvidia-smi says which GPU and "
                          "which driver there are") from error
    pool = cupy.get_default_memory_pool()
    return Device(properties["name"].decode(), cupy.asarray, cupy.asnumpy,
                  lambda: cupy.cuda.runtime.memGetInfo()[0] + pool.free_bytes(), cupy)


def move(model, device):
    """A copy of a model with its arrays on a device; it draws from the same generator."""
    twin = copy.copy(model)
    twin.theta = device.array(model.theta)
    twin.params = parameters.views(twin.theta, model.shapes)
    twin.statistics = device.array(contract.statistics(model))
    if hasattr(model, "running"):
        shapes = {name: view.shape for name, view in model.running.items()}
        twin.running = parameters.views(twin.statistics, shapes)
    return twin


class Scorer:
    """A model whose scores are computed on a device, for inputs of the host, and come back."""

    def __init__(self, model, device):
        self.device, self.there = device, move(model, device)
        self.loss_layer, self.theta, self.params = model.loss_layer, model.theta, model.params
        self.shapes, self.weights = model.shapes, model.weights

    def scores(self, x):
        """x (N, D) -> scores (N, C), both on the host."""
        return self.device.host(self.there.scores(self.device.array(x)))


def take_over(solver, device):
    """Let a Solver take its steps, and score, on a device. Raises ValueError for labels that do not
    fit the model, which nobody looks at there, and for augment and average, which are not there."""
    if solver.augment is not None or solver.average is not None:
        raise ValueError("augment and average are of the processor: train there, or without them")
    x, y = solver.x, solver.y
    ends = [0] if y.dtype.kind == "f" else [int(y.argmin()), int(y.argmax())]
    outputs = solver.model.scores(x[:1]).shape[1:]
    scores = np.zeros((len(ends), *outputs), solver.model.theta.dtype)
    solver.model.loss_layer.forward(scores, y[ends])
    solver.device = OnDevice(solver, device)


class OnDevice:
    """Takes the steps of a Solver on a device."""

    def __init__(self, solver, device):
        self.device, self.length = device, 1
        self.take_steps = self.take_each        # or a graph's, of flatprop/captured.py
        self.plain = None       # why it is not a graph's, where it was to be
        arrays = [solver.x, solver.y] + ([] if solver.weights is None else [solver.weights])
        row = sum(array.dtype.itemsize * int(np.prod(array.shape[1:])) for array in arrays)
        self.is_there = row * len(solver.x) <= OF_ROOM * device.free()
        if self.is_there:
            self.rows = [upload(array, device) for array in arrays]

    def scorer(self, model):
        """A model that computes the scores of this one on the device."""
        return Scorer(model, self.device)

    def twin_of(self, solver):
        """The Solver as it is now, with its model, slots and pieces on the device."""
        twin = copy.copy(solver)
        twin.model = move(solver.model, self.device)
        twin.slots = {name: self.device.array(slot) for name, slot in solver.slots.items()}
        twin.compiled, twin.rule_step = False, solver.update_rule.step
        strengths = dict(zip(solver.model.weights, solver.reg, strict=True))
        twin.pieces = pieces.cut(twin.model.theta, solver.model.shapes, strengths,
                                 twin.slots.values(), twin.model.theta.size)
        return twin

    def bring_back(self, solver, twin, theta):
        """Let the Solver be where its twin has come to; theta is the twin's, on the host."""
        solver.model.theta[:] = theta
        contract.statistics(solver.model)[:] = self.device.host(twin.model.statistics)
        for name, slot in solver.slots.items():
            slot[:] = self.device.host(twin.slots[name])
        solver.steps = twin.steps

    def step(self, solver, x, y, *weights):
        """One step with a look at everything, as Solver.step; gives the loss, a number.

        Raises Diverged.
        """
        twin = self.twin_of(solver)
        loss = float(twin.step(*map(self.device.array, (x, y, *weights))))
        self.bring_back(solver, twin, self.device.host(twin.model.theta))
        return loss

    def take_block(self, solver, steps, is_last):
        """Take so many steps, or fewer, where some of their numbers are not finite; is_last:
        whether the last of them is the epoch's."""
        started, at, rng = time.perf_counter(), solver.steps, contract.generator(solver.model)
        drawn = None if rng is None else rng.bit_generator.state
        # The first step of all shows whether what the model gives can be used.
        while at and steps and not self.take_unseen(solver, steps, is_last):
            if rng is not None:
                rng.bit_generator.state = drawn
            steps, is_last = steps // 2, False
        if solver.steps == at:
            self.take_seen(solver)
        elif steps == self.length:
            wanted = SECONDS / max(time.perf_counter() - started, 1e-9) * steps
            self.length = max(1, min(int(wanted), 4 * self.length, blocks.MOST_STEPS))

    def take_seen(self, solver):
        """The next step of the epoch, with a look at everything. Raises Diverged."""
        index = solver.order[solver.place : solver.place + solver.batch_size]
        before = solver.model.theta.copy()
        solver.total += self.step(solver, *solver.take(index)) * index.size
        solver.place += index.size
        if solver.place == solver.order.size:
            solver.ratios = update_ratios(solver.model, before)

    def take_unseen(self, solver, steps, is_last):
        """Take so many steps without waiting for one. Gives whether all is finite; the Solver stays
        where it was if not."""
        size = solver.batch_size
        order = solver.order[solver.place : solver.place + steps * size]
        twin, losses, before = self.take_steps(solver, order)
        theta, losses = self.device.host(twin.model.theta), self.device.host(losses)
        if not (np.isfinite(losses).all() and np.isfinite(theta).all()):
            return False
        if is_last:
            solver.ratios = update_ratios(twin.model, before)
        self.bring_back(solver, twin, theta)
        for step, loss in enumerate(losses.tolist()):
            solver.total += loss * min(size, order.size - step * size)
        solver.place += order.size
        return True

    def take_each(self, solver, order):
        """Take the steps of an order (n,) of rows call by call. Gives the Solver after them, their
        losses and the weights before the last of them, all on the device."""
        twin = self.twin_of(solver)
        steps = -(-order.size // solver.batch_size)
        losses, before = np.empty_like(twin.model.theta, shape=(steps,)), None
        for step, batch in enumerate(self.batches(solver, order)):
            if step == steps - 1:
                before = twin.model.theta.copy()
            losses[step] = unseen_step(twin, *batch)
        return twin, losses, before

    def batches(self, solver, order):
        """The minibatches of an order (n,) of rows, on the device. Where not all rows are, those of
        a batch go there while it is still computing the one before."""
        if not self.is_there:
            for index in batches.cut(order, solver.batch_size):
                yield map(self.device.array, solver.take(index))
            return
        x, y, *weights = self.rows
        for index in batches.cut(self.device.array(order), solver.batch_size):
            yield *batches.take(x, y, index), *(each[index] for each in weights)


def unseen_step(twin, x, y, *weights):
    """Solver.step without a look at its numbers; gives the loss, an array () of the device."""
    rate = twin.next_rate()
    loss, grads = twin.model.loss(x, y, *weights)
    twin.steps += 1
    for piece in twin.pieces:
        dtheta = pieces.gradient_with_l2(grads, piece, compiled=False)
        if twin.clip is not None:
            clip_by_global_norm(dtheta, twin.clip)
        twin.update(piece, dtheta, rate)
    twin.limit_weights()
    return loss


def upload(array, device):
    """A copy on a device of an array, or of MappedRows, a piece of the rows at a time."""
    rows = max(1, PIECE // max(1, array.dtype.itemsize * int(np.prod(array.shape[1:]))))
    if len(array) <= rows:
        return device.array(array[:])
    first = device.array(array[:rows])
    there = np.empty_like(first, shape=array.shape)
    there[:rows] = first
    for start in range(rows, len(array), rows):
        there[start : start + rows] = device.array(array[start : start + rows])
    return there

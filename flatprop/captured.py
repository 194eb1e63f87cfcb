"""The training step on a GPU as one CUDA graph: --captured yes. Not yet measured on a GPU.

Call by call a step is 40 to 140 operations, each launched by the processor; on small nets the GPU
waits for it. A graph is captured once, and a step is then one launch. It is a list of kernels with
their arguments, so what changes from step to step must be read on the device: the rows, and the
numbers of the update rule, from a table. A graph that is wrong gives wrong numbers and no error.
So none is used before it has proved itself: its first steps, in two blocks and with rates that
halve, are compared with the same steps call by call. The gradients must be those of the layers, and
the weights what the rule makes of the graph's gradients, for Adam makes a whole step of a gradient
that is 0 but for rounding. If anything differs, is not finite or raises, steps are taken call by
call, and solver.device.plain says why. The proof changes nothing of the Solver.

Before it is captured, all arrays are made and waited for, and steps at a rate of 0 have compiled
the kernels and filled its pool of memory. Its products are cublas.py's.
"""

import copy
import math

import numpy as np

from data import batches
from flatprop.cublas import Sgemm
from flatprop.device import unseen_step
from layers import affine
from layers.by_name import ACTIVATIONS, LOSSES, NORMS
from models.by_name import MODELS
from solvers import contract
from solvers.by_name import UPDATE_RULES
from solvers.clipping import clip_by_global_norm
from solvers.compiled.pieces import gradient_with_l2
from solvers.update_rules.adam import Adam

WARM_UP, PROOF = 3, 4       # steps that warm up, steps that are compared
BOUND = 1e-4                # how far these may be apart, of what they are compared with
LAYERS = [affine, *ACTIVATIONS.values(), *LOSSES.values(), *NORMS.values()]


def use(solver):
    """Let a Solver that is on a device, of device.take_over, take its steps by a graph, if it can;
    solver.device.plain is None then, and otherwise says why not, a few words."""
    why = why_not(solver)
    with np.errstate(all="ignore"):
        try:
            graph = None if why else Graph(solver)
            why = why or graph.differs(solver)
        except Exception as error:      # of CuPy, of cuBLAS, of the driver: of many kinds
            why = (str(error).splitlines() or [type(error).__name__])[0]
    solver.device.plain = why
    if not why:
        solver.device.take_steps = graph.take_steps


def why_not(solver):
    """Why nobody need try to capture the steps of a Solver, a few words, or None."""
    model = solver.model
    if type(model) not in MODELS.values() or model.loss_layer not in LAYERS or not all(
            layer in LAYERS for layer, _ in model.chain()):
        return "the model or a layer is not the project's"
    if type(solver.update_rule) not in UPDATE_RULES.values():
        return "the update rule is not the project's"
    if model.theta.dtype != np.float32:
        return "the weights are not float32"
    return None if solver.device.is_there else "the training rows do not fit there"


class Graph:
    """A Solver's step as a graph, and the arrays that it reads and writes, which stay where they
    are. Raises what CuPy raises where it cannot be captured, RuntimeError where it would be wrong.
    """

    def __init__(self, solver):
        self.on, self.size, cupy = solver.device, solver.batch_size, solver.device.device.cupy
        self.twin, array = self.on.twin_of(solver), self.on.device.array
        steps = max(PROOF, -(-len(solver.x) // self.size))      # of an epoch, so of any block
        self.order = array(np.zeros(steps * self.size, np.int64))
        self.within, self.at = array(np.arange(self.size)), array(np.zeros(1, np.int64))
        self.losses = array(np.zeros(steps, np.float32))
        self.table = array(np.zeros((steps, 3), np.float32))    # of numbers_of_rule
        self.stream, self.pool = cupy.cuda.Stream(non_blocking=True), cupy.cuda.MemoryPool()
        self.sgemm, rng = Sgemm(cupy, self.stream), contract.generator(solver.model)
        cupy.cuda.Device().synchronize()        # all of this was filled on another stream
        drawn = None if rng is None else rng.bit_generator.state
        with (self.stream, cupy.cuda.using_allocator(self.pool.malloc),
              self.sgemm.in_place_of_affine()):
            for _ in range(WARM_UP):
                self.step()
            self.stream.synchronize()
            if rng is not None and str(rng.bit_generator.state) != str(drawn):
                rng.bit_generator.state = drawn
                raise RuntimeError("random numbers, as for dropout, are drawn on the processor")
            self.stream.begin_capture()
            try:
                self.step()
            finally:
                self.graph = self.stream.end_capture()

    def step(self):
        """The next step of a block: what is captured. differs() finds its gradients in grads."""
        twin, (piece,), (x, y, *weights) = self.twin, self.twin.pieces, self.on.rows
        index = self.order.take(self.at * self.size + self.within)
        loss, self.grads = twin.model.loss(*batches.take(x, y, index),
                                           *(each[index] for each in weights))
        dtheta = gradient_with_l2(self.grads, piece, compiled=False)
        if twin.clip is not None:
            clip_by_global_norm(dtheta, twin.clip)
        row, rule = self.table.take(self.at, axis=0), copy.copy(twin.update_rule)
        for each in piece.weights if twin.decay_weights else ():
            rule.decay_weights(each, row[0, :1])
        rule.eps = row[0, 2:]
        rule.step(piece.theta, dtheta, row[0, 1:2], math.inf, *piece.slots)
        self.losses[self.at] = loss
        self.at += 1

    def begin(self, solver, order):
        """Put where a Solver stands, and the order (n,) of the rows of a block, where the graph
        reads it."""
        array, twin, steps = self.on.device.array, self.twin, -(-order.size // self.size)
        twin.model.theta[...] = array(solver.model.theta)
        twin.model.statistics[...] = array(contract.statistics(solver.model))
        for name, slot in solver.slots.items():
            twin.slots[name][...] = array(slot)
        self.order[: order.size] = array(order)
        t = np.arange(solver.steps, solver.steps + steps)
        rates = np.array([solver.schedule(step) for step in t.tolist()])
        table = np.stack(numbers_of_rule(solver.update_rule, rates, t + 1), axis=1)
        self.table[:steps] = array(table.astype(np.float32))
        self.at.fill(0)

    def take_steps(self, solver, order):
        """As OnDevice.take_each; a short last minibatch is taken call by call."""
        twin, steps, before = self.twin, -(-order.size // self.size), None
        with self.stream:
            self.begin(solver, order)
            for step in range(steps):
                if step == steps - 1:
                    before = twin.model.theta.copy()
                if (step + 1) * self.size <= order.size:
                    self.graph.launch(self.stream)
                    continue
                twin.steps = solver.steps + step
                (batch,) = self.on.batches(solver, order[step * self.size :])
                self.losses[step] = unseen_step(twin, *batch)
            twin.steps = solver.steps + steps
            self.stream.synchronize()
        return twin, self.losses[:steps], before

    def differs(self, solver):
        """What the graph's first steps do otherwise than call by call, a few words, or None."""
        here, first = copy.copy(solver), solver.schedule(solver.steps)
        here.model, here.slots = copy.deepcopy((solver.model, solver.slots))
        here.schedule = lambda step: first * 0.5 ** (step - solver.steps)
        with self.stream:
            for order in np.split(np.arange(PROOF * self.size) % len(solver.x), 2):
                self.begin(here, order)
                for at, batch in enumerate(self.on.batches(here, order)):
                    for what, off, allowed in self.compare(here, at, list(batch)):
                        if not off <= allowed:          # a NaN is not
                            return f"its first steps have other {what} than call by call"
        return None

    def compare(self, here, at, batch):
        """Launch step `at` of a block, and let a Solver, `here`, take it; gives [(what of it, how
        far that is from the same call by call, how far it may be)]."""
        there, norm, before = self.twin, np.linalg.norm, here.model.theta.copy()
        plain, given = self.on.twin_of(here), self.on.twin_of(here)
        loss, grads = plain.model.loss(*batch)
        self.graph.launch(self.stream)
        given.model.loss = lambda *_: (loss, self.grads)
        unseen_step(given, *batch)
        there.steps = given.steps
        self.on.bring_back(here, there, self.on.device.host(there.model.theta))
        found = []
        for what, graphs, right in (
                ("losses", [self.losses[at : at + 1]], [loss]),
                ("gradients", [self.grads[name] for name in grads], grads.values()),
                ("statistics", [there.model.statistics], [plain.model.statistics]),
                ("slots", there.slots.values(), given.slots.values())):
            right = self.vector(right)
            found.append((what, norm(self.vector(graphs) - right), BOUND * norm(right)))
        right = self.vector([given.model.theta])
        moved, rounding = norm(right - before), np.finfo(np.float32).eps * norm(right)
        return [*found, ("weights", norm(here.model.theta - right), BOUND * moved + rounding),
                ("weights, too little to be compared,", 10 * rounding, moved)]

    def vector(self, arrays):
        """Arrays of the device as one vector of the host, in float64."""
        parts = [self.on.device.host(array).reshape(-1) for array in arrays]
        return np.concatenate([np.zeros(0), *parts])


def numbers_of_rule(rule, rates, t):
    """What steps t (n,) have for a rule: the rates (n,), and those and eps with Adam's corrections:
    rate m_hat / (sqrt(v_hat) + eps) = rate root / (1 - beta1^t) m / (sqrt(v) + eps root)."""
    if not isinstance(rule, Adam):
        return rates, rates, np.full(t.shape, getattr(rule, "eps", 0.0))
    root = np.sqrt(1 - rule.beta2**t)
    return rates, rates * root / (1 - rule.beta1**t), rule.eps * root

"""The training step on a GPU as one CUDA graph: --captured yes. Not yet measured on a GPU.

Call by call a step is 40 to 140 operations, each launched by the processor, for which the GPU waits
on small nets. A graph is captured once, and launched with one call. It is a list of kernels with
their arguments, so what changes from step to step must be read on the device: the rows, and the
numbers of the update rule. A graph that is wrong gives wrong numbers and no error. So none is used
before it has proved itself: its first steps, in two blocks and at rates that halve, are compared
with the same call by call. The gradients must be those of the layers, and the weights what the rule
makes of the graph's gradients, as Adam makes a whole step of one that is 0 but for rounding. If
anything differs, is not finite or raises, steps are taken call by call; solver.device.plain is why.

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

WARM_UP, PROOF, BOUND = 3, 4, 1e-4      # steps to warm up, to compare; how far apart these may be
LAYERS = [affine, *ACTIVATIONS.values(), *LOSSES.values(), *NORMS.values()]


def use(solver):
    """Let a Solver on a device, of device.take_over, take its steps by a graph, if it can."""
    on = solver.device
    on.plain = why_not(solver)
    if on.plain is not None:
        return
    try:
        with np.errstate(all="ignore"):
            graph = Graph(solver)
            on.plain = graph.differs(solver)
        if on.plain is None:
            on.take_steps = graph.take_steps
    except Exception as error:      # of CuPy, of cuBLAS, of the driver: of many kinds
        first = error.__context__ or error      # that of the end of a capture says less
        on.plain = (str(first).splitlines() or [type(first).__name__])[0]


def why_not(solver):
    """Why nobody need try to capture the steps of a Solver, a few words, or None."""
    model = solver.model
    if type(model) not in MODELS.values():
        return "the model is not the project's"
    if any(layer not in LAYERS for layer, _ in [*model.chain(), (model.loss_layer, [])]):
        return "a layer is not the project's"
    if type(solver.update_rule) not in UPDATE_RULES.values():
        return "the update rule is not the project's"
    if model.theta.dtype != np.float32:
        return "the weights are not float32"
    return None if solver.device.is_there else "the training rows do not fit there"


class Graph:
    """A Solver's step as a graph, and the arrays that it reads and writes. Raises what CuPy raises,
    and RuntimeError, where it cannot be captured."""

    def __init__(self, solver):
        self.on, self.size, cupy = solver.device, solver.batch_size, solver.device.device.cupy
        self.twin, array = self.on.twin_of(solver), self.on.device.array
        steps = max(PROOF, -(-len(solver.x) // self.size))      # of an epoch, so of any block
        self.order = array(np.zeros(steps * self.size, np.int64))
        self.within, self.at = array(np.arange(self.size)), array(np.zeros(1, np.int64))
        self.losses = array(np.zeros(steps, np.float32))
        self.table = array(np.zeros((steps, 4), np.float32))    # of numbers_of_rule
        self.stream, self.pool = cupy.cuda.Stream(non_blocking=True), cupy.cuda.MemoryPool()
        self.sgemm, rng = Sgemm(cupy, self.stream), contract.generator(solver.model)
        cupy.cuda.Device().synchronize()        # all of this was filled on another stream
        self.twin.model.rng = own = copy.deepcopy(rng)      # the Solver's draws nothing here
        with (self.stream, cupy.cuda.using_allocator(self.pool.malloc),
              self.sgemm.in_place_of_affine()):
            for _ in range(WARM_UP):
                self.step()
            self.stream.synchronize()
            if rng and own and str(rng.bit_generator.state) != str(own.bit_generator.state):
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
        rule.eps, rule.momentum = row[0, 2:3], row[0, 3:]
        rule.step(piece.theta, dtheta, row[0, 1:2], math.inf, *piece.slots)
        twin.limit_weights()
        self.losses[self.at] = loss
        self.at += 1

    def begin(self, solver, order):
        """Put where a Solver stands, and a block's rows (n,), where the graph reads them."""
        array, twin, steps = self.on.device.array, self.twin, -(-order.size // self.size)
        twin.model.theta[...] = array(solver.model.theta)
        twin.model.statistics[...] = array(contract.statistics(solver.model))
        for name, slot in solver.slots.items():
            twin.slots[name][...] = array(slot)
        self.order[: order.size] = array(order)
        self.table[:steps] = array(numbers_of_rule(solver, steps))
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
        here, start, first = copy.copy(solver), solver.steps, solver.schedule(solver.steps)
        here.model, here.slots = copy.deepcopy((solver.model, solver.slots))
        here.update_rule = copy.copy(solver.update_rule)
        here.schedule = lambda step: first * 0.5 ** (step - start)
        here.momentum_schedule = here.momentum_schedule and (lambda step: 0.9 / (1 + step - start))
        with self.stream:
            for order in np.split(np.arange(PROOF * self.size) % len(solver.x), 2):
                self.begin(here, order)
                for at, batch in enumerate(self.on.batches(here, order)):
                    for what, off, allowed in self.compare(here, at, list(batch)):
                        if not off <= allowed:          # a NaN is not
                            return f"its first steps have {what}"
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
        pairs = (("other losses", [self.losses[at : at + 1]], [loss]),
                 ("other gradients", [self.grads[name] for name in grads], grads.values()),
                 ("other statistics", [there.model.statistics], [plain.model.statistics]),
                 ("other slots", there.slots.values(), given.slots.values()))
        pairs = [(what, *map(self.vector, arrays)) for what, *arrays in pairs]
        found = [(what, norm(a - b), BOUND * norm(b)) for what, a, b in pairs]
        right = self.vector([given.model.theta])
        moved, rounding = norm(right - before), np.finfo(np.float32).eps * norm(right)
        allowed = BOUND * moved + min(rounding, moved / 100)    # some are rounded the other way
        return [*found, ("other weights", norm(here.model.theta - right), allowed),
                ("too low a rate to be compared", rounding / 100, moved)]

    def vector(self, arrays):
        """Arrays of the device as one vector of the host, in float64."""
        return np.concatenate([np.zeros(0), *(self.on.device.host(a).reshape(-1) for a in arrays)])


def numbers_of_rule(solver, steps):
    """The rate, that and eps with Adam's corrections, and the momentum: float32 (steps, 4).

    rate m_hat / (sqrt(v_hat) + eps) = rate root / (1 - beta1^t) m / (sqrt(v) + eps root)"""
    rule, t = solver.update_rule, np.arange(solver.steps, solver.steps + steps)
    momentum = solver.momentum_schedule or (lambda _: getattr(rule, "momentum", 0.0))
    rates, momenta = (np.array([each(step) for step in t.tolist()])
                      for each in (solver.schedule, momentum))
    root, first = np.ones((2, steps))
    if isinstance(rule, Adam):
        root, first = np.sqrt(1 - rule.beta2 ** (t + 1)), 1 - rule.beta1 ** (t + 1)
    eps = getattr(rule, "eps", 0.0) * root
    return np.stack([rates, rates * root / first, eps, momenta], axis=1).astype(np.float32)

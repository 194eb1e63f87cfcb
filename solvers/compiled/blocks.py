"""An epoch of the Solver in blocks of compiled steps.

Why: what a block costs besides its steps, in Python, is some fifteen microseconds, more than a step
of a small net; a block is as many steps as take about 20 ms. Between blocks the Solver is as it
would be after that step, so that a checkpoint, a signal or the end of an epoch meets nothing that
is half done, and how the steps are cut into blocks changes no bit of the result.
"""

import importlib.util
import time

import numpy as np

from data import batches
from data.extras import pip_install
from solvers import contract
from solvers.average import state_of
from solvers.compiled import program
from solvers.ratios import update_ratios

SECONDS = 0.02              # that a block is to take
MOST_STEPS = 10_000         # in a block
MOST_BYTES = 2**25          # of rows that NumPy gathers for a block
# A run must save so many seconds. Imports and loading take half a second. Compiling takes 12, but
# once for an installation, all nets and rules, so that a run is charged a share of it.
LEAST_SAVED = 3.0
MOST = 3                    # the place in fixed that steps.py reads as MOST
WORD = 2**64


def are_there():
    """Whether numba and SciPy can be imported."""
    return all(importlib.util.find_spec(name) is not None for name in ("numba", "scipy"))


def pays(model, batch_size, steps):
    """Whether a run of so many steps is long enough for the compiled epoch to pay.

    Whether numba finds it on the disk has no part in it: or one command would not give the same
    numbers twice. What a step saves was measured on six nets with one thread: 40 microseconds for
    its calls, 0.1 nanoseconds a parameter, and for each activation of the batch 0.6, 3 more with
    batch normalization and 1 more with dropout.
    """
    units = batch_size * sum(model.shapes[name][-1] for name in model.weights)
    each = 6e-10 + 3e-9 * bool(contract.statistics(model).size) + 1e-9 * any(program.drops(model))
    saved = steps * (4e-5 + 1e-10 * model.theta.size + each * units)
    return saved > LEAST_SAVED


def of(solver):
    """(Blocks, None) for a Solver; or (None, why there are none), a few words.

    Raises ImportError, with the remedy, where numba or SciPy is missing.
    """
    why_not = program.why_not(solver.model, type(solver.update_rule), solver.x, solver.y)
    if solver.augment is not None:
        why_not = "rows that are changed as they are taken have no compiled form"
    return (None, why_not) if why_not else (Blocks(solver), None)


class Blocks:
    """Takes the steps of a Solver whose model and rule program.why_not has nothing against.

    Raises ImportError, with the remedy, where numba or SciPy is missing.
    """

    def __init__(self, solver):
        if not are_there():
            raise ImportError('compiled="epoch" needs numba and SciPy: ' + pip_install("fast"))
        from solvers.compiled import native, steps
        self.take_steps, self.address = steps.take_steps, native.sgemm_address()
        model, rule = solver.model, solver.update_rule
        clips = solver.clip is not None
        rows = program.layers_of(model)
        self.table, in_step, in_gradients = program.lay_out(rows, solver.batch_size, clips)
        self.work, self.grad = program.aligned(in_step), program.aligned(in_gradients)
        self.twice = np.array([2 * strength for strength in solver.reg], np.float32)
        self.rule, self.numbers = program.rule_numbers(rule)
        self.loss, smoothing = program.loss_number(model)
        # Two in any case; of those that a rule has not, nothing is read.
        self.slots = [*solver.slots.values(), model.theta, model.theta][:2]
        drops = program.drops(model)
        self.drops, self.scales = any(drops), np.ones(len(rows) + 1, np.float32)
        self.scales[: len(drops)] = [1 / (1 - p) for p in drops]
        self.gathers = type(solver.x) is not np.ndarray or not solver.x.flags.c_contiguous
        most = 0.0 if self.gathers else self.most(solver.x, solver.batch_size)
        self.fixed = np.array([solver.clip or 0.0, smoothing, program.least_kept(drops[0]), most,
                               solver.max_norm or 0.0])
        self.bits = np.zeros(4096, np.uint32)
        self.moved = np.zeros((len(rows), 2))
        nothing = np.zeros(0, np.float32)
        is_square = self.loss == program.LOSSES.index(program.square_loss)
        self.labels = np.zeros(0, np.int64) if is_square else solver.y.astype(np.int64)
        self.targets = np.ascontiguousarray(solver.y).reshape(-1) if is_square else nothing
        self.weights = nothing if solver.weights is None else np.ascontiguousarray(
            solver.weights, np.float32)
        self.length = 1         # steps in the next block
        self.longest = MOST_STEPS if not self.gathers else max(
            1, MOST_BYTES // (4 * solver.batch_size * solver.x.shape[1]))

    @staticmethod
    def most(x, rows):
        """A bound for the sum of squares of so many rows of x."""
        largest = max(float(x.max()), -float(x.min()))
        return rows * x.shape[1] * largest**2

    def take_block(self, solver, steps, is_last):
        """Take so many steps, or fewer; the last one as the Solver does, if it is in doubt.

        is_last: whether the last of them is the epoch's.
        """
        started = time.perf_counter()
        before = np.empty(solver.model.theta.size if is_last else 0, np.float32)
        done = self.take_compiled(solver, steps, before)
        if done < steps:
            before[:] = solver.model.theta[: before.size]
            self.moved[:] = np.nan
            index = solver.order[solver.place : solver.place + solver.batch_size]
            loss = solver.step(*solver.take(index))     # which may raise Diverged
            solver.total += float(loss) * index.size
            solver.place += index.size
        elif done == self.length:
            spent = time.perf_counter() - started
            wanted = SECONDS / max(spent, 1e-9) * done
            self.length = max(1, min(int(wanted), 4 * self.length, self.longest))
        if solver.place == solver.order.size:
            solver.ratios = self.ratios(solver.model, before)

    def take_compiled(self, solver, steps, before):
        """Take up to so many steps compiled; gives how many.

        before (P,), if it has entries, becomes theta before the last of them.
        """
        model, size = solver.model, solver.batch_size
        rows = slice(solver.place, solver.place + steps * size)
        order = np.asarray(solver.order[rows], np.int64)
        x, labels, targets, weights = solver.x, self.labels, self.targets, self.weights
        if self.gathers:
            index = order
            x = np.ascontiguousarray(x.take(index, axis=0))
            labels, targets, weights = (each if each.size == 0 else each.reshape(
                len(solver.x), -1)[index].reshape(-1) for each in (labels, targets, weights))
            order = np.arange(index.size)
            self.fixed[MOST] = self.most(x, size)
        rates = self.rates(solver, steps)
        random = random_state(model.rng if self.drops else None)
        totals = np.array([solver.total])
        averages = [np.zeros(0, np.float32)] * 2 if solver.average is None else (
            state_of(solver.average))
        done = self.take_steps(
            self.address, self.table, self.twice, self.rule, self.loss, self.numbers, self.fixed,
            solver.clip is None, model.theta, *self.slots, contract.statistics(model), *averages, x,
            labels, targets, weights, order, size, rates, self.work, self.grad, self.scales, random,
            self.bits, totals, before, self.moved)
        if self.drops:
            put_random_state(model.rng, random)
        solver.total = float(totals[0])
        solver.steps += done
        solver.place += min(done * size, order.size)
        return done

    def ratios(self, model, before):
        """What update_ratios gives, from what the last step has summed up, where that has it."""
        if not np.isfinite(self.moved).all() or not self.moved[:, 0].all():
            return update_ratios(model, before)
        return dict(zip(model.weights, np.sqrt(self.moved[:, 1] / self.moved[:, 0]).tolist(),
                        strict=True))

    def rates(self, solver, steps):
        """What each step multiplies by, float32 (steps, 5): see updates.py."""
        first, rule = solver.steps, solver.update_rule
        rates = np.array([solver.schedule(t) for t in range(first, first + steps)])
        table = np.ones((steps, 5))
        table[:, 0], table[:, 3] = rates, self.numbers[0]
        if solver.momentum_schedule is not None:
            table[:, 3] = [solver.momentum_schedule(t) for t in range(first, first + steps)]
        if solver.average is not None:
            table[:, 4] = [1 - solver.average.keep(t) for t in range(first + 1, first + steps + 1)]
        if self.rule == program.RULES.index(program.Adam):
            t = np.arange(first + 1, first + steps + 1)
            table[:, 0] /= 1 - rule.beta1**t
            table[:, 1] = 1 / np.sqrt(1 - rule.beta2**t)
        if isinstance(rule, program.Adamw):
            table[:, 2] = 1 - rates * rule.weight_decay
        return table.astype(np.float32)


def run_epoch(solver, taker):
    """What Solver.run_epoch does, the rest of the epoch under way or a new one, in blocks of steps.

    taker has length, the steps of the next block, and take_block(solver, steps, is_last), as Blocks
    """
    if solver.order is None:
        solver.order = batches.shuffled(len(solver.x), solver.rng)
        solver.place, solver.total = 0, 0.0
    while solver.place < solver.order.size:
        left = -(-(solver.order.size - solver.place) // solver.batch_size)
        steps = min(left, taker.length, to_next_stop(solver))
        taker.take_block(solver, steps, is_last=steps == left)
        if solver.on_step is not None:
            solver.on_step(solver)
    mean = solver.total / solver.order.size
    solver.order = None
    return mean


def to_next_stop(solver):
    """How many steps until on_step is to be called."""
    if solver.stop_every is None:
        return MOST_STEPS
    return solver.stop_every - solver.steps % solver.stop_every


def random_state(rng):
    """The state of a Generator as kernels.py has it: uint64 (6,)."""
    if rng is None:
        return np.zeros(6, np.uint64)
    held = rng.bit_generator.state
    state, increment = held["state"]["state"], held["state"]["inc"]
    return np.array([state // WORD, state % WORD, increment // WORD, increment % WORD,
                     held["has_uint32"], held["uinteger"]], np.uint64)


def put_random_state(rng, random):
    """Put back what random_state has given, after steps have drawn from it."""
    held = rng.bit_generator.state
    high, low, *_ = map(int, random)
    held["state"]["state"] = high * WORD + low
    held["has_uint32"], held["uinteger"] = int(random[4]), int(random[5])
    rng.bit_generator.state = held

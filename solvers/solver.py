"""The Solver: the lecture's training loop, shuffled epochs of minibatch SGD with L2.

    for each epoch: shuffle; for each batch: loss and gradient, add L2's gradient, update theta

Batch size 1 is the lecture's per-example SGD; batch size N is full-batch gradient descent.
"""

import contextlib
import math
import time

import numpy as np

from data import batches
from solvers import contract, fresh_statistics, metrics
from solvers.average import Average, held, put, state_of
from solvers.clipping import clip_by_global_norm
from solvers.compiled import blocks, loops, pieces
from solvers.compiled.memory import keep_freed
from solvers.compiled.pieces import gradient_with_l2
from solvers.divergence import Diverged, all_finite, first_place
from solvers.evaluation import EVALUATION_ROWS, score
from solvers.max_norm import check_max_norm, limit_columns
from solvers.ratios import update_ratios

TRAIN_SAMPLE = 1000      # training examples on which the training metric is measured


class Solver:
    """Trains a model on train = (x, y) or (x, y, weights) and judges it on val = (x, y), or None.

    objective = data loss + sum over weight matrices of lambda_l sum(W_l^2), weights only.
    weights (N,) multiply the data loss of each training example, in a mean over the batch that is
    divided by its size all the same: if their mean is 1, losses and rates keep their scale. What
    is judged, metrics and validation, is not weighted.

    model        has theta, params, shapes, weights, loss, scores, loss_layer: solvers/contract.py
    update_rule  an object of solvers/update_rules/, or one of your own with its slots and step
    schedule     step -> learning rate, of solvers/schedules.py
    augment      (x (B, D), rng) -> x, as the rows of a batch are taken for a step; None: as they
                 are. It draws from rng alone. What is measured is not changed
    momentum_schedule  step -> the rule's momentum, of schedules.climb for one; None: it stays
    reg          the lambda of every weight matrix, or a list with one for each
    rng          the numpy Generator that shuffles
    compiled     True: take each step in loops compiled by numba, which must be there: the same
                 numbers. "epoch": many steps as one compiled function, with SciPy, the same to
                 rounding; as True where a layer or another part is not known to that, and the
                 attribute plain says which
    clip         the largest global norm of the gradient, L2's included, or None
    noise_schedule  step -> the share of its noise that the model draws, its noise_share; None: it
                 stays
    max_norm     the largest length of a column of a weight matrix after an update, or None
    patience     stop after so many epochs without a better validation result, or None
    min_delta    for patience, a loss that is lower by less than this share of a guess's is no
                 better; the best weights are chosen by any difference
    metric       (scores, y) -> number, higher is better, of solvers/metrics.py or your own; None
                 measures none. It chooses the best epoch, and of equal ones the validation loss
    best_by_loss the validation loss chooses the best epoch though there is a metric
    average      for how much the past counts in an average of the weights over the steps, solvers/
                 average.py, or None: it is then judged, and kept as best, in the weights' place
    freshens     whether at the end those of batch normalization are estimated anew for the
                 weights that are kept, solvers/fresh_statistics.py
    on_step      called with the Solver after each step, or None; what it raises ends the training,
                 and the next train() goes on with the step after. With "epoch" it is called after
                 blocks of steps, that end where steps is a multiple of stop_every, which may be set
    on_epoch     called with the newest entry of history after each epoch, or None

    history is a list with one dict an epoch: epoch, train_loss (the data loss, averaged over the
    epoch as it went), train_metric (on up to 1000 training examples), val_loss, val_metric, rate
    (of the epoch's last step), ratios ({weight: length of its last update over its own}), seconds.
    What was not measured is None.
    Raises TypeError for a model that lacks something, ValueError for settings that cannot work.
    """

    def __init__(self, model, train, val=None, *, update_rule, schedule, reg=0.0, batch_size=64,
                 epochs=10, rng, compiled=False, clip=None, patience=None, min_delta=0.0,
                 metric=metrics.accuracy, best_by_loss=False, on_step=None, on_epoch=None,
                 momentum_schedule=None, augment=None, max_norm=None, average=None,
                 freshens=False, noise_schedule=None):
        contract.check_contract(model)
        check_examples("train", train)
        if len(train) == 3:
            contract.check_weights(model)
        if val is not None:
            check_examples("val", val)
        check_settings(batch_size, epochs, patience, min_delta, clip, val)
        check_max_norm(max_norm, model)
        self.model, self.x, self.y, self.val = model, *train[:2], val
        self.weights = train[2] if len(train) == 3 else None
        self.update_rule, self.schedule = update_rule, schedule
        self.momentum_schedule, self.augment = momentum_schedule, augment
        self.noise_schedule = noise_schedule
        if momentum_schedule is not None and not hasattr(update_rule, "momentum"):
            raise ValueError(f"momentum_schedule needs an update rule that has momentum, not "
                             f"{type(update_rule).__name__}")
        self.batch_size, self.epochs, self.rng = batch_size, epochs, rng
        self.clip, self.max_norm, self.metric = clip, max_norm, metric
        self.patience, self.min_delta = patience, min_delta
        self.best_by_loss, self.on_step, self.on_epoch = best_by_loss, on_step, on_epoch

        keep_freed()
        self.reg = one_for_each(reg, model.weights)
        self.slots = {name: np.zeros_like(model.theta) for name in update_rule.slots}
        self.decay_weights = getattr(update_rule, "decay_weights", None)     # AdamW has it
        self.compiled = bool(compiled)
        self.rule_step = loops.compiled_step(update_rule) if compiled else update_rule.step
        # Clipping looks at the whole gradient before any of it is used, so it is then one piece.
        size = pieces.SIZE if clip is None else model.theta.size
        strengths = dict(zip(model.weights, self.reg, strict=True))
        self.pieces = pieces.cut(model.theta, model.shapes, strengths, self.slots.values(), size)

        self.freshens = freshens
        if freshens and not (contract.statistics(model).size and hasattr(model, "chain")):
            raise ValueError("freshens needs a model with batch normalization in its chain")
        self.average = None if average is None else Average(model, average)
        self.stop_every = None                  # for on_step, if it must see certain steps
        self.blocks, self.plain = None, None    # an epoch as compiled blocks, or why it is not
        if compiled == "epoch":
            self.blocks, self.plain = blocks.of(self)
        self.device = None      # or what takes the steps in its place: next_epoch and evaluate

        self.steps = 0
        self.order, self.place = None, 0        # of the epoch under way, and how far it has come
        self.total, self.spent = 0.0, 0.0       # its sum of losses, its seconds before a pause
        self.ratios = {}                        # of its last step
        self.history = []
        self.best = {"epoch": 0, "val_loss": math.inf, "val_metric": -math.inf}
        self.counted = dict(self.best)          # the epoch that patience counts from
        if val is not None:
            self.keep_weights()

    def train(self):
        """Train for the epochs asked for, or until patience runs out; gives history.

        Afterwards the model holds the last weights; use_best puts the best ones in, or those of an
        average.
        Raises Diverged at the first step whose loss or gradient is not finite, before the update:
        the model is left with the weights of the step before.
        """
        # An overflow is no surprise to be warned of: the step that meets it raises Diverged.
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            while len(self.history) < self.epochs and not self.out_of_patience():
                started = time.perf_counter()
                try:
                    train_loss = self.next_epoch()
                finally:
                    self.spent += time.perf_counter() - started
                self.end_epoch(train_loss)
            if self.freshens and self.history:
                self.freshen()
        return self.history

    def next_epoch(self):
        """run_epoch; on a device or in compiled steps, if there are any, in blocks of them."""
        taker = self.device or self.blocks
        return self.run_epoch() if taker is None else blocks.run_epoch(self, taker)

    def run_epoch(self):
        """One step for each minibatch of a fresh order; gives the mean data loss.

        An epoch that was left is gone on with, from the place it had come to.
        """
        if self.order is None:
            self.order = batches.shuffled(len(self.x), self.rng)
            self.place, self.total = 0, 0.0
        for index in batches.cut(self.order[self.place :], self.batch_size):
            batch = self.take(index)
            last = self.place + index.size == self.order.size
            before = self.model.theta.copy() if last else None
            self.total += float(self.step(*batch)) * index.size
            self.place += index.size
            if last:
                self.ratios = update_ratios(self.model, before)
            if self.on_step is not None:
                self.on_step(self)
        mean = self.total / self.order.size
        self.order = None
        return mean

    def take(self, index):
        """The minibatch of these indices (B,): x, y, and the weights if there are any."""
        x, y = batches.take(self.x, self.y, index)
        x = x if self.augment is None else self.augment(x, self.rng)
        return (x, y) if self.weights is None else (x, y, self.weights[index])

    def step(self, x, y, *weights):
        """One minibatch: loss and gradient, L2, clipping, update. Gives the data loss."""
        rate = self.next_rate()
        answer = self.model.loss(x, y, *weights)
        if self.steps == 0:
            contract.check_answer(self.model, answer)
        loss, grads = answer
        if not all_finite(loss, grads):
            raise Diverged(self.steps, first_place(self.model, x, y, grads))
        self.steps += 1
        for piece in self.pieces:       # of theta, small enough to stay in the cache
            dtheta = gradient_with_l2(grads, piece, self.compiled)
            if self.clip is not None:
                clip_by_global_norm(dtheta, self.clip)
            self.update(piece, dtheta, rate)
        self.limit_weights()
        if self.average is not None:
            self.average.follow(self.model, self.steps)
        return loss

    def next_rate(self):
        """The rate of the step to come; momentum and noise are set to what they are in it."""
        if self.momentum_schedule is not None:
            self.update_rule.momentum = self.momentum_schedule(self.steps)
        if self.noise_schedule is not None:
            self.model.noise_share = self.noise_schedule(self.steps)
        return self.schedule(self.steps)

    def update(self, piece, dtheta, rate):
        """Step a piece of theta by the update rule; for AdamW, its weights decay before."""
        if self.decay_weights is not None:
            for weights in piece.weights:
                self.decay_weights(weights, rate)
        self.rule_step(piece.theta, dtheta, rate, self.steps, *piece.slots)

    def limit_weights(self):
        """Scale down the columns of weight matrices that the update has made longer than max_norm.
        """
        if self.max_norm is not None:
            for name in self.model.weights:
                limit_columns(self.model.params[name], self.max_norm)

    def end_epoch(self, train_loss):
        """Measure, remember the best weights so far, and add the epoch to history."""
        model, started = self.model, time.perf_counter()
        if not np.isfinite(model.theta).all():
            raise Diverged(self.steps - 1, first_place(model, self.x[:1], self.y[:1], {}))
        with contextlib.nullcontext() if self.average is None else held(model, *self.to_keep()):
            sample = slice(0, TRAIN_SAMPLE)
            _, train_metric = self.evaluate(self.x[sample], self.y[sample])
            val_loss, val_metric = (None, None) if self.val is None else self.evaluate(*self.val)
        epoch = len(self.history) + 1
        if self.improves(val_loss, val_metric):
            self.best |= {"epoch": epoch, "val_loss": val_loss, "val_metric": val_metric}
            if self.val is not None:
                self.keep_weights()
        self.history.append({
            "epoch": epoch, "train_loss": train_loss, "train_metric": train_metric,
            "val_loss": val_loss, "val_metric": val_metric,
            "rate": self.schedule(self.steps - 1), "ratios": self.ratios,
            "seconds": self.spent + time.perf_counter() - started,
        })
        self.spent = 0.0
        self.count_patience(self.history[-1])
        if self.on_epoch is not None:
            self.on_epoch(self.history[-1])

    def improves(self, val_loss, val_metric, best=None):
        """Whether these beat the best so far: the metric decides, and of equal ones the loss.

        Without validation data the newest weights count as the best. Where the metric has no value
        it is as low as can be, and the loss decides.
        """
        if self.val is None:
            return True
        best = best or self.best
        if self.metric is None or self.best_by_loss:
            return val_loss < best["val_loss"]
        return (or_lowest(val_metric), -val_loss) > (or_lowest(best["val_metric"]),
                                                     -best["val_loss"])

    def count_patience(self, entry):
        """Let patience count from this entry of history, if it is better by min_delta."""
        if self.patience is None:
            return
        loss, metric = entry["val_loss"], entry["val_metric"]
        least = self.min_delta * self.guess_loss() if self.min_delta else 0.0
        if self.improves(loss + least, metric, self.counted):
            self.counted = {"epoch": entry["epoch"], "val_loss": loss, "val_metric": metric}

    def guess_loss(self):
        """The validation loss of a guess: scores of zero, or the mean of a regression's targets."""
        x, y = (part[:EVALUATION_ROWS] for part in self.val)
        scores = np.zeros_like(self.model.scores(x))
        if y.dtype.kind == "f":
            scores += y.mean(axis=0)
        return float(self.model.loss_layer.forward(scores, y)[0])

    def out_of_patience(self):
        """Whether the last `patience` epochs brought nothing better."""
        return (self.patience is not None
                and len(self.history) - self.counted["epoch"] >= self.patience)

    def to_keep(self):
        """The newest of the weights that are judged and kept, (P,), and the running statistics they
        go with: the model's own, or averages."""
        return state_of(self.model if self.average is None else self.average)

    def freshen(self):
        """Estimate the running statistics that go with the kept weights anew."""
        theta, statistics = self.to_keep() if self.val is None else (
            self.best["theta"], self.best["statistics"])
        with held(self.model, theta, statistics):
            fresh_statistics.estimate(self.model, self.x, self.batch_size)
            fresh = contract.statistics(self.model).copy()
        statistics[:] = fresh

    def keep_weights(self):
        """Note the newest weights, and the running statistics they go with, as the best."""
        contract.check_running(self.model)
        theta, statistics = self.to_keep()
        self.best |= {"theta": theta.copy(), "statistics": statistics.copy()}

    def use_best(self):
        """Put the best weights into the model; without validation data the newest ones, which it
        holds already if they are no average."""
        best = self.best
        put(self.model, *((best["theta"], best["statistics"]) if self.val is not None else
                          self.to_keep()))

    def evaluate(self, x, y):
        """The mean data loss and the metric of the model on examples x (N, D), y (N, ...)."""
        model = self.model if self.device is None else self.device.scorer(self.model)
        return score(model, x, y, self.metric)


def or_lowest(metric):
    """A metric, or minus infinity where it has no value."""
    return -math.inf if metric is None or math.isnan(metric) else metric


def check_examples(name, examples):
    """Refuse examples that are not equally many inputs and targets, at least one, with a weight
    for each if they are for training. Raises ValueError.
    """
    x, y, *weights = examples
    if len(x) != len(y) or len(x) == 0:
        raise ValueError(f"{name} has {len(x)} inputs and {len(y)} targets: it needs as many")
    if weights and name != "train":
        raise ValueError(f"{name} must be (x, y): weights are for training alone")
    for each in weights:
        if np.shape(each) != (len(x),):
            raise ValueError(f"{name} has {len(x)} inputs and weights {np.shape(each)}: they must "
                             f"be {(len(x),)}")
        if not (each.min() >= 0 and 0 < each.max() < np.inf):
            raise ValueError(f"{name} has weights from {each.min()} to {each.max()}: they must be "
                             "finite, not negative, and not all 0")


def check_settings(batch_size, epochs, patience, min_delta, clip, val):
    """Refuse numbers that no training can be made of. Raises ValueError."""
    if batch_size < 1 or epochs < 0:
        raise ValueError(f"batch_size {batch_size} must be >= 1 and epochs {epochs} >= 0")
    if patience is not None and (patience < 1 or val is None):
        raise ValueError(f"patience {patience} must be 1 or more, and needs validation data")
    if not 0 <= min_delta < math.inf:
        raise ValueError(f"min_delta must be 0 or more, not {min_delta}")
    if clip is not None and not clip > 0:
        raise ValueError(f"clip must be above 0, not {clip}")


def one_for_each(reg, weights):
    """reg as a list with one lambda for each weight matrix. Raises ValueError if it cannot be."""
    strengths = [reg] * len(weights) if np.ndim(reg) == 0 else list(reg)
    if len(strengths) != len(weights):
        raise ValueError(f"reg has {len(strengths)} values for {len(weights)} weights {weights}")
    if not all(0 <= strength < math.inf for strength in strengths):
        raise ValueError(f"reg must be 0 or more, not {reg}")
    return strengths

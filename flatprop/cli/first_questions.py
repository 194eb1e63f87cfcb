"""What to ask before a long run: is the network sane, and which learning rate suits it?"""

import functools
import math

import numpy as np

from data import batches
from flatprop import ending
from flatprop.gradcheck.model_check import check_model
from flatprop.runs.text import loss_in_column, loss_text
from flatprop.training import build
from models import by_name as models
from models.initialization import normal
from solvers import schedules
from solvers.divergence import Diverged
from solvers.solver import Solver
from solvers.update_rules.adam import Adam

LOWEST, HIGHEST, TRIALS = 1e-6, 10.0, 120
FEW, TRIES = 20, 400        # examples to overfit, and steps to do it in


def answer(args, description, examples, for_weights, for_order):
    """Answer --sanity and --find-rate. Gives the exit code, 1 for an answer that should not be."""
    good = []
    if args.sanity:
        good.append(sanity(args, description, examples, for_weights))
    if args.find_rate:
        good.append(find_rate(args, description, examples, for_weights, for_order))
    return 0 if all(good) else 1


def find_rate(args, description, examples, for_weights, for_order):
    """Raise the rate at every step and watch the loss (Smith 2017, the range test)."""
    model = build.make_network(args, description, for_weights)
    solver = build.make_solver(args, model, examples, for_order)
    growth = (HIGHEST / LOWEST) ** (1 / (TRIALS - 1))
    solver.schedule = lambda step: LOWEST * growth ** step
    seen = []
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        for smoothed in smoothed_losses(solver, *examples["train"]):
            seen.append((solver.schedule(len(seen)), smoothed))
            if len(seen) == TRIALS or smoothed > 4 * min(loss for _, loss in seen):
                break
    print("rate        loss, smoothed")
    for rate, loss in seen[:: max(1, len(seen) // 20)]:
        print(f"{rate:<10.2e}  {loss_in_column(loss)}")
    if len(seen) < 10:
        print("the loss runs away at once; is the data standardized?")
        return False
    best, _ = min(seen, key=lambda pair: pair[1])
    print(f"the loss is least at {best:.1e}; suggested: --lr {best / 10:.1g}")
    return True


def smoothed_losses(solver, x, y, *weights):
    """Train without end, and give the loss of each step, smoothed; infinite where it diverges."""
    smoothed, step = None, solver.step
    if solver.device is not None:
        step = functools.partial(solver.device.step, solver)
    while True:
        for index in batches.cut(batches.shuffled(len(x), solver.rng), solver.batch_size):
            of_batch = [each[index] for each in weights]
            try:
                loss = float(step(*batches.take(x, y, index), *of_batch))
            except Diverged:
                loss = math.inf
            smoothed = loss if smoothed is None else 0.8 * smoothed + 0.2 * loss
            yield smoothed


def sanity(args, description, examples, rng):
    """Four questions with known answers. Gives whether all are answered as they should be."""
    x, y, *_ = examples["train"]
    results = [check_chance(args, description, x[:1000], y[:1000], rng),
               check_overfitting(args, description, x[:FEW], y[:FEW], rng),
               check_l2(args, description, x[:FEW], y[:FEW], rng),
               check_gradients(args, description, x[:8], y[:8], rng)]
    for good, text in results:
        print(f"{'ok   ' if good else 'WRONG'}  {text}")
    return all(good for good, _ in results)


def check_chance(args, description, x, y, rng):
    """Tiny weights know nothing: the loss is that of a guess."""
    model = models.build(description | {"dropout": 0.0, "noise": 0.0}, rng=rng,
                         init=lambda r, a, b: normal(r, a, b, scale=1e-6))
    loss = float(model.loss_layer.forward(model.scores(x), y)[0])
    classes, kind = description["sizes"][-1], description["loss"]
    expected = {"softmax": math.log(classes), "svm": classes - 1.0, "logistic": math.log(2),
                "squared_hinge": float(classes),
                "square": float(0.5 * (np.asarray(y, float) ** 2).sum() / len(y))}[kind]
    return abs(loss - expected) <= 0.01 * max(expected, 1e-3), (
        f"with tiny weights the loss is {loss_text(loss, 4)}; a guess has "
        f"{loss_text(expected, 4)}")


def check_overfitting(args, description, x, y, rng):
    """A few examples can be learned by heart, without dropout, noise and label smoothing, which
    are there so that they are not."""
    plain = description | {"dropout": 0.0, "noise": 0.0, "smoothing": 0.0}
    model = build.make_network(args, plain, rng)
    before = float(model.loss(x, y)[0])
    solver = Solver(model, (x, y), update_rule=Adam(), schedule=schedules.constant(0.01),
                    batch_size=len(x), epochs=TRIES, metric=None, rng=rng)
    try:
        solver.train()
    except Diverged:
        return False, f"overfitting {len(x)} examples diverges"
    after = float(model.loss(x, y)[0])
    linear = len(plain["sizes"]) == 2 or plain.get("activation") == "none"
    enough = 0.5 if linear else 0.05        # of a straight line no more can be asked
    return after < enough * before, (
        f"{len(x)} examples are learned by heart: loss {loss_text(before, 4)} -> "
        f"{loss_text(after, 4)} in {TRIES} steps")


def check_l2(args, description, x, y, rng):
    """L2 adds to the objective what the convention says."""
    model = build.make_network(args, description, rng)
    strength = max(args.reg) or 1e-4
    penalty = sum(strength * float((model.params[name] ** 2).sum()) for name in model.weights)
    return penalty > 0, f"L2 of {strength:g} adds {penalty:.4f} to the loss"


def check_gradients(args, description, x, y, rng):
    """The gradient check, on a few examples and a sample of the parameters."""
    model = build.make_network(args, description, rng)
    report = check_model(model, np.asarray(x), np.asarray(y), entries=20, name="gradient check")
    if report.wrong:
        ending.tell(report.text())
    total = sum(len(line.verdicts) for line in report.lines)
    return not report.wrong, f"gradient check: {total} entries and random directions looked at"

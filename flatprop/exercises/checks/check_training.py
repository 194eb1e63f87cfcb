"""Checks of what training is made of: first weights, minibatches, steps, schedules, the loop."""

import functools
import math

import numpy as np

from data import digits
from flatprop.exercises.checks import feedback, inputs, slips, training_slips
from flatprop.exercises.checks.answers import PROBE, Wrong
from flatprop.exercises.checks.check_layer import layer_check
from flatprop.exercises.checks.check_model import Subject, build, description, random_params
from flatprop.exercises.checks.feedback import compare
from flatprop.exercises.exercise import file_of
from flatprop.exercises.sandbox.parent import Ref, Seed
from layers import affine, relu, softmax_loss
from models.linear_classifier import LinearClassifier
from solvers import schedules
from solvers.clipping import clip_by_global_norm

MODEL = Subject("models/linear_classifier.py", LinearClassifier, (3, 4))
ACCURACY = 0.97
BUDGET = 50         # steps of the training that is to be short
ALONG = 0.15        # the least mean cosine of steps of any rule with minus the gradient
FEWEST = 30         # steps of a training
# Of a training that fails: W1's way in units of its first length, and hidden units.
TOO_LITTLE, TOO_FAR, FEW_UNITS = 0.2, 4.0, 20
GUESSED = 0.1       # of ten digits
SAMPLE = 2000       # weights of which the distribution is looked at
STEPS = 100         # in an order of as many examples: of a shuffled one some 60 are different
HIDDEN = 5000       # units, more of which would cost the parent too much


def weights_check(name, variance, formula):
    """A check of first weights: a normal distribution of this variance, drawn from rng."""
    def check(child, rng):
        for fan_in, fan_out in ((200, 120), (60, 300)):
            seeds = [int(each) for each in rng.integers(1 << 30, size=2)]
            first, again, other = child.call(
                PROBE, "weights", Ref("models/initialization.py", name),
                [Seed(seeds[0]), Seed(seeds[0]), Seed(seeds[1])], fan_in, fan_out)
            like = np.zeros((fan_in, fan_out))
            for each in (first, again, other):
                says = feedback.wrong_form("W", each, like) or feedback.not_finite("W", each, like)
                if says:
                    return says
            if not np.array_equal(first, again) or np.array_equal(first, other):
                return ("the same Generator in the same state should give the same weights, and "
                        "another one others: draw from the rng that is handed in")
            spread, wanted = float(first.std()), math.sqrt(variance(fan_in, fan_out))
            if abs(spread - wanted) > 0.03 * wanted:
                return (f"for fan_in {fan_in} and fan_out {fan_out} the standard deviation of W is "
                        f"{spread:.4f}, and should be {formula} = {wanted:.4f}"
                        + spread_cause(spread, variance, fan_in, fan_out))
            if abs(first.mean()) > 5 * wanted / math.sqrt(first.size):
                return f"the mean of W is {first.mean():.4f}, and should be 0"
            if abs(np.mean((first / spread) ** 4) - 3) > 0.25:
                return "the numbers are not normally distributed: rng.normal draws such"
            drawn = np.sort(first.ravel()[:SAMPLE]) / wanted
            below = np.array([0.5 + 0.5 * math.erf(each / math.sqrt(2)) for each in drawn])
            if np.abs(below - (np.arange(SAMPLE) + 0.5) / SAMPLE).max() > 3.2 / math.sqrt(SAMPLE) \
                    or np.unique(first).size < first.size:
                return ("the numbers are not normally distributed, though their spread is right: "
                        "each should be a draw of its own, as rng.normal gives them")
        return None
    return check


def spread_cause(spread, variance, fan_in, fan_out):
    """What common slip this standard deviation comes from, as the end of a message; or ""."""
    right = variance(fan_in, fan_out)
    slips = ((right, "that is the variance: a standard deviation is its square root"),
             (math.sqrt(right / 2), "that is the root of half of it: look at the 2"),
             (math.sqrt(2 * right), "that is the root of twice of it: look at the 2"),
             (math.sqrt(variance(fan_out, fan_in)), "that is with fan_out in fan_in's place"),
             (1.0, "that is not scaled at all"))
    return next((f"\n  -> {says}" for size, says in slips if abs(spread - size) < 0.03 * size), "")


def check_shuffled(child, rng):
    """A check of shuffled: each example once, another order every time."""
    for count in (1, 2, 30, STEPS):
        one, two, three = (Seed(int(each)) for each in rng.integers(1 << 30, size=3))
        orders = child.call(PROBE, "orders", Ref("data/batches.py"), count, [one, one, two, three])
        for order in orders:
            says = feedback.wrong_form("the order", order, np.arange(count))
            if says:
                return says + (
                    "\n  -> rng.shuffle moves an array's entries and gives None: "
                    "rng.permutation gives an order" if order is None else
                    f"\n  -> each of 0 to {count - 1}, once, in one array")
            if not np.array_equal(np.sort(order), np.arange(count)):
                return (f"an order of {count} examples should hold each of 0 to {count - 1} once; "
                        f"it is\n    {feedback.text_lines(order[:12])[0]}{' ...' * (count > 12)}"
                        + "\n  -> some come twice: draw without putting back, rng.permutation"
                        * (np.unique(order).size < order.size))
        if count > 2 and np.array_equal(orders[0], np.arange(count)):
            return "the order is 0, 1, 2, ...: shuffle it"
        if count == STEPS and any(
                np.unique(np.diff(order) % count).size < count / 3
                or np.abs(order - np.arange(count)).mean() < count / 6 for order in orders):
            return ("an order is 0, 1, 2, ... with parts of it moved: every example should be as "
                    "likely in one place as in another")
        if count > 2 and (not np.array_equal(orders[0], orders[1])
                          or np.array_equal(orders[0], orders[2])):
            return ("the same Generator in the same state should give the same order, and another "
                    "one another: shuffle with the rng that is handed in")
    return None


def check_cut(child, rng):
    """A check of cut and take: all of the order, the short last batch kept, the right rows."""
    for count, size in ((10, 4), (8, 4), (3, 5), (1, 1)):
        order = rng.permutation(count)
        cut, rows = child.call(PROBE, "batches", Ref("data/batches.py"), order, size)
        wanted = [size] * (count // size) + [count % size] * (count % size > 0)
        if not isinstance(cut, list) or not all(
                isinstance(each, np.ndarray) and each.ndim == 1 for each in cut):
            yours = feedback.kind_of(cut[0]) if isinstance(cut, list) and cut else "none"
            return f"cut should yield arrays of indices, as order[start:stop] is; it yields {yours}"
        if [len(each) for each in cut] != wanted:
            return (f"{count} examples in batches of {size} should come as {wanted}; yours come as "
                    f"{[len(each) for each in cut]}"
                    + "\n  -> the short last batch is left out"
                    * ([len(each) for each in cut] == wanted[:-1]))
        if not feedback.same(np.concatenate(cut), order):
            return "the batches, one after another, should be the order that was cut"
        for index, each in zip(cut, rows, strict=True):
            expected = np.stack([2.0 * index, 2.0 * index + 1], axis=1)
            says = compare("the rows of x", each[0], expected) or compare("y", each[1], index)
            if says:
                return (f"take: {says}\n  -> the rows of x and the entries of y whose numbers are "
                        "in index, in its order")
    return None


def check_sgd(child, rng):
    """A check of Sgd.step: theta - rate g, in place, at any step."""
    rule = Ref("solvers/update_rules/sgd.py", "Sgd")
    for dtype in (np.float64, np.float32):
        theta, dtheta = np.round(rng.standard_normal((2, 6)), 2).astype(dtype)
        for steps in (1, 2):
            expected = theta.copy()
            for _ in range(steps):
                expected -= 0.5 * dtheta
            found, after = child.call(PROBE, "steps", rule, theta, dtheta, 0.5, steps)
            if feedback.same(theta, found):
                return "theta has not changed: step works in place, theta -= ..."
            says = compare(f"theta after {steps} step{'s' * (steps > 1)}", found, expected,
                           given={"theta": theta, "gradient": dtheta, "rate": 0.5})
            if says:
                return Wrong(says, functools.partial(
                    slips.cause, training_slips.SGD, [found], [(theta, dtheta, 0.5, steps)]))
            if not feedback.same(dtheta, after):
                return "step changes the gradient in place; only theta is to change"
    return None


def check_schedule(child, rng):
    """A check of schedules.step: a rate that falls by a factor every so many steps."""
    times = [0, 1, 2, 3, 4, 7, 8, 9, 100]
    drawn = tuple(round(float(each), 3) for each in rng.uniform(0.1, 0.9, 2))
    cases = (0.8, 4, 0.5), (0.1, 3, 0.1), (0.2, 1, 1.0), (drawn[0], 5, drawn[1])
    for rate, every, factor in cases:
        found = child.call(PROBE, "rates", Ref("solvers/schedules.py", "step"),
                           [rate, every, factor], times)
        right = [schedules.step(rate, every, factor)(t) for t in times]
        for t, one, other in zip(times, found, right, strict=True):
            says = compare(f"the rate at step {t} of step({rate}, {every}, {factor})", one, other,
                           1e-9)
            if says:
                return Wrong(says, functools.partial(slips.cause, training_slips.SCHEDULE, found, [
                    (rate, every, factor, t) for t in times]))
    return None


def loop_check(reg, clip):
    """A check of the Solver's run, replayed here on the batches that its model saw."""
    def check(child, rng):
        params = random_params(MODEL, 0, "float64", rng)
        x, y = rng.standard_normal((10, 3)), rng.integers(0, 4, 10)
        settings = {"x": x, "y": y, "reg": reg, "batch_size": 4, "epochs": 3, "clip": clip,
                    "rate": 0.5}
        found = child.call(PROBE, "solve", Ref("solvers/solver.py", "Solver"),
                           description(MODEL, 0, "float64", True), params,
                           Ref("solvers/update_rules/sgd.py", "Sgd"),
                           Seed(int(rng.integers(1 << 30))), settings)
        return wrong_epochs(found["seen"], x, y) or wrong_run(found, params, settings)
    return check


def wrong_epochs(seen, x, y):
    """What is wrong with the batches of three epochs of ten examples, or None."""
    if not isinstance(seen, list) or not all(
            isinstance(each, list) and len(each) == 2 and np.ndim(each[0]) == 2 for each in seen):
        return "the batches cannot be read"
    sizes = [len(each) for each, _ in seen]
    if sizes != [4, 4, 2] * 3:
        return (f"3 epochs of 10 examples in batches of 4 should be batches of {[4, 4, 2] * 3}; "
                f"yours are {sizes}")
    orders = []
    for epoch in range(3):
        rows = np.concatenate([each for each, _ in seen[3 * epoch : 3 * epoch + 3]])
        labels = np.concatenate([each for _, each in seen[3 * epoch : 3 * epoch + 3]])
        order = [int(np.argmin(np.abs(x - row).sum(axis=1))) for row in rows]
        orders.append(order)
        if sorted(order) != list(range(10)):
            return f"epoch {epoch + 1} does not visit every example once: it visits {order}"
        if not np.array_equal(rows, x[order]):
            return f"the rows of epoch {epoch + 1} are not those of x"
        if not np.array_equal(labels, y[order]):
            return "the labels of a batch are not those of its rows"
    if orders[0] == orders[1] or orders[0] == list(range(10)):
        return "every epoch should visit the examples in a fresh order"
    return None


def wrong_run(found, params, settings):
    """What is wrong with theta and the losses, replayed on the batches seen, or None."""
    theta, losses = replay(found["seen"], params, settings)
    if found["steps"] != len(losses):
        return f"self.steps is {found['steps']} after {len(losses)} steps: count each of them"
    times = found["times"] if isinstance(found["times"], list) else []
    if any(isinstance(t, (int, float)) and t == 0 for t in times):
        return ("the update rule is given t = 0 at the first step, and Adam divides by "
                "1 - beta^t\n  -> t counts from 1: self.steps += 1 comes before self.update")
    clip = f" and clip={settings['clip']}" if settings["clip"] else ""
    what = f"with reg={settings['reg']}{clip}"
    says = compare(f"theta after 9 steps {what}", found["theta"], theta, 1e-9)
    if says:
        return Wrong(says, functools.partial(slips.cause, [
            (words, remedy, lambda change=change: replay(
                found["seen"], params, settings | change)[0])
            for words, remedy, change in RUN_SLIPS], [found["theta"]], [()]))
    means = [np.dot(losses[3 * epoch : 3 * epoch + 3], [4, 4, 2]) / 10 for epoch in range(3)]
    names = tuple(f"train_loss of epoch {each}, the mean over its examples," for each in (1, 2, 3))
    told = tuple(found["losses"]) if isinstance(found["losses"], list) else None
    says = compare(names, told, tuple(means), 1e-9)
    epochs = np.reshape(losses, (3, 3))
    return says and Wrong(says, lambda: slips.cause([
        (words, remedy, lambda of=of: tuple(of(each) for each in epochs))
        for words, remedy, of in MEAN_SLIPS], [told], [()]))


MEAN_SLIPS = (
    ("it is the sum over the examples", "divide by their number", lambda loss: loss @ [4, 4, 2]),
    ("the short last batch counts as a full one", "its loss times the rows it has",
     lambda loss: loss.sum() * 4 / 10),
    ("it is the mean over the batches", "a batch counts for the rows it has",
     lambda loss: loss.mean()),
    ("a batch's loss counts once, and is divided by the number of examples",
     "its loss times the rows it has", lambda loss: loss.sum() / 10),
    ("it is the sum over the batches", "each times its rows, over all rows",
     lambda loss: loss.sum()),
)
RUN_SLIPS = (
    ("theta has not moved", "the update works in place, on the pieces of theta", {"rate": 0.0}),
    ("the rate is that of the first step in all steps", "self.schedule(self.steps), each time",
     {"first": 0, "growth": 0}),
    ("each step has the rate of the next one", "take the rate before self.steps += 1",
     {"first": 1}),
    ("L2 is left out", "gradient_with_l2 gives the gradient with 2 lambda W", {"reg": 0.0}),
    ("clipping is left out, or comes after the update",
     "clip_by_global_norm, where self.clip is not None, before the update", {"clip": None}),
    ("the update is made twice", "once for each piece", {"times": 2}),
    ("it walks along the gradient", "against it: minus", {"times": -1}),
)


def replay(seen, params, settings):
    """(theta, the losses) after the steps on these batches; settings may have a slip of RUN_SLIPS.
    """
    model, losses = build(MODEL, 0, "float64", params), []
    for t, (x, y) in enumerate(seen):
        loss, grads = model.loss(x, y)
        losses.append(float(loss))
        grads = {name: each + 2 * settings["reg"] * model.params[name] * (name in model.weights)
                 for name, each in grads.items()}
        dtheta = np.concatenate([grads[name].reshape(-1) for name in model.shapes])
        if settings["clip"] is not None:
            clip_by_global_norm(dtheta, settings["clip"])
        rate = settings["rate"] / (2 + settings.get("first", 0) + t * settings.get("growth", 1))
        model.theta -= settings.get("times", 1) * rate * dtheta
    return model.theta, losses


def check_budget(child, rng):
    """A check of practice/digits_budget.py: the same aim, in BUDGET steps of any rule."""
    return check_digits(child, rng, "practice/digits_budget.py", BUDGET)


def check_digits(child, rng, file="practice/train_digits.py", budget=None):
    """A check of the student's net on digits that it has not seen, and of its layers.

    budget: the most steps, of any update rule; None for any number of SGD's
    """
    for layer, make, wrt in ((affine, inputs.affine, (0, 1, 2)), (relu, inputs.batch, (0,)),
                             (softmax_loss, inputs.scores, (0,))):
        own = file_of(layer.__name__)
        says = layer_check(own, layer, make, wrt)(child, rng)
        if says:
            says = says.says + says.why() if isinstance(says, Wrong) else says
            return f"first, {own} is not right yet: {says}"
    x, y = digits.load()
    order = np.random.default_rng(0).permutation(len(x))    # the same for all, so no luck in it
    x = ((x - x.mean()) / x.std()).astype(np.float32)
    train, test = order[:1437], order[1437:]
    found = child.call(PROBE, "digits", Ref(file, "train"),
                       Ref("models/two_layer_net.py", "TwoLayerNet"), x[train], y[train], Seed(0))
    params = found["params"]
    names = ("W1", "b1", "W2", "b2")
    hidden = np.shape(params.get("b1")) if isinstance(params, dict) else ()
    shapes = [(64, *hidden), hidden, (*hidden, 10), (10,)]
    if hidden and hidden[0] > HIDDEN:
        return f"{hidden[0]} hidden units are more than {HIDDEN}: a width of 100 is plenty"
    if len(hidden) != 1 or any(np.shape(params.get(name)) != shape or params[name].dtype.kind != "f"
                               for name, shape in zip(names, shapes, strict=True)):
        return ("train should give a TwoLayerNet of 64 inputs and 10 classes, after its training"
                "\n  -> is it returned at the end?")
    accuracy = accuracy_of(params, x[test], y[test])
    says = wrong_training(found, params, x[train], y[train], budget)
    if says or accuracy < ACCURACY:
        return says or (f"of digits it has not seen, your net gets {accuracy:.1%} right; "
                        f"{ACCURACY:.0%} is the aim\n  -> "
                        f"{advice(found['first'], params, accuracy, budget)}")
    return None


def advice(first, params, accuracy, budget):
    """What to try, from how far W1 has moved; TOO_LITTLE and TOO_FAR are from runs that fail."""
    moved = np.linalg.norm(params["W1"] - first["W1"]) / np.linalg.norm(first["W1"])
    if moved > TOO_FAR:
        return f"W1 has moved {moved:.1f} times its own first size: a smaller rate"
    if len(params["b1"]) < FEW_UNITS:
        return f"{len(params['b1'])} hidden units are few for ten digits: a wider net"
    if accuracy < GUESSED / 2:
        return "that is worse than guessing: are the rows of x and the labels y still pairs?"
    if moved < TOO_LITTLE:
        return (f"W1 has moved by {moved:.0%} of its size in all: a larger rate, or "
                + ("more epochs" if budget is None else "an update rule that goes faster"))
    return ("the size of the steps is plausible: "
            + ("more epochs, a rate that falls, a wider net" if budget is None else
               "use all the steps that are allowed, and let the rate fall to 0 at the end"))


def accuracy_of(params, x, y):
    """The share of y that a two-layer net of these parameters gets right."""
    scores = np.maximum(x @ params["W1"] + params["b1"], 0) @ params["W2"] + params["b2"]
    return float((scores.argmax(axis=1) == y).mean())


def wrong_training(found, params, x, y, budget):
    """That the parameters do not come from steps along the gradients of the student's net; or None.

    Weights that were solved for, or brought along, have no first steps from a net that knows
    nothing, or are not those of the last step.
    """
    first, last, along = found["first"], found["last"], found["along"]
    fewest = FEWEST if budget is None else FEWEST // 3
    if budget is not None and len(along) >= budget:
        return (f"your training takes {len(along) + 1} steps, and {budget} are allowed: steps are "
                "epochs times batches, and an epoch has N / batch_size of them, rounded up")
    if len(along) < fewest or not goes_along(along, budget):
        return ("the net should be trained: TwoLayerNet.loss called for each batch, at least "
                f"{fewest} times, and its parameters moved against the gradients")
    if accuracy_of(first, x, y) > 0.5:
        return "the net knows the digits before its first step: begin with random weights"
    for name in ("W1", "W2"):
        moved, after = (np.linalg.norm(one[name] - other[name]) / np.linalg.norm(params[name])
                        for one, other in ((first, params), (last, params)))
        if moved < 0.02 or after > 0.3:
            too_short = f": it has moved by {moved:.1%}. Or is the rate far too small?"
            return (f"{name} of the net that train gives does not come from its steps"
                    + (too_short if moved < 0.02 else ""))
    return None


def goes_along(along, budget):
    """Whether steps go against gradients: half of SGD's straight, those of any rule on the whole.
    """
    if budget is None:
        return np.mean(np.array(along) > 0.99) >= 0.5
    return np.mean(along) >= ALONG

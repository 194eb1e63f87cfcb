"""The check of one model: its scores, its loss and its gradients against the reference."""

import functools
from collections.abc import Callable
from types import ModuleType
from typing import NamedTuple

import numpy as np

from flatprop.exercises.checks import answers, feedback, probe
from flatprop.exercises.checks.answers import PROBE, Wrong, ask_cases, changed_argument
from flatprop.exercises.checks.diagnosis import diagnose_model
from flatprop.exercises.checks.feedback import compare
from flatprop.exercises.checks.slips import cause as slip_of
from flatprop.exercises.exercise import file_of
from flatprop.exercises.sandbox.parent import Ref
from layers import relu, sigmoid, softmax_loss, tanh
from models.fully_connected_net import FullyConnectedNet

ROWS = 20           # of a large net's batch


class Subject(NamedTuple):
    """A model to check: the student's class in a file, and the project's own.

    loss and activation are layers, or None: a model without a choice of loss has targets in place
    of labels. An activation is for the FullyConnectedNet alone.
    """

    file: str
    reference: Callable
    sizes: tuple
    loss: ModuleType | None = softmax_loss
    activation: ModuleType | None = relu


def description(subject, seed, dtype, for_child):
    """A subject as probe.py takes it, with modules or, for a child, their files."""
    made, sizes = subject.reference, list(subject.sizes)
    layers = {} if subject.loss is None else {"loss_layer": subject.loss}
    if made is FullyConnectedNet:
        layers["activation"], sizes = subject.activation, [sizes]
    if for_child:
        made = Ref(subject.file, made.__name__)
        layers = {name: each and Ref(file_of(each.__name__)) for name, each in layers.items()}
    return {"class": made, "sizes": sizes, "layers": layers, "seed": seed, "dtype": dtype}


def build(subject, seed, dtype, params=None):
    """The project's own model of a subject."""
    return probe.build(description(subject, seed, dtype, False), params)


def random_params(subject, seed, dtype, rng):
    """Random numbers for every parameter, biases too, of an ordinary size."""
    return {name: (rng.standard_normal(value.shape) * 0.5).astype(dtype)
            for name, value in build(subject, seed, dtype).params.items()}


def batch(subject, rows, dtype, rng):
    """x (N, D) and labels, or the targets of a model without a loss of its choice."""
    x = np.round(rng.standard_normal((rows, subject.sizes[0])), 2).astype(dtype)
    if subject.loss is None:
        return x, np.round(rng.standard_normal((rows, subject.sizes[-1])), 2).astype(dtype)
    return x, rng.integers(0, subject.sizes[-1], rows)


def loss_check(subject, *, large=None):
    """A check of loss(x, y): the value, every gradient, the same again, nothing changed."""
    def check(child, rng):
        for dtype, sizes in (("float64", (4, 1, 3)), ("float32", (5,))):
            seed = int(rng.integers(1 << 30))
            params = random_params(subject, seed, dtype, rng)
            batches = [batch(subject, rows, dtype, rng) for rows in sizes]
            says = wrong_loss(child, subject, seed, dtype, params, batches)
            if isinstance(says, str) and dtype == "float64" and "gradient" in says:
                return Wrong(says, functools.partial(diagnosis, child, subject, seed, params, rng))
            if says:
                return says
        return large and wrong_large(child, subject._replace(sizes=large), rng)
    return check


def wrong_loss(child, subject, seed, dtype, params, batches):
    """What is wrong with loss on these batches, or None."""
    model = build(subject, seed, dtype, params)
    expected = [model.loss(x, y) for x, y in batches]
    # Parameter by parameter from the loss backward, where a mistake begins.
    names = sorted(params, key=lambda name: (-int(name[-1]), name[0] != "W"))
    found = ask_cases(child, "loss", batches, description(subject, seed, dtype, True), params)
    for each in found:
        if not isinstance(each["grads"], dict):
            return "loss should return a dict with the gradient of every parameter"
        missing = [name for name in names if name not in each["grads"]]
        if missing:
            return (f"loss gives no gradient for {', '.join(missing)}: each has its parameter's "
                    f"name; it gives {feedback.kind_of(each['grads'])}")
    losses = [each["loss"] for each in found]
    says = feedback.compare_cases("the loss", losses, [value for value, _ in expected])
    if says:
        return Wrong(says, lambda: subject.loss and chain_slip(
            model, batches, losses, lambda *case: subject.loss.forward(*case)[0]) or "")
    says = changed_argument(["x"], [(x,) for x, _ in batches],
                            [(each["x"],) for each in found], "loss")
    if says:
        return says
    if not all(feedback.same(value, each["params"].get(name)) for name, value in params.items()
               for each in found if isinstance(each["params"], dict)):
        return "loss changes the parameters. Leave that to the update rule"
    for name in names:
        says = feedback.compare_cases(
            f"the gradient d{name}", [each["grads"][name] for each in found],
            [grads[name] for _, grads in expected])
        if says:
            return says
    for each, (_, grads) in zip(found, expected, strict=True):
        again = each["again"]
        if not isinstance(again, dict) or any(compare("", again.get(name), grads[name])
                                              for name in names):
            return "loss gives other gradients when it is called again on the same batch"
    return None


def scores_check(subject):
    """A check of scores(x), and of the layers' outputs that activations(x) gives."""
    def check(child, rng):
        seed = int(rng.integers(1 << 30))
        params = random_params(subject, seed, "float64", rng)
        for rows in (2, 1, 5):
            x, _ = batch(subject, rows, "float64", rng)
            model = build(subject, seed, "float64", params)
            scores, layers, after = child.call(
                PROBE, "scores", description(subject, seed, "float64", True), params, x)
            says = compare("scores(x)", scores, model.scores(x), given={"x": x})
            if says:
                return Wrong(says, functools.partial(chain_slip, model, [(x, None)], [scores]))
            says = (wrong_layers(layers, model.activations(x))
                    or changed_argument(["x"], [(x,)], [(after,)], "scores"))
            if says:
                return says
        return None
    return check


def chain_slip(model, cases, found, value_of=lambda scores, y: scores):
    """A layer or a bias left out of the scores, or one too much, as the end of a message; or "".

    found: value_of the scores, and y, in each of the cases (x, y)
    """
    def without(places, bias=None, last=None):
        def run(x, y):
            out = x
            for place, (layer, names) in enumerate(model.chain()):
                params = [model.params[name] * (name != bias) for name in names]
                out = out if place in places else layer.forward(out, *params)[0]
            return value_of(last.forward(out)[0] if last else out, y)
        return run

    layers = [(place, layer.__name__.rpartition(".")[2], names)
              for place, (layer, names) in enumerate(model.chain())]
    bare = {place: name for place, name, names in layers if not names}
    slips = [(f"{name}, step {place + 1} of the chain, is left out",
              "each layer takes the output of the one before it", without([place]))
             for place, name in bare.items()]
    slips += [("the activations are left out",
               "each layer takes the output of the one before it", without(bare))]
    slips += [(f"{bare[place]} stands behind the last layer too",
               "the scores are what affine gives", without([], last=model.chain()[place][0]))
              for place in list(bare)[:1]]
    slips += [(f"{name} is left out", "affine adds it", without([], name))
              for _, _, names in layers for name in names if name not in model.weights]
    return slip_of(slips, found, cases)


def wrong_layers(found, expected):
    """What is wrong with the outputs of layers by name, of which there may be more, or None."""
    if isinstance(found, dict) and set(found) > set(expected):
        found = {name: found[name] for name in expected}
    says = compare("activations(x)", found, expected)
    if says and isinstance(found, dict) and set(found) == set(expected):
        # Of an activation the input, which looks like its output.
        for name, right in expected.items():
            for layer in (relu, sigmoid, tanh):
                if not compare("", found[name], right):
                    break
                if np.shape(found[name]) == np.shape(right) and not compare(
                        "", layer.forward(np.asarray(found[name], right.dtype))[0], right):
                    return (f"{says}\n  On every input: it is what goes into the activation\n"
                            "  -> what comes out of it is the layer's output")
    return says


def wrong_large(child, subject, rng):
    """That the gradients of a large net take too long or are wrong, or None.

    In float64: in float32 another order of summation moves, once in 1,300 batches, a hidden unit
    over the kink of the relu, and a right model is refused.
    """
    params = {name: each / np.sqrt(len(each)) for name, each
              in random_params(subject, 0, "float64", rng).items()}
    x, y = batch(subject, ROWS, "float64", rng)
    model = build(subject, 0, "float64", params)
    value, grads = model.loss(x, y)
    with answers.limited_time(child, lambda: model.loss(x, y), f"a net of {len(x[0])} inputs",
                              answers.RATIO_OF_NETS):
        found, = ask_cases(child, "loss", [(x, y)], description(subject, 0, "float64", True),
                           params)
    return (compare("on a large net, the loss", found["loss"], value, 1e-9)
            or compare("on a large net, the gradients", found["grads"], grads, 1e-8))


def diagnosis(child, subject, seed, params, rng):
    """What the gradient check says of these gradients, as the end of a message, or ""."""
    def gradients_at(now, x, y):
        found, = ask_cases(child, "loss", [(x, y)], description(subject, seed, "float64", True),
                           now)
        return found["grads"]

    model = build(subject, seed, "float64", params)
    # Seven rows, which is no size of the net, so that the diagnosis can recognize a factor of 1/7.
    return diagnose_model(model, gradients_at, *batch(subject, 7, "float64", rng), rng)

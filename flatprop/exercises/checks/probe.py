"""What a check runs in the student's process: several calls at once, and their results.

A copy of this file lies in the folder that a child imports from. It knows no answers, and nothing
that it says is trusted: the parent compares the numbers with those of the reference.
"""

import importlib
import itertools
import sys

import numpy as np


def forward(module, cases):
    """A layer's forward on several inputs. -> [{"out", "inputs" as they are afterwards}]

    A result that is not a pair, (out, cache), gives {"says"} in its place.
    """
    return [forward_once(module, inputs)[0] for inputs in cases]


def forward_once(module, inputs):
    """(a dict as above, the cache)."""
    result = module.forward(*inputs)
    if type(result) is not tuple or len(result) != 2:
        what = f"{len(result)} values" if type(result) is tuple else f"a {type(result).__name__}"
        what = "None: is a return missing?" if result is None else what
        return {"says": f"forward should return two things, out and cache; it returns {what}"
                        f"\n  -> return out, (...), with what backward reads in the brackets"}, None
    return {"out": result[0], "inputs": inputs}, result[1]


def layer(module, cases):
    """forward on every case, (inputs, dout), then backward in the opposite order, and again.

    -> [{"grads", "again", "inputs", "dout"}]: a backward that keeps anything but its cache from
    call to call has other gradients the second time, or those of another case.
    """
    caches, results = [forward_once(module, inputs)[1] for inputs, _ in cases], []
    for (inputs, dout), cache in zip(reversed(cases), reversed(caches), strict=True):
        grads = copy_of(module.backward(dout, cache))
        results.insert(0, {"grads": grads, "inputs": inputs, "dout": dout})
    for (_, dout), cache, result in zip(cases, caches, results, strict=True):
        result["again"] = module.backward(dout, cache)
    return results


def flush():
    """Flush what was printed, so that the parent can read it."""
    print(end="", flush=True)


def copy_of(value):
    """value, with its arrays copied: the student's code may change them later."""
    if type(value) is tuple:
        return tuple(copy_of(each) for each in value)
    return value.copy() if type(value) is np.ndarray else value


def forward_backward(module, inputs, dout):
    """out and backward's gradients, from a forward call of their own."""
    out, cache = module.forward(*inputs)
    return out, module.backward(dout, cache)


def without_dx(module, inputs, dout):
    """backward's gradients with need_dx=False."""
    return module.backward(dout, forward_once(module, inputs)[1], need_dx=False)


def imported_again(module, inputs, dout):
    """backward's gradients, from a module that has not seen forward, but for the cache."""
    _, cache = forward_once(module, inputs)
    top = module.__name__.partition(".")[0]
    # But for stand-ins of what is not there (absent.py), which have no file.
    kept = {name: sys.modules.pop(name) for name, each in list(sys.modules.items())
            if name.partition(".")[0] == top and hasattr(each, "__file__")}
    try:
        return importlib.import_module(module.__name__).backward(dout, cache)
    finally:
        sys.modules.update(kept)


def functions(function, cases):
    """A function on several lists of arguments. -> [{"value", "arguments" afterwards}]"""
    return [{"value": function(*arguments), "arguments": arguments} for arguments in cases]


def numerical(module, cases):
    """The student's numerical gradient of a function given by its numbers: x -> sum a x^power."""
    results = []
    for x, a, power, h in cases:
        def f(value, a=a, power=power):
            return float(np.sum(a * value**power))
        gradient = module.numerical_gradient(f, x) if h is None else \
            module.numerical_gradient(f, x, h)
        results.append({"value": gradient, "x": x})
    return results


def build(subject, params=None):
    """A model of a class, its weights drawn from a seed; then params, if given, in theta.

    subject: {"class", "sizes", "layers": {argument: module}, "seed", "dtype"}
    """
    model = subject["class"](*subject["sizes"], **subject["layers"],
                             rng=np.random.default_rng(subject["seed"]),
                             dtype=np.dtype(subject["dtype"]))
    for name, value in (params or {}).items():
        model.params[name][...] = value
    return model


def scores(subject, params, x):
    """A model's scores(x), what its layers give, and x afterwards."""
    model = build(subject, params)
    return model.scores(x), model.activations(x), x


def loss(subject, params, batches):
    """A model's loss and gradients on batches (x, y), one after another, and once more.

    -> [{"loss", "grads", "again", "x", "params" afterwards}], or {"says"} in the place of one
    """
    model, results = build(subject, params), []
    for x, y in batches:
        found = model.loss(x, y)
        if type(found) is not tuple or len(found) != 2 or type(found[1]) is not dict:
            what = "None: is a return missing?" if found is None else f"a {type(found).__name__}"
            if type(found) is tuple and len(found) == 2:
                what = f"a {type(found[1]).__name__} in the dict's place"
            results.append({"says": "loss should return two things, the loss and a dict with the "
                            f"gradient of every parameter; it returns {what}"})
            continue
        value, grads = found
        results.append({"loss": value, "grads": {name: copy_of(each) for name, each in
                                                 grads.items()},
                        "x": x, "params": {name: each.copy() for name, each in
                                           model.params.items()}})
    for (x, y), result in zip(batches, results, strict=True):
        if "says" not in result:
            result["again"] = model.loss(x, y)[1]
    return results


def orders(module, count, rngs):
    """Orders of count examples, one by each Generator."""
    return [module.shuffled(count, rng) for rng in rngs]


def batches(module, order, batch_size):
    """An order cut into batches, and the rows of each."""
    cut = list(module.cut(order, batch_size))
    x, y = np.arange(2.0 * order.size).reshape(order.size, 2), np.arange(order.size)
    return cut, [list(module.take(x, y, index)) for index in cut]


def steps(rule, theta, dtheta, rate, count):
    """theta and its gradient after `count` of the rule's steps.

    The first stubs had a piece of theta where t is now.
    """
    for t in range(1, count + 1):
        try:
            rule().step(theta, dtheta, rate, piece=slice(None))
        except TypeError:
            rule().step(theta, dtheta, rate, t)
    return theta, dtheta


def updates(rule, settings, theta, gradients, rates, count):
    """theta, and the gradient afterwards, after each step of a rule that keeps `count` arrays."""
    slots, results, made = [np.zeros_like(theta) for _ in range(count)], [], rule(*settings)
    for t, (dtheta, rate) in enumerate(zip(gradients, rates, strict=True), start=1):
        made.step(theta, dtheta, rate, t, *slots)
        results.append({"theta": theta.copy(), "dtheta": dtheta})
    return results


def rates(schedule, arguments, times):
    """The rates of a schedule at these steps."""
    rate = schedule(*arguments)
    return [rate(t) for t in times]


def weights(function, rngs, fan_in, fan_out):
    """First weights by each Generator."""
    return [function(rng, fan_in, fan_out) for rng in rngs]


def dropout(module, x, p, rngs, dout):
    """out, dx, x and dout afterwards, by each Generator."""
    results = []
    for rng in rngs:
        mine, upstream = x.copy(), dout.copy()
        out, cache = module.forward(mine, p, rng)
        out = copy_of(out)
        results.append({"out": out, "dx": module.backward(upstream, cache), "x": mine,
                        "dout": upstream})
    return results


def solve(solver, subject, params, rule, rng, settings):
    """A Solver's run: the batches that the model saw, and the results.

    settings: {"x", "y", "reg", "batch_size", "epochs", "clip", "rate"}; the rate of step t is
    rate / (2 + t)
    times: the t that the update rule was given, at each of its calls
    """
    model, rule = build(subject, params), rule()
    seen, inner, times, update = [], model.loss, [], rule.step

    def loss(x, y):
        seen.append([x.copy(), y.copy()])
        return inner(x, y)

    def step(theta, dtheta, rate, t):
        times.append(t)
        update(theta, dtheta, rate, t)

    model.loss, rule.step = loss, step
    run = solver(model, (settings["x"], settings["y"]), update_rule=rule,
                 schedule=lambda t: settings["rate"] / (2 + t), reg=settings["reg"],
                 batch_size=settings["batch_size"], epochs=settings["epochs"],
                 clip=settings["clip"], rng=rng)
    history = run.train()
    return {"seen": seen, "theta": model.theta, "steps": run.steps, "times": times,
            "losses": [entry["train_loss"] for entry in history]}


def digits(train, net, x, y, rng):
    """The parameters of the net that train gives, and what its steps did.

    -> {"params", "first": the parameters at the first step, "last": at the last, "along": for each
    step but the last the cosine of what b2 did with minus its gradient}
    """
    steps, inner = [], net.loss

    def loss(self, *arguments):
        value, grads = inner(self, *arguments)
        if len(steps) > 1:
            steps[-1].pop("params")
        steps.append({"b2": self.params["b2"].copy(), "db2": copy_of(grads["b2"]),
                      "params": {name: each.copy() for name, each in self.params.items()}})
        return value, grads

    net.loss = loss
    params = getattr(train(x, y, rng), "params", None)
    moves = [(two["b2"] - one["b2"], one["db2"]) for one, two in itertools.pairwise(steps)]
    along = [float(-np.dot(move, grad) / max(1e-30, np.linalg.norm(move) * np.linalg.norm(grad)))
             for move, grad in moves]
    return {"params": dict(params) if isinstance(params, dict) else None, "along": along,
            "first": steps[0]["params"] if steps else {}, "last": steps[-1]["params"] if steps
            else {}}

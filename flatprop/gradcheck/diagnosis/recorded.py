"""A model that chains layer modules, recorded as it runs: each call of backward checked in place.

The true upstream gradient of a call is what differences of the loss say as its output is moved.
"""

import contextlib
import sys
from types import ModuleType
from typing import NamedTuple

import numpy as np

from flatprop.gradcheck.case import MANY, cast
from flatprop.gradcheck.containers import is_float
from flatprop.gradcheck.diagnosis.evidence import matches, multiple
from flatprop.gradcheck.finding import find
from flatprop.gradcheck.model_case import copy_model

STEP = 2.0**-17


class Call(NamedTuple):
    """A call of a layer's forward, or of its backward: out is then the upstream gradient given."""

    layer: ModuleType
    line: int
    inputs: tuple
    out: object
    cache: object


def explain_calls(model, x, y, check):
    """The Finding on the wrong call nearest to the loss, or None. check is the one for a layer."""
    forwards, backwards, _ = record(model, x, y)
    if sum(np.size(call.out) for call in forwards) > MANY:
        return None
    for number, call in reversed(list(enumerate(forwards))):
        if not is_float(call.out):
            continue
        right = upstream_of(model, x, y, number, np.asarray(call.out))
        words = {"layer": call.layer.__name__.rpartition(".")[-1], "line": call.line}
        given = [back for back in backwards if back.cache is call.cache]
        if not given and np.abs(right).max() > 1e-9:
            return find("no backward", "loss", words)
        if len(given) != 1:
            continue
        words["line"] = given[0].line
        if not matches(given[0].out, right):
            factor = multiple(np.asarray(given[0].out, float), right)
            return find("wrong upstream", "loss", words | {
                "how": f", {factor:.4g} times what it should be" if factor is not None else ""})
        report = check(call.layer.forward, call.layer.backward, *call.inputs)
        if report.wrong:
            first = next(each for each in report.found if each.fails)
            return find("wrong layer", "loss", words | {"says": first.says, "do": first.remedy})
    return None


def upstream_of(model, x, y, number, out):
    """The gradient of the loss for what forward call `number` gives, by differences."""
    gradient = np.empty(out.shape)
    for index in np.ndindex(out.shape):
        step = np.zeros(out.shape)
        step[index] = STEP
        gradient[index] = (record(model, x, y, (number, step))[2]
                           - record(model, x, y, (number, -step))[2]) / (2 * STEP)
    return gradient


def record(model, x, y, moved=(-1, 0.0)):
    """The calls of forward and of backward in a loss call of a copy, in order, and the loss.

    moved: the number of a forward call, and what is added to its output
    """
    forwards, backwards, inside = [], [], []

    def watch(stack, layer):
        forward, backward = layer.forward, layer.backward

        def outermost(call, *given):        # a layer may use others: those are its own affair
            inside.append(layer)
            try:
                return call(*given)
            finally:
                inside.pop()

        def watched_forward(*given):
            out, cache = outermost(forward, *given)
            if not inside:
                out = out + moved[1] if moved[0] == len(forwards) else out
                forwards.append(Call(layer, sys._getframe(1).f_lineno, given, out, cache))
            return out, cache

        def watched_backward(dout, cache, *more, need_dx=True):
            if not inside:
                backwards.append(Call(layer, sys._getframe(1).f_lineno, (), dout, cache))
            return outermost(backward, dout, cache, *more)
        stack.callback(vars(layer).update, forward=forward, backward=backward)
        vars(layer).update(forward=watched_forward, backward=watched_backward)

    with contextlib.ExitStack() as stack:
        for module in list(sys.modules.values()):
            if isinstance(module, ModuleType) and all(
                    callable(vars(module).get(name)) for name in ("forward", "backward")):
                watch(stack, module)
        loss, _ = copy_model(model, in_double=True).loss(*cast((x, y), np.float64))
    return forwards, backwards, loss

"""A model that chains layer modules, recorded as it runs: each call of backward checked in place.

The true upstream gradient of a call is what differences of the loss say as its output is moved.
"""

import contextlib
import sys
from types import ModuleType
from typing import NamedTuple

import numpy as np

from flatprop.gradcheck.case import MANY, Case, cast
from flatprop.gradcheck.containers import is_float
from flatprop.gradcheck.diagnosis.evidence import matches, multiple
from flatprop.gradcheck.finding import find
from flatprop.gradcheck.layer_check import check
from flatprop.gradcheck.model_case import copy_model


class Call(NamedTuple):
    """A call of a layer's forward(*given) -> result, or of its backward."""

    layer: ModuleType
    line: int
    given: tuple
    result: object


def explain_calls(model, x, y):
    """The Finding on the wrong call nearest to the loss, or None."""
    forwards, backwards, _ = record(model, x, y)
    if sum(np.size(call.result[0]) for call in forwards) > MANY:
        return None
    for number, (layer, line, inputs, (out, cache)) in reversed(list(enumerate(forwards))):
        if not is_float(out):
            continue
        moved = Case(lambda step, number=number: (record(model, x, y, number, step)[2], ()), None,
                     [np.zeros(np.shape(out))], np.random.default_rng(0), ["step"])
        right = moved.numeric_gradient(0) / moved.dout
        words = {"layer": layer.__name__.rpartition(".")[-1], "line": line}
        back = [call for call in backwards if call.given[1] is cache]
        if not back and np.abs(right).max() > 1e-9:
            return find("no backward", "loss", words)
        if len(back) != 1:
            continue
        words["line"], dout = back[0].line, np.asarray(back[0].given[0], float)
        if not matches(dout, right):
            factor = multiple(dout, right)
            return find("wrong upstream", "loss", words | {
                "how": f", {factor:.4g} times what it should be" if factor is not None else ""})
        found = check(layer.forward, layer.backward, *inputs).found
        if any(each.fails for each in found):
            words |= {"says": found[0].says, "do": found[0].remedy}
            return find("wrong layer", "loss", words)
    return None


def record(model, x, y, moved=-1, step=0.0):
    """The calls of forward and of backward in a loss call of a copy, in order, and the loss.

    moved: the number of the forward call to whose output step is added
    """
    calls, inside = {"forward": [], "backward": []}, []

    def watched(layer, name):
        function = vars(layer)[name]

        def call(*given, need_dx=True):
            inside.append(layer)
            try:
                result = function(*given)
            finally:
                inside.pop()
            if inside:      # a layer may use others: those are its own affair
                return result
            if name == "forward" and moved == len(calls[name]):
                result = (result[0] + step, result[1])
            calls[name].append(Call(layer, sys._getframe(1).f_lineno, given, result))
            return result
        return call

    with contextlib.ExitStack() as stack:
        for module in list(sys.modules.values()):
            if isinstance(module, ModuleType) and all(
                    callable(vars(module).get(name)) for name in calls):
                stack.callback(vars(module).update, {name: vars(module)[name] for name in calls})
                vars(module).update({name: watched(module, name) for name in calls})
        loss, _ = copy_model(model, in_double=True).loss(*cast((x, y), np.float64))
    return *calls.values(), loss

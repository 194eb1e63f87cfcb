"""check_model: the gradients of a model's loss for all of its parameters."""

import numpy as np

from flatprop.gradcheck import differences, finding, model_contract
from flatprop.gradcheck.case import Case, is_float
from flatprop.gradcheck.diagnosis import model_mistakes
from flatprop.gradcheck.finding import Finding
from flatprop.gradcheck.layer_check import raised
from flatprop.gradcheck.measure import measure
from flatprop.gradcheck.model_copy import copied
from flatprop.gradcheck.model_layer import as_layer
from flatprop.gradcheck.report import Report


def check_model(model, x, y, *, reg=None, rng=None, entries=None,
                tolerance=differences.TOLERANCE, name=None):
    """Check the gradients that model.loss(x, y) -> (loss, {name: gradient}) gives for model.params.

    model.params is {name: array}, views of model.theta where there is one. reg is the lambda of
    an L2 penalty, lambda * sum(W^2), in the model's own loss, if it has one: it lets the check
    say what is wrong with it. The rest is as in check. -> Report
    The model is copied, in float64, and comes out as it went in; a Generator that it holds (for
    dropout) is set back before every call, so that all calls draw the same masks.
    """
    rng = np.random.default_rng(0) if rng is None else rng
    name = type(model).__name__ if name is None else name
    names = list(model.params)
    with np.errstate(all="ignore"):
        found = model_contract.breaches(model, x, y)
        forward, backward, start = as_layer(copied(model, in_double=True), x, y, names)
        try:
            case = Case(forward, backward, start, rng, names)
            case.positions = list(range(len(names)))
            grads = case.gradients()
        except Exception as error:
            return Report(name, [], found or [raised("loss", error)])
        lines, wrong = [], []
        for position, gradient in enumerate(grads):
            if not is_float(gradient):
                found.append(Finding(finding.SHAPE, f"d{names[position]}", f"loss gives no floats "
                                     f"for {names[position]}: {type(gradient).__name__}",
                                     "put an array of the parameter's shape into the gradients"))
            elif np.shape(gradient) != np.shape(start[position]):
                wrong.append((position, None))
            else:
                lines.append(measure(case, position, gradient, rng, entries, tolerance))
                if lines[-1].wrong:
                    wrong.append((position, lines[-1]))
        if wrong:
            found += model_mistakes.diagnose(model, x, y, case, wrong, reg, rng)
        elif not found:
            found += model_contract.last_batch(model, x, y, check_short(reg, entries, tolerance))
    return Report(name, lines, found)


def check_short(reg, entries, tolerance):
    """A function (model, x, y) -> whether the gradients on that batch are wrong."""
    def is_wrong(model, x, y):
        names = list(model.params)
        forward, backward, start = as_layer(copied(model, in_double=True), x, y, names)
        rng = np.random.default_rng(0)
        case = Case(forward, backward, start, rng, names)
        few = 20 if entries is None else entries
        return any(measure(case, position, gradient, rng, few, tolerance).wrong
                   for position, gradient in enumerate(case.gradients()))
    return is_wrong

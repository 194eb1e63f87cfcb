"""check_model: the gradients of a model's loss for all of its parameters."""

import numpy as np

from flatprop.gradcheck import differences, finding, model_contract
from flatprop.gradcheck.case import is_float
from flatprop.gradcheck.diagnosis import model_mistakes
from flatprop.gradcheck.finding import Finding, raising
from flatprop.gradcheck.measure import Settings, measure
from flatprop.gradcheck.model_layer import loss_case
from flatprop.gradcheck.report import Report
from solvers import contract


def check_model(model, x, y, *, reg=None, rng=None, entries=None,
                tolerance=differences.TOLERANCE, name=None):
    """Check the gradients that model.loss(x, y) -> (loss, {name: gradient}) gives for model.params.

    model.params is {name: array}, views of model.theta where there is one. reg is the lambda of
    an L2 penalty, lambda * sum(W^2), in the model's own loss, if it has one: it lets the check
    say what is wrong with it. The rest is as in check. -> Report
    The model is copied, in float64, and comes out as it went in; a Generator that it holds (for
    dropout) is set back before every call, so that all calls draw the same masks.
    Raises TypeError, one line, for a model without params or loss; it needs nothing else.
    """
    for part in ("params", "loss"):
        if not hasattr(model, part):
            raise TypeError(f"{type(model).__name__} has no {part}, and check_model needs it: "
                            f"{contract.REQUIRED[part]}")
    rng = np.random.default_rng(0) if rng is None else rng
    name = type(model).__name__ if name is None else name
    with np.errstate(all="ignore"):
        lines, found = run(model, x, y, reg, Settings(rng, entries, tolerance))
    return Report(name, lines, found)


def run(model, x, y, reg, settings):
    """All of a check, in order. -> a Measured for each gradient, findings"""
    found = model_contract.breaches(model, x, y)
    try:
        case = loss_case(model, x, y, settings.rng)
        grads = case.gradients()
    except Exception as error:
        return [], found or [raising("loss", error)]
    lines, wrong = [], []
    for position, gradient in enumerate(grads):
        name = case.names[position]
        if not is_float(gradient):
            found.append(Finding(finding.SHAPE, f"d{name}", f"loss gives no floats for {name}: "
                                 f"{type(gradient).__name__}",
                                 "put an array of the parameter's shape into the gradients"))
        elif np.shape(gradient) != np.shape(case.inputs[position]):
            wrong.append((position, None))
        else:
            lines.append(measure(case, position, gradient, settings))
            if lines[-1].wrong:
                wrong.append((position, lines[-1]))
    if wrong:
        found += model_mistakes.diagnose(model, x, y, case, wrong, reg, settings.rng)
    elif not found:
        found += model_contract.last_batch(model, x, y, settings)
    return lines, found

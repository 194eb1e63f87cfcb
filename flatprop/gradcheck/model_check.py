"""check_model: the gradients of a model's loss for all of its parameters."""

from collections.abc import Mapping
from typing import Any, Protocol

import numpy as np

from flatprop.gradcheck import differences, model_contract
from flatprop.gradcheck.diagnosis import model_mistakes
from flatprop.gradcheck.finding import raising
from flatprop.gradcheck.layer_check import SEED, attempt, is_stale, report_on
from flatprop.gradcheck.measure import Settings, measure_all
from flatprop.gradcheck.model_case import loss_case
from flatprop.gradcheck.report import Report
from models.parameters import Copyable
from solvers.contract import REQUIRED


class Checked(Protocol):
    """What a model needs to be checked."""

    @property
    def params(self) -> Mapping[str, Any]:
        """{name: array}"""
        ...

    def loss(self, x: Any, y: Any, /) -> Any:
        """-> (loss, {name: gradient})"""
        ...


def check_model(model: Checked, x: Any, y: Any, *, reg: float | None = None,
                rng: np.random.Generator | int | None = None, entries: int | None = None,
                tolerance: float = differences.TOLERANCE, absolute: float = 0.0,
                nondeterminism: float = differences.TOLERANCE, contract: bool = False,
                name: str | None = None) -> Report:
    """Check the gradients that model.loss(x, y) -> (loss, {name: gradient}) gives for model.params.

    model.params is {name: array}, views of model.theta where there is one. reg is the lambda of
    an L2 penalty, lambda * sum(W^2), in the model's own loss, if it has one: it lets the check
    say what is wrong with it. y may be None. The rest is as in check. -> Report
    The model is copied, in float64, and comes out as it went in; a Generator that it holds (for
    dropout) is set back before every call, so that all calls draw the same masks.
    Raises TypeError, one line, for a model without params or loss; it needs nothing else, but to
    be copied as a parameters.Copyable theta and shapes.
    """
    copied_by = ("theta", "shapes") if isinstance(model, Copyable) else ()
    for part in ("params", "loss", *copied_by):
        if not hasattr(model, part):
            raise TypeError(f"{type(model).__name__} has no {part}, and check_model needs it: "
                            f"{REQUIRED[part]}")
    y = x if y is None else y       # as of an autoencoder, whose loss takes no targets
    settings = Settings(np.random.default_rng(SEED if rng is None else rng), entries,
                        max(tolerance, nondeterminism), absolute, nondeterminism)
    return report_on(type(model).__name__ if name is None else name, "loss", contract,
                     lambda: run(model, x, y, reg, settings))


def run(model, x, y, reg, settings):
    """All of a check, in order. -> a Measured for each gradient, findings"""
    found = attempt("loss", lambda: model_contract.breaches(
        model, x, y, settings.nondeterminism))
    try:
        case = loss_case(model, x, y, settings.rng, settings.nondeterminism)
        grads = case.gradients()
    except Exception as error:
        return [], [each for each in found if each.fails] or [raising("loss", error)]
    lines, wrong, mistakes = measure_all(case, grads, settings)
    if wrong:
        mistakes += attempt("the diagnosis", lambda: model_mistakes.diagnose(
            model, x, y, case, wrong, reg, settings.rng))
    found += [] if is_stale(found) else mistakes
    if not any(each.fails for each in found):
        found += attempt("a shorter batch",
                         lambda: model_contract.last_batch(model, x, y, settings))
    return lines, found

"""The gradient check's diagnosis of a student's gradients, within the time that a check may take.

The differences are of the reference's forward pass; only the gradients come from the student.
"""

import inspect
import re
import time
from collections.abc import Mapping

from flatprop.exercises.checks.asking import TROUBLE, Forged
from flatprop.exercises.sandbox.parent import StudentError
from flatprop.gradcheck.finding import DTYPE, RAISED, UNEXPLAINED
from gradient_check import check, check_model

SECONDS = 0.4


class OutOfTime(BaseException):
    """No Exception: the gradient check catches these, and would go on."""


class Asked:
    """The reference's loss with the student's gradients, as a model that check_model can ask."""

    def __init__(self, model, ask, deadline):
        self.model, self.ask, self.deadline = model, ask, deadline
        self.theta = model.theta.copy()
        self.params, start = {}, 0
        for name, value in model.params.items():
            self.params[name] = self.theta[start : start + value.size].reshape(value.shape)
            start += value.size

    def loss(self, x, y):
        """The loss of the reference, the gradients of the student when they are looked at."""
        if time.perf_counter() > self.deadline:
            raise OutOfTime
        for name, value in self.params.items():
            self.model.params[name][...] = value
        value, _ = self.model.loss(x, y)
        now = {name: each.copy() for name, each in self.params.items()}
        return value, Later(lambda: self.ask(now, x, y), list(now))


class Later(Mapping):
    """Gradients by name that are asked for when they are first looked at."""

    def __init__(self, ask, names):
        self.ask, self.names, self.found = ask, names, None

    def __getitem__(self, name):
        if self.found is None:
            self.found = self.ask()
        return self.found[name]

    def __iter__(self):
        return iter(self.names)

    def __len__(self):
        return len(self.names)


def of_layer(reference, ask, case, wrt, rng):
    """What is wrong with ask(dout, inputs) -> gradients, as the end of a message, or ""."""
    deadline = time.perf_counter() + SECONDS

    def forward(*arguments):
        if time.perf_counter() > deadline:
            raise OutOfTime
        return reference.forward(*arguments)[0], tuple(arguments)

    forward.__signature__ = inspect.signature(reference.forward)
    return worded(lambda: check(forward, ask, *case, wrt=wrt, rng=rng))


def of_model(model, ask, x, y, rng):
    """What is wrong with ask(params, x, y) -> gradients, as the end of a message, or ""."""
    asked = Asked(model, ask, time.perf_counter() + SECONDS)
    return worded(lambda: check_model(asked, x, y, rng=rng))


def worded(make_report):
    """The first finding of a report in words; "" if there is none, or none in time."""
    try:
        report = make_report()
    except (StudentError, Forged, OutOfTime, *TROUBLE):
        return ""       # what is wrong has been said; this was to say why
    found = next((each for each in report.found if each.fails), None)
    if found is None or found.kind in (UNEXPLAINED, RAISED, DTYPE):     # a dtype has been said
        return ""
    # Its numbers and shapes are not those that the student sees above it.
    where = ", on another input" if re.search(r"\d\.\d|\(\d", found.says) else ""
    return f"\n  The gradient check{where}: {found.says}\n  -> {found.remedy}"

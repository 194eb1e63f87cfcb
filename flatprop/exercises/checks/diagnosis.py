"""The gradient check's diagnosis of a student's gradients, within the time that a check may take.

The differences are of the reference's forward pass; only the gradients come from the student.
"""

import copy
import inspect
import re
import time
from collections.abc import Mapping

from flatprop.exercises.checks.answers import TROUBLE
from flatprop.exercises.sandbox.parent import StudentError
from gradient_check import check, check_model

SECONDS = 2.0       # of the processor; the slowest takes 0.4, so that the same is said everywhere
WAITING = 5         # so many times as long by the clock
# 0.1667 times what it should be, in every entry (1/N, the rows)
RIGHT_FORMULA = re.compile(r", where the differences give .*")
NAMED_FACTOR = re.compile(r"is -?[\d.e+-]+ (times what it should be, in every entry) \((.+)\)$")



class OutOfTime(BaseException):
    """No Exception: the gradient check catches these, and would go on."""


def stopwatch():
    """A function that raises OutOfTime when the time is over."""
    clock, used = time.perf_counter(), time.process_time()

    def stop():
        if (time.process_time() - used > SECONDS
                or time.perf_counter() - clock > WAITING * SECONDS):
            raise OutOfTime
    return stop


class StudentModel:
    """The reference's loss with the student's gradients_at(params, x, y), for check_model."""

    def __init__(self, model, gradients_at):
        self.model, self.gradients_at, self.stop = model, gradients_at, stopwatch()
        twin = copy.deepcopy(model)
        self.theta, self.params = twin.theta, twin.params

    def loss(self, x, y):
        """The loss of the reference, and the student's gradients, computed when they are used."""
        self.stop()
        for name, value in self.params.items():
            self.model.params[name][...] = value
        value, _ = self.model.loss(x, y)
        now = {name: each.copy() for name, each in self.params.items()}
        return value, LazyGradients(lambda: self.gradients_at(now, x, y), list(now))


class LazyGradients(Mapping):
    """Gradients by name, which are computed when the first of them is used."""

    def __init__(self, compute, names):
        self.compute, self.names, self.found = compute, names, None

    def __getitem__(self, name):
        if self.found is None:
            self.found = self.compute()
        return self.found[name]

    def __iter__(self):
        return iter(self.names)

    def __len__(self):
        return len(self.names)


def diagnose_layer(reference, backward, case, wrt, rng):
    """What is wrong with backward(dout, inputs) -> gradients, as the end of a message, or ""."""
    stop = stopwatch()

    def forward(*arguments):
        stop()
        return reference.forward(*arguments)[0], tuple(arguments)

    forward.__signature__ = inspect.signature(reference.forward)
    upstream = next(iter(inspect.signature(reference.backward).parameters))      # dout, dloss, ...
    return re.sub(r"\bdout\b", upstream, first_finding(lambda: check(
        forward, backward, *case, wrt=wrt, rng=rng, contract=True)))


def diagnose_model(model, gradients_at, x, y, rng):
    """What is wrong with gradients_at(params, x, y), as the end of a message, or ""."""
    student = StudentModel(model, gradients_at)
    return first_finding(lambda: check_model(student, x, y, rng=rng, contract=True))


def first_finding(make_report):
    """The first finding of a report in words; "" if there is none, or none in time."""
    try:
        report = make_report()
    except (StudentError, OutOfTime, *TROUBLE):
        return ""       # the message says what is wrong already; this would have said why
    # The message has the dtype, and what is raised.
    found = next((each for each in report.found if each.fails and each.kind != "dtype"), None)
    if found is None or found.kind in ("unexplained", "raised"):
        return ""
    # Of a factor with a name the name alone: its number is that of another input's sizes.
    says = NAMED_FACTOR.sub(named_factor, found.says)
    says = RIGHT_FORMULA.sub("", says)      # which is for the student to derive, or hint 2
    # Other numbers and shapes are not those that the student sees above it.
    where = ", on another input" if re.search(r"\d\.\d|\(\d", says) else ""
    return f"\n  The gradient check{where}: {says}\n  -> {found.remedy}"


def named_factor(match):
    """A factor by its name: 1/N times what it should be."""
    words, names = match.groups()
    name, *more = names.split(", ")
    return f"is {name} {words}" + (f" (N: {more[0]})" if "the rows" in more else "")

"""Known mistakes: where a student's numbers are those of a usual wrong formula, it is named.

mistakes: [(words, function), ...]; a function gives, of the same arguments, what the mistake gives.
"""

import numpy as np

from flatprop.exercises.checks import feedback
from flatprop.exercises.checks.answers import PROBE, TROUBLE
from flatprop.exercises.checks.check_layer import upstream
from flatprop.exercises.sandbox.parent import Ref, StudentError

RTOL = 1e-9     # of numbers that come from the same formula


def function_with(check, file, reference, makes, mistakes):
    """check of a function, and to what it says the mistake that makes the student's numbers.

    makes: functions (rng, size) -> arguments, on all of which it must make the same
    """
    def name(child, rng):
        cases = [make(rng, 3) for make in makes]
        found = [child.call(file, reference.__name__, *case) for case in cases]
        return name_of(tuple(found), (), [
            (words, lambda function=function: tuple(function(*case) for case in cases))
            for words, function in mistakes])
    return named(check, name)


def layer_with(check, file, reference, make, mistakes):
    """The same of a layer: a mistake is a function of (*inputs, dout) -> out, gradients."""
    def name(child, rng):
        case = make(rng, 3)
        right, _ = reference.forward(*case)
        dout = upstream(right, rng)
        found = child.call(PROBE, "forward_backward", Ref(file), list(case), dout)
        # Of a wrong forward nothing else is looked at: it has its backward, right or wrong.
        is_forward = feedback.compare("", found[0], right) is not None
        if is_forward:
            return name_of(found[0], (*case, dout), [(words, first(function))
                                                     for words, function in mistakes])
        return name_of(found, (*case, dout), mistakes)

    def first(function):
        return lambda *case: function(*case)[0]
    return named(check, name)


def with_words(check, words):
    """check, and to what it says the words for what it is about: {text in the message: words}."""
    def check_and_explain(child, rng):
        says = check(child, rng)
        text = getattr(says, "says", says)
        about = next((each for each in words if text and each in text), None)
        return f"{text.rstrip()}\n  -> {words[about]}" if about else says
    return check_and_explain


def named(check, name):
    """A check like check; name(child, rng) -> words for a mistake, or None."""
    def check_and_name(child, rng):
        says = check(child, rng)
        try:
            why = says and name(child, rng)
        except (StudentError, *TROUBLE):
            why = None
        return f"{getattr(says, 'says', says)}\n  -> {why}" if why else says
    return check_and_name


def name_of(found, case, mistakes):
    """The words of the mistake that gives what was found, or None."""
    for words, function in mistakes:
        with np.errstate(all="ignore"):
            if not feedback.compare("", found, function(*case), RTOL):
                return words
    return None

"""Asking a child: the parts of a check one after another, and what goes wrong put into words.

A check of a part is a function of (child, rng) that gives None, or what is wrong: words, or a
Wrong. check_X is such a function; X_check(...) makes one.
"""

import contextlib
import inspect
import re
import time
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from flatprop.exercises.checks import feedback, meanings
from flatprop.exercises.checks.feedback import Feedback
from flatprop.exercises.checks.slips import cause as slip_of
from flatprop.exercises.sandbox.parent import Ref, StudentError
from flatprop.exercises.sandbox.wire import printable

PROBE = "probe.py"      # where compose puts flatprop/exercises/checks/probe.py
# Of a large input: the processor time allowed, as a multiple of the reference's, and the least, in
# seconds. docs/instructors.md has what was measured; softmax on 3 x 2,000 and the SVM loss are not
# told from differences by it, and their inputs have sizes at which np.eye(C)[y] has room.
RATIO, LEAST = 3000, 0.8
RATIO_OF_NETS = 400     # for a net, whose differences are as many as its parameters
# After one of these the whole exercise has no points, whatever its other parts give.
FATAL = ("died", "forbidden", "not plain", "output", "memory", "time")
# What comparing values of an unexpected kind may raise: the probe's own have the right one.
TROUBLE = (ArithmeticError, AttributeError, IndexError, KeyError, TypeError, ValueError)
NO_CAUSE = "\n  -> no cause is recognized: take a hint"
CLOSE = "close, as an approximation is"      # in the messages of feedback, as these
SHAPES = re.compile(r"has shape \(([\d, ]*)\), and should have \(([\d, ]*)\)")
NAMED = 5       # parts that are right, above which their number says enough
UNEXPLAINED = "\n    yours", "Your code raises", CLOSE, "has shape ("
APPROXIMATE = ("\n  -> derive it: differences do not come so close; or is a small number added "
               "somewhere?")
NOT_ALLOWED = "That is not allowed in an exercise: "

WORDS = {      # a kind that is not among them has its text alone
    "time": "It took too long: {text}. Does a loop never end, or run over single entries?",
    "memory": "It needs too much memory: {text}",
    "output": "It prints too much: {text}",
    "died": "The process that ran your code ended: {text}. Does it call exit?",
    "not plain": "What came back cannot be used: {text}",
    "forbidden": f"{NOT_ALLOWED}{{text}}",
}


class Wrong(NamedTuple):
    """What is wrong, in words, and a function that says why, which takes its time."""

    says: str
    why: Callable


def check_of(parts, praise):
    """The check of an exercise: parts [(name, check, ...)], all worth the same; praise for passing.

    Every part is checked, with random numbers of its own. The message is about the first part that
    is written and wrong, and about one that is not written only if no other is wrong.
    """
    def check(child, rng):
        failed, fatal, message, waiting = [], False, "", ""
        streams = rng.spawn(len(parts))
        for (name, check_part, *_), stream in zip(parts, streams, strict=True):
            says, kind = outcome(check_part, child, stream)
            if says is None:
                continue
            failed.append(name)
            if kind == "not written":
                waiting = waiting or f"{where_to_begin(name, says)}: {says}"
                continue
            if isinstance(says, Wrong):
                says = says.says + ("" if message or "\n  ->" in says.says else says.why())
            message = message or f"{name}: {says}"
            if kind in FATAL:
                fatal = True
                break
        if not failed:
            return Feedback(True, praise, 1.0)
        # Made printable, because it has names and texts of the student's in it.
        message = printable(message or waiting, 4000)
        if not is_explained(message):
            message += APPROXIMATE if CLOSE in message else cause_of_shape(message) or NO_CAUSE
        if len(parts) > 1 and not fatal:
            message += count_of_right([part[0] for part in parts], failed)
        return Feedback(False, message, 0.0 if fatal else 1 - len(failed) / len(parts))
    return check


def cause_of_shape(message):
    """What a message's two shapes say by themselves, or ""."""
    found = SHAPES.search(message)
    if found is None:
        return ""
    yours, right = ([int(each) for each in re.findall(r"\d+", text)] for text in found.groups())
    if not right:
        return "\n  -> one number is wanted: of all these the sum, the mean or the largest?"
    if not yours:
        return ("\n  -> of all entries one number is made: is a sum or a mean taken, and if so, "
                "along which axis?")
    return "\n  -> rows and columns are in each other's place" * (yours == right[::-1])


def outcome(check_part, child, rng):
    """What is wrong with a part, or None, and the kind of trouble that there was, or ""."""
    try:
        return check_part(child, rng), ""
    except StudentError as error:
        return words_for(error), error.kind
    except TROUBLE as error:
        return f"what came back cannot be compared ({error})", "not plain"


def is_explained(message):
    """Whether a message has what to do; numbers side by side, or an error, do not say it."""
    return "\n  ->" in message or not any(each in message for each in UNEXPLAINED)


def where_to_begin(name, says):
    """The name of a part that waits for something; before that the file, if it is another one."""
    place = re.search(r"\((\S+\.py) line \d+\)", says)
    elsewhere = place and name.endswith(".py") and place[1] != name
    return f"first, {place[1]}" if elsewhere else name


def count_of_right(names, failed):
    """The line that says which parts are right."""
    right = [name for name in names if name not in failed]
    between = "; " if any(", " in name for name in right) else ", "
    return (f"\n({len(right)} of {len(names)} parts are right"
            + (f": {between.join(right)})" if 0 < len(right) <= NAMED else ")"))


def words_for(error):
    """A StudentError for the student, the end of the message being the line it is about."""
    text = error.text
    if error.kind == "not written":
        text = meanings.explain_not_written(text)
    if error.kind in ("raised", "import"):
        text = {"raised": meanings.explain_error, "import": meanings.explain_import}[
            error.kind](text)
    if error.kind == "memory":
        text += "\n  -> which array is so large? A Jacobian, N times N numbers, is never formed"
    if "read-only" in text:
        text += "\n  An input is changed in place: make a new array."
    return WORDS.get(error.kind, "{text}").format(text=text)


@contextlib.contextmanager
def limited_time(child, reference, on_what, ratio=RATIO):
    """A limit of processor time that differences do not keep: so many times that of reference().

    A StudentError says on what it was exceeded.
    """
    taken = []
    for _ in range(3):
        started = time.thread_time()
        reference()
        taken.append(time.thread_time() - started)
    try:
        with child.processor_time(max(LEAST, ratio * min(taken))):
            yield
    except StudentError as error:
        if error.kind == "time":
            raise StudentError("time", f"{error.text} on {on_what}. Differences, one entry after "
                               "another, or loops in loops, are too slow") from None
        raise


def ask_cases(child, name, cases, *before):
    """The probe's answers to cases, a dict for each.

    Raises StudentError for one that is {"says": words} in place of values, TypeError if they are
    none: the student's code has changed the answer.
    """
    found = child.call(PROBE, name, *before, cases)
    for each in found:
        if "says" in each:
            if type(each["says"]) is not str or not each["says"].strip():
                raise TypeError("no words")
            raise StudentError("says", each["says"])
    return found


def function_check(file, reference, make, result, rtol=None, special=(), large=None, why=None,
                   slips=()):
    """A check of the function of the reference's name: on fresh arguments it gives the same.

    make(rng, size) -> its arguments, small for size 2; special: a list of functions like it;
    result: what to call what it gives, or a tuple of names for a tuple; large: the size of
    arguments on which differences take too long, or None; why(ask, make, rng) -> what is wrong with
    wrong numbers, as the end of a message, with ask(cases) -> what the function gives in each;
    slips: those of slips.py
    """
    name, names = reference.__name__, list(inspect.signature(reference).parameters)

    def check(child, rng):
        cases = [make(rng, 2), *[each(rng, 2) for each in special], make(rng, 3), make(rng, 7)]
        found = ask_cases(child, "functions", [list(case) for case in cases], Ref(file, name))
        expected = [reference(*case) for case in cases]
        given = [dict(zip(names, case, strict=False)) for case in cases]
        wrong = feedback.compare_cases(result, [each["value"] for each in found], expected, given,
                                       rtol)
        if wrong:
            return Wrong(wrong, lambda: slip_of(slips, [each["value"] for each in found], cases)
                         or cause(child, rng))
        return (wrong or changed_argument(names, cases, [each["arguments"] for each in found], name)
                or large and wrong_large(child, rng))

    def cause(child, rng):
        def ask(cases):
            return [each["value"] for each in ask_cases(
                child, "functions", [list(case) for case in cases], Ref(file, name))]
        try:
            return why(ask, make, rng) if why else ""
        except (StudentError, *TROUBLE):
            return ""       # the message says what is wrong already

    def wrong_large(child, rng):
        case = make(rng, large)
        with limited_time(child, lambda: reference(*case), f"inputs of {np.shape(case[0])}",
                          RATIO_OF_NETS):
            found = child.call(file, name, *case)
        return feedback.compare(result, found, reference(*case), 1e-9)
    return check


def changed_argument(names, before, after, function):
    """That a function changes an argument in place, or None."""
    for case, left in zip(before, after, strict=True):
        for place, (name, value) in enumerate(zip(names, case, strict=False)):
            if place < len(left) and feedback.same(value, left[place]):
                continue
            instead = (f"Work on a copy: list({name})" if isinstance(value, list) else
                       f"Make a new array: {name} * 2, not {name} *= 2")
            return (f"{function} changes {name} in place, and whoever called it still needs "
                    f"it. {instead}")
    return None

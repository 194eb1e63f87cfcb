"""Asking a child: the parts of a check one after another, and what goes wrong put into words."""

from collections.abc import Callable
from typing import NamedTuple

from flatprop.exercises.checks import feedback, meanings
from flatprop.exercises.checks.feedback import Feedback
from flatprop.exercises.sandbox.parent import Ref, StudentError
from flatprop.exercises.sandbox.wire import printable

PROBE = "probe.py"      # where compose puts flatprop/exercises/checks/probe.py
# Who does these is not trusted with a part of the points.
FATAL = ("died", "forbidden", "not plain", "output", "memory", "time")
# What numbers that are not what they should be may raise where they are looked at.
TROUBLE = (ArithmeticError, AttributeError, IndexError, KeyError, TypeError, ValueError)
NOT_ALLOWED = "That is not allowed in an exercise: "

WORDS = {
    "not written": "{text}",
    "import": "The file cannot be imported: {text}",
    "raised": "{text}",
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


class Forged(Exception):
    """An answer that the probe, left alone, would not have given."""


def in_parts(parts, praise):
    """A check made of parts, a list of (name, look), each worth the same; praise for all right.

    look(child, rng) -> None, or what is wrong, in words or as a Wrong. Every part is looked at,
    with random numbers of its own; the message is about the first that fails, of those that are
    written if any is: somebody at work on the second part knows that the first is to come.
    """
    def check(child, rng):
        failed, fatal, message, waiting = [], False, "", ""
        streams = rng.spawn(len(parts))
        for (name, look), stream in zip(parts, streams, strict=True):
            try:
                says = look(child, stream)
            except StudentError as error:
                says = words_for(error)
                fatal = fatal or error.kind in FATAL
                if error.kind == "not written":
                    failed.append(name)
                    waiting = waiting or f"{name}: {says}"
                    continue
            except Forged:
                says, fatal = WORDS["not plain"].format(text="the answer was forged"), True
            except TROUBLE as error:
                says, fatal = f"what came back cannot be compared ({error})", True
            if says is None:
                continue
            failed.append(name)
            if isinstance(says, Wrong):
                says = says.says if message else says.says + says.why()
            message = message or f"{name}: {says}"
            if fatal:
                break
        if not failed:
            return Feedback(True, praise, 1.0)
        # It has names and texts of the student's in it.
        message = printable(message or waiting, 4000)
        if len(parts) > 1 and not fatal:
            right = [name for name, _ in parts if name not in failed]
            message += f"\n({len(right)} of {len(parts)} parts are right"
            between = "; " if any(", " in name for name in right) else ", "
            message += f": {between.join(right)})" if right else ")"
        return Feedback(False, message, 0.0 if fatal else 1 - len(failed) / len(parts))
    return check


def words_for(error):
    """A StudentError for the student, the end of the message being the line it is about."""
    text = error.text
    if error.kind == "not written":
        text = meanings.not_written(text)
    elif error.kind == "raised":
        text = meanings.raised(text)
    if "read-only" in text:
        text += "\n  An input is changed in place: make a new array."
    return WORDS.get(error.kind, "{text}").format(text=text)


def answers(child, name, keys, cases, *before):
    """The probe's answers to cases: a dict with these keys for each, or with "says" alone."""
    found = child.call(PROBE, name, *before, cases)
    if type(found) is not list or len(found) != len(cases):
        raise Forged
    for each in found:
        if type(each) is not dict or not (
                says_why(each) or (set(each) >= {*keys} and "says" not in each)):
            raise Forged
    return found


def says_why(each):
    """Whether an answer is words in place of values. Empty ones would be taken for no complaint."""
    return set(each) == {"says"} and type(each["says"]) is str and each["says"].strip() != ""


def answer(child, name, keys, *arguments):
    """The probe's answer, a dict with these keys."""
    found = child.call(PROBE, name, *arguments)
    if type(found) is not dict or not set(found) >= set(keys):
        raise Forged
    return found


def function_look(file, name, reference, make, result="the result", names=(), rtol=None,
                  special=()):
    """A look at one function: on fresh arguments it gives what the reference does.

    make(rng, size) -> its arguments, small for size 2; special: a list of functions like it;
    result: what to call what it gives, or a tuple of names for a tuple; names: the arguments
    """
    def look(child, rng):
        cases = [make(rng, 2), *[each(rng, 2) for each in special], make(rng, 3), make(rng, 7)]
        found = answers(child, "functions", ("value", "arguments"), [list(case) for case in cases],
                        Ref(file, name))
        expected = [reference(*case) for case in cases]
        given = [dict(zip(names, case, strict=False)) for case in cases]
        return (first_wrong(result, [each["value"] for each in found], expected, given, rtol)
                or changed(names, cases, [each["arguments"] for each in found], name))
    return look


def first_wrong(name, found, expected, given, rtol=None):
    """What is wrong first: the form of any, then what is not finite, then the numbers; or None."""
    triples = [[(*each, inputs) for each in feedback.both(name, one, other)]
               for one, other, inputs in zip(found, expected, given, strict=True)]
    flat = [each for case in triples for each in case]
    for look in (feedback.form, feedback.finite):
        for label, one, other, inputs in flat:
            says = look(label, one, other)
            if says:
                shown = feedback.inputs_shown(inputs).rstrip("\n")
                return f"{says}\n  with\n{shown}" if shown and look is feedback.finite else says
    for label, one, other, inputs in flat:
        says = feedback.numbers(label, one, other, rtol, inputs)
        if says:
            return says
    return None


def changed(names, before, after, function):
    """That a function changes an argument in place, or None."""
    for case, left in zip(before, after, strict=True):
        for place, value in enumerate(case):
            same = place < len(left) and feedback.same(value, left[place])
            if not same:
                name = names[place] if place < len(names) else f"argument {place + 1}"
                instead = (f"Work on a copy: list({name})" if isinstance(value, list) else
                           f"Make a new array: {name} * 2, not {name} *= 2")
                return (f"{function} changes {name} in place, and whoever called it still needs "
                        f"it. {instead}")
    return None

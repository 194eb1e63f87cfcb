"""The conditions of flatprop runs --where, such as "test>0.9" or lr=0.01."""

import argparse
import fnmatch
import re
from collections.abc import Collection

from flatprop.runs import listing, metrics
from flatprop.training.options import OPTIONS
from flatprop.usage.errors import UsageError, closest, one_of
from flatprop.usage.other_words import same_name
from models.by_name import OLD_NAMES
from solvers.by_name import METRICS

NAMES = tuple(name for name in listing.Row._fields if name not in ("problem", "options"))
KEPT = {option.name: option for option in OPTIONS if option.in_file == "run"}
NUMBERS = ("test", "val", "test_loss", "val_loss", "epochs", "seconds")     # of NAMES
CHOICES = {"state": listing.STATES, "metric": tuple(map(metrics.label, METRICS))}
SWITCH = ("True", "False")
CONDITION = re.compile(r"\s*([A-Za-z][\w-]*)\s*(==|!=|<=|>=|=|<|>)\s*(.*)", re.DOTALL)
PATTERN = re.compile(r"[*?\[]")


def known(name, option):
    """The name of a head or an option of train. Raises UsageError."""
    plain = name.strip().lstrip("-").replace("-", "_")
    if plain in NAMES or plain in KEPT:
        return plain
    raise UsageError(f"{option}: unknown name {name!r}.{closest(plain, {*NAMES, *KEPT})} It is "
                     f"{', '.join(NAMES)}, or an option of train, which flatprop train --help "
                     "lists")


def read(text):
    """(name, sign, value) of a condition such as "test>0.9". Raises UsageError, also where nothing
    that a run can have is like that."""
    parts = CONDITION.fullmatch(text)
    if parts is None:
        raise UsageError(f"--where {text!r}: give a name, one of = != < > <= >=, and a value, in "
                         'quotes, such as "test>0.9"')
    name, sign, value = parts.groups()
    name, sign, value = known(name, "--where"), "=" if sign == "==" else sign, value.strip()
    try:
        return name, sign, possible(name, sign, value)
    except argparse.ArgumentTypeError as error:
        raise UsageError(f"--where {text!r}: {name}: {error}") from error


def possible(name, sign, value):
    """The value of a condition as runs have it. Raises ArgumentTypeError where none can have it."""
    choices = choices_of(name)
    if sign in ("=", "!=") and not value:       # what a run does not have
        return value
    if choices is not None:
        if sign not in ("=", "!="):
            raise argparse.ArgumentTypeError(f"goes with = and !=, as it is {', '.join(choices)}")
        if any(fnmatch.fnmatchcase(choice, value) for choice in choices):
            return value
        value = same_name(value, choices) or one_of(choices, name)(value)
        return "" if choices is SWITCH and value == "False" else value
    if sign in ("=", "!=") and PATTERN.search(value):
        return value
    if name in NUMBERS:
        if as_number(value) is None:
            raise argparse.ArgumentTypeError(f"{value!r} must be a number")
    elif name not in NAMES and (sign in ("=", "!=") or as_number(value) is None):
        return as_kept(KEPT[name], value)
    return value


def choices_of(name):
    """The values that a head or an option has, or None where they are not counted."""
    if name in NAMES:
        return CHOICES.get(name)
    kind = KEPT[name].kind
    if name == "model":         # or a class of one's own
        return None
    return SWITCH if kind is None else tuple(kind) if isinstance(kind, Collection) else None


def as_kept(option, value):
    """The value of an option as runs keep it. Raises ArgumentTypeError where train would not take
    it."""
    if option.name == "model" and value in OLD_NAMES:       # as runs of old versions have it
        return value
    made = [option.kind(word) for word in (value.split() if option.nargs else [value])]
    return made[0] if len(made) == 1 and isinstance(made[0], str) else value


def as_number(value):
    """A value as a number; None for a text that is none."""
    try:
        return float(value)
    except (TypeError, ValueError):
        return None


def as_text(value):
    """A value as it is typed; nothing for None."""
    return "" if value is None else str(value)


def holds(value, sign, wanted):
    """Whether what a run has under a name, None for nothing, meets a condition. Nothing is neither
    less nor more."""
    value = None if value is False else value       # a switch that was not given
    number, limit = as_number(value), as_number(wanted)
    pair = (number, limit) if None not in (number, limit) else (as_text(value), wanted)
    if sign in ("=", "!="):
        same = pair[0] == pair[1] or fnmatch.fnmatchcase(as_text(value), wanted)
        return same == (sign == "=")
    if value is None:
        return False
    return {"<": pair[0] < pair[1], ">": pair[0] > pair[1],
            "<=": pair[0] <= pair[1], ">=": pair[0] >= pair[1]}[sign]

"""How exercises look on a screen: an outcome, the list with its progress bar, colours."""

import sys
import textwrap

from flatprop import system, width
from flatprop.exercises.catalogue import EXERCISES

BAR = 30
ALL_DONE = "All exercises pass. From the gates to a trained network, all of it is yours."


def outcome(exercise, feedback):
    """A check in full."""
    first = f"{exercise.id}: passed" if feedback.passed else f"{exercise.id}: not yet"
    return f"{first}\n{indent(feedback.message)}"


def indent(message):
    """A message, indented, in lines that fit the screen."""
    return width.fold(textwrap.indent(message, "  "))


def one_line(exercise, feedback):
    """A check in one line."""
    first, *_ = feedback.message.splitlines() or [""]
    words = "passed" if feedback.passed else first
    room = width.columns() - 22
    words = words if len(words) <= room else words[:room - 3] + "..."
    return f"{exercise.id:<22}{words}"


def bar(state):
    """How far the student is, in one line."""
    done = [each for each in EXERCISES if state[each.id]["status"] == "passed"]
    size = BAR if width.columns() > 72 else BAR // 3
    filled = round(size * len(done) / len(EXERCISES))
    points, all_points = (sum(each.points for each in some) for some in (done, EXERCISES))
    return (f"[{'#' * filled}{'-' * (size - filled)}] {len(done)} of {len(EXERCISES)} exercises, "
            f"{points} of {all_points} points")


def listing(state, current=None):
    """All exercises, in order."""
    lines = [bar(state), ""]
    for exercise in EXERCISES:
        entry = state[exercise.id]
        sign = entry["status"] if entry["status"] != "open" else ""
        if current is None and entry["status"] != "passed":
            current = exercise
        if exercise is current:
            sign = sign or "next"
        notes = []
        if entry["status"] == "again":
            notes.append("the reference has changed: check it again")
        if entry["hints"]:
            notes.append(f"{entry['hints']} hint{'s' * (entry['hints'] > 1)}")
        if entry["given_up"]:
            notes.append("solution seen")
        note = f"  ({', '.join(notes)})" if notes else ""
        lines += beside(f"  {sign:<8}{exercise.id:<21}", exercise.title + note)
    next_line = ALL_DONE if current is None else (
        f"next: {current.id}, in " + ", ".join(file for file, _ in current.targets))
    lines += ["", width.fold(next_line)]
    return "\n".join(lines)


def beside(label, text, least=1):
    """A label and a text as a line; on a terminal as many as it takes, below the text.

    They go below the label where there are not the least columns for them beside it.
    """
    room = width.columns() - len(label) if sys.stdout.isatty() else max(least, len(text))
    if room < min(least, len(text)):
        return [label.rstrip(), *width.wrap(text, width.columns(), "    ")]
    first, *rest = width.wrap(text, room) or [""]
    return [(label + first).rstrip(), *(" " * len(label) + line for line in rest)]


def paint(text, passed, out):
    """The first line in green or red, on a terminal."""
    first, line, rest = text.partition("\n")
    colour = system.GREEN if passed else system.RED
    return system.paint(first, colour, system.has_colours(out)) + line + rest

"""How exercises look on a screen: an outcome, the list with its progress bar, colours."""

import os
import sys
import textwrap

from flatprop import system
from flatprop.exercises.catalogue import EXERCISES

BAR = 30
ALL_DONE = "All exercises pass. From the gates to a trained network, all of it is yours."


def outcome(exercise, feedback):
    """A check in full."""
    first = f"{exercise.id}: passed" if feedback.passed else f"{exercise.id}: not yet"
    return f"{first}\n{indent(feedback.message)}"


def columns():
    """How wide the terminal is; 0 if there is none."""
    try:
        return os.get_terminal_size(sys.stdout.fileno()).columns
    except (OSError, ValueError, AttributeError):
        return 0


def width():
    """Characters in a line of prose: 92, or what the terminal has if that is less."""
    return min(92, max(40, columns() or 92))


def indent(message):
    """A message, indented: prose in lines that fit the screen, numbers as they are."""
    lines = []
    for line in message.splitlines():
        longest = 96 if line.startswith("    ") else width() - 4
        lines.append(f"  {line}" if len(line) <= longest else fold(line))
    return "\n".join(lines)


def fold(line):
    """A long line in several."""
    inside = " " * (2 + len(line) - len(line.lstrip()))
    return textwrap.fill(line.strip(), width() - 2, initial_indent=inside,
                         subsequent_indent=inside + "  ", break_long_words=False,
                         break_on_hyphens=False)


def one_line(exercise, feedback):
    """A check in one line."""
    first, *_ = feedback.message.splitlines() or [""]
    words = "passed" if feedback.passed else first
    words = words if len(words) <= 70 else words[:67] + "..."
    return f"{exercise.id:<22}{words}"


def bar(state):
    """How far the student is, in one line."""
    done = [each for each in EXERCISES if state[each.id]["status"] == "passed"]
    size = BAR if width() > 72 else BAR // 3
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
        line = f"  {sign:<8}{exercise.id:<21}{exercise.title}"
        over = len(line + note) - columns()
        lines.append(f"{line[:-over - 3]}...{note}" if columns() and over > 0 else line + note)
    next_line = ALL_DONE if current is None else (
        f"next: {current.id}, in " + ", ".join(file for file, _ in current.targets))
    if columns():
        next_line = textwrap.fill(next_line, width(), subsequent_indent="  ",
                                  break_on_hyphens=False)
    lines += ["", next_line]
    return "\n".join(lines)


def paint(text, passed, out):
    """The first line in green or red, on a terminal."""
    first, line, rest = text.partition("\n")
    colour = system.GREEN if passed else system.RED
    return system.paint(first, colour, system.has_colours(out)) + line + rest

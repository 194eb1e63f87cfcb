"""How exercises look on a screen: an outcome, the list with its progress bar, colours."""

import re
import sys
import textwrap
from pathlib import Path

from flatprop import system, width
from flatprop.exercises import workspace
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


def keys(*names):
    """The keys that may be pressed, "n next" each, in lines that fit the screen."""
    text = "   ".join(name.replace(" ", "\0") for name in names)
    return "\n".join(width.wrap(text, width.columns(), "  ")).replace("\0", " ") + "\n"


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
    points, all_points = (sum(each.points for each in some) for some in (done, EXERCISES))
    return f"{progress(len(done))} exercises, {points} of {all_points} points"


def progress(count):
    """So many of all exercises, with a bar."""
    size = BAR if width.columns() > 72 else BAR // 3
    filled = round(size * count / len(EXERCISES))
    return f"[{'#' * filled}{'-' * (size - filled)}] {count} of {len(EXERCISES)}"


def chosen(state, kind="", word=""):
    """The exercises that are "done" or "pending" (others than passed), and have a word in them."""
    return [each for each in EXERCISES
            if kind in ("", "done" if state[each.id]["status"] == "passed" else "pending")
            and word.casefold() in f"{each.id} {each.title} {each.section}".casefold()]


def row(exercise, entry):
    """An exercise in the list: its sign, and its title with notes."""
    notes = []
    if entry["status"] == "again":
        notes.append("the reference has changed: check it again")
    if entry["hints"]:
        notes.append(f"{entry['hints']} hint{'s' * (entry['hints'] > 1)}")
    if entry["given_up"]:
        notes.append("solution seen")
    sign = entry["status"] if entry["status"] != "open" else ""
    return sign, exercise.title + (f"  ({', '.join(notes)})" if notes else "")


def listing(state, kind="", word=""):
    """The exercises that are chosen, in order, and what is next."""
    current = workspace.next_exercise(state)
    lines = [bar(state), ""]
    for exercise in chosen(state, kind, word):
        sign, text = row(exercise, state[exercise.id])
        sign = sign or "next" * (exercise is current)
        lines += beside(f"  {sign:<8}{exercise.id:<21}", text)
    return "\n".join([*lines, "", next_line(state)])


def next_line(state, after=None):
    """What is next, and in which files."""
    following = workspace.next_exercise(state, after)
    return width.fold(ALL_DONE if following is None else f"next: {following.id}, in " + ", ".join(
        file for file, _ in following.targets))


def with_links(text, folder):
    """A text in which the student's files are links: layers/relu.py line 12, with its folder."""
    files = "|".join(map(re.escape, sorted(workspace.targets(), key=len, reverse=True)))
    start = f"(?:{re.escape(str(folder))}[/\\\\])?"
    return re.sub(rf"(?<![\w/]){start}({files})(?: line (\d+))?(?!\w)",
                  lambda found: system.link(found[0], Path(folder) / found[1], found[2]), text)


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

"""How wide what is printed may be, for all commands.

Paragraphs are folded at words and tables keep to the width of the terminal; where there is none it
is 80 columns, and COLUMNS, where that is set, goes before both. A line that stands for one thing
(of a run's log, of a table with reasons) is folded on a terminal alone: in a pipe or a file it
stays whole, for grep. So are errors and warnings, each of which is one line elsewhere.
"""

import contextlib
import os
import re
import shutil
import sys
import textwrap

from flatprop import ending

# Control characters but the end of a line and the tab, and those that turn the direction of
# writing: in a name that comes from a file they would be orders to the terminal. And halves of
# characters, in names of files that are no UTF-8: no log can be written with them.
ORDERS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
NARROWEST, WIDEST = 40, 100     # longer lines are hard to read
# What is not parted where a message is folded: a command, and an option with its value.
TYPED = re.compile(r"""(\S*python\S*|pip|flatprop)
                       \ (exercises\ |lecture\ |-m\ flatprop\ )?\w\S*
                       (\ --?[a-z]\S*(\ [^\s-]\S*)?|\ \S*[./"]\S*)*
                       |--[a-z][\w-]*\ [^\s-]\S*""", re.VERBOSE)


def columns(stream=None):
    """The columns that a line may have, on the terminal of a stream (default: standard output)."""
    size = shutil.get_terminal_size().columns
    with contextlib.suppress(AttributeError, ValueError, OSError):      # it is none
        if stream is not None and "COLUMNS" not in os.environ:
            size = os.get_terminal_size(stream.fileno()).columns or size
    return min(WIDEST, max(NARROWEST, size))


def wrap(text, room, indent="", hanging=""):
    """A paragraph as lines of so many columns, cut at blanks alone."""
    return textwrap.wrap(text, room, initial_indent=indent, subsequent_indent=indent + hanging,
                         break_long_words=False, break_on_hyphens=False)


def fold(text):
    """A text whose lines that are too long are folded.

    The rest of a line stands below its text where that follows a label, as in "loss       0.1",
    else two columns further to the right than its beginning.
    """
    room, lines = columns(), []
    for line in text.split("\n"):
        indent = " " * (len(line) - len(line.lstrip()))
        label = re.match(r" *\w+ {2,}|", line).end()
        hanging = " " * (label - len(indent)) if label else "  "
        lines += [line] if len(line) <= room else wrap(line.strip(), room, indent, hanging)
    return "\n".join(lines)


def harmless(text):
    """A text with ? for all that a terminal would take for an order, or cannot be written."""
    return ORDERS.sub("?", text)


def fold_on_terminal(text):
    """A text, made harmless, folded where standard output is a terminal, else in its lines."""
    text = harmless(text)
    return fold(text) if sys.stdout.isatty() else text


def say(text):
    """Print an error or a warning on standard error; that nobody can see it is no error."""
    text = harmless(text)
    if sys.stderr.isatty():
        text = fold_message(text, columns(sys.stderr))
    ending.tell(text)


def fold_message(text, room):
    """A message in lines of so many columns; what is to be typed stays together if it fits."""
    def keep_together(match):
        return match[0].replace(" ", "\0") if len(match[0]) <= room - 2 else match[0]
    lines = wrap(TYPED.sub(keep_together, text), room, hanging="  ")
    return "\n".join(lines).replace("\0", " ")

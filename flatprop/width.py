"""How wide what is printed may be, for all commands.

Paragraphs are folded at words and tables keep to the width of the terminal; where there is none it
is 80 columns, and COLUMNS, where that is set, goes before both. A line that stands for one thing
(of a run's log, of a table with reasons) is folded on a terminal alone: in a pipe or a file it
stays whole, for grep. Errors and warnings are one line each everywhere.
"""

import re
import shutil
import sys
import textwrap

NARROWEST, WIDEST = 40, 100     # longer lines are hard to read


def columns():
    """The columns that a line may have."""
    return min(WIDEST, max(NARROWEST, shutil.get_terminal_size().columns))


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


def fold_on_terminal(text):
    """A text folded where standard output is a terminal, and as it is elsewhere."""
    return fold(text) if sys.stdout.isatty() else text

"""The help of a command, made from its parser, the same on every Python and in every width.

argparse lays it out anew from version to version, and does not fold what stands around the options.
"""

import itertools

from flatprop import width
from flatprop.usage.errors import Parser

COLUMN = 24     # where the texts beside the options begin, or a third of a narrow terminal


class ParserWithHelp(Parser):
    """A Parser that prints this help."""

    def format_help(self):
        """What --help prints."""
        return as_text(self, width.columns())


def as_text(parser, columns):
    """The help of a parser in so many columns; only commands that are examples may be longer."""
    parts = [f"usage: {usage(parser)}", *paragraphs(parser.description, columns)]
    for title, rows in sections(parser):
        parts.append("\n".join([f"{title}:", *in_columns(rows, columns)]))
    return "\n\n".join([*parts, *paragraphs(parser.epilog, columns)]) + "\n"


def usage(parser):
    """The command with what it must be given, and [options]."""
    if parser.usage:
        return parser.usage
    words = [typed(each) for each in parser._actions if each.required or not each.option_strings]
    return " ".join([parser.prog, *words, "[options]"])


def sections(parser):
    """The arguments and options in groups: [(title, [(what to type, what it does)])]."""
    arguments, options, *groups = parser._action_groups
    titles = ["arguments", *(each.title for each in groups),
              "other options" if groups else "options"]
    found = [(title, [(", ".join([*each.option_strings[:-1], typed(each)]), each.help)
                      for each in sorted(group._group_actions, key=lambda a: a.dest == "help")])
             for title, group in zip(titles, [arguments, *groups, options], strict=True)]
    return [(title, rows) for title, rows in found if rows]


def typed(action):
    """How an argument or option is typed: RUN, [LAYER ...], --out FILE."""
    value = action.metavar or ""
    if action.option_strings:
        more = " ..." if action.nargs in ("+", "*") else ""
        return f"{action.option_strings[-1]} {value}{more}".rstrip()
    return {"?": f"[{value}]", "*": f"[{value} ...]", "+": f"{value} ..."}.get(action.nargs, value)


def in_columns(rows, columns):
    """Rows (what to type, what it does) as lines of two columns."""
    start, lines = min(COLUMN, columns // 3), []
    for left, text in rows:
        beside = width.wrap(text, columns - start)
        if len(left) <= start - 4:
            lines.append(f"  {left:<{start - 2}}{beside.pop(0)}")
        else:
            lines.append(f"  {left}")
        lines += [" " * start + line for line in beside]
    return lines


def paragraphs(text, columns):
    """What empty lines part, each folded; lines that are indented stay as they are."""
    found = []
    for paragraph in filter(None, (text or "").rstrip().split("\n\n")):
        lines = []
        groups = itertools.groupby(paragraph.split("\n"), lambda line: line.startswith(" "))
        for indented, group in groups:
            lines += group if indented else width.wrap(" ".join(group), columns)
        found.append("\n".join(lines))
    return found

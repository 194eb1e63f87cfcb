"""All commands as a page of the documentation, made from their parsers.

    python -m flatprop.commands_page > docs/commands.md
"""

from flatprop.cli import (
    check,
    command_line,
    draw,
    evaluate,
    export,
    help_text,
    predict,
    report,
    runs,
)
from flatprop.exercises import __main__ as exercises
from flatprop.exercises import check_course, new_exercise, notebooks
from flatprop.exercises.grading import grade, gradescope
from flatprop.lecture import __main__ as lecture
from flatprop.training import options

COLUMNS = 88
HEAD = """# The commands

What `--help` shows, made by `python -m flatprop.commands_page`.

Help, paragraphs and tables keep to the width of the terminal, or of `COLUMNS` where that is set. In
a pipe or a file they have 80 columns, and a line that stands for one thing (of a run's log, of a
table with reasons) stays whole, for grep. Errors and warnings are one line each everywhere.

A TOML file for `flatprop train --config` holds options of train too, as in `batch_size = 64`:
all but {these} and `{last}`.
"""


def parsers():
    """The parsers of all commands, in the order of the page."""
    modules = (command_line, evaluate, predict, export, report, runs, draw, check, lecture,
               exercises)
    students = [exercises.students_parser(command) for command in exercises.STUDENTS]
    others = (grade, gradescope, notebooks, new_exercise, check_course)
    return [*(module.parser() for module in modules), *students,
            *(module.parser() for module in others)]


def page():
    """The page as Markdown."""
    *most, last = [options.words_of(each)[-1] for each in options.OPTIONS if not each.in_file]
    chapters = [f"## {parser.prog}\n\n```text\n{help_text.as_text(parser, COLUMNS)}```\n"
                for parser in parsers()]
    return "\n".join([HEAD.format(these=", ".join(f"`{each}`" for each in most), last=last),
                      *chapters])


if __name__ == "__main__":
    print(page(), end="")

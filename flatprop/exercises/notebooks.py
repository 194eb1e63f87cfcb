"""The exercises as Jupyter notebooks, one each, whose cells run the same checks.

A notebook is JSON (nbformat 4.5). Its code cell writes the student's file with %%writefile; the
cell after it checks that file as `flatprop exercises check` does, in a child process.
"""

import html
import json
import os
from pathlib import Path

from data import atomic
from flatprop import ending
from flatprop.cli.command import make_parser, run_command
from flatprop.cli.common_options import add_out, check_folder_out, check_out
from flatprop.exercises import catalogue, commands, screen, workspace
from flatprop.exercises.catalogue import EXERCISES
from flatprop.exercises.grading import gradescope
from flatprop.usage.errors import UsageError, one_of

HERE = """# Where flatprop lies, seen from this notebook. Your files go into the folder `work`.
FLATPROP = {flatprop!r}

import sys
sys.path.insert(0, FLATPROP)
from flatprop.exercises import notebooks
notebooks.start("work")"""
HINT = "<details><summary>{}</summary>\n\n<pre>{}</pre>\n\n</details>"
TEXT = {"cell_type": "markdown"}
CODE = {"cell_type": "code", "execution_count": None, "outputs": []}


def main(argv=None):
    """flatprop exercises bundle {gradescope, jupyter}; gives the exit code."""
    return run_command("exercises bundle", lambda: run(parser().parse_args(argv)))


def parser():
    """The parser of the command line."""
    made = make_parser("exercises bundle")
    made.add_argument("kind", type=one_of(["gradescope", "jupyter"], "bundle"), metavar="KIND",
                      help="what to write: gradescope, a zip; or jupyter, notebooks")
    add_out(made, "FILE|DIR", "the zip (default: autograder.zip), or the folder of the notebooks "
                              "(default: notebooks)")
    made.add_argument("--flatprop", metavar="DIR", help=(
        "for jupyter: where students will have flatprop, seen from the notebooks "
        "(default: where it is)"))
    made.alone = "--out"
    return made


def run(args):
    """Write the zip or the notebooks. Raises UsageError."""
    if args.kind == "gradescope":
        if args.flatprop is not None:
            raise UsageError("--flatprop goes with jupyter, not with gradescope: leave it out")
        path = "autograder.zip" if args.out is None else args.out
        check_out(path, ends=(".zip", ""))
        gradescope.bundle(path)
        ending.confirm(f"{path}: upload it as the autograder")
    else:
        folder = "notebooks" if args.out is None else args.out
        check_folder_out(folder, "-o")
        names = write(folder, args.flatprop)
        ending.confirm(f"{len(names)} notebooks in {folder}, from {names[0]} to {names[-1]}")


def write(folder, flatprop=None):
    """Write all notebooks into a folder -> their names. UsageError if one is there already."""
    folder = Path(folder)
    flatprop = flatprop or os.path.relpath(workspace.ROOT, folder.resolve())
    books = {f"{place:02}-{exercise.id}.ipynb": notebook(exercise, flatprop)
             for place, exercise in enumerate(EXERCISES, 1)}
    there = [name for name in books if (folder / name).exists()]
    if there:
        raise UsageError(f"{folder / there[0]} is there already: name another folder")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, book in books.items():        # as Jupyter itself would save it
            text = json.dumps(book, indent=1, ensure_ascii=False, sort_keys=True)
            atomic.write_text(folder / name, f"{text}\n")
    except OSError as error:
        raise UsageError(f"{folder}: {error.strerror or error}") from error
    return list(books)


def notebook(exercise, flatprop):
    """The notebook of an exercise, as plain data."""
    start = workspace.starting_texts()
    parts = [(TEXT, heading(exercise)), (CODE, HERE.format(flatprop=Path(flatprop).as_posix()))]
    parts += [(CODE, f"%%writefile work/{file}\n{start[file].rstrip()}")
              for file, _ in exercise.targets]
    parts.append((CODE, f"notebooks.check({exercise.id!r}, \"work\")"))
    parts += [(TEXT, HINT.format(level.capitalize(), html.escape(text)))
              for level, text in zip(commands.LEVELS, exercise.hints, strict=True)]
    cells = [{**kind, "id": f"{exercise.id}-{place}", "metadata": {},
              "source": text.splitlines(keepends=True)} for place, (kind, text) in enumerate(parts)]
    return {"cells": cells, "metadata": {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"}}, "nbformat": 4, "nbformat_minor": 5}


def heading(exercise):
    """What stands at the top."""
    needs = ", ".join(exercise.prerequisites)
    return (f"# {exercise.title}\n\nThe lecture's section: {exercise.section}. "
            f"{exercise.points} points." + (f" Before it: {needs}." if needs else "")
            + "\n\nRun the first cell once. Then write what raises NotImplementedError, run its "
            "cell, which saves it, and the cell that checks it. Hints are at the end.")


def start(folder):
    """In a notebook: make the student's folder, where it is not there yet."""
    try:
        workspace.init(folder)
    except UsageError as error:
        print(error)


def check(id, folder):
    """In a notebook: check an exercise, print what there is to say; gives nothing."""
    try:
        exercise, folder = catalogue.find(id), workspace.find(folder)
        feedback = commands.run(folder, exercise)
        commands.record(folder, exercise, feedback)
        print(screen.outcome(exercise, feedback))
    except UsageError as error:
        print(error)

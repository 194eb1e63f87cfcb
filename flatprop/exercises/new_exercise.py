"""flatprop exercises new: the files of a new exercise, which works at once, to be filled in.

It writes into the clone: the reference, a module of the catalogue, the texts, wrong variants.
"""

import re
from pathlib import Path

from data import atomic
from flatprop.cli.command import make_parser, run_command, to_type
from flatprop.exercises.catalogue import EXERCISES
from flatprop.exercises.check_course import VARIANTS
from flatprop.needs import ROOT
from flatprop.usage.errors import UsageError

CATALOGUE, TEXTS = "flatprop/exercises/catalogue.py", "flatprop/exercises/exercises.toml"
REFERENCE = '''"""TODO: what it is about, and the part of the lecture.

TODO: what surprises.
"""


def {name}(x):
    """TODO: what it gives, without the formula, which is left to the student.

    a number, or an array -> f, df/dx
    At x = 3: f = 9.
    """
    f = x * x
    dx = 2.0 * x
    return f, dx
'''
TASK = '''"""The exercise {id}."""

import numpy as np

from flatprop.exercises.catalogue_layers import circuit_part
from flatprop.exercises.checks import inputs
from flatprop.exercises.checks.ways import Way
from flatprop.exercises.exercise import Task
from flatprop.exercises.practice import {name}

FILE = "practice/{name}.py"


def ways(x):
    """Which way each gradient comes, so that a mistake is named: f = x x."""
    return {{"x": x}}, {{"dx": [Way("f", np.ones_like(x), 2.0 * x)]}}


{NAME} = {{
    "{id}": Task(
        [(FILE, ["{name}"])],
        [circuit_part(FILE, {name}.{name}, inputs.numbers(1), ("f", "dx"), ways,
                      special=[inputs.always(3.0)])]),
}}
'''
TEXT = """
[[exercise]]
id = "{id}"
title = "TODO: its title"
section = "TODO: the part of the lecture"
prerequisites = []
points = 0
nudge = "TODO: a question that leads there"
formula = "TODO: the formula, in words or signs"
skeleton = '''
f = x * x
dx = ...
return f, dx'''
praise = "TODO: what is worth knowing now."
"""
WRONG = '''    "{id}": [
        ("practice/{name}.py", "dx = 2.0 * x", "dx = x", "dx = 2.0", "dx = -2.0 * x",
         "dx = 3.0 * x", "dx = 2.0 * x * x"),
        ("practice/{name}.py", "f = x * x", "f = x + x"),
    ],
}}
'''
STEPS = """
It works as it stands: {command} check-course {id}
Now fill it in, and check it again after each step:
  1. flatprop/exercises/practice/{name}.py, the reference: in its docstring shapes and meaning,
     but not the formula
  2. flatprop/exercises/catalogue_{name}.py, the check: inputs, special ones where mistakes show,
     and the ways of the gradients
  3. the end of flatprop/exercises/exercises.toml: title, part of the lecture, three hints, points
     (all exercises have 100 together); then move it to its place, after its prerequisites
  4. the end of tests/exercises/exercise_variants.py: wrong variants, five at least, of mistakes
     that students make
docs/writing-exercises.md says more."""


def main(argv=None):
    """flatprop exercises new; gives the exit code."""
    return run_command("exercises new", lambda: run(parser().parse_args(argv)))


def parser():
    """The parser of the command line."""
    made = make_parser("exercises new")
    made.add_argument("id", metavar="ID", help="a short name of small letters: chain-rule")
    return made


def run(args, root=ROOT):
    """Write the files, and say what to do next. Raises UsageError before anything is written."""
    if not re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", args.id):
        raise UsageError(f"{args.id!r}: an ID is small letters, digits and single dashes, as in "
                         "chain-rule")
    if args.id in [each.id for each in EXERCISES]:
        raise UsageError(f"there is an exercise {args.id} already: give another ID")
    for file, text in texts(args.id, Path(root)).items():
        verb = "changed" if (Path(root) / file).exists() else "wrote"
        atomic.write_bytes(Path(root) / file, text.encode())
        print(f"{verb} {file}")
    print(STEPS.format(id=args.id, name=args.id.replace("-", "_"), command=to_type("exercises")))


def texts(id, root):
    """{file: its new text}. Raises UsageError."""
    name = id.replace("-", "_")
    parts = {"id": id, "name": name, "NAME": name.upper()}
    module = f"catalogue_{name}"
    new = {f"flatprop/exercises/practice/{name}.py": REFERENCE.format(**parts),
           f"flatprop/exercises/{module}.py": TASK.format(**parts)}
    for file in new:
        if (root / file).exists():
            raise UsageError(f"{file} is there already: give another ID")
    old = {}
    for file in (CATALOGUE, TEXTS, VARIANTS):
        if not (root / file).is_file():
            raise UsageError(f"there is no {file} in {root}: exercises are written in a clone of "
                             "the repository, installed with pip install -e .")
        old[file] = (root / file).read_text(encoding="utf-8")
    imports = re.search(r"(?m)(^from flatprop\.exercises\.catalogue_.*\n)+", old[CATALOGUE])
    named = re.search(r"(?m)^TASKS = .*$", old[CATALOGUE])
    if imports is None or named is None or not old[VARIANTS].endswith("}\n"):
        raise UsageError(f"{CATALOGUE} or {VARIANTS} is not as it was written: put the exercise in "
                         "by hand, as docs/writing-exercises.md says")
    line = f"from flatprop.exercises.{module} import {parts['NAME']}\n"
    lines = sorted([*imports[0].splitlines(keepends=True), line])
    catalogue = old[CATALOGUE].replace(imports[0], "".join(lines)).replace(
        named[0], f"{named[0]} | {parts['NAME']}")
    return new | {
        CATALOGUE: catalogue,
        TEXTS: old[TEXTS] + TEXT.format(**parts),
        VARIANTS: old[VARIANTS].removesuffix("}\n") + WRONG.format(**parts)}

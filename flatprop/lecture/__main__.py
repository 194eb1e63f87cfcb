"""flatprop lecture: the lecture part by part, run anew with the numbers you set."""

import argparse
import os
import sys
from pathlib import Path

import numpy as np

from data import atomic
from flatprop.circuits.graph import graph
from flatprop.circuits.svg import svg
from flatprop.cli import command
from flatprop.cli.errors import Parser, UsageError, closest
from flatprop.lecture import parts, terminal
from flatprop.lecture.content import Circuit, Picture, number
from solvers.divergence import Diverged

PAGE = "docs/lecture/index.html"
OPTIONS = ("--set", "--save", "--help")
DESCRIPTION = "The lecture on backpropagation, part by part, computed by this project's own layers."
EXAMPLES = """examples:
  flatprop lecture                                    the parts, with their inputs
  flatprop lecture 8                                  a part, by its number or name
  flatprop lecture simple_circuit --set x=3 --set y=1 other inputs: everything follows
  flatprop lecture patterns --save drawings           its circuits and plots as SVG files
  flatprop lecture all --save drawings                all parts, one after the other
  flatprop lecture page                               one web page of it all"""


def main(argv=None):
    """Run a command; gives its exit code."""
    argv = sys.argv[1:] if argv is None else argv
    return command.ended("flatprop lecture", lambda: run(parse(argv)))


def parse(argv):
    """The command line. Raises UsageError for arguments that do not exist."""
    parser = Parser(prog="flatprop lecture", description=DESCRIPTION, epilog=EXAMPLES,
                    allow_abbrev=False, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("part", nargs="?", metavar="PART",
                        help="a part's number or name, or all, or page; without it, the list")
    parser.add_argument("file", nargs="?", metavar="FILE",
                        help=f"of page only: where to write it (default: {PAGE})")
    parser.add_argument("--set", action="append", default=[], metavar="NAME=NUMBER",
                        help="change an input of the part; may be given several times")
    parser.add_argument("--save", metavar="DIR",
                        help="write each circuit and plot into this folder as SVG")
    args, unknown = parser.parse_known_args(argv)
    if unknown:
        word = unknown[0].split("=")[0]
        raise UsageError(f"unknown argument {word}.{closest(word, OPTIONS)} --help lists them all")
    return args


def run(args):
    """Do what was asked for. Raises UsageError."""
    if args.part == "page":
        write_page(args)
        return
    if args.file is not None:
        raise UsageError(f"{args.file!r} is one argument too many: one part at a time, or all")
    if args.part in (None, "all"):
        if args.set:
            raise UsageError("--set needs a part whose input it changes, as in: "
                             "flatprop lecture simple_circuit --set x=3")
        if args.part is None:
            if args.save is not None:
                raise UsageError("--save needs a part, or all, whose drawings it writes")
            print(listed())
            return
    folder = None if args.save is None else made(args.save)
    chosen = parts.PARTS if args.part == "all" else [parts.find(args.part)]
    for place, part in enumerate(chosen):
        if place:
            print("\n")
        present(part, changed(part, args.set), folder)


def listed():
    """The list of the parts, with the names of their inputs."""
    lines = ["The lecture, part by part: flatprop lecture NUMBER or NAME", ""]
    wide = max(len(parts.name(part)) for part in parts.PARTS)
    for count, part in enumerate(parts.PARTS, 1):
        lines.append(f"{count:4}  {parts.name(part):{wide}}  {part.TITLE}")
    return "\n".join([*lines, "", "Each shows its inputs; --set NAME=NUMBER changes one, and "
                      "everything follows. --help tells the rest."])


def present(part, inputs, folder):
    """Print a part, and write its drawings into folder, if there is one."""
    colours = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
    name = parts.name(part)
    told = ", ".join(f"{each}={number(value)}" for each, value in inputs.items())
    shown = [terminal.heading(parts.PARTS.index(part) + 1, part, colours)
             + f"\n{terminal.wrapped(f'inputs: {told}')}"]
    # A warning of NumPy's would be a line about our own code; the error is about the inputs.
    with np.errstate(over="raise", divide="raise", invalid="raise"):
        try:
            for piece in part.show(inputs):
                shown.append(terminal.text(piece, colours))
                if folder is not None and isinstance(piece, Circuit | Picture):
                    shown[-1] += f"\n\n  -> {saved(piece, name, folder)}"
        except Diverged as error:       # an ArithmeticError too
            raise UsageError(f"{name} diverges, --set a lower rate: {error}") from None
        except ArithmeticError as error:
            raise UsageError(f"{name} leaves the range of numbers with these inputs "
                             f"({error}): --set them nearer to 0, but no divisor to 0") from None
    print("\n\n".join(shown), flush=True)


def changed(part, settings):
    """The part's inputs with those of --set. Raises UsageError."""
    name, inputs = parts.name(part), dict(part.INPUTS)
    for setting in settings:
        key, equals, text = setting.partition("=")
        key = key.strip()
        if not equals:
            raise UsageError(f"--set {setting!r} must be NAME=NUMBER, such as "
                             f"{next(iter(inputs))}={number(next(iter(inputs.values())))}")
        if key not in inputs:
            raise UsageError(f"--set: {name} has no input {key!r}.{closest(key, list(inputs))} It "
                             f"has {several(list(inputs))}")
        inputs[key] = value_of(key, text.strip(), part)
    return inputs


def value_of(key, text, part):
    """The number of a setting, whole where the default is. Raises UsageError."""
    whole = isinstance(part.INPUTS[key], int)
    kind = "a whole number" if whole else "a number"
    try:
        value = int(text) if whole else float(text)
    except ValueError:
        raise UsageError(f"--set {key}={text}: {key} must be {kind}, not {text!r}") from None
    if value - value != 0:      # inf, nan
        raise UsageError(f"--set {key}={text}: {key} must be finite")
    low, high = part.RANGES.get(key, (-1e9, 1e9))
    if not low <= value <= high:
        raise UsageError(f"--set {key}={text}: {key} must lie between {low:g} and {high:g}")
    return value


def several(names):
    """Names as a text, of many only the ends."""
    return ", ".join(names) if len(names) <= 14 else f"{', '.join(names[:12])}, ..., {names[-1]}"


def saved(piece, name, folder):
    """Write a circuit or a plot of the part of that name; gives the file's path."""
    if isinstance(piece, Circuit):
        path = folder / f"{name}-{piece.function.__name__}.svg"
        text = svg(graph(piece.record()), title=piece.caption)
    else:
        path, text = folder / f"{name}-{piece.name}.svg", piece.svg
    try:
        atomic.write_text(path, text)
    except OSError as error:
        raise UsageError(f"--save: cannot write {path}: {error.strerror or error}") from None
    return path


def made(folder):
    """The folder of --save, made if need be. Raises UsageError."""
    folder = Path(folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"--save {folder}: cannot make this folder: {error.strerror}") from None
    return folder


def write_page(args):
    """The web page of the whole lecture."""
    if args.set or args.save is not None:
        raise UsageError("page takes no --set and no --save: inputs are changed in the page itself")
    from flatprop.lecture.page import page
    path = Path(args.file or PAGE)
    try:
        page.write(path)
    except OSError as error:
        raise UsageError(f"cannot write {path}: {error.strerror or error}") from None
    print(f"written: {path}")


if __name__ == "__main__":
    sys.exit(main())

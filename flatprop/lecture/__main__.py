"""flatprop lecture: the lecture part by part, run anew with the numbers you set."""

import sys
from pathlib import Path

import numpy as np

from flatprop import ending, system, width
from flatprop.circuits.graph import graph
from flatprop.circuits.svg import svg
from flatprop.cli.command import make_parser, run_command
from flatprop.cli.common_options import add_out, check_folder_out, check_out, write_out
from flatprop.lecture import parts, terminal
from flatprop.lecture.content import Circuit, Picture, number
from flatprop.lecture.page import page
from flatprop.usage.errors import UsageError, closest
from solvers.divergence import Diverged

PAGE = "lecture.html"


def main(argv=None):
    """Run a command; gives its exit code."""
    return run_command("lecture", lambda: run(parse(sys.argv[1:] if argv is None else argv)))


def parser():
    """The parser of the command line."""
    made = make_parser("lecture")
    made.add_argument("part", nargs="?", metavar="PART",
                      help="a part's number or name; or all, one after the other; or page, one web "
                           "page of it all (default: the list of the parts)")
    made.add_argument("--set", action="append", default=[], metavar="NAME=NUMBER",
                      help="change an input of the part, and everything follows; may be given "
                           "several times (default: the lecture's inputs)")
    add_out(made, "DIR|FILE", "a folder for each circuit and plot of the part, as SVG (default: "
                              f"none are written); of page: the file to write (default: {PAGE})")
    return made


def parse(argv):
    """The command line. Raises UsageError."""
    made = parser()
    if argv and argv[0] == "page":
        made.alone = "--out"
    else:
        made.stray = lambda args, words: (
            f"{words[0]}: an input is set with --set {words[0]}" if "=" in words[0] else
            f"{words[0]}: one PART at a time, or all: flatprop lecture {words[0]} or lecture all")
    return made.parse_args(argv)


def run(args):
    """Show parts, their list, or write the page. Raises UsageError."""
    if args.set and args.part in (None, "all", "page"):
        raise UsageError("--set needs a part whose input it changes, as in: "
                         "flatprop lecture simple_circuit --set x=3")
    if args.part is None:
        if args.out is not None:
            raise UsageError("--out needs a part, or all, whose drawings it writes")
        print_list()
    elif args.part == "page":
        if args.out is not None:
            check_folder_out(Path(args.out).parent, "-o")
            if Path(args.out).parent.is_dir() or args.out.endswith("/"):
                check_out(args.out, ends=(".html", ".htm", ""))
        ending.confirm(f"written: {write(Path(args.out or PAGE), page.build())}")
    else:
        if args.out is not None:
            check_folder_out(args.out, "-o")
        chosen = parts.PARTS if args.part == "all" else [parts.find(args.part)]
        for place, part in enumerate(chosen):
            if place:
                print("\n")
            present(part, changed_inputs(part, args.set), args.out)


def print_list():
    """The list of the parts."""
    print("The lecture, part by part: flatprop lecture NUMBER or NAME\n")
    wide = max(len(parts.name(part)) for part in parts.PARTS)
    for count, part in enumerate(parts.PARTS, 1):
        label = f"{count:4}  {parts.name(part):{wide}}  "
        first, *rest = width.wrap(part.TITLE, width.columns() - len(label))
        print("\n".join([label + first, *(" " * len(label) + line for line in rest)]))
    print("\n" + terminal.fill("Each shows its inputs; --set NAME=NUMBER changes one, and "
                               "everything follows. --help has the rest."))


def present(part, inputs, folder):
    """Print a part, and write its drawings into folder, if there is one. Raises UsageError."""
    colours = system.has_colours(sys.stdout)
    name = parts.name(part)
    shown = [terminal.heading(parts.PARTS.index(part) + 1, part, inputs, colours)]
    # A warning of NumPy's would be a line about our own code; the error is about the inputs.
    with np.errstate(over="raise", divide="raise", invalid="raise"):
        try:
            for item in part.show(inputs):
                shown.append(terminal.text(item, colours))
                if folder is not None and isinstance(item, Circuit | Picture):
                    shown[-1] += f"\n\n  -> {save(item, name, Path(folder))}"
        except Diverged as error:       # an ArithmeticError too
            raise UsageError(f"{name} diverges, --set a lower rate: {error}") from None
        except ArithmeticError as error:
            raise UsageError(f"{name} leaves the range of numbers with these inputs "
                             f"({error}): --set them nearer to 0, but no divisor to 0") from None
    print("\n\n".join(shown), flush=True)


def changed_inputs(part, settings):
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
                             f"has {', '.join(inputs)}")
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
    low, high = part.RANGES.get(key, (-1e9, 1e9))
    if not low <= value <= high:     # or it is nan
        raise UsageError(f"--set {key}={text}: {key} must lie between {low:g} and {high:g}")
    return value


def save(item, name, folder):
    """Write a circuit or a plot of the part of that name; gives the file's path."""
    if isinstance(item, Circuit):
        return write(folder / f"{name}-{item.function.__name__}.svg",
                     svg(graph(item.record()), title=item.caption))
    return write(folder / f"{name}-{item.name}.svg", item.svg)


def write(path, text):
    """Write a file of --out, and make its folder if need be; gives the path. Raises UsageError."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"-o {path.parent}: {error.strerror or error}: name another place"
                         ) from error
    write_out(path, lambda file: file.write(text.encode("utf-8")))
    return path


if __name__ == "__main__":
    ending.guard("lecture")
    sys.exit(main())

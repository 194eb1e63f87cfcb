"""flatprop draw: the circuit of a model on random examples, or of a function on numbers."""

import inspect
import sys
from pathlib import Path

import numpy as np

from flatprop import ending, system, width
from flatprop.circuits import listing
from flatprop.circuits.draw import circuit_of, examples
from flatprop.circuits.record import trace
from flatprop.circuits.svg import svg
from flatprop.cli import common_options, small_networks
from flatprop.cli.command import make_parser, run_command
from flatprop.gradcheck import subjects
from flatprop.usage.errors import UsageError, closest, whole
from models.by_name import build
from models.sigmoid_neuron import neuron

# model -> its default inputs, hidden sizes and outputs
SIZES = {
    "linear_classifier": (3, [], 2), "two_layer_net": (3, [4], 2),
    "two_layer_regressor": (2, [2], 1), "fully_connected_net": (3, [4, 4], 2),
}
NEURON = {"w0": 2.0, "x0": -1.0, "w1": -3.0, "x1": -2.0, "w2": -3.0}      # the lecture's
NAMES = [*SIZES, "sigmoid_neuron"]
NETWORK_OPTIONS = ("inputs", "hidden", "outputs", "batch", "seed", "loss", "activation", "norm",
                   "dropout", "noise")


def main(argv=None):
    """Run the command; gives its exit code."""
    # Infinities are seen in the drawing; NumPy's warnings would be lines about our own code.
    with np.errstate(all="ignore"):
        return run_command("draw", lambda: run(parse(parser(), argv)))


def parser():
    """The parser of the command line."""
    made = make_parser("draw")
    made.add_argument("subject", metavar="WHAT",
                      help=f"{', '.join(NAMES)}; or a function of your own, FILE.py:FUNCTION")
    made.add_argument("numbers", nargs="*", metavar="NAME=NUMBER",
                      help="the arguments of a function (default: its own; sigmoid_neuron has the "
                           "lecture's)")
    drawing = made.add_argument_group("the drawing")
    common_options.add_out(drawing, "FILE",
                           "where to write it (default: WHAT.svg or FUNCTION.svg, in this folder)")
    drawing.add_argument("--listing", action="store_true",
                         help="print the flat code too, each line with what it gave")
    drawing.add_argument("--jacobians", action="store_true",
                         help="write the Jacobians of gates between small arrays below them")
    net = made.add_argument_group("a network")
    net.add_argument("--inputs", type=whole(1), metavar="N",
                     help="how many inputs it has (default: 2 for two_layer_regressor, else 3)")
    net.add_argument("--outputs", type=whole(1), metavar="C",
                     help="how many outputs it has (default: 1 for two_layer_regressor and for "
                          "--loss logistic, else 2)")
    small_networks.add_options(
        net, "4 for two_layer_net, 2 for two_layer_regressor, 4 4 for fully_connected_net")
    net.add_argument("--batch", type=whole(1), metavar="N",
                     help="how many examples go through it (default: 2)")
    common_options.add_seed(net, "the seed of the random weights and examples (default: 0)")
    return made


def parse(parser, argv):
    """The options; argparse takes NAME=NUMBER beside WHAT alone, and not after an option."""
    argv = sys.argv[1:] if argv is None else list(argv)
    _, unknown = parser.parse_known_args(argv)
    numbers = [each for each in unknown if "=" in each and not each.startswith("-")]
    args = parser.parse_args([each for each in argv if each not in numbers])
    args.numbers = [*args.numbers, *numbers]
    return args


def run(args):
    """Trace what the options name, draw it, and print where. Raises UsageError."""
    if args.out is not None:
        common_options.check_out(args.out, ends=(".svg", ".html", ""), more=(
            "; Inkscape or a browser makes other pictures of it"))
    record, name, function = record_of(args)
    try:
        made = circuit_of(function, record)
    except ValueError as error:
        raise UsageError(f"{args.subject.rpartition(':')[0]}:{error}") from error
    path = args.out or f"{name}.svg"
    drawing = svg(made, title=f"The circuit of {name}", jacobians=args.jacobians).encode("utf-8")
    common_options.write_out(path, lambda file: file.write(drawing))
    if args.listing:
        print(listing.text(record, width.columns(), system.has_colours(sys.stdout)))
    counts = [f"{len(things)} {noun}{'' if len(things) == 1 else 's'}"
              for things, noun in ((made.gates, "gate"), (made.wires, "wire"))]
    ending.confirm(f"wrote {path}: {', '.join(counts)}")


def record_of(args):
    """The Record of what the options name, a name for it, and its function. Raises UsageError."""
    if args.subject in SIZES:
        if args.numbers:
            raise UsageError(f"{args.subject} takes no {args.numbers[0]}: its examples are random, "
                             "--seed changes them; its sizes are --inputs N --hidden H ... "
                             "--outputs C")
        return trace_model(args), args.subject, None
    if args.subject != "sigmoid_neuron" and ":" not in args.subject:
        raise UsageError(what_to_draw(args.subject))
    given = [name for name in NETWORK_OPTIONS if vars(args)[name] is not None]
    if given:
        raise UsageError(f"--{given[0]} is for a network: {', '.join(SIZES)}")
    numbers = dict(map(name_and_number, args.numbers))
    if args.subject == "sigmoid_neuron":
        return trace_function(neuron, NEURON | numbers), args.subject, neuron
    path, _, name = args.subject.rpartition(":")
    function = load_function(path, name)
    return trace_function(function, numbers), name, function


def what_to_draw(subject):
    """The line for a WHAT that is no network and no function of a file: what to type for it."""
    path = Path(subject)
    if path.stem in NAMES and not path.exists():
        return f"unknown name {subject!r}. Did you mean {path.stem}?"
    if subject.endswith(".py"):
        names = list(functions_of(subjects.run_file(path)))
        return (f"{subject}: name a function in it: {subject}:{names[0] if names else 'FUNCTION'}"
                + (f" ({', '.join(names)})" if names[1:] else ""))
    if path.exists():
        kind = "a folder" if path.is_dir() else "a file"
        return (f"{subject} is {kind}, which cannot be drawn: name a network ({', '.join(NAMES)}), "
                "or give FILE.py:FUNCTION")
    if Path(f"{subject}.py").is_file():
        return f"unknown name {subject!r}. Is it a function of {subject}.py: {subject}.py:FUNCTION?"
    return (f"unknown name {subject!r}.{closest(subject, NAMES, 'model')} Choose from "
            f"{', '.join(NAMES)}, or give FILE.py:FUNCTION")


def functions_of(module):
    """{name: function} of those that a module defines itself, those imported left out."""
    return {name: value for name, value in vars(module).items()
            if inspect.isfunction(value) and value.__module__ == module.__name__}


def trace_model(args):
    """The Record of a model's loss on a random batch, as the options say."""
    inputs, hidden, outputs = SIZES[args.subject]
    outputs = args.outputs or (1 if args.loss == "logistic" else outputs)
    description = small_networks.describe(args.subject, args, args.inputs or inputs, hidden,
                                          outputs)
    rng = np.random.default_rng(args.seed or 0)
    try:
        model = build(description, rng=rng)
        x, y = examples(description, args.batch or 2, rng)
    except (ValueError, MemoryError, OverflowError) as error:
        chain = " - ".join(map(str, description["sizes"]))
        raise UsageError(f"{args.subject} {chain} cannot be made: {error}") from error
    return trace(model.loss, x, y)


def name_and_number(text):
    """NAME=NUMBER as a pair."""
    name, equals, value = text.partition("=")
    try:
        number = float(value)
    except ValueError:
        example = f"{name}=3" if equals or not text.lstrip("+-")[:1].isdecimal() else f"x={text}"
        raise UsageError(f"{text!r} must be NAME=NUMBER, such as {example}") from None
    if not np.isfinite(number):
        raise UsageError(f"{text!r} must be a finite number, such as {name}=3")
    return name, number


def load_function(path, name):
    """The function of that name in a file. The file is run, as Python files are."""
    module = subjects.run_file(Path(path))
    function = vars(module).get(name)
    if not inspect.isfunction(function):
        names = list(functions_of(module))
        problem = f"has no function {name}.{closest(name, names)}" if name else (
            "name a function behind the colon.")
        has = f"It has {', '.join(names)}" if names else "It has none: write it as def f(x): ..."
        raise UsageError(f"{path} {problem} {has}" if name else f"{path}: {problem} {has}")
    return function


def trace_function(function, values):
    """The Record of a function on numbers by name. Raises UsageError if they do not fit."""
    parameters = inspect.signature(function).parameters.values()
    names = [each.name for each in parameters]
    for name in values:
        if name not in names:
            raise UsageError(f"{function.__name__} has no argument {name}.{closest(name, names)} "
                             f"It has {', '.join(names) or 'none'}")
    missing = [each.name for each in parameters
               if each.name not in values and each.default is each.empty]
    if missing:
        raise UsageError(f"{function.__name__} needs a number for {', '.join(missing)}, such as "
                         f"{missing[0]}=3")
    arguments = [values.get(each.name, each.default) for each in parameters]
    try:
        return trace(function, *arguments)
    except (Exception, SystemExit) as error:
        raise UsageError(f"{function.__name__} raises {subjects.blame(error, file_of(function))}"
                         ) from error


def file_of(function):
    """The Path of the file that a function stands in."""
    return Path(function.__code__.co_filename)

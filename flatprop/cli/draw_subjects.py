"""What draw can draw: a model on random examples, or a function on numbers."""

import importlib.util
import inspect
import sys
from pathlib import Path

import numpy as np

from flatprop.circuits.record import trace
from flatprop.cli import small_networks
from flatprop.cli.errors import UsageError, closest
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
                   "dropout")


def record(args):
    """The Record of what the options name, and a name for it. Raises UsageError."""
    if args.subject in SIZES:
        if args.numbers:
            raise UsageError(f"{args.subject} takes no {args.numbers[0]}: its examples are random, "
                             "--seed changes them")
        return trace_model(args), args.subject
    if args.subject != "sigmoid_neuron" and ":" not in args.subject:
        end = (" Name a function in it: FILE.py:FUNCTION" if args.subject.endswith(".py") else
               f" Choose from {', '.join(NAMES)}, or give FILE.py:FUNCTION")
        raise UsageError(f"unknown name {args.subject!r}.{closest(args.subject, NAMES)}{end}")
    given = [name for name in NETWORK_OPTIONS if vars(args)[name] is not None]
    if given:
        raise UsageError(f"--{given[0]} is for a network: {', '.join(SIZES)}")
    numbers = dict(map(name_and_number, args.numbers))
    if args.subject == "sigmoid_neuron":
        return trace_function(neuron, NEURON | numbers, numbers), args.subject
    path, _, name = args.subject.rpartition(":")
    return trace_function(load_function(path, name), numbers, numbers), name


def trace_model(args):
    """The Record of a model's loss on a random batch, as the options say."""
    inputs, hidden, outputs = SIZES[args.subject]
    outputs = args.outputs or (1 if args.loss == "logistic" else outputs)
    description = small_networks.describe(args.subject, args, args.inputs or inputs, hidden,
                                          outputs)
    rng = np.random.default_rng(args.seed or 0)
    try:
        model = build(description, rng=rng)
        x = rng.standard_normal((args.batch or 2, description["sizes"][0]))
        y = small_networks.random_targets(description, len(x), rng)
    except (ValueError, MemoryError, OverflowError) as error:
        chain = " - ".join(map(str, description["sizes"]))
        raise UsageError(f"{args.subject} {chain} cannot be made: {error}") from error
    return trace(model.loss, x, y)


def name_and_number(text):
    """NAME=NUMBER as a pair."""
    name, equals, value = text.partition("=")
    try:
        number = float(value) if equals else float("")
    except ValueError:
        raise UsageError(f"{text!r} must be NAME=NUMBER, such as x=3") from None
    if not np.isfinite(number):
        raise UsageError(f"{text!r} must be a finite number, such as {name}=3")
    return name, number


def load_function(path, name):
    """The function of that name in a file. The file is run, as Python files are."""
    path = Path(path)
    if not path.is_file():
        raise UsageError(f"there is no file {path}")
    spec = importlib.util.spec_from_file_location(path.stem, path)
    if spec is None:
        raise UsageError(f"{path} is no Python file: its name must end in .py")
    module = importlib.util.module_from_spec(spec)
    sys.path.insert(0, str(path.resolve().parent))      # for what it imports from beside it
    try:
        spec.loader.exec_module(module)
    except (Exception, SystemExit) as error:
        raise UsageError(f"{path} cannot be imported: {type(error).__name__}: {error}") from error
    finally:
        del sys.path[0]
    functions = {each: value for each, value in vars(module).items() if inspect.isfunction(value)}
    if name not in functions:
        raise UsageError(f"{path} has no function {name}.{closest(name, list(functions))}")
    return functions[name]


def trace_function(function, values, given):
    """The Record of a function on its arguments by name. Raises UsageError if they do not fit."""
    parameters = inspect.signature(function).parameters.values()
    names = [each.name for each in parameters]
    for name in given:
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
        raise UsageError(f"{function.__name__} raises {type(error).__name__}: {error}") from error

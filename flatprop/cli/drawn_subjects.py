"""What the command draw.py runs: a model on random examples, or a function on numbers."""

import importlib.util
import inspect
import sys
from pathlib import Path

import numpy as np

from flatprop.circuits.record import trace
from flatprop.cli.errors import UsageError, closest
from models.by_name import build
from models.sigmoid_neuron import neuron

# name -> (default sizes, options that it has)
MODELS = {
    "linear_classifier": ([3, 2], ["loss"]), "two_layer_net": ([3, 4, 2], ["loss"]),
    "two_layer_regressor": ([2, 2, 1], []),
    "fully_connected_net": ([3, 4, 4, 2], ["loss", "activation", "norm", "dropout"]),
}
DEFAULTS = {"loss": "softmax", "activation": "relu", "norm": "none", "dropout": 0.0}
NEURON = {"w0": 2.0, "x0": -1.0, "w1": -3.0, "x1": -2.0, "w2": -3.0}      # the lecture's
NAMES = [*MODELS, "sigmoid_neuron"]


def record(args):
    """The Record of what the options ask for, and a name for it. Raises UsageError."""
    if args.subject in MODELS:
        if args.numbers:
            raise UsageError(f"{args.subject} takes no {args.numbers[0]}: its examples are random, "
                             "--seed changes them")
        return model_record(args), args.subject
    if args.subject != "sigmoid_neuron" and ":" not in args.subject:
        end = (" Name a function in it: FILE.py:FUNCTION" if args.subject.endswith(".py") else
               f" Choose from {', '.join(NAMES)}, or give FILE.py:FUNCTION")
        raise UsageError(f"unknown name {args.subject!r}.{closest(args.subject, NAMES)}{end}")
    given = [name for name in ("sizes", "batch", "seed", *DEFAULTS)
             if vars(args)[name] is not None]
    if given:
        raise UsageError(f"--{given[0]} is for a network: {', '.join(MODELS)}")
    numbers = dict(map(parsed, args.numbers))
    if args.subject == "sigmoid_neuron":
        return run(neuron, NEURON | numbers, numbers), args.subject
    path, _, name = args.subject.rpartition(":")
    return run(function_of(path, name), numbers, numbers), name


def model_record(args):
    """A model with the sizes and options of the command line, its loss on a random batch."""
    default, own = MODELS[args.subject]
    sizes = args.sizes or default
    for option in DEFAULTS:
        if option not in own and vars(args)[option] is not None:
            raise UsageError(f"{args.subject} has no --{option}"
                             + ("" if option == "loss" else ": fully_connected_net has"))
    if args.subject != "fully_connected_net" and len(sizes) != len(default):
        raise UsageError(f"--sizes: {args.subject} takes {len(default)} sizes, "
                         f"not {len(sizes)}")
    options = {name: default if vars(args)[name] is None else vars(args)[name]
               for name, default in DEFAULTS.items()}
    rng = np.random.default_rng(args.seed or 0)
    try:
        model = build({"kind": args.subject, "sizes": sizes, "dtype": "float64"} | options, rng=rng)
        x = rng.standard_normal((args.batch or 2, sizes[0]))
        y = targets(args.subject, options["loss"], sizes[-1], len(x), rng)
    except (ValueError, MemoryError, OverflowError) as error:
        raise UsageError(f"--sizes: {error}") from error
    return trace(model.loss, x, y)


def targets(name, loss, width, count, rng):
    """Random labels, or numbers for a regression."""
    if name == "two_layer_regressor" or loss == "square":
        return rng.standard_normal((count, width))
    return rng.integers(0, 2 if loss == "logistic" else width, count)


def parsed(text):
    """NAME=NUMBER as a pair."""
    name, equals, value = text.partition("=")
    try:
        number = float(value) if equals else float("")
    except ValueError:
        raise UsageError(f"{text!r} must be NAME=NUMBER, such as x=3") from None
    if not np.isfinite(number):
        raise UsageError(f"{text!r} must be a finite number, such as {name}=3")
    return name, number


def function_of(path, name):
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


def run(function, values, given):
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

"""A model of one's own, --model FILE.py:CLASS: it is made as CLASS(inputs, *hidden, outputs, rng=,
dtype=), and must have what docs/write-a-model.md says.

The file is run because the command line names it, and only then: what a run or a file of options
says is a name, which is to be typed again. The run keeps the file's SHA-256 besides.
"""

import argparse
import hashlib
import inspect
import traceback
from pathlib import Path

import numpy as np

from data.errors import DataError
from data.open_file import read_file
from flatprop import system
from flatprop.gradcheck import subjects
from flatprop.runs.text import printable
from flatprop.usage.errors import UsageError, one_of
from layers.by_name import LOSSES
from models.by_name import MODELS
from solvers import contract

LARGEST = 2**24         # bytes of a file
HIDDEN = 64             # the size of a hidden layer where nobody says
HASH = "sha256"         # in the description of the network in a run
RUN_FILES = {}          # path -> the module that it is: run once by a process


def network(text):
    """An argparse type: the name of a model of the project, or FILE.py:CLASS."""
    return text if is_own(text) else one_of(MODELS, "model")(text)


def own_class(text):
    """An argparse type: FILE.py:CLASS."""
    if not is_own(text):
        raise argparse.ArgumentTypeError(f"{text!r} must be a class of your own, FILE.py:CLASS; "
                                         "RUN is given alone, without an option before it")
    return text


def add_option(parser):
    """--model of the commands that use a run."""
    parser.add_argument("--model", type=own_class, metavar="FILE.py:CLASS",
                        help="the class of a run that was trained with a model of your own, whose "
                             "code is run (default: none)")


def is_own(text):
    """Whether a word names a class in a file. Raises ArgumentTypeError where the class lacks."""
    path, _, name = text.rpartition(":")
    if text.endswith(".py"):
        raise argparse.ArgumentTypeError(f"{text!r} must name a class in the file too, as in "
                                         f"{text}:CLASS")
    return path.endswith(".py") and bool(name)


def load(text):
    """The class that FILE.py:CLASS names; the file is run, once. Raises DataError."""
    file, _, name = text.rpartition(":")
    path = Path(file)
    if path not in RUN_FILES:
        RUN_FILES[path] = subjects.run_file(path)
    found = vars(RUN_FILES[path]).get(name)
    if not inspect.isclass(found):
        there = [each for each, value in vars(RUN_FILES[path]).items()
                 if inspect.isclass(value) and value.__module__ == path.stem]
        raise DataError(f"{path}: has no class {name}; " + (
            f"it has {', '.join(there)}" if there else
            "write one as docs/write-a-model.md has it"), file=path)
    return found


def checksum(text):
    """The SHA-256 of the file that FILE.py:CLASS names. Raises DataError."""
    path = Path(text.rpartition(":")[0])
    return hashlib.sha256(read_file(path, "a file ending in .py", LARGEST)).hexdigest()


def hidden_of(text, given):
    """The sizes of the hidden layers: those of --hidden, or HIDDEN for each that the class takes.
    Raises UsageError where it takes another number of them."""
    model = load(text)
    signature = inspect.signature(model)
    kinds = inspect.Parameter
    free = [each for name, each in signature.parameters.items()
            if each.kind in (kinds.POSITIONAL_ONLY, kinds.POSITIONAL_OR_KEYWORD)
            and each.default is each.empty and name not in ("rng", "dtype")]
    hidden = [HIDDEN] * max(len(free) - 2, 0) if given is None else given
    try:
        signature.bind(1, *hidden, 1, rng=None, dtype=None)
    except TypeError as error:
        raise UsageError(f"--model {text}: {model.__name__}{signature} cannot be called as "
                         f"{model.__name__}(inputs, {'HIDDEN, ' * len(hidden)}outputs, rng=..., "
                         f"dtype=...), {error}: change it, or --hidden") from error
    return hidden


def make(text, sizes, rng, dtype):
    """The model of a class, for sizes [inputs, ..., outputs]. Raises DataError."""
    file, _, name = text.rpartition(":")
    made = load(text)
    try:
        model = made(*sizes, rng=rng, dtype=np.dtype(dtype))
        contract.check_contract(model)
    except Exception as error:
        raise DataError(f"{file}: {name}({', '.join(map(str, sizes))}, rng=..., dtype={dtype}): "
                        f"{subjects.blame(error, Path(file))}", file=file) from error
    if model.theta.dtype != dtype:
        raise DataError(f"{file}: {name} makes its theta of {model.theta.dtype}, and dtype is "
                        f"{dtype}: lay_out(shapes, dtype) takes it", file=file)
    return model


def description(args, inputs, outputs):
    """The description, as models/by_name.py has them, of the network that the options of train name
    for so many inputs and outputs; None for one of models/. Raises UsageError, DataError."""
    text, dtype = args.model, args.dtype
    if not is_own(text):
        return None
    if args.sanity:
        raise UsageError(f"--sanity does not go with --model {text}: check_model checks it, see "
                         "docs/write-a-model.md")
    if args.processes is not None:
        raise UsageError(f"--processes does not go with --model {text}: the other processes do not "
                         "know your class")
    check_device(text, args.device)
    sizes = [inputs, *hidden_of(text, args.hidden), outputs]
    model = load(text)
    loss = getattr(model, "loss_layer", None)
    if loss is None:
        loss = make(text, sizes, np.random.default_rng(0), dtype).loss_layer
    name = next((name for name, layer in LOSSES.items() if layer is loss), None)
    if name is None:
        raise UsageError(f"--model {text}: its loss_layer is none of {', '.join(LOSSES)}, whose "
                         "scores the commands know: train it from Python")
    if args.loss not in (None, name):
        raise UsageError(f"--loss {args.loss} does not go with --model {text}, whose loss_layer is "
                         f"{name}_loss: leave it out")
    if name == "logistic":
        sizes[-1] = 1
    return {"kind": text, "sizes": sizes, "loss": name, "dtype": dtype, HASH: checksum(text)}


def maker(given, changed):
    """A function that makes the model of a description in the model.json at a path, of a kind that
    models/ has not: of the class that was typed, given, or None. It raises DataError."""
    def make_for(description, path):
        kind = printable(str(description["kind"]), 200)
        if given is None:
            if ".py:" not in kind:
                raise DataError(f"{path}: its network, {kind!r}, is none of models/; --model "
                                "FILE.py:CLASS names its class (docs/write-a-model.md)", file=path)
            raise DataError(f"{path}: its network is {kind}, and code is only run if the command "
                            f"line says so: add --model {system.quote(kind)} if you trust it",
                            file=path)
        if ".py:" in kind and not same_class(kind, given):
            raise DataError(f"{path}: its network is {kind}, not {given}: give --model "
                            f"{system.quote(kind)}", file=path)
        if description.get(HASH) not in (None, checksum(given)):
            changed(changed_text(given), "put it back")
        return make(given, description["sizes"], np.random.default_rng(0), description["dtype"])
    return make_for


def changed_text(text):
    """What is wrong with a class whose file is another one now."""
    return f"{text.rpartition(':')[0]}: has changed since the run was trained with it"


def same_class(one, other):
    """Whether two words name classes of one name; the file may have been moved."""
    return is_own(one) and is_own(other) and one.rpartition(":")[2] == other.rpartition(":")[2]


def check_asked_for(source, held, typed):
    """Refuse to run the code that a file alone names, held, unless it was typed. Raises UsageError.
    """
    if is_own(held) and not same_class(held, typed):
        shown = printable(held, 200)
        raise UsageError(f"{source}: trains {shown}, and code is only run if the command line says "
                         f"so: add --model {system.quote(shown)} if you trust it")


def of_training(args):
    """The same for a run that is being trained, by the options of which its class is known."""
    return maker(args.model if is_own(args.model) else None, lambda *_: None)


def check_device(given, name):
    """Refuse a GPU for a model of one's own. Raises UsageError."""
    if given is not None and name == "cuda":
        raise UsageError(f"--device cuda does not go with --model {given}: yours may make arrays "
                         "that are not on the device")


def check_needed(given, descriptions, device="cpu"):
    """Refuse --model where no run has a model of one's own, and a GPU for one. Raises UsageError.
    """
    check_device(given, device)
    if given is not None and all(each["kind"] in MODELS for each in descriptions):
        raise UsageError(f"--model {given}: the run was trained with a model of flatprop's own: "
                         "leave it out")


def explain(error):
    """The line of a model of one's own that has raised an error, in words, or what the Solver
    cannot use of what it gives; None if there is neither.
    """
    frames = traceback.extract_tb(error.__traceback__)
    if RUN_FILES and frames and Path(frames[-1].filename) == Path(contract.__file__):
        return str(error)
    for frame in reversed(frames):
        for path in RUN_FILES:
            if Path(frame.filename).absolute() == path.absolute():
                return (f"your {path} line {frame.lineno}, {frame.line!r}, raises "
                        f"{type(error).__name__}: {' '.join(str(error).split())}")
    return None

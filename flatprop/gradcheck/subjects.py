"""The project's layers as subjects of a check, with random inputs of random sizes.

A layer needs nothing here: its inputs follow from the names of forward's arguments. What those do
not tell, as that maxout wants an even number of columns, stands in SPECIAL.
"""

import importlib.util
import inspect
import pkgutil
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np

import layers
import layers.gates
from data.errors import DataError
from data.open_file import check_file
from flatprop.gradcheck.containers import is_float
from flatprop.gradcheck.finding import in_words


class Subject(NamedTuple):
    """A layer and how to make inputs for it.

    inputs(rng) gives forward's arguments; wrt are the positions of those with gradients, rows of
    those whose first axis is the batch. A loss, or a gate of numbers, has no rows to shorten.
    """

    name: str
    forward: Callable
    backward: Callable
    inputs: Callable
    wrt: tuple | None = (0,)
    rows: tuple | None = (0,)


def batch(rng):
    """x (N, D) of random sizes."""
    return (rng.standard_normal((rng.integers(3, 9), rng.integers(3, 7))),)


def affine_inputs(rng):
    """x (N, D), W (D, M), b (M,)."""
    N, D, M = rng.integers(2, 8, 3)
    return rng.standard_normal((N, D)), rng.standard_normal((D, M)), rng.standard_normal(M)


def norm_inputs(rng):
    """x (N, D), gamma (D,), beta (D,)."""
    N, D = rng.integers(4, 9), rng.integers(4, 7)
    return rng.standard_normal((N, D)), rng.uniform(0.5, 1.5, D), rng.standard_normal(D)


def loss_inputs(rng):
    """scores (N, C), y (N,)."""
    N, C = rng.integers(3, 8), rng.integers(2, 6)
    return rng.standard_normal((N, C)), rng.integers(0, C, N)


def pair(rng):
    """Two numbers."""
    return tuple(float(value) for value in rng.standard_normal(2))


# Forward's arguments without defaults -> inputs, wrt, rows of a Subject, (0,) where they are not.
OF_ARRAYS = {
    "x": (batch,),
    "x W": (lambda rng: affine_inputs(rng)[:2], (0, 1), (0,)),
    "x W b": (affine_inputs, (0, 1, 2), (0,)),
    "x gamma beta": (norm_inputs, (0, 1, 2), (0,)),
    "scores y": (loss_inputs, (0,), (0, 1)),
}
OF_NUMBERS = {
    "x": (lambda rng: pair(rng)[:1], (0,), ()),
    "x y": (pair, (0, 1), ()),
    "x a": (pair, (0,), ()),
    "x c": (pair, (0,), ()),
}
SPECIAL = {
    "maxout": (lambda rng: (rng.standard_normal((rng.integers(2, 7), 2 * rng.integers(2, 5))),),),
    "dropout": (lambda rng: (*batch(rng), 0.4, np.random.default_rng(rng.integers(1 << 32))),),
    "gaussian_noise": (lambda rng: (*norm_inputs(rng)[:2],
                                    np.random.default_rng(rng.integers(1 << 32))), (0, 1), (0,)),
    "logistic_loss": (lambda rng: (rng.standard_normal(N := int(rng.integers(3, 9))),
                                   rng.integers(0, 2, N)), (0,), (0, 1)),
    "square_loss": (lambda rng: tuple(rng.standard_normal((2, *rng.integers(2, 7, 2)))),
                    (0,), (0, 1)),
    "smoothed_softmax_loss": (lambda rng: (*loss_inputs(rng), 0.2), (0,), (0, 1)),
    "l2_penalty": (lambda rng: (*batch(rng), 0.1), (0,), ()),
    "reciprocal": (lambda rng: (float(rng.uniform(0.5, 2) * rng.choice([-1, 1])),), (0,), ()),
}


def subjects_of(package, usual):
    """The Subjects of a package's modules that have a forward, by name."""
    modules = {each.name: importlib.import_module(f"{package.__name__}.{each.name}")
               for each in pkgutil.iter_modules(package.__path__)}
    return [subject(name, module, usual) for name, module in modules.items()
            if "forward" in vars(module)]


def subject(name, module, usual):
    """The Subject of a layer's module. Its inputs raise DataError where they have to be told."""
    if "inputs" in vars(module):
        return Subject(name, module.forward, module.backward, own_inputs(name, module.inputs),
                       None, None)
    arguments = [each.name for each in inspect.signature(module.forward).parameters.values()
                 if each.default is each.empty]

    def unknown(rng):
        raise DataError(f"{name}: no inputs are known for forward({', '.join(arguments)}): let its "
                        "file have a function inputs(rng) that gives them")
    row = SPECIAL.get(name) or usual.get(" ".join(arguments)) or (unknown,)
    return Subject(name, module.forward, module.backward, *row)


def from_file(path):
    """The layer written in a file, which is run.

    Its inputs are what the file's own inputs(rng) gives, else those for the layer of that name in
    layers/, else what the names of forward's arguments tell. Raises DataError if it cannot be used.
    """
    path = Path(path)
    module = run_file(path)
    for name in ("forward", "backward"):
        if not callable(vars(module).get(name)):
            raise DataError(f"{path} has no function {name}: {remedy(module)}", file=path)
    known = next((each for each in LAYERS if each.name == path.stem), None)
    if known is not None and "inputs" not in vars(module):
        return known._replace(name=str(path), forward=module.forward, backward=module.backward)
    own = subject(str(path), module, OF_ARRAYS)
    own.inputs(np.random.default_rng(0))    # so that a mistake is told before anything is printed
    return own


def remedy(module):
    """What to write into a file, or to call instead, where it has no layer."""
    models = [name for name, each in vars(module).items() if inspect.isclass(each)
              and each.__module__ == module.__name__ and hasattr(each, "loss")]
    if models:
        return (f"it has the model {models[0]}, which is checked in Python: check_model("
                f"{models[0]}(...), x, y), see docs/write-a-model.md")
    return ("write it, as forward(x, ...) -> out, cache and backward(dout, cache) -> the "
            "gradients in forward's order")


def run_file(path):
    """The module that a Python file is. It may import files beside it. Raises DataError."""
    check_file(path, "a file ending in .py")
    spec = importlib.util.spec_from_file_location(path.stem, path)
    if spec is None:
        raise DataError(f"{path}: is no Python file; give one whose name ends in .py", file=path)
    module = importlib.util.module_from_spec(spec)
    sys.path.insert(0, str(path.resolve().parent))
    try:
        spec.loader.exec_module(module)
    except (Exception, SystemExit) as error:
        raise DataError(f"{path} cannot be imported: {blame(error, path)}", file=path) from error
    finally:
        del sys.path[0]
    return module


def blame(error, path):
    """What a file raises as it is run, at which line of it, and what to do."""
    says = in_words(error)
    if isinstance(error, SyntaxError) and error.lineno:
        return f"{says}; correct the line: {(error.text or '').strip()[:80]}"
    lines = [frame for frame in traceback.extract_tb(error.__traceback__)
             if Path(frame.filename) == path.absolute() or Path(frame.filename) == path]
    if isinstance(error, ModuleNotFoundError):
        return (f"{says}; install it (python -m pip install {error.name.partition('.')[0]}), or "
                f"put {error.name}.py beside it")
    where = f"; correct line {lines[-1].lineno}: {lines[-1].line[:80]}" if lines else (
        "; correct the file")
    return says + where


def own_inputs(path, inputs):
    """A file's inputs(rng), made to raise DataError where it gives no arguments for forward."""
    def checked(rng):
        try:
            given = inputs(rng)
        except Exception as error:
            raise DataError(f"{path}: inputs(rng) raises {in_words(error)}"
                            ) from error
        given = given if isinstance(given, tuple) else (given,)
        if not any(is_float(value) for value in given):
            raise DataError(f"{path}: inputs(rng) must give forward's arguments, with at least "
                            "one float or array of floats among them")
        return given
    return checked


LAYERS = subjects_of(layers, OF_ARRAYS) + subjects_of(layers.gates, OF_NUMBERS)

"""theta: all parameters of a model in one vector, and views of it by name.

An update rule is then a function of two vectors, a checkpoint saves one array, and a gradient
check perturbs one. Models list their weight matrices before everything else, so that they lie
together.
"""

import importlib
import math
from types import ModuleType

import numpy as np


class Copyable:
    """What lets copy.deepcopy and pickle copy a model: its views are then views of the new theta.

    Attribute by attribute they would make arrays of their own of the views in params (and in
    running, of statistics), and neither can copy a module, such as loss_layer.
    """

    theta: np.ndarray           # (P,), which every model has
    shapes: dict
    statistics: np.ndarray      # only where there is running

    def __getstate__(self):
        """The attributes, without params; of modules their names, of running its shapes."""
        kept = dict(vars(self))
        del kept["params"]
        modules = {name: kept.pop(name).__name__ for name, value in vars(self).items()
                   if isinstance(value, ModuleType)}
        if "running" in kept:
            kept["running"] = {name: view.shape for name, view in self.running.items()}
        return kept, modules

    def __setstate__(self, state):
        kept, modules = state
        vars(self).update(kept)
        for name, module in modules.items():
            vars(self)[name] = importlib.import_module(module)
        self.params = views(self.theta, self.shapes)
        if "running" in kept:
            self.running = views(self.statistics, kept["running"])


def lay_out(shapes, dtype):
    """A vector of zeros that holds all of shapes, and its views.

    shapes {name: shape}, dtype float32 or float64 -> theta (P,), {name: view of theta}
    Raises ValueError for another dtype or a size below 1.
    """
    dtype = np.dtype(dtype)
    if dtype not in (np.float32, np.float64):
        raise ValueError(f"dtype must be float32 or float64, not {dtype}")
    for name, shape in shapes.items():
        if any(size < 1 for size in shape):
            raise ValueError(f"{name} would have the shape {shape}: every size must be 1 or more")
    theta = np.zeros(count(shapes), dtype)
    return theta, views(theta, shapes)


def views(vector, shapes):
    """Name consecutive pieces of vector (P,): {name: view of it, of that shape}."""
    named, start = {}, 0
    for name, shape in shapes.items():
        end = start + math.prod(shape)
        named[name] = vector[start:end].reshape(shape)
        start = end
    return named


def count(shapes):
    """How many numbers shapes hold together, the P of theta (P,)."""
    return sum(math.prod(shape) for shape in shapes.values())

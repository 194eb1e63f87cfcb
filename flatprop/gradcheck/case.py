"""One call of a layer, forward and backward, held still so that it can be asked questions.

A layer under question may change its inputs or draw random numbers: it gets copies, and a Generator
in the state that the first call found.
"""

import copy
import inspect
import math

import numpy as np


class Case:
    """A layer's forward and backward on given inputs, in float64, with a random upstream gradient.

    forward(*inputs) -> (out, cache), backward(dout, cache) -> gradients; out may be a tuple, as
    that of a copy gate. names are forward's argument names.
    A random upstream gradient, because one of ones hides mistakes: through softmax it gives zero.
    """

    def __init__(self, forward, backward, inputs, rng, names=None):
        self.forward, self.backward = forward, backward
        self.positions = []     # of the inputs that backward gives gradients for, in its order
        self.names = argument_names(forward, len(inputs)) if names is None else names
        self.inputs = [in_float64(value) for value in inputs]
        integers = [value for value in self.inputs if isinstance(value, np.ndarray)
                    and value.ndim == 1 and value.dtype.kind in "iu"]
        self.labels = integers[0] if integers else None     # class labels, where there are any
        self.keeps_inputs = False
        self.out, self.cache = self.run()
        self.dout = upstream(self.out, rng)
        # A layer that was once seen to leave its arrays alone is handed them as they are: to copy
        # a million numbers takes as long as a forward call.
        before = [copy.deepcopy(value) for value in self.inputs]
        self.keeps_inputs = True
        self.run()
        self.keeps_inputs = same_values(before, self.inputs)
        self.inputs = before

    def run(self, changed=None):
        """(out, cache) of a forward call; changed {position: other value} of the inputs."""
        inputs = [value if self.keeps_inputs and isinstance(value, np.ndarray)
                  else copy.deepcopy(value) for value in self.inputs]
        for position, value in (changed or {}).items():
            inputs[position] = value
        out, cache = self.forward(*inputs)
        return out, cache

    def gradients(self, dout=None):
        """backward's gradients, as a tuple, from a forward call of their own."""
        dout = self.dout if dout is None else dout
        inputs = [copy.deepcopy(value) for value in self.inputs]
        _, cache = self.forward(*inputs)
        return as_tuple(self.backward(copy.deepcopy(dout), cache))

    def objective(self, changed=None):
        """(sum of out * dout, the sum of its absolute values): what is differentiated."""
        out, _ = self.run(changed)
        value = magnitude = 0.0
        for each, upstream_of_it in zip(as_tuple(out), as_tuple(self.dout), strict=True):
            products = np.multiply(each, upstream_of_it)
            value += np.sum(products)
            magnitude += float(np.sum(np.abs(products)))
        return value, magnitude

    def line(self, position, direction):
        """The objective as a function of t, with the input at position + t * direction."""
        start = self.inputs[position]

        def f(t):
            moved = start + t * direction
            try:
                value, _ = self.objective({position: float(moved) if moved.ndim == 0 else moved})
            except (ValueError, ArithmeticError):
                return np.nan           # refused: out of forward's domain
            return float(value)

        if isinstance(start, float):
            start = np.array(start)
        return f

    def complex_step(self, position, direction):
        """The derivative along direction by a complex step, exact but for rounding.

        f(x + i h) = f(x) + i h f'(x) + O(h^2), with h = 1e-100 (Squire & Trapp 1998). A forward
        that refuses complex numbers raises what it raises.
        """
        value, _ = self.objective({position: self.inputs[position] + 1e-100j * direction})
        if not np.iscomplexobj(value):
            raise TypeError("forward drops the imaginary part")
        return float(np.imag(value)) / 1e-100


def differentiable(case, grads, wrt):
    """The positions of the inputs that backward gives gradients for.

    Without wrt: the first of the float inputs, as many as there are gradients. Where fewer
    gradients than float arrays come back it is for the caller to say which were left out.
    """
    if wrt is not None:
        return list(wrt)
    floats = [i for i, value in enumerate(case.inputs) if is_float(value)]
    return floats[: len(grads)]


def is_float(value):
    """Whether value is a float or an array of floats."""
    if isinstance(value, np.ndarray):
        return value.dtype.kind == "f"
    return isinstance(value, (float, np.floating))


def in_float64(value):
    """The same value with every float in double precision; anything else is copied as it is."""
    if isinstance(value, np.ndarray) and value.dtype.kind == "f":
        return value.astype(np.float64)
    if isinstance(value, (float, np.floating)):
        return float(value)
    return copy.deepcopy(value)


def upstream(out, rng):
    """A random upstream gradient of the structure of out, away from 0 and 1 for a single number."""
    if isinstance(out, tuple):
        return tuple(upstream(each, rng) for each in out)
    if np.ndim(out) == 0:
        return float(rng.uniform(1.2, 1.9) * rng.choice([-1, 1]))
    return rng.standard_normal(np.shape(out))


def same_values(first, second):
    """Whether two lists hold equal arrays and numbers; what is neither does not count."""
    return all(np.array_equal(a, b, equal_nan=True) for a, b in zip(first, second, strict=True)
               if isinstance(a, (np.ndarray, float)) and np.asarray(a).dtype.kind in "fciub")


def as_tuple(value):
    """value itself if it is a tuple, else a tuple of it."""
    return value if isinstance(value, tuple) else (value,)


def argument_names(forward, count):
    """The names of forward's first arguments; x0, x1, ... where it does not tell."""
    try:
        names = list(inspect.signature(forward).parameters)
    except (TypeError, ValueError):
        names = []
    return (names + [f"x{i}" for i in range(len(names), count)])[:count]


def typical_size(value):
    """The root mean square of an array, or 1 where that says nothing."""
    size = math.sqrt(float(np.mean(np.square(value)))) if np.size(value) else 0.0
    return size if size > 0 and math.isfinite(size) else 1.0


def jittered(case, rng):
    """The same layer at nearby inputs, each with a gradient times 0.7 to 1.3: signs are kept."""
    inputs = list(case.inputs)
    for position in case.positions:
        factor = rng.uniform(0.7, 1.3, np.shape(inputs[position]))
        moved = inputs[position] * factor
        inputs[position] = float(moved) if np.ndim(moved) == 0 else moved
    return with_inputs(case, inputs, rng)


def shuffled(case, rng):
    """The same layer on the same numbers in another order, which forward should accept as well."""
    inputs = list(case.inputs)
    for position, value in enumerate(inputs):
        if isinstance(value, np.ndarray) and value.dtype.kind in "fiu":
            inputs[position] = rng.permutation(value.reshape(-1)).reshape(value.shape)
    return with_inputs(case, inputs, rng)


def with_inputs(case, inputs, rng):
    """The same layer on other inputs."""
    other = Case(case.forward, case.backward, inputs, rng, case.names)
    other.positions = case.positions
    return other


def scales(value):
    """The size of each entry of value as a step's measure: its own, but at least that of the
    median, which is taken as 0.1 to 1.

    Numbers much smaller than the rest, or than 1, are mostly added to larger ones, a bias's say,
    and a step in proportion to them would drown in rounding.
    """
    return np.maximum(np.abs(value), np.clip(np.median(np.abs(value)), 0.1, 1.0))

"""A layer on certain inputs, to be called again and again with the same result: each call gets
copies of the inputs, a Generator in the state that the first call found.
"""

import contextlib
import copy
import itertools

import numpy as np

from flatprop.gradcheck import differences
from flatprop.gradcheck.containers import arrays_in, as_tuple, in_each, is_float, leaves
from flatprop.gradcheck.finding import NoLayer, find

# Gradients of up to MANY entries are looked at entry by entry,
MANY = 1000
LARGE = 10_000      # unless all inputs together have more than that; then
SAMPLE = 100        # so many entries of each are


class Case:
    """A layer's forward and backward on given inputs, in float64, with a random upstream gradient.

    backward gives a tuple, and out may be one, as that of a copy gate. An upstream gradient of ones
    would hide mistakes: through softmax it gives zero. nondeterminism is what two calls may differ
    by, where what forward is called in findings. Raises NoLayer where a result cannot be checked.
    """

    rows = None             # of a model's batch

    def __init__(self, forward, backward, inputs, rng, names,
                 nondeterminism=differences.TOLERANCE, where="forward"):
        self.forward, self.backward, self.names = forward, backward, names
        self.inputs, self.nondeterminism, self.where = inputs, nondeterminism, where
        self.positions = []     # of the inputs that backward gives gradients for, in its order
        self.start(rng)

    def start(self, rng):
        """Take copies of the inputs, and call forward for the first times."""
        self.inputs = [cast(value, np.float64) for value in self.inputs]
        integers = [value for value in self.inputs if isinstance(value, np.ndarray)
                    and value.ndim == 1 and value.dtype.kind in "iu"]
        self.labels = integers[0] if integers else None     # class labels, where there are any
        self.jacobians, self.keeps_inputs = {}, False
        result = self.run()
        if not (isinstance(result, (tuple, list)) and len(result) == 2):
            raise NoLayer(find("no pair", self.where, {
                "what": f"{len(result)} values" if isinstance(result, tuple) else
                f"one value, {type(result).__name__}"}))
        self.out, self.cache = result
        if not all(is_float(each) and np.size(each) and np.isfinite(each).all()
                   for each in as_tuple(self.out)):
            raise NoLayer(find("no output", self.where, {"what": in_short(self.out)}))
        self.dout = upstream(self.out, rng)
        # A layer that leaves its arrays as they are in this call gets them without copying later:
        # to copy a million numbers takes as long as a forward call.
        before = copy.deepcopy(self.inputs)
        self.keeps_inputs = True
        again, _ = self.run()
        self.keeps_inputs = equal(before, self.inputs)
        self.inputs = before
        self.jitter = difference(self.out, again)
        if not self.jitter <= self.nondeterminism:
            raise NoLayer(find("random", self.where, {"by": f"{self.jitter:.1g}"}))
        self.is_coarse = self.rounds()
        self.precision = max(differences.EPS, self.jitter,
                             float(np.finfo(np.float32).eps) * self.is_coarse)
        # Steps of forward's own precision, where it rounds inside or two calls differ.
        self.widen = (self.precision / differences.EPS) ** (1 / 3)

    def run(self, changed=None):
        """(out, cache) of a forward call; changed {position: other value} of the inputs."""
        inputs = [value if self.keeps_inputs and isinstance(value, np.ndarray)
                  else copy.deepcopy(value) for value in self.inputs]
        for position, value in (changed or {}).items():
            inputs[position] = value if np.ndim(value) else np.asarray(value).item()
        return self.forward(*inputs)

    def rounds(self):
        """Whether forward rounds to float32: its output fits into it, and its inputs do not."""
        def fits(value):
            return np.array_equal(value, np.asarray(value).astype(np.float32), equal_nan=True)
        outs = as_tuple(self.out)
        return all(map(fits, outs)) and not all(fits(value) for value in self.inputs if is_float(
            value)) and not all(np.all(np.multiply(each, 1024) % 1 == 0) for each in outs)

    def gradients(self, cache=None):
        """backward's gradients, as a tuple, on a cache or that of a forward call of their own."""
        if cache is None:
            _, cache = self.forward(*copy.deepcopy(self.inputs))
        return self.backward(copy.deepcopy(self.dout), cache)

    def objective(self, changed=None):
        """(sum of out * dout, the sum of its absolute values): what is differentiated."""
        products = flat(self.run(changed)[0]) * flat(self.dout)
        return np.sum(products), float(np.sum(np.abs(products)))

    def line(self, position, direction):
        """The objective as a function of t, with the input at position + t * direction; NaN where
        forward refuses it, out of its domain.
        """
        def f(t):
            with contextlib.suppress(Exception):
                return float(self.objective({
                    position: self.inputs[position] + t * direction})[0])
            return np.nan
        return f

    def complex_step(self, position, direction):
        """The derivative along direction, exact but for rounding, of a forward that takes complex
        numbers: f(x + i h) = f(x) + i h f'(x) + O(h^2), with h = 1e-100 (Squire & Trapp 1998).
        """
        value, _ = self.objective({position: self.inputs[position] + 1e-100j * direction})
        if not np.iscomplexobj(value):
            raise TypeError("forward drops the imaginary part")
        return float(np.imag(value)) / 1e-100

    def limit(self, position):
        """How many entries of an input are looked at: all of a small one, of a large one some."""
        size = np.size(self.inputs[position])
        is_small = size <= MANY and sum(map(np.size, arrays_in(self.inputs))) <= LARGE
        return size if is_small else min(size, SAMPLE)

    def columns(self, position, count):
        """(index, d out / d that entry of the input, of all outputs) by central differences, for
        the first `count` entries.
        """
        value = np.asarray(self.inputs[position])
        steps = differences.exact_step(differences.STEP3 * self.widen * scales(value))
        for index in itertools.islice(np.ndindex(value.shape), count):
            step = np.zeros(value.shape)
            step[index] = steps[index]
            (above, _), (below, _) = (self.run({position: value + each}) for each in (step, -step))
            yield index, (flat(above) - flat(below)) / (2 * steps[index])

    def numeric_gradient(self, position):
        """The gradient by plain central differences, NaN where a large one is not looked at."""
        numeric = np.full(np.shape(self.inputs[position]), np.nan)
        for index, column in self.columns(position, self.limit(position)):
            numeric[index] = column @ flat(self.dout)
        return numeric

    def jacobian(self, position):
        """d out / d input (entries of all outputs, entries of the input); None where it is large.
        """
        size = np.size(self.inputs[position])
        if size > MANY or size * flat(self.out).size > MANY * MANY // 16:
            return None
        if position not in self.jacobians:
            self.jacobians[position] = np.array([
                column for _, column in self.columns(position, size)]).T
        return self.jacobians[position]


def in_short(value):
    """What a value is, in words: "an empty array", "a str"."""
    if is_float(value) and np.size(value) and not np.isfinite(value).all():
        return "not finite"
    if isinstance(value, np.ndarray):
        return f"an array of {value.dtype}" if value.size else "an empty array"
    return "None" if value is None else f"a {type(value).__name__}"


def cast(value, dtype):
    """A copy of the value with float arrays as dtype, those in containers too; a float as float."""
    def change(part):
        if isinstance(part, (float, np.floating)):
            return float(part)
        return part.astype(dtype) if is_float(part) else copy.deepcopy(part)
    return in_each(value, change)


def upstream(out, rng):
    """A random upstream gradient of the structure of out, away from 0 and 1 for a single number."""
    return in_each(out, lambda part: rng.standard_normal(np.shape(part)) if np.ndim(part)
                   else float(rng.uniform(1.2, 1.9) * rng.choice([-1, 1])))


def equal(first, second):
    """Whether two values, or what they hold, are the same numbers; other things count as equal."""
    return all(np.array_equal(a, b, equal_nan=np.asarray(a).dtype.kind == "f")
               for a, b in itertools.zip_longest(leaves(first), leaves(second))
               if isinstance(a, (np.ndarray, float, int, np.generic)))


def difference(first, second):
    """How far two outputs, or tuples of gradients, differ, relative to the largest entry of each;
    inf where their shapes do.
    """
    first, second = as_tuple(first), as_tuple(second)
    if list(map(np.shape, first)) != list(map(np.shape, second)):
        return np.inf
    return max((float(np.max(np.abs(a - b)) / max(np.max(np.abs(a)), np.finfo(float).tiny))
                for a, b in zip(first, second, strict=True) if np.size(a)), default=0.0)


def flat(value):
    """The entries of an output, or of all of several, as one vector."""
    return np.concatenate([np.ravel(each) for each in as_tuple(value)])


def jitter(case, rng):
    """The same layer at nearby inputs, each with a gradient times 0.7 to 1.3: signs are kept."""
    return with_inputs(case, {
        position: case.inputs[position] * rng.uniform(0.7, 1.3, np.shape(case.inputs[position]))
        for position in case.positions}, rng)


def shuffle(case, rng):
    """The same layer on the same numbers in another order, which forward should accept as well."""
    return with_inputs(case, {
        position: rng.permutation(value.reshape(-1)).reshape(value.shape)
        for position, value in enumerate(case.inputs)
        if isinstance(value, np.ndarray) and value.dtype.kind in "fiu"}, rng)


def with_inputs(case, changed, rng):
    """The same layer on other inputs, {position: value}, with a random upstream gradient."""
    other = copy.copy(case)
    other.inputs = [changed.get(position, value) for position, value in enumerate(case.inputs)]
    other.start(rng)
    return other


def with_upstream(case, dout, changed=None):
    """The same layer with another upstream gradient, and other inputs {position: value}."""
    other = with_inputs(case, changed or {}, np.random.default_rng(0))
    other.dout = dout
    return other


def scales(value):
    """The size of each entry of value, which a step of that entry is proportional to.

    At least the median size of all, taken as 0.1 to 1: what is much smaller than the rest, or than
    1, is mostly added to larger numbers, and a step as small would be lost in the sum's rounding.
    """
    return np.maximum(np.abs(value), np.clip(np.median(np.abs(value)), 0.1, 1.0))

"""A plain function of floats as flat code of gates: traced numbers that call a gate for each sign.

    graph(trace(by_gates(f), 2.0, -3.0))        for f(x, y) = x * y + math.sin(x)

+ - * / ** and the functions of elementary.FUNCTIONS are followed, those of math and of numpy; max,
abs and if take the branch of these numbers, and only that branch is drawn. math would make floats
of its arguments, so the function runs with another math in its place.
"""

import functools
import inspect
import math
import types

from flatprop.circuits import elementary
from layers import tanh
from layers.gates import add, exp, multiply, reciprocal, scale, shift

MOST_FACTORS = 16       # of a power that is drawn as products


@functools.total_ordering
class Number:
    """A float on its way through a function, and the tape of the gates that it came through."""

    def __init__(self, value, tape):
        self.value, self.tape = value, tape

    def through(self, gate, *more):
        """What a gate makes of this number and others, or of a constant."""
        others = [each for each in more if isinstance(each, Number)]
        made = gate.forward(self.value, *(each.value if isinstance(each, Number) else float(each)
                                          for each in more))
        out = Number(made[0], self.tape)
        self.tape.append((gate, [self, *others], out, made[1]))
        return out

    def __add__(self, other):
        return self.through(add if isinstance(other, Number) else shift, other)

    def __mul__(self, other):
        return self.through(multiply if isinstance(other, Number) else scale, other)

    __radd__, __rmul__ = __add__, __mul__

    def __neg__(self):
        return self.through(scale, -1.0)

    def __sub__(self, other):
        return self + -other

    def __rsub__(self, other):
        return -self + other

    def __truediv__(self, other):
        return self * other.through(reciprocal) if isinstance(other, Number) else self * (1 / other)

    def __rtruediv__(self, other):
        return self.through(reciprocal) * other

    def __pow__(self, power):
        if isinstance(power, int) and 0 < abs(power) <= MOST_FACTORS:
            out = self
            for _ in range(abs(power) - 1):
                out = out * self
            return out if power > 0 else 1.0 / out
        return self.sqrt() if power == 0.5 else (self.log() * power).exp()

    def __rpow__(self, base):
        return (self * math.log(base)).exp()

    def __abs__(self):
        return self if self.value >= 0 else -self

    def apply(self, name):
        """One of elementary.FUNCTIONS of it."""
        made = elementary.forward(self.value, name)
        out = Number(made[0], self.tape)
        self.tape.append((elementary, [self], out, made[1]))
        return out

    # np.exp(x) calls x.exp(), and so on.
    def exp(self):
        return self.through(exp)

    def tanh(self):
        return self.through(tanh)

    def log(self):
        return self.apply("log")

    def sqrt(self):
        return self.apply("sqrt")

    def sin(self):
        return self.apply("sin")

    def cos(self):
        return self.apply("cos")

    def __lt__(self, other):
        return self.value < (other.value if isinstance(other, Number) else other)

    def __eq__(self, other):
        return self.value == (other.value if isinstance(other, Number) else other)

    __hash__ = object.__hash__      # each is a place in the circuit, whatever its value

    def __bool__(self):
        return bool(self.value)

    def __float__(self):
        raise TypeError("only numpy's and math's "
                        f"{', '.join(FOLLOWED)} can be followed")


FOLLOWED = {"exp": Number.exp, "log": Number.log, "sqrt": Number.sqrt, "sin": Number.sin,
            "cos": Number.cos, "tanh": Number.tanh, "pow": pow, "fabs": abs}


def followed(plain, method):
    """A function of math that follows a Number, and is as it was for floats."""
    def call(x, *more):
        return method(x, *more) if any(isinstance(each, Number) for each in (x, *more)) else (
            plain(x, *more))
    return call


def with_our_math(function):
    """The function, and those of its file that it calls, with math's functions followed."""
    own = {vars(math)[name]: followed(vars(math)[name], each) for name, each in FOLLOWED.items()}
    ours = types.SimpleNamespace(**vars(math) | {each.__name__: own[each] for each in own})
    scope = {}
    for name, value in function.__globals__.items():
        if value is math:
            scope[name] = ours
        elif inspect.isbuiltin(value):
            scope[name] = own.get(value, value)
        elif inspect.isfunction(value) and value.__globals__ is function.__globals__:
            scope[name] = copy_into(value, scope)
        else:
            scope[name] = value
    return copy_into(function, scope)


def copy_into(function, scope):
    """The same function with other globals."""
    made = types.FunctionType(function.__code__, scope, function.__name__, function.__defaults__,
                              function.__closure__)
    made.__kwdefaults__ = function.__kwdefaults__
    return made


def by_gates(function):
    """The same function, with its gradients: (*floats) -> (out, *gradients), for trace.

    Raises TypeError, when it runs, for what cannot be followed.
    """
    def run(*values):
        tape = []
        inputs = [Number(value, tape) for value in values]
        out = with_our_math(function)(*inputs)
        if not isinstance(out, Number):
            raise TypeError(f"{function.__name__} must return one number that depends on its "
                            f"arguments, not {type(out).__name__}")
        gradients = {out: 1.0}
        for gate, sources, made, cache in reversed(tape):
            if made in gradients:
                grads = gate.backward(gradients[made], cache)
                for each, grad in zip(sources, grads if len(sources) > 1 else [grads], strict=True):
                    gradients[each] = gradients[each] + grad if each in gradients else grad
        return (out.value, *(gradients.get(each, 0.0) for each in inputs))

    run.__name__, run.__signature__ = function.__name__, inspect.signature(function)
    return run

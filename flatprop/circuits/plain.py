"""A plain function of floats as flat code of gates: traced numbers that call a gate for each sign.

    graph(trace(by_gates(f), 2.0, -3.0))        for f(x, y) = x * y + math.pi * x

Only + - * / ** and numpy's exp and tanh can be followed; max(x, y) and if take the branch of these
numbers, and only that branch is drawn. math.exp makes a float of its argument, which is refused.
"""

import inspect

from layers import tanh
from layers.gates import add, exp, multiply, reciprocal, scale, shift


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
        if not isinstance(power, int) or power < 1:
            raise TypeError(f"a power must be a whole number from 1 on, not {power!r}")
        out = self
        for _ in range(power - 1):
            out = out * self
        return out

    def exp(self):
        """np.exp(x) calls it."""
        return self.through(exp)

    def tanh(self):
        """np.tanh(x) calls it."""
        return self.through(tanh)

    def __lt__(self, other):
        return self.value < (other.value if isinstance(other, Number) else other)

    def __gt__(self, other):
        return self.value > (other.value if isinstance(other, Number) else other)

    def __float__(self):
        raise TypeError("a float would lose the way it came: use numpy's exp and tanh, not math's")


def by_gates(function):
    """The same function, with its gradients: (*floats) -> (out, *gradients), for trace.

    Raises TypeError, when it runs, for what cannot be followed.
    """
    def run(*values):
        tape = []
        inputs = [Number(value, tape) for value in values]
        out = function(*inputs)
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

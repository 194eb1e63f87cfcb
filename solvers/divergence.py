"""When training blows up: say at which step, and in which layer first."""

import math

import numpy as np

from solvers import contract


class Diverged(ArithmeticError):
    """A number that is not finite, met in training.

    step is the step, from 0, at which it was met; place names the first layer or parameter.
    """

    def __init__(self, step, place):
        super().__init__(
            f"step {step}: the first number that is not finite is in {place}; "
            "try a lower learning rate, or clip the gradient"
        )
        self.step = step
        self.place = place


def all_finite(loss, grads):
    """Whether a step's loss and all of its gradients by name are finite.

    One pass over memory: the sum of squares of a gradient is finite only if the gradient is. It
    can overflow though the gradient is finite; only then is every entry looked at.
    """
    if not math.isfinite(loss):
        return False
    for gradient in grads.values():
        flat = gradient.reshape(-1)
        if not (math.isfinite(np.dot(flat, flat)) or np.isfinite(flat).all()):
            return False
    return True


def first_place(model, x, y, grads):
    """Name the first place, in the order of the computation, that holds a non-finite number.

    x (N, D) and y are the batch of the step, grads its gradients by name -> text
    """
    with np.errstate(all="ignore"):
        outputs, scores = contract.activations(model, x), model.scores(x)
    places = {"the input x": x}
    places |= {f"the parameter {name}": array for name, array in model.params.items()}
    places["the running statistics of batchnorm"] = contract.statistics(model)
    places |= {f"{name}, the output of layer {i} of {len(outputs)}": array
               for i, (name, array) in enumerate(outputs.items(), 1)}
    places["the scores"] = scores
    if y.dtype.kind == "f":
        places["the target y"] = y
    places |= {f"the gradient of {name}": array for name, array in grads.items()}
    return next((place for place, array in places.items() if not np.isfinite(array).all()),
                "the loss")

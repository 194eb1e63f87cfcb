"""Exercises of checking gradients, of the running example, and of vectors and matrices."""

import numpy as np

from flatprop.exercises.catalogue_layers import function, layer, layers_task
from flatprop.exercises.checks import inputs, probe, slips, vector_slips
from flatprop.exercises.checks.answers import Wrong, ask_cases, changed_argument, function_check
from flatprop.exercises.checks.check_model import Subject, loss_check, scores_check
from flatprop.exercises.checks.feedback import compare_cases
from flatprop.exercises.exercise import Task
from flatprop.exercises.practice import linear_net, numerical, relu_jacobian
from flatprop.exercises.sandbox.parent import Ref
from layers import matmul
from models.two_layer_regressor import TwoLayerRegressor

NUMERICAL, JACOBIAN = "practice/numerical.py", "practice/relu_jacobian.py"
LINEAR = "practice/linear_net.py"
RUNNING = Subject("models/two_layer_regressor.py", TwoLayerRegressor, (2, 2, 1), loss=None)
WIDER = RUNNING._replace(sizes=(3, 5, 2))


def check_numerical(child, rng):
    """A check of numerical_gradient, on functions f(x) = sum a x^power."""
    forms = (((3,), 2, None), ((2, 3), 3, None), ((1,), 3, 0.1), ((2,), 3, 0.5),
             ((2, 1, 2), 4, None))
    cases = [[np.round(rng.uniform(0.5, 2.0, shape), 2), np.round(rng.uniform(1, 3, shape), 1),
              power, h] for shape, power, h in forms]
    found = ask_cases(child, "numerical", cases, Ref(NUMERICAL))
    expected = probe.numerical(numerical, cases)
    given = [{"f": np.array(f"sum a x^{power}" + (f", h = {h}" if h else "")), "x": x, "a": a}
             for x, a, power, h in cases]
    says = compare_cases("the gradient", [each["value"] for each in found],
                         [each["value"] for each in expected], given, 1e-8)
    if says:
        return Wrong(says, lambda: slips.cause(
            vector_slips.NUMERICAL, [each["value"] for each in found], cases))
    if changed_argument(["x"], [(case[0],) for case in cases], [(each["x"],) for each in found],
                        "numerical_gradient"):
        return ("x is not left as it was: moved by h, back by 2 h and by h again, an entry comes "
                "back rounded. Keep the old entry and put that back, or move a copy of x")
    return None


def pair(rng, size):
    """Two gradients, close to each other, with zeros in the same place."""
    a = inputs.normal(rng, size, size)
    b = a * (1 + rng.choice([1e-3, -1e-2, 1e-7], a.shape))
    a[0, 0] = b[0, 0] = 0.0
    return (a, b) if rng.integers(2) else (b, a)


# One of them zero in a place, the other negative; and zeros where the other has something.
ZEROS_AND_SIGNS = inputs.always(np.array([0.0, -4.0, 1e-3, 0.0]),
                                np.array([0.0, -5.0, 1.01e-3, 0.0]))
ONE_ZERO = inputs.always(np.array([0.0, 0.0]), np.array([1e-9, 0.0]))
SLIDES = inputs.always(np.array([1.0, -2.0, 3.0, -1.0]), np.array([4.0, -1.0, 5.0, 9.0]))


def vectors(rng, size):
    """x (N,), dout (N,)."""
    return inputs.normal(rng, size + 2), inputs.normal(rng, size + 2)


def with_zeros(rng, size):
    """x with exact zeros, and numbers close to zero, and dout."""
    return np.array([0.0, 1e-12, -1e-12, 2.0]), inputs.normal(rng, 4)


def long_vectors(rng, size):
    """Vectors whose Jacobian would take 320 GB."""
    return rng.standard_normal(200_000), rng.standard_normal(200_000)


def chain_of_matrices(rng, size):
    """x, Ws and bs of size layers."""
    sizes = [3, *[int(each) for each in rng.integers(2, 5, size)]]
    Ws = [inputs.normal(rng, *each) for each in zip(sizes[:-1], sizes[1:], strict=True)]
    return inputs.normal(rng, size, 3), Ws, [inputs.normal(rng, each) for each in sizes[1:]]


def jacobian_part(reference, make, special):
    """A part: a function of practice/relu_jacobian.py."""
    name = reference.__name__
    return function(JACOBIAN, reference, make, f"{name}(...)", None, special, name,
                    slips=vector_slips.JACOBIAN if name == "jacobian" else vector_slips.PRODUCT)


VECTORS = {
    "numerical-gradient": Task(
        [(NUMERICAL, ["numerical_gradient", "relative_error"])],
        [("numerical_gradient", check_numerical),
         ("relative_error", function_check(
             NUMERICAL, numerical.relative_error, pair, "relative_error(a, b)", 1e-6,
             [ZEROS_AND_SIGNS, ONE_ZERO], slips=vector_slips.ERROR))]),
    "running-example": Task(
        [("models/two_layer_regressor.py", ["TwoLayerRegressor.activations",
                                            "TwoLayerRegressor.loss"])],
        [("scores", scores_check(RUNNING)), ("loss", loss_check(RUNNING, large=(3000, 40, 10))),
         ("loss of a wider net", loss_check(WIDER, large=(3000, 40, 10)))]),
    "relu-jacobian": Task(
        [(JACOBIAN, ["jacobian", "explicit_product", "implicit_product"])],
        [jacobian_part(relu_jacobian.jacobian, inputs.first(1, vectors),
                       [inputs.first(1, SLIDES), inputs.first(1, with_zeros)]),
         jacobian_part(relu_jacobian.explicit_product, vectors, [SLIDES, with_zeros]),
         jacobian_part(relu_jacobian.implicit_product, vectors,
                       [SLIDES, with_zeros, long_vectors])]),
    "matmul": layers_task(layer(
        matmul, inputs.first(2, inputs.affine), (0, 1),
        scaled=(inputs.first(2, inputs.scaled_affine), None),
        large=[inputs.arrays(*inputs.WIDE[:2]), inputs.arrays(*inputs.TALL[:2])])),
    "linear-net": Task(
        [(LINEAR, ["deep", "collapse"])],
        [("deep", function_check(
            LINEAR, linear_net.deep, chain_of_matrices, "deep(x, Ws, bs)", 1e-11,
            [lambda rng, size: chain_of_matrices(rng, 1)], slips=vector_slips.DEEP)),
         ("collapse", function_check(
             LINEAR, linear_net.collapse,
             lambda rng, size: chain_of_matrices(rng, size)[1:], ("W", "b"), 1e-11,
             [lambda rng, size: chain_of_matrices(rng, 1)[1:]], slips=vector_slips.COLLAPSE))]),
}

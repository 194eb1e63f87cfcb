"""Exercises of the lecture's circuits: the gates, and what is made of them, number by number."""

from flatprop.exercises.catalogue_layers import layer, layers_exercise
from flatprop.exercises.checks import inputs
from flatprop.exercises.checks.answers import check_of, function_check
from flatprop.exercises.checks.inputs import number
from flatprop.exercises.exercise import Exercise
from flatprop.exercises.practice import circuit, fan_out, sigmoid_two_ways
from layers.gates import add, copy, exp, maximum, multiply, reciprocal, scale, shift
from models import sigmoid_neuron

NEURON = (2.0, -1.0, -3.0, -2.0, -3.0)      # the slide's w0, x0, w1, x1, w2


def gate(name, reference, make, wrt=(0,), special=()):
    """A part of a check: a gate's file and its check."""
    return layer(f"gates/{name}", reference, make, wrt, special, large=250)


GATES = [
    layers_exercise(
        "gates-add-copy", "Add and copy: the distributor and the adder",
        "Patterns in gradient flow",
        [gate("add", add, inputs.two, (0, 1)), gate("copy", copy, inputs.one)], [], 3,
        ["If x grows by a little, by how much does x + y grow? And if x goes to two places, along "
         "how many ways does it reach the end?",
         "add: dx = 1 * dout, dy = 1 * dout.  copy: dx = dfirst + dsecond.",
         "# add.py\ndef forward(x, y):\n    return x + y, ()\n\n"
         "def backward(dout, cache):\n    return dout, ...\n\n"
         "# copy.py\ndef forward(x):\n    return (x, x), ()\n\n"
         "def backward(dout, cache):\n    dfirst, dsecond = dout\n    return ..."],
        "add hands its gradient to both inputs, copy adds up what comes back: each is the other, "
        "run backward."),
    layers_exercise(
        "gates-multiply-max", "Multiply and max: the swap multiplier and the router",
        "Patterns in gradient flow",
        [gate("multiply", multiply, inputs.two, (0, 1)),
         gate("maximum", maximum, inputs.two, (0, 1), [inputs.equal_entries])],
        ["gates-add-copy"], 3,
        ["What does backward need to know of forward? Put that into the cache.",
         "multiply: dx = y dout, dy = x dout.  max: the larger input gets all of dout, the other "
         "none; of equal ones x gets it.",
         "# maximum.py\ndef forward(x, y):\n    return np.maximum(x, y), (x, y)\n\n"
         "def backward(dout, cache):\n    x, y = cache\n"
         "    return np.where(x >= y, dout, 0), np.where(...)"],
        "multiply swaps its inputs, max routes to the winner."),
    Exercise(
        "circuit", "f = (x + y) z, by hand", "Backpropagation: a simple example",
        [("practice/circuit.py", ["circuit"])], [], ["gates-multiply-max"], 3,
        ["Go through the circuit once forward and once backward, from f to q and z, then from q "
         "to x and y.",
         "df/dq = z, df/dz = q, and by the chain rule df/dx = df/dq * dq/dx with dq/dx = 1.",
         "q = x + y\nf = q * z\ndq = z\ndz = ...\ndx = dq * 1\ndy = ...\n"
         'return f, {"q": dq, "z": dz, "x": dx, "y": dy}'],
        check_of([("practice/circuit.py", function_check(
            "practice/circuit.py", "circuit", circuit.circuit,
            lambda rng, size: tuple(number(rng) for _ in range(3)), ("f", "grads"),
            ("x", "y", "z"), special=[lambda rng, size: (-2.0, 5.0, -4.0)]))],
                 "At x = -2, y = 5, z = -4: df/dx = df/dy = -4 and df/dz = 3, as on the slide.")),
    layers_exercise(
        "gates-sigmoid-parts", "The four gates of the sigmoid: exp, 1/x, a x and c + x",
        "Another example: the sigmoid neuron",
        [gate("exp", exp, inputs.one), gate("reciprocal", reciprocal, inputs.not_near_zero),
         gate("scale", scale, inputs.constant), gate("shift", shift, inputs.constant)],
        ["gates-add-copy"], 4,
        ["Two of them have a local gradient that is easy to write with their output. Keep that.",
         "d e^x = e^x, d(1/x) = -1/x^2 (the slide's -1/3 is a slip), d(a x) = a, d(c + x) = 1. "
         "Each times dout.",
         "# reciprocal.py\ndef forward(x):\n    out = 1 / x\n    return out, (out,)\n\n"
         "def backward(dout, cache):\n    (out,) = cache\n    return -(...) * dout\n\n"
         "# scale.py: the constant a gets no gradient\ndef forward(x, a):\n    return a * x, (a,)"],
        "Four gates, four lines of the slide; together they make the sigmoid."),
    Exercise(
        "sigmoid-neuron", "The sigmoid neuron, as a chain and as one gate",
        "Computational graph representation may not be unique",
        [("practice/sigmoid_two_ways.py", ["chain", "one_gate"])], [], ["gates-sigmoid-parts"], 3,
        ["Forward there are four gates, so backward there are four lines, in opposite order.",
         "dshifted = -1/shifted^2, dpower = dshifted, dnegated = e^negated dpower, "
         "ds = -1 dnegated.  As one gate: ds = (1 - L) L.",
         "negated = -1.0 * s\npower = math.exp(negated)\nshifted = 1.0 + power\n"
         "L = 1.0 / shifted\ndshifted = ...\ndpower = ...\ndnegated = power * ...\n"
         "ds = -1.0 * ...\nreturn L, {\"shifted\": dshifted, ...}"],
        check_of([(f"{name} of practice/sigmoid_two_ways.py", function_check(
            "practice/sigmoid_two_ways.py", name, reference,
            lambda rng, size: (number(rng),), results, ("s",), 1e-12, [lambda rng, size: (1.0,)]))
                  for name, reference, results in (
                      ("chain", sigmoid_two_ways.chain, ("L", "grads")),
                      ("one_gate", sigmoid_two_ways.one_gate, ("L", "ds")))],
                 "Both ways dL/ds = (1 - L) L: at s = 1 that is 0.196612.")),
    Exercise(
        "flat-code", "Flat code: one neuron, ten gradients", "Backprop implementation: flat code",
        [("models/sigmoid_neuron.py", ["neuron"])],
        ["layers/checks.py", "layers/sigmoid.py", "layers/gates/add.py",
         "layers/gates/multiply.py"],
        ["sigmoid-neuron"], 4,
        ["Write forward as the slide does: s0, s1, s2, s3, L. Then one line for each of these "
         "lines, from the last to the first.",
         "dL = 1, ds3 = (1 - L) L dL, dw2 = ds2 = ds3, ds0 = ds1 = ds2, dw1 = x1 ds1, dx1 = w1 "
         "ds1, dw0 = x0 ds0, dx0 = w0 ds0.",
         "s0, s0_cache = multiply.forward(w0, x0)\n...\nL, L_cache = sigmoid.forward(s3)\n\n"
         "dL = np.ones_like(L)\nds3 = sigmoid.backward(dL, L_cache)\n"
         "ds2, dw2 = add.backward(ds3, s3_cache)\n...\n"
         'grads = {"L": dL, "s3": ds3, ...}     # all ten\nreturn L, grads'],
        check_of([("models/sigmoid_neuron.py", function_check(
            "models/sigmoid_neuron.py", "neuron", sigmoid_neuron.neuron,
            lambda rng, size: tuple(number(rng) for _ in range(5)) if size < 7 else
            tuple(inputs.normal(rng, 5, size)), ("L", "grads"),
            ("w0", "x0", "w1", "x1", "w2"), special=[lambda rng, size: NEURON]))],
                 "Ten gradients, one line each, and dw0 = -0.196612 as on the slide.")),
    Exercise(
        "fan-out", "Fan-out: where gradients add up", "Patterns in gradient flow: copy gate",
        [("practice/fan_out.py", ["quotient"])], [], ["flat-code"], 3,
        ["x is used in three places and y in two. Each place sends a gradient back.",
         "f = top / bottom: dtop = 1/bottom, dbottom = -top/bottom^2; total = x + y is squared: "
         "dtotal = 2 total dbottom. dx = dtop + (1 - sigma_x) sigma_x dbottom + dtotal.",
         "top = x + sigmoid(y)\ntotal = x + y\nbottom = sigmoid(x) + total**2\nf = top / bottom\n"
         "dtop = ...\ndbottom = ...\ndtotal = ...\ndx = dtop\ndx += ...      # sigmoid(x)\n"
         "dx += dtotal\ndy = ...\ndy += ..."],
        check_of([("practice/fan_out.py", function_check(
            "practice/fan_out.py", "quotient", fan_out.quotient,
            lambda rng, size: (number(rng), number(rng)), ("f", "dx", "dy"), ("x", "y"), 1e-11,
            [lambda rng, size: (3.0, -4.0)]))],
                 "A gradient for each use, and a += for each: that is the copy gate.")),
]


"""Slide "Backprop Implementation: "Flat" code": the neuron, one line for each operation."""

from flatprop.lecture.content import Circuit, SameListing, Table, Text, gap
from flatprop.lecture.gradient_tables import central_difference, values_of
from layers import sigmoid
from layers.gates import add, multiply

TITLE = 'Backprop implementation: "flat" code'
SECTION = 'Backprop Implementation: "Flat" code'
INPUTS = {"w0": 2.0, "x0": -1.0, "w1": -3.0, "x1": -2.0, "w2": -3.0}
RANGES = {}


def f(w0, x0, w1, x1, w2):
    """The slide's code, word for word but for the sigmoid, which is the layer's."""
    s0 = w0 * x0
    s1 = w1 * x1
    s2 = s0 + s1
    s3 = s2 + w2
    L, _ = sigmoid.forward(s3)

    grad_L = 1.0
    grad_s3 = grad_L * (1 - L) * L
    grad_w2 = grad_s3
    grad_s2 = grad_s3
    grad_s0 = grad_s2
    grad_s1 = grad_s2
    grad_w1 = grad_s1 * x1
    grad_x1 = grad_s1 * w1
    grad_w0 = grad_s0 * x0
    grad_x0 = grad_s0 * w0
    return L, grad_w0, grad_x0, grad_w1, grad_x1, grad_w2


def by_gates(w0, x0, w1, x1, w2):
    """The same with a gate's backward for each pair of lines."""
    s0, s0_cache = multiply.forward(w0, x0)
    s1, s1_cache = multiply.forward(w1, x1)
    s2, s2_cache = add.forward(s0, s1)
    s3, s3_cache = add.forward(s2, w2)
    L, L_cache = sigmoid.forward(s3)

    grad_L = 1.0
    grad_s3 = sigmoid.backward(grad_L, L_cache)
    grad_s2, grad_w2 = add.backward(grad_s3, s3_cache)
    grad_s0, grad_s1 = add.backward(grad_s2, s2_cache)
    grad_w1, grad_x1 = multiply.backward(grad_s1, s1_cache)
    grad_w0, grad_x0 = multiply.backward(grad_s0, s0_cache)
    return L, grad_w0, grad_x0, grad_w1, grad_x1, grad_w2


def show(inputs):
    """The slide's code with its values, the same by gates, and all ten gradients."""
    flat = SameListing(f, inputs, "The code of the slide:", "by_gates")
    gates = Circuit(by_gates, inputs, "The same by gates: a line of backward for a line of forward")
    grads = {name: value for name, value in values_of(flat.record()).items()
             if name.startswith("grad_")}
    others = values_of(gates.record())
    rows, live = [], []
    for name, gradient in grads.items():
        slope = central_difference(f, inputs, name[5:]) if name[5:] in inputs else ""
        rows.append([name, gradient, others[name], gap(gradient, others[name]), slope])
        code = f"{{by_gates/code {name}}}"
        live.append(["", code, code, "", f"{{by_gates/slope {name[5:]}}}" if slope != "" else ""])
    return [
        Text("Forward pass: compute the output. Backward pass: compute the gradients, each line "
             "of forward undone by its own lines, in the opposite order. It looks like the "
             "forward pass, read from the end."),
        flat,
        gates,
        Table(["", "flat", "by gates", "apart", "by differences"], rows,
              "All ten gradients, in the order of the slide:", live),
    ]

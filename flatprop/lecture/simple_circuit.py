"""Slide "Backpropagation: a simple example": f(x, y, z) = (x + y) z."""

from flatprop.lecture.content import Circuit, Text
from flatprop.lecture.gradient_tables import chain_table, check_table
from layers.gates import add, multiply

TITLE = "A simple example: f = (x + y) z"
SECTION = "Backpropagation: a simple example"
INPUTS = {"x": -2.0, "y": 5.0, "z": -4.0}
RANGES = {}


def circuit(x, y, z):
    """f = (x + y) z and its gradients; q = x + y on the way."""
    q, q_cache = add.forward(x, y)
    f, f_cache = multiply.forward(q, z)

    df = 1.0
    dq, dz = multiply.backward(df, f_cache)
    dx, dy = add.backward(dq, q_cache)
    return f, dx, dy, dz


def show(inputs):
    """The circuit with its numbers, the chain rule gate by gate, and the check."""
    run = Circuit(circuit, inputs, "(x + y) z: values forward, gradients backward")
    _, dx, dy, dz = circuit(*inputs.values())
    return [
        Text("Forward pass: compute the output. q = x + y, f = q z. Want: df/dx, df/dy, df/dz. "
             "Backward starts from df/df = 1 and visits the gates in the opposite order."),
        run,
        Text("Each gate knows only its own inputs. Its local gradients are dq/dx = 1, dq/dy = 1 "
             "and df/dq = z, df/dz = q; the chain rule multiplies the upstream gradient by them."),
        chain_table(run.record()),
        check_table(circuit, inputs, {"x": dx, "y": dy, "z": dz}),
    ]

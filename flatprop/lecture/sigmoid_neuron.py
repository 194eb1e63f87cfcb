"""Slides "Another example": f(w, x) = 1 / (1 + e^-(w0 x0 + w1 x1 + w2)), two ways."""

from flatprop.lecture.content import Circuit, Slip, Table, Text, gap
from flatprop.lecture.gradient_tables import chain_table, check_table
from layers import sigmoid
from layers.gates import add, exp, multiply, reciprocal, scale, shift

TITLE = "The sigmoid neuron, gate by gate and as one gate"
SECTION = "Another example"
INPUTS = {"w0": 2.0, "x0": -1.0, "w1": -3.0, "x1": -2.0, "w2": -3.0}
RANGES = {}


def gate_by_gate(w0, x0, w1, x1, w2):
    """1 / (1 + e^-s3) from the smallest gates."""
    s0, s0_cache = multiply.forward(w0, x0)
    s1, s1_cache = multiply.forward(w1, x1)
    s2, s2_cache = add.forward(s0, s1)
    s3, s3_cache = add.forward(s2, w2)
    n, n_cache = scale.forward(s3, -1.0)
    e, e_cache = exp.forward(n)
    d, d_cache = shift.forward(e, 1.0)
    f, f_cache = reciprocal.forward(d)

    df = 1.0
    dd = reciprocal.backward(df, f_cache)
    de = shift.backward(dd, d_cache)
    dn = exp.backward(de, e_cache)
    ds3 = scale.backward(dn, n_cache)
    ds2, dw2 = add.backward(ds3, s3_cache)
    ds0, ds1 = add.backward(ds2, s2_cache)
    dw1, dx1 = multiply.backward(ds1, s1_cache)
    dw0, dx0 = multiply.backward(ds0, s0_cache)
    return f, dw0, dx0, dw1, dx1, dw2


def one_gate(w0, x0, w1, x1, w2):
    """The same function: the last four gates are one, the sigmoid."""
    s0, s0_cache = multiply.forward(w0, x0)
    s1, s1_cache = multiply.forward(w1, x1)
    s2, s2_cache = add.forward(s0, s1)
    s3, s3_cache = add.forward(s2, w2)
    f, f_cache = sigmoid.forward(s3)

    df = 1.0
    ds3 = sigmoid.backward(df, f_cache)
    ds2, dw2 = add.backward(ds3, s3_cache)
    ds0, ds1 = add.backward(ds2, s2_cache)
    dw1, dx1 = multiply.backward(ds1, s1_cache)
    dw0, dx0 = multiply.backward(ds0, s0_cache)
    return f, dw0, dx0, dw1, dx1, dw2


def show(inputs):
    """Both circuits, the local gradients that are needed, and that they agree."""
    small = Circuit(gate_by_gate, inputs, "gate by gate: (* -1), (exp), (+ 1), (1/x) at the end")
    large = Circuit(one_gate, inputs, "the last four gates taken as one, the sigmoid")
    first, second = gate_by_gate(*inputs.values()), one_gate(*inputs.values())
    f = second[0]
    names = ["f", "dw0", "dx0", "dw1", "dx1", "dw2"]
    return [
        Text("Four more gates are enough: f(x) = e^x has df/dx = e^x, f_a(x) = a x has df/dx = a, "
             "f_c(x) = c + x has df/dx = 1, and f(x) = 1/x has df/dx = -1/x^2."),
        Slip("df/dx of 1/x reads -1/3; it is -1/x^2."),
        small,
        chain_table(small.record()),
        Text("Computational graph representation may not be unique. Choose one where local "
             "gradients at each node can be easily expressed! That of the sigmoid: "
             "dsigma(x)/dx = e^-x / (1 + e^-x)^2 = ((1 + e^-x - 1) / (1 + e^-x)) (1 / (1 + e^-x)) "
             "= (1 - sigma(x)) sigma(x)."),
        large,
        Table(["", "upstream", "1 - sigma", "sigma", "gradient of s3"],
              [["the sigmoid gate", 1.0, 1 - f, f, (1 - f) * f]],
              "[upstream gradient] x [local gradient], 0.2 on the slide:",
              [["", "", "{one_gate/less code f}", "{one_gate/code f}", "{one_gate/code ds3}"]]),
        Slip("[1.00] x [(1 - 1/(1+e^1)) (1/(1+e^1))] should read e^-1: the sigmoid's input there "
             "is 1, and sigma(1) = 1/(1 + e^-1). (The product is the same, for sigma(-x) = "
             "1 - sigma(x).)"),
        Table(["", "gate by gate", "one gate", "apart"],
              [[name, one, other, gap(one, other)]
               for name, one, other in zip(names, first, second, strict=True)],
              "The same function, the same gradients:",
              [["", f"{{gate_by_gate/code {name}}}", f"{{one_gate/code {name}}}",
                f"{{one_gate/gap code {name}, gate_by_gate/code {name}}}"] for name in names]),
        check_table(one_gate, inputs, dict(zip(inputs, second[1:], strict=True))),
    ]

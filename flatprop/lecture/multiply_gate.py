"""Slide "Multiply gate": the modular implementation, a forward and a backward for each gate."""

import inspect

from flatprop.lecture.content import Circuit, Code, Table, Text, number
from flatprop.lecture.gradient_tables import check_table
from layers.gates import multiply

TITLE = "The modular multiply gate"
SECTION = "Multiply gate"
INPUTS = {"x": 2.0, "y": 3.0, "dz": 5.0}
RANGES = {}


def gate(x, y, dz):
    """z = x y: forward keeps what backward needs, backward multiplies upstream and local."""
    z, cache = multiply.forward(x, y)

    dx, dy = multiply.backward(dz, cache)
    return z, dx, dy


def show(inputs):
    """The module, a run of it, what it keeps, and that backward may be called twice."""
    x, y, dz = inputs.values()
    _, dx, dy = gate(x, y, dz)
    _, cache = multiply.forward(x, y)
    first, second = multiply.backward(dz, cache), multiply.backward(dz, cache)
    return [
        Text("A gate is a module with two functions. forward(x, y) gives the output and what must "
             "be kept for backward; backward(dz, cache) multiplies the upstream gradient by the "
             "local ones. A layer of a net has the same two functions, and so have a hundred "
             "layers: a net is their calls, first to last and back again."),
        Code(inspect.getsource(multiply), "The whole of layers/gates/multiply.py:"),
        Circuit(gate, inputs, "A run of it: z = x y, with dz from upstream"),
        Table(["kept for backward", "needed for"],
              [[f"x = {number(cache[0])}", f"dy = x dz = {number(dy)}"],
               [f"y = {number(cache[1])}", f"dx = y dz = {number(dx)}"]],
              "The cache holds both inputs, because each one's gradient needs the "
              "other; an add gate needs neither of them:",
              [["x = {gate/input x}", "dy = x dz = {gate/code dy}"],
               ["y = {gate/input y}", "dx = y dz = {gate/code dx}"]]),
        Table(["backward", "dx", "dy"], [["called once", *first], ["and again", *second]],
              "The cache is not used up:", [["", "{gate/code dx}", "{gate/code dy}"]] * 2),
        # dz stands for all that comes after z: dx is the derivative of dz z.
        check_table(lambda x, y, dz: [dz * multiply.forward(x, y)[0]], inputs, {"x": dx, "y": dy},
                    "gate"),
    ]

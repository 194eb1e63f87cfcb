"""Slide "Patterns in gradient flow": the four gates, each with an upstream gradient."""

from flatprop.lecture.content import Circuit, Table, Text
from layers.gates import add, copy, maximum, multiply

TITLE = "Patterns in gradient flow"
SECTION = "Patterns in gradient flow"
INPUTS = {"add_x": 3.0, "add_y": 4.0, "add_dz": 2.0, "mul_x": 2.0, "mul_y": 3.0, "mul_dz": 5.0,
          "copy_x": 7.0, "copy_dy": 4.0, "copy_dz": 2.0, "max_x": 4.0, "max_y": 5.0, "max_dz": 9.0}
RANGES = {}


def add_gate(x, y, dz):
    """z = x + y, with dz from upstream."""
    z, z_cache = add.forward(x, y)

    dx, dy = add.backward(dz, z_cache)
    return z, dx, dy


def mul_gate(x, y, dz):
    """z = x y."""
    z, z_cache = multiply.forward(x, y)

    dx, dy = multiply.backward(dz, z_cache)
    return z, dx, dy


def copy_gate(x, dy, dz):
    """y = x and z = x: two places, two upstream gradients."""
    (y, z), cache = copy.forward(x)

    dx = copy.backward((dy, dz), cache)
    return y, z, dx


def max_gate(x, y, dz):
    """z = max(x, y)."""
    z, z_cache = maximum.forward(x, y)

    dx, dy = maximum.backward(dz, z_cache)
    return z, dx, dy


def show(inputs):
    """Each gate on its own, with the rule that is seen in it."""
    added, multiplied, copied, largest = (inputs_of(gate, inputs) for gate in ("add", "mul", "copy",
                                                                        "max"))
    z_add, *d_add = add_gate(*added.values())
    z_mul, *d_mul = mul_gate(*multiplied.values())
    y, z, d_copy = copy_gate(*copied.values())
    z_max, *d_max = max_gate(*largest.values())
    return [
        Text("Only the local gradient decides what a gate does with what comes from upstream, and "
             "for four gates it can be said in two words."),
        Circuit(add_gate, added, "add gate: gradient distributor. Both inputs get what comes."),
        Circuit(mul_gate, multiplied,
                'mul gate: "swap multiplier". Each input gets the other one times what comes.'),
        Circuit(copy_gate, copied,
                "copy gate: gradient adder. What went to two places gets the sum."),
        Circuit(max_gate, largest,
                "max gate: gradient router. The larger input gets all of it, the other 0."),
        Table(["gate", "x", "y", "out", "upstream", "dx", "dy"], [
            ["add: distributor", *list(added.values())[:2], z_add, added["dz"], *d_add],
            ["mul: swap multiplier", *list(multiplied.values())[:2], z_mul, multiplied["dz"],
             *d_mul],
            ["copy: adder", copied["x"], "", f"{y:g}, {z:g}",
             f"{copied['dy']:g}, {copied['dz']:g}", d_copy, ""],
            ["max: router", *list(largest.values())[:2], z_max, largest["dz"], *d_max],
        ], "All four:", [
            ["", *live("add_gate", "input x", "input y", "code z", "input dz", "code dx",
                       "code dy")],
            ["", *live("mul_gate", "input x", "input y", "code z", "input dz", "code dx",
                       "code dy")],
            ["", "{copy_gate/input x}", "", "{copy_gate/code y}, {copy_gate/code z}",
             "{copy_gate/input dy}, {copy_gate/input dz}", "{copy_gate/code dx}", ""],
            ["", *live("max_gate", "input x", "input y", "code z", "input dz", "code dx",
                       "code dy")]]),
    ]


def live(circuit, *refers):
    """What the page computes for the cells of a row (Table.live)."""
    return [f"{{{circuit}/{each}}}" for each in refers]


def inputs_of(gate, inputs):
    """The inputs of one gate: add_x is its x."""
    return {name.partition("_")[2]: value for name, value in inputs.items()
            if name.startswith(f"{gate}_")}

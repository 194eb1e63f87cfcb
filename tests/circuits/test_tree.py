"""A small circuit as a tree in a terminal."""

from circuit_cases import circuit_of
from test_kept import overwritten

from flatprop.circuits import tree
from flatprop.circuits.graph import graph
from flatprop.circuits.record import trace
from layers.gates import multiply


def test_tree_of_the_simple_example():
    assert tree.text(circuit_of("product")).splitlines() == [
        "f = -12, df = 1   multiply",
        "├─ q = 3, dq = -4   add",
        "│  ├─ x = -2, dx = -4",
        "│  └─ y = 5, dy = -4",
        "└─ z = -4, dz = 3"]


def test_tree_says_what_the_code_keeps():
    lines = tree.text(graph(trace(overwritten, 2.0, -3.0))).splitlines()
    assert lines[0] == "x: 3 and -1 add up to 2; the code keeps 3"
    assert "├─ x = 2, dx = 3" in lines[3]


def test_tree_of_arrays_or_of_many_gates_is_left_to_the_drawing():
    assert tree.text(circuit_of("matrices")) == ""

    def doubling(x):            # 2 ** 40 branches
        for _ in range(40):
            x, _ = multiply.forward(x, x)
        return x

    assert tree.text(graph(trace(doubling, 1.0))) == ""

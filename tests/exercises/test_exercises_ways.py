"""The diagnosis of small circuits: its ways are those of the circuits, and it invents nothing."""

import numpy as np
import pytest

from flatprop.exercises.checks import circuit_ways, ways
from flatprop.exercises.practice import circuit, fan_out, sigmoid_two_ways
from models import sigmoid_neuron

CIRCUITS = [
    (circuit.circuit, ("f", "grads"), circuit_ways.circuit, 3),
    (sigmoid_two_ways.chain, ("L", "grads"), circuit_ways.chain, 1),
    (sigmoid_two_ways.one_gate, ("L", "ds"), circuit_ways.one_gate, 1),
    (sigmoid_neuron.neuron, ("L", "grads"), circuit_ways.neuron, 5),
    (fan_out.quotient, ("f", "dx", "dy"), circuit_ways.quotient, 2),
]


@pytest.mark.parametrize("reference, result, ways_of, count", CIRCUITS)
def test_the_ways_add_up_to_the_gradients(reference, result, ways_of, count):
    cases = np.random.default_rng(0).standard_normal((5, count))
    right = ways.by_label(result, [reference(*map(float, case)) for case in cases])
    _, found = ways_of(*cases.T)
    gradients = [label for label in right if label not in ("f", "L", 'grads["L"]')]
    assert sorted(gradients) == sorted(label for label in found if found[label])
    for label in gradients:
        np.testing.assert_allclose(sum(each.upstream * each.local for each in found[label]),
                                   right[label], rtol=1e-12)


def test_a_number_that_follows_no_formula_gets_no_cause():
    rng = np.random.default_rng(0)
    x, y, z = rng.standard_normal((3, ways.CASES))
    values, known = circuit_ways.circuit(x, y, z)
    for _ in range(20):
        found = {'grads["z"]': rng.standard_normal(ways.CASES)}
        assert ways.why_wrong('grads["z"]', found, {'grads["z"]': x + y}, known['grads["z"]'],
                              values) == ""

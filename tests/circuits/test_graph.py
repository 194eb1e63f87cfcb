"""The record of a run: what is computed is what was, the gradients are those that are returned."""

import numpy as np
import pytest
from circuit_cases import CASES, MODELS, circuit_of
from flat_functions import copies, fan_out

from flatprop.circuits.graph import graph, jacobian, local_gradients
from flatprop.circuits.record import trace
from flatprop.gradcheck.subjects import LAYERS
from layers import affine, matmul, softmax_loss
from layers.gates import add, copy, exp, multiply
from models.sigmoid_neuron import neuron


def same(one, other):
    """Bit for bit, and of the same types, through dicts and tuples."""
    if isinstance(one, dict):
        return list(one) == list(other) and all(same(one[key], other[key]) for key in one)
    if isinstance(one, (tuple, list)):
        return len(one) == len(other) and all(map(same, one, other))
    if one is None:
        return other is None
    return (type(one) is type(other) and np.asarray(one).dtype == np.asarray(other).dtype
            and np.shape(one) == np.shape(other)
            and np.asarray(one).tobytes() == np.asarray(other).tobytes())


def inputs_of(made):
    return {wire.name: wire for wire in made.wires if wire.gate is None}


@pytest.mark.parametrize("case", CASES)
def test_a_traced_run_gives_what_an_untraced_one_gives(case):
    function, arguments = CASES[case]()
    record = trace(function, *arguments)
    function, arguments = CASES[case]()         # dropout masks and running statistics anew
    plain = function(*arguments)
    assert same(record.result, plain)


@pytest.mark.parametrize("case", CASES)
def test_the_gradients_on_the_wires_are_those_returned(case):
    function, arguments = CASES[case]()
    record = trace(function, *arguments)
    made = graph(record)
    _, *grads = record.result
    grads = grads[0] if type(grads[0]) is dict else dict(zip(record.given, grads, strict=False))
    inputs = inputs_of(made)
    assert all(each.call for each in record.backwards)
    for name in set(grads) - {"s0", "s1", "s2", "s3", "L"}:
        assert np.array_equal(inputs[name].gradient, grads[name], equal_nan=True), name
        assert np.array_equal(inputs[name].value, record.given[name], equal_nan=True)
    if case in MODELS:
        assert set(grads) == set(inputs) - {"x"}
        assert np.array_equal(made.wire("loss").value, record.result[0])
        assert made.wire("loss").gradient == 1


def test_the_gradients_between_are_those_returned_too():
    L, grads = neuron(2.0, -1.0, -3.0, -2.0, -3.0)
    made = graph(trace(neuron, 2.0, -1.0, -3.0, -2.0, -3.0))
    assert {wire.name: wire.gradient for wire in made.wires} == grads
    assert made.wire("L").value == L
    assert [gate.call.layer for gate in made.gates] == ["multiply", "multiply", "add", "add",
                                                        "sigmoid"]
    assert made.wire("s2").uses[0].argument == "x" and made.wire("w2").uses[0].argument == "y"
    with pytest.raises(KeyError, match="no wire is called 's9'; there are w0, x0, s0"):
        made.wire("s9")


@pytest.mark.parametrize("subject", LAYERS, ids=[subject.name for subject in LAYERS])
def test_every_layer_and_gate_is_a_gate_of_the_circuit(subject):
    given = subject.inputs(np.random.default_rng(0))

    def run(*arguments):
        out, cache = subject.forward(*arguments)
        ones = tuple(map(np.ones_like, out)) if type(out) is tuple else np.ones_like(out)
        grads = subject.backward(ones if np.ndim(out) else 1.0, cache)
        return out, grads

    made = graph(trace(run, *given))
    (gate,) = made.gates
    out, grads = run(*subject.inputs(np.random.default_rng(0)))
    assert gate.call.layer == subject.name
    assert len(gate.inputs) == len(subject.wrt)
    assert len(gate.inputs) + len(gate.constants) >= len(given)
    assert same([wire.value for wire in gate.outputs], list(out) if type(out) is tuple else [out])
    grads = grads if type(grads) is tuple else (grads,)
    assert same([wire.gradient for wire in gate.inputs.values()], list(grads))


def test_a_value_used_twice_has_the_sum_of_its_gradients():
    made = graph(trace(fan_out, 3.0, -4.0))
    x = made.wire("x")
    assert [made.gates[use.gate].call.layer for use in x.uses] == ["add", "sigmoid", "add"]
    assert x.gradient == pytest.approx(sum(use.gradient for use in x.uses), abs=1e-15)
    assert x.gradient == pytest.approx(2.059570, abs=1e-6)
    assert made.wire("y").gradient == pytest.approx(1.592233, abs=1e-6)
    both = made.wire("both")
    assert [use.argument for use in both.uses] == ["x", "y"]
    assert both.gradient == both.uses[0].gradient + both.uses[1].gradient


def test_copies_are_told_apart_by_their_names():
    made = graph(trace(copies, 3.0, -4.0))
    assert made.gates[1].inputs["x"] is made.wire("second")
    assert made.gates[2].inputs["y"] is made.wire("first")
    assert made.wire("first").gradient == 1 and made.wire("second").gradient == -4
    assert made.wire("x").gradient == -3


def test_what_was_copied_may_still_be_used_itself():
    def run(x):
        (first, second), x_cache = copy.forward(x)
        p, p_cache = multiply.forward(first, second)
        f, f_cache = multiply.forward(p, x)
        dp, dx = multiply.backward(1.0, f_cache)
        return f, copy.backward(multiply.backward(dp, p_cache), x_cache) + dx

    made = graph(trace(run, 3.0))
    assert [use.gate for use in made.wire("x").uses] == [0, 2]
    assert made.wire("x").gradient == run(3.0)[1] == 27


def test_copies_without_a_name_each_go_once():
    def run(x):
        pair, x_cache = copy.forward(x)
        p, p_cache = multiply.forward(pair[0], pair[1])
        dx = copy.backward(multiply.backward(1.0, p_cache), x_cache)
        return p, dx

    made = graph(trace(run, 3.0))
    assert [len(wire.uses) for wire in made.wires] == [1, 1, 1, 0]
    assert made.wire("x").gradient == 6


@pytest.mark.parametrize("make", [float, np.float32, np.float64, lambda v: np.full((2, 2), 3.0)])
def test_one_number_given_twice_is_two_inputs(make):
    number = make(3)

    def run(x, y):
        p, cache = multiply.forward(x, y)
        return p, multiply.backward(np.ones_like(p) if np.ndim(p) else type(x)(1), cache)

    record = trace(run, number, number)
    inputs = inputs_of(graph(record))
    assert list(inputs) == ["x", "y"]
    assert np.all(inputs["x"].gradient == 3) and np.all(inputs["y"].gradient == 3)
    assert type(record.given["x"]) is type(number) and same(record.result, run(number, number))


def test_backward_called_twice():
    def again(x):
        y, cache = exp.forward(x)
        exp.backward(1.0, cache)
        return y, exp.backward(1.0, cache)

    def in_shares(x):
        y, cache = exp.forward(x)
        return y, exp.backward(1.0, cache) + exp.backward(2.0, cache)

    assert graph(trace(again, 0.5)).wire("x").gradient == again(0.5)[1]
    assert graph(trace(again, 0.5)).wire("y").gradient == 1
    assert graph(trace(in_shares, 0.5)).wire("x").gradient == in_shares(0.5)[1]
    assert graph(trace(in_shares, 0.5)).wire("y").gradient == 3
    assert len(trace(again, 0.5).calls[0].backwards) == 2


def test_a_backward_with_a_cache_of_no_forward_is_a_stray():
    def run(x):
        y, (out,) = exp.forward(x)
        return y, exp.backward(1.0, (out,))

    record = trace(run, 0.5)
    assert [each.call for each in record.backwards] == [None]
    assert graph(record).wire("x").gradient is None


def test_values_changed_in_place_are_kept_as_they_were():
    def train(x, W, y):
        for _ in range(2):
            scores, scores_cache = affine.forward(x, W, np.zeros(2))
            loss, loss_cache = softmax_loss.forward(scores, y)
            dW = affine.backward(softmax_loss.backward(1.0, loss_cache), scores_cache)[1]
            W -= dW
        return loss

    W = np.ones((3, 2))
    made = graph(trace(train, np.eye(3), W, np.array([0, 1, 1])))
    before, after = [wire for wire in made.wires if wire.name == "W"]
    assert np.all(before.value == 1) and not np.any(W == 1)
    assert np.array_equal(after.value, before.value - before.gradient)
    assert np.array_equal(W, after.value - after.gradient)
    assert made.wire("x").gradient is not None and len(made.wire("x").uses) == 2


def test_local_gradients_and_jacobians():
    made = circuit_of("gate by gate")
    locals_ = [local_gradients(gate) for gate in made.gates]
    assert locals_[0] == {"x": -1, "y": 2} and locals_[2] == {"x": 1, "y": 1}
    assert [list(each.values())[0] for each in locals_[4:]] == pytest.approx(
        [-1, 0.367879, 1, -0.534447], abs=1e-6)
    (gate,) = circuit_of("rectified").gates
    assert np.array_equal(jacobian(gate, "x"), np.diag([1.0, 0, 1, 0]))
    with pytest.raises(ValueError, match="relu is a gate of arrays"):
        local_gradients(gate)
    with pytest.raises(ValueError, match="copy has 2 outputs"):
        local_gradients(graph(trace(copies, 1.0, 2.0)).gates[0])
    (gate,) = graph(trace(lambda x: add.forward(x, x), np.float32(2))).gates
    assert local_gradients(gate) == {"x": 1, "y": 1}


def test_the_jacobian_times_upstream_is_the_gradient():
    (gate,) = circuit_of("matrices").gates
    dy = gate.outputs[0].gradient
    for argument, wire in gate.inputs.items():
        by_matrix = jacobian(gate, argument) @ dy.ravel()
        assert np.allclose(by_matrix.reshape(wire.value.shape), wire.gradient, atol=1e-12)


def test_jacobians_are_those_of_the_run_not_of_what_became_of_its_arrays():
    def run(x, W):
        y, cache = matmul.forward(x, W)
        W *= 0
        return y

    W = np.array([[1.0, 2.0], [3.0, 4.0]])
    (gate,) = graph(trace(run, np.ones((1, 2)), W.copy())).gates
    assert np.array_equal(jacobian(gate, "x"), W)


def test_star_arguments_are_numbered():
    def run(*numbers):
        return add.forward(*numbers)

    assert list(trace(run, 1.0, 2.0).given) == ["argument 1", "argument 2"]

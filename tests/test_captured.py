"""flatprop/captured.py on duck_graph.py's graphs: they prove themselves, and train as the Solver.

A graph that is wrong is planted in several ways. It must be found, and training be right all the
same.
"""

import duck_graph
import numpy as np
import pytest
from duck_array import Memory
from solver_cases import small_problem, solver_for
from update_rule_cases import RULES

from flatprop import captured, cublas, device
from layers import batchnorm, layernorm, maxout, relu, sigmoid, square_loss, svm_loss, tanh
from models.fully_connected_net import FullyConnectedNet
from models.linear_classifier import LinearClassifier
from models.two_layer_net import TwoLayerNet
from solvers import schedules
from solvers.divergence import Diverged
from solvers.update_rules.adam import Adam
from solvers.update_rules.momentum import Momentum
from solvers.update_rules.nesterov import Nesterov


@pytest.fixture(autouse=True)
def launches(monkeypatch):
    """The launches of graphs, in a list."""
    seen, launch = [], duck_graph.Graph.launch

    def counted(graph, stream):
        seen.append(graph)
        launch(graph, stream)

    monkeypatch.setattr(duck_graph.Graph, "launch", counted)
    monkeypatch.setattr(cublas, "load", duck_graph.Cublas)
    return seen


def solver(model=None, examples=None, **options):
    """One of 3 epochs of 7 whole minibatches and a short one, with a rate that changes."""
    x, y = examples or small_problem(np.float32, 60)
    weights = np.linspace(0.5, 1.5, len(x)).astype(x.dtype)
    model = model or FullyConnectedNet([4, 6, 5, 2], norm=batchnorm)
    settings = {"reg": 0.01, "batch_size": 8, "epochs": 3, "update_rule": Adam(),
                "schedule": schedules.warm_up(schedules.cosine(0.02, 20), 4)}
    return solver_for(model, (x, y, weights), (x[:20], y[:20]), **settings | options)


def on_device(make, *, capture=True, room=2**40):
    """What make() gives, on a device; capture: with the steps of a graph, if it is right."""
    made = make()
    device.take_over(made, Memory(room).device())
    if capture:
        captured.use(made)
    return made


def assert_close(found, right):
    """Two Solvers that are alike to rounding. A bias before batch normalization has the gradient 0
    but for rounding, of which Adam makes whole steps: it is left out."""
    model = right.model
    noise = isinstance(right.update_rule, Adam) and getattr(model, "norm", None) is batchnorm
    for name, param in model.params.items():
        if not (noise and name in ("b1", "b2")):
            assert np.allclose(found.model.params[name], param, rtol=1e-5, atol=1e-6)
    assert noise or np.allclose(found.model.statistics, model.statistics, rtol=1e-5, atol=1e-6)
    for name, slot in right.slots.items():
        assert np.allclose(found.slots[name], slot, rtol=1e-5, atol=1e-6)
    for entry, other in zip(found.history, right.history, strict=True):
        assert entry["train_loss"] == pytest.approx(other["train_loss"], rel=1e-5)
        assert entry["ratios"] == pytest.approx(other["ratios"], rel=1e-3)
    assert (found.steps, found.best["epoch"]) == (right.steps, right.best["epoch"])


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_a_graph_trains_as_the_solver(rule, launches):
    here, there = solver(update_rule=rule()), on_device(lambda: solver(update_rule=rule()))
    assert there.device.plain is None and len(launches) == captured.PROOF
    assert there.steps == 0 and np.array_equal(there.model.theta, here.model.theta)
    here.train()
    there.train()
    # The first step of all is taken with a look at it, and the last of each epoch is short.
    assert len(launches) == captured.PROOF + 3 * 7 - 1
    assert_close(there, here)


@pytest.mark.parametrize("make", [
    lambda: solver(FullyConnectedNet([4, 6, 5, 2], activation=maxout, norm=layernorm), clip=0.1,
                   max_norm=0.7),
    lambda: solver(FullyConnectedNet([4, 6, 2], activation=tanh, smoothing=0.1)),
    lambda: solver(FullyConnectedNet([4, 6, 1], loss_layer=square_loss), regression(), metric=None),
    lambda: solver(TwoLayerNet(4, 5, 2, loss_layer=svm_loss)),
    lambda: solver(LinearClassifier(4, 2), update_rule=Nesterov(),
                   momentum_schedule=schedules.climb(0.5, 0.95, 15)),
])
def test_a_graph_trains_every_model(make):
    there, plain = on_device(make), on_device(make, capture=False)
    assert there.device.plain is None
    there.train()
    plain.train()
    assert_close(there, plain)


def regression():
    """Examples with a target (60, 1)."""
    x, _ = small_problem(np.float32, 60)
    return x, np.tanh(x[:, :1])


def wrong(monkeypatch, name, change, of=captured.Graph):
    """Let a function of the module do something more, change(graph or arguments, answer)."""
    right = getattr(of, name)
    monkeypatch.setattr(of, name, lambda *args, **named: change(args, right(*args, **named)))


def stale_numbers(args, _answer):
    args[0].table[:] = args[0].table[:1]


def stale_t(_args, answer):
    """The rate falls, and t stays that of the first step."""
    answer[:, 1:3] = answer[0, 1:3] * answer[:, :1] / answer[0, 0]
    return answer


def other_rows(args, _answer):
    args[0].order[:] = args[0].order[::-1]


def no_slots(args, _answer):
    for slot in args[0].twin.slots.values():
        slot.fill(0)


def nan(args, _answer):
    args[0].twin.model.theta[1:2] = np.nan


def no_bias(_args, answer):
    dx, dW, db = answer
    db.fill(0)
    return dx, dW, db


def half_a_bias(_args, answer):
    answer[0][:, :1] *= 1.01
    return answer


@pytest.mark.parametrize("of, name, change, what", [
    (captured.Graph, "begin", stale_numbers, "weights"),
    (captured, "numbers_of_rule", stale_t, "weights"),
    (captured.Graph, "begin", other_rows, "losses"), (captured.Graph, "begin", no_slots, "slots"),
    (captured.Graph, "begin", nan, "losses"), (captured.Graph, "step", nan, "weights"),
    (cublas.Sgemm, "backward", no_bias, "gradients"), (cublas.Sgemm, "forward", half_a_bias, "los"),
])
def test_a_graph_that_is_wrong_is_found_and_does_not_train(monkeypatch, launches, of, name, change,
                                                           what):
    wrong(monkeypatch, name, change, of)
    there, right = on_device(solver), on_device(solver, capture=False)
    assert f"its first steps have other {what}" in there.device.plain
    launches.clear()
    there.train()
    right.train()
    assert np.array_equal(there.model.theta, right.model.theta) and not launches


def test_a_graph_that_keeps_a_number_of_the_processor_is_found(monkeypatch, launches):
    """The rate as a Python number is that of the step that was captured, for ever."""
    def step(graph):
        twin, (piece,) = graph.twin, graph.twin.pieces
        x, y, weights = graph.on.rows
        index = graph.order.take(graph.at * graph.size + graph.within)
        loss, graph.grads = twin.model.loss(x.take(index, axis=0), y[index], weights[index])
        captured.gradient_with_l2(graph.grads, piece, compiled=False)
        twin.update(piece, piece.dtheta, twin.schedule(twin.steps))
        graph.losses[graph.at] = loss
        graph.at += 1

    monkeypatch.setattr(captured.Graph, "step", step)
    there = on_device(lambda: solver(update_rule=Momentum()))
    assert there.device.plain == "its first steps have other weights"
    assert len(launches) == 2       # the first has the rate that was captured


class Own(FullyConnectedNet):
    pass


def own_layer():
    """relu, as a module of a student's own."""
    import types
    return types.SimpleNamespace(forward=relu.forward, backward=relu.backward, __name__="own")


@pytest.mark.parametrize("make, why", [
    (lambda: solver(FullyConnectedNet([4, 5, 2], drop=0.2)), "random numbers, as for dropout"),
    (lambda: solver(Own([4, 5, 2])), "the model is not the project's"),
    (lambda: solver(FullyConnectedNet([4, 5, 2], activation=own_layer())), "a layer is not"),
    (lambda: solver(update_rule=type("Mine", (Momentum,), {})()), "the update rule is not"),
    (lambda: solver(FullyConnectedNet([4, 5, 2], dtype=np.float64), small_problem(np.float64, 60)),
     "the weights are not float32"),
    (lambda: solver(schedule=schedules.constant(1e-12)), "its first steps have too low a rate"),
])
def test_what_cannot_be_captured_is_trained_call_by_call(make, why, launches):
    there, right = on_device(make), on_device(make, capture=False)
    assert there.device.plain.startswith(why)
    launches.clear()
    there.train()
    right.train()
    assert np.array_equal(there.model.theta, right.model.theta) and not launches


@pytest.mark.parametrize("of, name", [(cublas, "load"), (duck_graph.Stream, "begin_capture"),
                                      (duck_graph.Graph, "launch"), (duck_graph.Cublas, "at")])
def test_an_error_of_cupy_or_cublas_leaves_the_layers_as_they_are(monkeypatch, of, name):
    def fail(*_):
        raise OSError("the driver says no\nand more")

    if name == "at":
        of, name, fail = of, "cublasSgemm_v2", lambda *_: 15
    monkeypatch.setattr(of, name, fail)
    forward = captured.affine.forward
    there = on_device(solver)
    assert there.device.plain in ("the driver says no", "cublasSgemm_v2 gives 15")
    assert captured.affine.forward is forward and not duck_graph.capturing


def test_the_first_error_of_a_capture_is_told(monkeypatch):
    """CuPy has one more where a capture ends that has failed."""
    def end_capture(stream):
        duck_graph.capturing.clear()
        raise OSError("a previous error")

    def step(graph):
        if duck_graph.capturing:
            raise NotImplementedError("cuBLAS while a stream is capturing")

    monkeypatch.setattr(duck_graph.Stream, "end_capture", end_capture)
    monkeypatch.setattr(captured.Graph, "step", step)
    assert on_device(solver).device.plain == "cuBLAS while a stream is capturing"


def test_rows_that_have_no_room_are_not_captured():
    there = on_device(lambda: solver(examples=small_problem(np.float32, 6000)), room=100_000)
    assert there.device.plain == "the training rows do not fit there"


def test_a_captured_run_diverges_at_the_same_step_with_the_weights_before_it(launches):
    def make():
        x, y = regression()
        y = y.copy()
        y[np.random.default_rng(3).permutation(60)[34]] = 1e30      # so that step 8 is not finite
        return solver(FullyConnectedNet([4, 8, 1], activation=sigmoid, loss_layer=square_loss),
                      (x, y), metric=None, batch_size=4, update_rule=Momentum(),
                      rng=np.random.default_rng(3))

    solvers = [make(), on_device(make, capture=False), on_device(make)]
    assert solvers[2].device.plain is None
    solvers[2].device.length = 64
    errors = []
    for each in solvers:
        with pytest.raises(Diverged) as caught, np.errstate(all="ignore"):
            each.train()
        errors.append(str(caught.value))
        assert caught.value.step == 8
    assert errors[0] == errors[1] == errors[2]
    assert np.allclose(solvers[2].model.theta, solvers[0].model.theta, rtol=1e-5, atol=1e-6)


def test_blocks_end_where_they_are_asked_to_and_a_run_goes_on_from_there(launches):
    """Stopped at a step, it goes on with another graph, or none; the result is the same."""
    right = solver()
    right.train()
    for capture in (True, False):
        there, seen = on_device(solver), []
        there.stop_every = 3

        def leave(each, seen=seen):
            seen.append(each.steps)
            if each.steps == 12:
                raise KeyboardInterrupt

        there.on_step = leave
        with pytest.raises(KeyboardInterrupt):
            there.train()
        assert {3, 6, 9, 12} <= set(seen)
        there.on_step = None
        device.take_over(there, Memory().device())
        if capture:
            launches.clear()
            captured.use(there)
            assert there.device.plain is None and len(launches) == captured.PROOF
        there.train()
        assert_close(there, right)


def test_no_step_of_a_graph_waits(monkeypatch):
    import duck_array
    there, taken = on_device(solver), []
    launch = duck_graph.Graph.launch

    def watched(graph, stream):
        taken.append(graph)
        with duck_array.no_waiting():
            launch(graph, stream)

    monkeypatch.setattr(duck_graph.Graph, "launch", watched)
    duck_array.waits.clear()
    there.device.length = 100
    there.next_epoch()
    assert len(taken) == 6 and 0 < len(duck_array.waits) < 30       # once a block, not once a step

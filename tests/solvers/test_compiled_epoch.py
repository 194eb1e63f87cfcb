"""The compiled epoch against the plain Solver: the same to rounding, and the same where it stops.

Both compute in float32, whose numbers are apart by 6e-8 of their size, and add in another order: a
sum over a batch or a layer of up to a hundred numbers is off by some 1e-6 of its terms, and a dozen
steps add such errors up. TOLERANCE is a hundred times what was seen at most (of weights around
0.1 to 1); a wrong factor, term or order in any formula is off by far more.
"""

import numpy as np
import pytest

from layers import (
    batchnorm,
    elu,
    gelu,
    layernorm,
    leaky_relu,
    logistic_loss,
    maxout,
    relu,
    selu,
    sigmoid,
    silu,
    softmax_loss,
    softplus,
    square_loss,
    squared_hinge_loss,
    svm_loss,
    tanh,
)
from models.fully_connected_net import FullyConnectedNet
from models.linear_classifier import LinearClassifier
from models.two_layer_net import TwoLayerNet
from models.two_layer_regressor import TwoLayerRegressor
from solvers import schedules
from solvers.by_name import UPDATE_RULES
from solvers.compiled import blocks, program
from solvers.divergence import Diverged
from solvers.metrics import accuracy
from solvers.solver import Solver
from solvers.update_rules.adam import Adam
from solvers.update_rules.momentum import Momentum
from solvers.update_rules.nesterov import Nesterov
from solvers.update_rules.sgd import Sgd

pytest.importorskip("numba", reason="the compiled epoch needs numba, the extra [fast]")
pytest.importorskip("scipy", reason="the compiled epoch needs SciPy, the extra [fast]")

TOLERANCE = 2e-4
ACTIVATIONS = [None, relu, leaky_relu, elu, selu, gelu, silu, softplus, sigmoid, tanh]
LOSSES = [softmax_loss, svm_loss, logistic_loss, square_loss, squared_hinge_loss]
# By update rule, a rate at which a dozen steps go somewhere. What divides by the root of a gradient
# turns the rounding of one near zero into a step of the whole rate.
RATES = {"sgd": 0.05, "momentum": 0.01, "nesterov": 0.01, "adagrad": 0.01, "rmsprop": 0.001,
         "adam": 0.001, "adamw": 0.001}
ROWS, INPUTS = 75, 7


def examples(loss, outputs, seed=0, rows=ROWS):
    """x (N, 7), y for a loss."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(rows, INPUTS)).astype(np.float32)
    if loss is square_loss:
        return x, rng.normal(size=(rows, outputs)).astype(np.float32)
    return x, rng.integers(0, max(outputs, 2), rows)


def net(seed=0, loss=softmax_loss, outputs=4, hidden=(12, 9), **settings):
    """A net of random weights and biases."""
    model = FullyConnectedNet([INPUTS, *hidden, outputs], loss_layer=loss,
                              rng=np.random.default_rng(seed), **settings)
    rng = np.random.default_rng(seed + 1)
    for name, array in model.params.items():
        if name not in model.weights:
            array += rng.normal(scale=0.1, size=array.shape).astype(np.float32)
    return model


def solver_of(model, train, compiled, rule=None, rate=0.05, **settings):
    settings = {"batch_size": 16, "epochs": 3, "reg": 1e-3,
                "metric": None if train[1].dtype.kind == "f" else accuracy} | settings
    schedule = settings.pop("schedule", schedules.constant(rate))
    return Solver(model, train, update_rule=rule or Sgd(), schedule=schedule, compiled=compiled,
                  rng=np.random.default_rng(5), **settings)


def idle_biases(model):
    """The biases before a batch normalization, which takes them out again: their gradient is zero,
    and rounding, which an Adam makes as large as any. The compiled epoch has the zero."""
    return {f"b{i}" for i in model.hidden} if getattr(model, "norm", None) is batchnorm else set()


def assert_alike(make, train, val=None, rule_of=Sgd, **settings):
    """Train two equal models, plain and compiled, and compare all that training leaves."""
    ends = []
    for compiled in (False, "epoch"):
        model = make()
        solver = solver_of(model, train, compiled, rule_of(), val=val, **settings)
        assert (solver.blocks is not None) == (compiled == "epoch"), solver.plain
        solver.train()
        ends.append(solver)
    plain, compiled = ends
    idle = idle_biases(plain.model)
    for name, array in plain.model.params.items():
        if name not in idle:
            np.testing.assert_allclose(compiled.model.params[name], array, rtol=TOLERANCE,
                                       atol=TOLERANCE, err_msg=name)
    for name in plain.slots:
        held = [np.linalg.norm(solver.slots[name]) for solver in ends]
        assert held[0] == pytest.approx(held[1], rel=1e-3, abs=1e-6)
    for mine, theirs in zip(compiled.history, plain.history, strict=True):
        for part in ("train_loss", "val_loss", "rate"):
            assert mine[part] == theirs[part] or mine[part] == pytest.approx(
                theirs[part], rel=1e-4, abs=1e-6)
        for name, ratio in theirs["ratios"].items():
            assert mine["ratios"][name] == pytest.approx(ratio, rel=2e-2)
    x, moved = train[0], [solver.model.scores(train[0]) for solver in ends]
    np.testing.assert_allclose(*moved, rtol=1e-3, atol=1e-3)
    assert not np.allclose(make().scores(x), moved[0], atol=0.01)      # there was something to see
    assert plain.steps == compiled.steps
    assert plain.rng.bit_generator.state == compiled.rng.bit_generator.state
    return ends


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("norm", [None, batchnorm])
@pytest.mark.parametrize("drop", [0.0, 0.3])
def test_every_activation_with_norm_and_dropout(activation, norm, drop):
    assert_alike(lambda: net(activation=activation, norm=norm, drop=drop),
                 examples(softmax_loss, 4))


@pytest.mark.parametrize("activation", [relu, tanh])
@pytest.mark.parametrize("drop", [[0.2, 0.5, 0.4], [0.2, 0.0, 0.5], [0.0, 0.4, 0.0]])
def test_dropout_of_inputs_and_of_each_layer(activation, drop):
    ends = assert_alike(lambda: net(activation=activation, drop=drop), examples(softmax_loss, 4))
    states = [solver.model.rng.bit_generator.state for solver in ends]
    assert states[0] == states[1]


@pytest.mark.parametrize("name", UPDATE_RULES)
@pytest.mark.parametrize("clip", [None, 0.3])
def test_every_update_rule_with_and_without_clipping(name, clip):
    assert_alike(net, examples(softmax_loss, 4), rule_of=UPDATE_RULES[name], rate=RATES[name],
                 clip=clip, reg=[1e-2, 0.0, 1e-3], epochs=6)


@pytest.mark.parametrize("name", UPDATE_RULES)
def test_max_norm(name):
    ends = assert_alike(net, examples(softmax_loss, 4), rule_of=UPDATE_RULES[name],
                        rate=RATES[name], max_norm=1.1, epochs=6)
    model = ends[1].model
    longest = max(np.linalg.norm(model.params[name], axis=0).max() for name in model.weights)
    assert longest == pytest.approx(1.1, rel=1e-5)      # reached, and not passed


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("weighted", [False, True])
def test_every_loss_with_weights_of_rows(loss, weighted):
    outputs = 1 if loss is logistic_loss else 3
    train = examples(loss, outputs)
    if weighted:
        weights = np.random.default_rng(3).uniform(0, 2, ROWS).astype(np.float32)
        weights[:5] = 0
        train = (*train, weights)
    assert_alike(lambda: net(loss=loss, outputs=outputs), train)


@pytest.mark.parametrize("weighted", [False, True])
def test_smoothed_labels(weighted):
    train = examples(softmax_loss, 4)
    if weighted:
        train = (*train, np.linspace(0, 2, ROWS, dtype=np.float32))
    assert_alike(lambda: net(smoothing=0.2), train)


@pytest.mark.parametrize("make", [
    lambda: LinearClassifier(INPUTS, 4), lambda: TwoLayerNet(INPUTS, 9, 4),
    lambda: LinearClassifier(INPUTS, 4, loss_layer=svm_loss)])
def test_the_other_models_of_classes(make):
    assert_alike(make, examples(softmax_loss, 4))


def test_the_regressor():
    assert_alike(lambda: TwoLayerRegressor(INPUTS, 9, 2), examples(square_loss, 2),
                 val=examples(square_loss, 2, seed=1))


def test_schedules_that_change_with_every_step():
    assert_alike(net, examples(softmax_loss, 4), epochs=5,
                 schedule=schedules.warm_up(schedules.cosine(0.1, 20), 5))


@pytest.mark.parametrize("rule", [Momentum, Nesterov])
@pytest.mark.parametrize("clip", [None, 0.3])
def test_a_momentum_that_climbs_within_blocks_of_steps(rule, clip):
    # Were that of a block's first step kept, the weights would be off by far more than rounding.
    settings = {"epochs": 8, "rate": 0.02, "clip": clip}
    _, moved = assert_alike(net, examples(softmax_loss, 4), rule_of=rule,
                            momentum_schedule=schedules.climb(0.1, 0.95, 30), **settings)
    still = solver_of(net(), examples(softmax_loss, 4), "epoch", rule(0.1), **settings)
    still.train()
    assert not np.allclose(still.model.theta, moved.model.theta, atol=0.01)


@pytest.mark.parametrize("norm", [None, batchnorm])
def test_an_average_of_the_weights(norm):
    plain, compiled = assert_alike(lambda: net(norm=norm), examples(softmax_loss, 4), average=0.9,
                                   val=examples(softmax_loss, 4, seed=1), epochs=6)
    for name in ("theta", "statistics"):
        np.testing.assert_allclose(getattr(compiled.average, name), getattr(plain.average, name),
                                   rtol=TOLERANCE, atol=TOLERANCE)
    assert not np.allclose(compiled.average.theta, compiled.model.theta, atol=0.01)


def test_many_small_batches_and_one_for_all_rows():
    for size in (1, 3, ROWS):
        assert_alike(net, examples(softmax_loss, 4), batch_size=size, rate=0.02, epochs=4)


def random_case(seed):
    """The parts of a net and of its training, drawn with a seed."""
    rng = np.random.default_rng(seed)
    loss = LOSSES[rng.integers(4)]
    outputs = 1 if loss is logistic_loss else int(rng.integers(2, 6))
    name = [*UPDATE_RULES][rng.integers(7)]
    hidden = tuple(int(width) for width in rng.integers(1, 40, rng.integers(0, 4)))
    activation = ACTIVATIONS[rng.integers(10)]
    # Without an activation between them one norm makes the shift of the one before idle, too.
    norm = batchnorm if activation is not None and rng.random() < 0.4 else None
    model = {"hidden": hidden, "activation": activation, "norm": norm,
             "drop": float(rng.choice([0.0, 0.1, 0.5])), "loss": loss, "outputs": outputs}
    if loss is softmax_loss and rng.random() < 0.5:
        model["smoothing"] = 0.1
    train = examples(loss, outputs, seed, rows=int(rng.integers(40, 130)))
    if rng.random() < 0.4:
        train = (*train, rng.uniform(0, 2, len(train[0])).astype(np.float32))
    return model, train, {
        "rule_of": UPDATE_RULES[name], "rate": RATES[name] * float(rng.uniform(0.05, 0.3)),
        "clip": float(rng.uniform(0.1, 1)) if rng.random() < 0.3 else None,
        "reg": float(rng.choice([0.0, 1e-4, 1e-2])), "epochs": 2,
        # With few rows a batch has a variance near zero in some column, and rounding is large.
        "batch_size": int(rng.integers(20, 64))}


@pytest.mark.parametrize("seed", [*range(20), *(
    pytest.param(seed, marks=pytest.mark.slow) for seed in range(20, 200))])
def test_random_nets(seed):
    model, train, settings = random_case(seed)
    assert_step_alike(lambda: net(seed, **model), train, **settings)


def assert_step_alike(make, train, rule_of, **settings):
    """As assert_alike, of what any net must have: each loss, and where theta is in the end, in all.
    """
    ends = []
    for compiled in (False, "epoch"):
        solver = solver_of(make(), train, compiled, rule_of(), **settings)
        assert (solver.blocks is not None) == (compiled == "epoch"), solver.plain
        solver.train()
        ends.append(solver)
    plain, compiled = ends
    for mine, theirs in zip(compiled.history, plain.history, strict=True):
        assert mine["train_loss"] == pytest.approx(theirs["train_loss"], rel=1e-3, abs=1e-5)
    first, last, mine = make().params, plain.model.params, compiled.model.params
    names = last.keys() - idle_biases(plain.model)
    way = np.linalg.norm([np.linalg.norm(last[name] - first[name]) for name in names])
    apart = np.linalg.norm([np.linalg.norm(last[name] - mine[name]) for name in names])
    assert apart < 0.02 * way


# The random stream.

@pytest.mark.parametrize("p", [0.1, 0.5, 1 / 3])
def test_dropout_draws_what_numpys_generator_draws(p):
    """After odd numbers of draws, and with half a word left over, too."""
    from solvers.compiled import kernels
    theirs, ours = np.random.default_rng(9), np.random.default_rng(9)
    for count in (1, 2, 7, 4096, 4097, 10_001, 3):
        expected = theirs.random(count, dtype=np.float32) >= p
        state, bits = blocks.random_state(ours), np.zeros(4096, np.uint32)
        least = np.uint32(program.least_kept(p))
        ones, out = np.ones(count, np.float32), np.zeros(count, np.float32)
        kernels.drop(ones, out, out, False, least, np.float32(2), state, bits, count)
        blocks.put_random_state(ours, state)
        assert np.array_equal(out == 2, expected)
        assert ours.bit_generator.state == theirs.bit_generator.state
        assert theirs.random() == ours.random()     # 64 bits between them


def test_after_training_both_generators_stand_where_they_would():
    ends = assert_alike(lambda: net(drop=0.4), examples(softmax_loss, 4))
    states = [solver.model.rng.bit_generator.state for solver in ends]
    assert states[0] == states[1]


# Where numbers are no longer finite.

@pytest.mark.parametrize("rate", [1e3, 1e6, 1e18, 1e30])
@pytest.mark.parametrize("settings", [{}, {"norm": batchnorm, "drop": 0.2}, {"activation": elu}])
def test_diverging_is_told_as_the_solver_tells_it(rate, settings):
    told = []
    for compiled in (False, "epoch"):
        model = net(loss=square_loss, outputs=2, **settings)
        solver = solver_of(model, examples(square_loss, 2), compiled, rate=rate, epochs=40)
        with pytest.raises(Diverged) as error:
            solver.train()
        assert solver.steps == error.value.step or "epoch" not in str(compiled)
        told.append((error.value.step, str(error.value)))
    assert told[0] == told[1]


@pytest.mark.parametrize("poison", ["x", "y", "theta"])
@pytest.mark.parametrize("value", [np.inf, -np.inf, np.nan])
def test_a_bad_number_stops_before_the_update(poison, value):
    told = []
    for compiled in (False, "epoch"):
        model, (x, y) = net(loss=square_loss, outputs=2), examples(square_loss, 2)
        if poison == "theta":
            model.params["W2"][3, 4] = value
        else:
            {"x": x, "y": y}[poison][40, 1] = value
        solver = solver_of(model, (x, y), compiled, epochs=1)
        with pytest.raises(Diverged) as error:
            solver.train()
        told.append((str(error.value), solver.steps, solver.place, model.theta.copy(),
                     model.rng.bit_generator.state))
    assert told[0][:3] == told[1][:3] and told[0][4] == told[1][4]
    np.testing.assert_allclose(told[0][3], told[1][3], atol=TOLERANCE)


def test_a_gradient_that_overflows_alone_is_seen():
    """Inputs and deltas are finite, and their product is not."""
    told = []
    for compiled in (False, "epoch"):
        model, (x, y) = LinearClassifier(2, 2, loss_layer=square_loss), (
            np.full((16, 2), 1e20, np.float32), np.full((16, 2), 1e19, np.float32))
        model.theta[:] = 0
        solver = solver_of(model, (x, y), compiled, epochs=1, reg=0)
        with pytest.raises(Diverged) as error:
            solver.train()
        assert solver.steps == 0 and not model.theta.any()
        told.append(str(error.value))
    assert told[0] == told[1]


def test_large_numbers_that_are_finite_are_left_to_the_plain_step():
    """Squares of activations leave the range of float32, and no gradient does."""
    x, y = examples(softmax_loss, 4)
    x[:, 0] = 1e21
    ends = []
    for compiled in (False, "epoch"):
        model = LinearClassifier(INPUTS, 4)
        model.theta[:] = 0
        solver_of(model, (x, y), compiled, rate=1e-25, epochs=2, reg=0).train()
        ends.append(model.theta)
    assert np.array_equal(*ends) and ends[0].any()


# Blocks, stops and resuming.

class Stop(Exception):
    pass


def test_a_run_that_is_stopped_anywhere_goes_on_to_the_same_bits():
    def make():
        return solver_of(net(drop=0.3, norm=batchnorm), examples(softmax_loss, 4), "epoch", Adam(),
                         rate=0.001, epochs=8)
    whole = make()
    whole.train()
    for every in (1, 3, 7):
        solver, seen = make(), []

        def stop(solver, seen=seen):
            seen.append(solver.steps)
            raise Stop

        solver.on_step, solver.stop_every = stop, every
        while len(solver.history) < 8:
            try:
                solver.train()
            except Stop:
                continue
        assert set(range(every, solver.steps + 1, every)) <= set(seen)
        assert np.array_equal(solver.model.theta, whole.model.theta)
        assert np.array_equal(solver.model.statistics, whole.model.statistics)
        assert [entry["train_loss"] for entry in solver.history] == [
            entry["train_loss"] for entry in whole.history]
        assert [entry["ratios"] for entry in solver.history] == [
            entry["ratios"] for entry in whole.history]


def test_rows_that_numpy_gathers_give_the_same(monkeypatch):
    x, y = examples(softmax_loss, 4)
    plain = solver_of(net(drop=0.2), (x, y), "epoch")
    plain.train()
    monkeypatch.setattr(blocks, "MOST_BYTES", 3 * 16 * INPUTS * 4)      # 3 steps to a block
    strided = np.empty((ROWS, 2 * INPUTS), np.float32)[:, ::2]
    strided[:] = x
    for weights in ((), (np.ones(ROWS, np.float32),)):
        gathered = solver_of(net(drop=0.2), (strided, y, *weights), "epoch")
        gathered.train()
        assert gathered.blocks.gathers and gathered.blocks.length <= 3
        assert np.array_equal(gathered.model.theta, plain.model.theta)


def test_the_best_weights_and_patience_work_as_ever():
    ends = assert_alike(net, examples(softmax_loss, 4), val=examples(softmax_loss, 4, seed=1),
                        epochs=12, rate=0.2, patience=4, rule_of=Momentum)
    assert ends[0].best["epoch"] == ends[1].best["epoch"]
    np.testing.assert_allclose(ends[0].best["theta"], ends[1].best["theta"], atol=TOLERANCE)


# Where there is no program, training is as before.

class Own(FullyConnectedNet):
    """A net whose loss may be anything."""


class Lazy(Sgd):
    def step(self, theta, dtheta, rate, t):
        pass


@pytest.mark.parametrize("model, rule, words", [
    (lambda: net(activation=maxout), Sgd, "maxout"),
    (lambda: net(noise=0.1), Sgd, "noise"),
    (lambda: net(norm=layernorm), Sgd, "layernorm"),
    (lambda: Own([INPUTS, 5, 4]), Sgd, "Own"),
    (lambda: net(dtype=np.float64), Sgd, "float64"),
    (net, Lazy, "Lazy")])
def test_what_it_does_not_know_is_trained_as_before(model, rule, words):
    x, y = examples(softmax_loss, 4)
    ends = []
    for compiled in (False, "epoch"):
        made = model()
        solver = solver_of(made, (x.astype(made.theta.dtype), y), compiled, rule())
        solver.train()
        ends.append(made.theta)
        assert compiled is False or words in solver.plain and solver.blocks is None
    assert np.array_equal(*ends)


def test_labels_out_of_range_are_refused_as_ever():
    x, y = examples(softmax_loss, 4)
    y[50] = 4
    solver = solver_of(net(), (x, y), "epoch")
    assert "targets" in solver.plain
    with pytest.raises(ValueError, match=r"lie in \[0, 4\)"):
        solver.train()


def test_dropout_from_another_generator_is_trained_as_before():
    model = net(drop=0.2)
    model.rng = np.random.Generator(np.random.MT19937(0))
    assert "generator" in program.why_not(model, Sgd, *examples(softmax_loss, 4))


def test_without_scipy_the_remedy_is_named(monkeypatch):
    monkeypatch.setattr(blocks.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(ImportError, match=r'pip install -e ".*\[fast\]"'):
        solver_of(net(), examples(softmax_loss, 4), "epoch")


def test_it_pays_for_long_runs_alone():
    digits = FullyConnectedNet([64, 256, 256, 256, 10], norm=batchnorm, drop=0.3)
    mnist = FullyConnectedNet([784, 512, 512, 10], norm=batchnorm, drop=0.3)
    assert not blocks.pays(digits, 64, 500)         # 25 epochs
    assert blocks.pays(mnist, 64, 12_660)           # 15 epochs
    assert blocks.pays(TwoLayerNet(64, 32, 10), 64, 100_000)
    assert not blocks.pays(TwoLayerNet(64, 32, 10), 64, 10_000)

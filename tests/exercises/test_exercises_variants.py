"""Every exercise: wrong variants fail, each of them, and are told why."""

import numpy as np
import pytest
from exercise_variants import VARIANTS
from stand_in_child import StandIn

from flatprop.exercises import workspace
from flatprop.exercises.catalogue import EXERCISES, find
from flatprop.exercises.check_course import BROKEN, replaced
from flatprop.exercises.checks import diagnosis

CASES = [(id, file, old, new) for id, variants in VARIANTS.items()
         for file, old, *news in variants for new in news]
# The first of each place always, the others with the slow tests.
FIRSTS = {(id, file, old, news[0]) for id, variants in VARIANTS.items()
          for file, old, *news in variants}
NUMERICAL = "practice/numerical.py"
_, LOOP, LATE = VARIANTS["solver"][1]       # the steps are counted after the update
FAN_OUT, TWO_WAYS = "practice/fan_out.py", "practice/sigmoid_two_ways.py"
LOSS = "loss, loss_cache = self.loss_layer.forward(scores, y"
NAMED = [
    ("affine", "layers/affine.py", "x.T @ dout,", "-x.T @ dout,", "dW has its sign flipped"),
    ("affine", "layers/affine.py", "sum(axis=0)", "mean(axis=0)",
     "db is 1/N times what it should be, in every entry (N: the rows)"),
    ("relu", "layers/relu.py", "dout * (x > 0)", "+dout", "the mask is missing"),
    ("tanh", "layers/tanh.py", "(1 + out) * dout", "(1 + out)", "does not depend on the upstream"),
    ("gates-add-copy", "layers/gates/copy.py", "dfirst + dsecond", "+dfirst", "adds up: +=, not ="),
    ("two-layer-net", "models/two_layer_net.py", "relu.backward(dactive, active_cache)", "dactive",
     "the mask is missing"),
    ("running-example", "models/two_layer_regressor.py", "sigmoid.backward(dz, z_cache)", "dz",
     "dz1 is without the local gradient out (1 - out)"),
    ("circuit", "practice/circuit.py", "dz = q", "dz = x", 'On every input: grads["z"] is x'),
    ("circuit", "practice/circuit.py", "dx = dq", "dx = 1.0", "is the local gradient alone"),
    ("circuit", "practice/circuit.py", "dy = dq", "dy = -dq", 'grads["y"] has its sign flipped'),
    ("fan-out", FAN_OUT, "dx += dtotal", "dx = dtotal", "through top and sigma_x is lost"),
    ("fan-out", FAN_OUT, "dx += dtotal", "dx -= dtotal", "through total has its sign flipped"),
    ("fan-out", FAN_OUT, "    dy += dtotal\n", "", "what dy gets through total is lost"),
    ("fan-out", FAN_OUT, "2.0 * total * dbottom", "total * dbottom",
     "what dx gets through total is 0.5 times what it should be"),
    ("sigmoid-neuron", TWO_WAYS, "dnegated = power * dpower", "dnegated = dpower",
     "is dpower as it comes, without the local gradient"),
    ("sigmoid-neuron", TWO_WAYS, "(1.0 - L) * L", "(1.0 - s) * s", "ds is s (1 - s)"),
    ("flat-code", "models/sigmoid_neuron.py", "dw1, dx1 =", "dx1, dw1 =",
     'grads["w1"] and grads["x1"] have each other\'s value'),
    ("flat-code", "models/sigmoid_neuron.py", "ds0, s0_cache)", "ds0, s1_cache)",
     'grads["w0"] is ds0 x1'),
    ("gates-add-copy", "layers/gates/add.py", "return x + y,", "return x - y,", "out is x - y"),
    ("gates-multiply-max", "layers/gates/maximum.py", "np.where(x >= y", "np.where(x > y",
     "dx is right but where x and y are equal"),
    ("relu", "layers/relu.py", "(x > 0)", "(x >= 0)", "dx is right but where x is exactly 0"),
    ("affine", "layers/affine.py", "out += b", "out -= b", "b is taken off"),
    ("affine", "layers/affine.py", "dx = dout @ W.T",
     "dx = dout @ W if W.shape[0] == W.shape[1] else dout @ W.T",
     "dx is dout @ W"),
    ("svm-loss", "layers/svm_loss.py", "    excess[rows, y] = 0\n", "", "the right class counts"),
    ("softmax-loss", "layers/softmax_loss.py", ".sum() / y.size\n", ".sum()\n", "not divided by N"),
    ("l2", "layers/l2_penalty.py", "np.vdot(W, W)", "np.vdot(W, W) / 2", "it has a 1/2"),
    ("l2", "layers/l2_penalty.py", "(2 * strength * dpenalty)", "(2 * dpenalty)",
     "multiply by strength, or take out the division"),
    ("l2", "layers/l2_penalty.py", "np.vdot(W, W)", "W.sum() ** 2", "added up and then squared"),
    ("svm-loss", "layers/svm_loss.py", "np.maximum(excess, 0)", "np.maximum(excess, 0) ** 2",
     "the squared hinge"),
    ("numerical-gradient", NUMERICAL, "np.maximum(np.abs(a), np.abs(b))", "(np.abs(a) + np.abs(b))",
     "it divides by |a| + |b|"),
    ("linear-net", "practice/linear_net.py", "out @ W + b", "out @ W", "the biases are left out"),
    ("numerical-gradient", NUMERICAL, "/ (2 * h)", "/ h", "twice too large: divided by h"),
    ("numerical-gradient", NUMERICAL, "(f(up) - f(down)) / (2 * h)", "(f(up) - f(x)) / h",
     "a one-sided difference"),
    ("numerical-gradient", NUMERICAL, "errors.max()", "errors.mean()", "it is the mean error"),
    ("relu-jacobian", "practice/relu_jacobian.py", "return dout * (x > 0)",
     "return dout * (dout > 0)", "the mask is that of dout"),
    ("initialization", "models/initialization.py", "math.sqrt(2 / fan_in)", "2 / fan_in",
     "that is the variance"),
    ("initialization", "practice/zero_weights.py", "    dscores /= N\n", "", "sum over the rows"),
    ("batchnorm-circuit", "practice/batchnorm_circuit.py", "dvar / N", "dvar",
     "-> var is a mean over the rows: each entry of square has 1/N"),
    ("initialization", "practice/zero_weights.py", ", W2]", "]",
     "On every input: W2 is not looked at"),
    ("minibatches", "data/batches.py", "y[index]", "y", "the entries of y whose numbers are"),
    ("sgd", "solvers/update_rules/sgd.py", "theta -= rate", "theta += rate", "along the gradient"),
    ("sgd", "solvers/update_rules/sgd.py", "rate * dtheta", "dtheta", "the rate is left out"),
    ("sgd", "solvers/schedules.py", "(t // every)", "(t / every)", "at every step, a little"),
    ("solver", "solvers/solver.py", "self.next_rate()", "self.schedule(0)",
     "the rate is that of the first step in all steps"),
    ("solver", *VARIANTS["solver"][1],
     "t counts from 1: self.steps += 1 comes before self.update"),
    ("solver", "solvers/solver.py", "self.total / self.order.size", "self.total",
     "it is the sum over the examples"),
    ("two-layer-net", "models/two_layer_net.py", '"hidden1": active, "s', '"hidden1": hidden, "s',
     "it is what goes into the activation"),
    ("two-layer-net", "models/two_layer_net.py", "scores, _ = affine.forward(active,",
     "scores, _ = affine.forward(hidden,", "relu, step 2 of the chain, is left out"),
    ("two-layer-net", "models/two_layer_net.py", LOSS, LOSS.replace("scores", "scores - p['b2']"),
     "b2 is left out"),
    ("two-layer-net", "models/two_layer_net.py", LOSS,
     LOSS.replace("scores", "np.maximum(scores, 0)"), "relu stands behind the last layer too"),
]

RELU = "return np.maximum(x, zeros), (x,)"
FORMS = [
    ("relu", "layers/relu.py", RELU, "return None", "None: is a return missing?"),
    ("relu", "layers/relu.py", RELU, "return x.sum(), (x,)", "has shape (), and should have"),
    ("relu", "layers/relu.py", RELU, "return np.maximum(x, zeros).astype(np.float64), (x,)",
     "is float64, and should be float32"),
    ("relu", "layers/relu.py", RELU, "return x / zeros, (x,)", "NaN or infinite"),
    ("relu", "layers/relu.py", RELU, "return np.maximum(x, zeros) + 1, (x,)", "differs from what"),
    ("relu", "layers/relu.py", "    # A row", "    x += 1\n    # A row", "changes x in place"),
    ("relu", "layers/relu.py", "return dout * (x", "return (dout * (x",
     "is not finished, or a line of it is not: SyntaxError"),
    ("circuit", "practice/circuit.py", "dz = q", "dz = x", 'grads["z"] differs'),
    ("circuit", "practice/circuit.py", "dz = q", "dz = x", "    yours    expected\n"),
    ("circuit", "practice/circuit.py", "dz = q", "dz = x", "    x = "),
    ("affine", "layers/affine.py", "    dx = dout", "    assert need_dx\n    dx = dout",
     "with need_dx=False, as the first layer of a net is called"),
]


def check(exercise, file, wrong, solved, tree):
    workspace.compose(solved, exercise, tree)
    workspace.write(tree / file, wrong)
    return exercise.check(StandIn(tree), np.random.default_rng(0))


@pytest.mark.parametrize("id, file, old, new", [
    pytest.param(*case, marks=() if case in FIRSTS else pytest.mark.slow) for case in CASES])
def test_the_variant_fails(id, file, old, new, solved, tmp_path, monkeypatch):
    monkeypatch.setattr(diagnosis, "SECONDS", 0.0)      # what it is called is another test
    exercise = find(id)
    feedback = check(exercise, file, replaced(exercise, file, old, new), solved, tmp_path)
    assert not feedback.passed
    assert feedback.share < 1
    assert not [each for each in BROKEN if each in feedback.message], "not for what it changes"
    assert len(feedback.message) < 2000


def test_there_are_enough_wrong_variants_of_each():
    assert len(set(CASES)) == len(CASES)
    for exercise in EXERCISES:
        assert sum(id == exercise.id for id, *_ in CASES) >= 5


@pytest.mark.parametrize("id, file, old, new, says", NAMED + FORMS)
def test_the_message_says_why(id, file, old, new, says, solved, tmp_path, monkeypatch):
    monkeypatch.setattr(diagnosis, "SECONDS", 60.0)     # also on a busy machine
    exercise = find(id)
    feedback = check(exercise, file, replaced(exercise, file, old, new), solved, tmp_path)
    assert not feedback.passed
    assert says in feedback.message


@pytest.mark.parametrize("difference", [
    "(f(x + h) - f(x - h)) / (2 * h)",
    "(f(x - 2 * h) - 8 * f(x - h) + 8 * f(x + h) - f(x + 2 * h)) / (12 * h)",
])
@pytest.mark.parametrize("h", [1e-3, 1e-5, 1e-7])
def test_differences_are_no_backward_pass(difference, h, solved, tmp_path):
    exercise = find("tanh")
    source = workspace.solution("layers/tanh.py").replace("return out, (out,)", "return out, (x,)")
    wrong = source.replace("(out,) = cache", "(x,) = cache\n    out = np.tanh(x)").replace(
        "return (1 - out) * (1 + out) * dout",
        f"f, h = np.tanh, {h}\n    return {difference} * dout")
    assert not check(exercise, "layers/tanh.py", wrong, solved, tmp_path).passed


KEEPS = """
import numpy as np

KEPT = {}


def forward(x):
    KEPT[len(KEPT)] = x
    return np.maximum(x, 0), (len(KEPT) - 1,)


def backward(dout, cache):
    return dout * (KEPT[cache[0]] > 0)
"""


def test_state_kept_outside_the_cache_fails(solved, tmp_path):
    feedback = check(find("relu"), "layers/relu.py", KEEPS, solved, tmp_path)
    assert not feedback.passed and "elsewhere than in the cache" in feedback.message


SOLVED_FOR = """
import numpy as np

from models.two_layer_net import TwoLayerNet


def train(x, y, rng):
    model = TwoLayerNet(64, 1500, 10, rng=rng)
    for _ in range(40):
        _, grads = model.loss(x[:99], y[:99])
        for name, grad in grads.items():
            model.params[name] -= 0.05 * grad
    hidden = np.maximum(x @ model.params["W1"] + model.params["b1"], 0)
    square = hidden.T @ hidden + 10 * np.eye(1500)
    model.params["W2"][:] = np.linalg.solve(square, hidden.T @ (np.eye(10)[y] - 0.1))
    model.params["b2"][:] = 0.1
    return model
"""


@pytest.mark.parametrize("steps", [0, 40])
def test_digits_read_by_random_features_were_not_trained(steps, solved, tmp_path):
    file, text = "practice/train_digits.py", SOLVED_FOR.replace("range(40)", f"range({steps})")
    feedback = check(find("digits"), file, text, solved, tmp_path)
    assert not feedback.passed
    assert "should be trained" in feedback.message or "from its steps" in feedback.message


def test_a_backward_that_remembers_the_last_forward_fails(solved, tmp_path):
    exercise = find("relu")
    source = workspace.solution("layers/relu.py")
    wrong = source.replace("(x,) = cache", "x = LAST[0]").replace(
        "    checks.floats(x=x)\n", "    LAST[:] = [x]\n").replace(
        "    checks.upstream(dout, x)\n", "    x = np.resize(x, dout.shape)\n") + "\n\nLAST = []\n"
    assert not check(exercise, "layers/relu.py", wrong, solved, tmp_path).passed

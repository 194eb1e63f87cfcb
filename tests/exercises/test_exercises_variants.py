"""Every exercise: wrong variants fail, each of them, and are told why."""

import numpy as np
import pytest
from exercise_variants import VARIANTS
from stand_in_child import StandIn

from flatprop.exercises import stubs, workspace
from flatprop.exercises.catalogue import EXERCISES, find
from flatprop.exercises.checks import diagnosis

CASES = [(id, file, old, new) for id, variants in VARIANTS.items()
         for file, old, *news in variants for new in news]
NAMED = [
    ("affine", "layers/affine.py", "x.T @ dout,", "-x.T @ dout,", "dW has its sign flipped"),
    ("affine", "layers/affine.py", "sum(axis=0)", "mean(axis=0)", "1/N, the rows"),
    ("relu", "layers/relu.py", "dout * (x > 0)", "+dout", "the mask is missing"),
    ("tanh", "layers/tanh.py", "(1 + out) * dout", "(1 + out)", "does not depend on the upstream"),
    ("gates-add-copy", "layers/gates/copy.py", "dfirst + dsecond", "+dfirst", "adds up: +=, not ="),
    ("two-layer-net", "models/two_layer_net.py", "relu.backward(dactive, active_cache)", "dactive",
     "the mask is missing"),
    ("running-example", "models/two_layer_regressor.py", "sigmoid.backward(dz, z_cache)", "dz",
     "dz1 is without the local gradient out (1 - out)"),
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
    ("relu", "layers/relu.py", "return dout * (x", "return (dout * (x", "imported: SyntaxError"),
    ("circuit", "practice/circuit.py", "dz = q", "dz = x", 'grads["z"] differs'),
    ("circuit", "practice/circuit.py", "dz = q", "dz = x", "    yours    expected\n"),
    ("circuit", "practice/circuit.py", "dz = q", "dz = x", "    x = "),
    ("affine", "layers/affine.py", "    dx = dout", "    assert need_dx\n    dx = dout",
     "with need_dx=False, as the first layer of a net is called"),
]


def replaced(exercise, file, old, new):
    """The right file with one replacement, in what the student writes."""
    source = workspace.solution(file)
    functions = [name for each, names in exercise.targets if each == file for name in names]
    texts = [stubs.text_of(source, name) for name in functions] or [source]
    for text in texts:
        if text.count(old) == 1:
            return source.replace(text, text.replace(old, new))
    raise AssertionError("the replacement has nothing to replace, or several places")


def check(exercise, file, wrong, solved, tree):
    workspace.compose(solved, exercise, tree)
    workspace.write(tree / file, wrong)
    return exercise.check(StandIn(tree), np.random.default_rng(0))


@pytest.mark.parametrize("id, file, old, new", CASES)
def test_the_variant_fails(id, file, old, new, solved, tmp_path, monkeypatch):
    monkeypatch.setattr(diagnosis, "SECONDS", 0.0)      # what it is called is another test
    exercise = find(id)
    feedback = check(exercise, file, replaced(exercise, file, old, new), solved, tmp_path)
    assert not feedback.passed
    assert feedback.share < 1
    assert "cannot be compared" not in feedback.message
    assert "forged" not in feedback.message
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


def test_most_mistakes_of_the_course_s_second_half_are_named(solved, tmp_path, monkeypatch):
    monkeypatch.setattr(diagnosis, "SECONDS", 60.0)
    ids = ("batchnorm-circuit", "batchnorm", "layernorm", "dropout", "momentum", "adam",
           "learning-rate", "clipping", "large-scores", "questions", "digits-budget")
    cases = [case for case in CASES if case[0] in ids]
    for id in ids:
        messages = [check(find(id), file, replaced(find(id), file, old, new), solved,
                          tmp_path / f"{id}-{place}").message
                    for place, (each, file, old, new) in enumerate(cases) if each == id]
        # More than that numbers differ: what is wrong, or where.
        named = ["->" in each or "what it should be" not in each for each in messages]
        assert len(named) >= 6 and sum(named) >= 0.8 * len(named), (id, messages)


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

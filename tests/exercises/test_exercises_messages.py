"""What a student reads: the messages of checks on what students write at first."""

import re

import numpy as np
import pytest

from flatprop.exercises import workspace
from flatprop.exercises.catalogue import find
from flatprop.exercises.checks import diagnosis, feedback
from flatprop.exercises.sandbox.parent import Child


@pytest.fixture
def tree(tmp_path):
    """A function of an exercise's id and {file: source}: what its check says of them."""
    def message(id, files):
        exercise, folder, into = find(id), tmp_path / "mine", tmp_path / "tree"
        workspace.init(folder)
        for file, source in files.items():
            workspace.write(folder / file, source)
        into.mkdir()
        workspace.compose(folder, exercise, into)
        with Child(into) as child:
            return exercise.check(child, np.random.default_rng(0)).message
    return message


def layer(forward, backward="return dout"):
    return (f"import math\nimport numpy as np\n\n\ndef forward(x, *more):\n    {forward}\n\n\n"
            f"def backward(dout, cache):\n    {backward}\n")


pytestmark = pytest.mark.processes

MAXIMUM = "layers/gates/maximum.py"
MOVED = """
import numpy as np
def numerical_gradient(f, x, h=1e-5):
    grad = np.zeros_like(x)
    for i in np.ndindex(x.shape):
        x[i] += h
        up = f(x)
        x[i] -= 2 * h
        down = f(x)
        x[i] += h
        grad[i] = (up - down) / (2 * h)
    return grad
"""
EMPTIED = """
def deep(x, Ws, bs):
    while Ws:
        x = x @ Ws.pop(0) + bs.pop(0)
    return x
"""
LISTS = workspace.solution("data/batches.py").replace("yield order", "yield [*order").replace(
    "batch_size]", "batch_size]]", 1)


def test_what_is_written_is_told_before_what_is_not(tree):
    says = tree("gates-multiply-max", {MAXIMUM: layer("return missing, ()")})
    assert says.startswith(f"{MAXIMUM}: Your code raises NameError")
    assert "(0 of 2 parts are right)" in says


def test_of_nothing_written_the_first_is_told_with_its_place(tree):
    says = tree("gates-multiply-max", {})
    assert says.startswith("layers/gates/multiply.py: forward is not written yet "
                           "(layers/gates/multiply.py line 8)\n")


@pytest.mark.parametrize("source", ["", "# to do\n", "def forwards(x, y):\n    return x + y, ()\n"])
def test_a_function_that_is_not_there_is_missed_by_name(source, tree):
    says = tree("gates-add-copy", {"layers/gates/add.py": source})
    assert "There is no forward in layers/gates/add.py yet" in says
    assert "probe.py" not in says


@pytest.mark.parametrize("id, file, source, says", [
    ("gates-multiply-max", MAXIMUM, layer("return max(x, more[0]), ()"), "np.maximum, np.where"),
    ("gates-sigmoid-parts", "layers/gates/exp.py", layer("return math.exp(x), ()"),
     "-> math takes single numbers"),
    ("gates-sigmoid-parts", "layers/gates/exp.py", layer("return np.zeros(x.shape), ()"),
     "-> numbers are asked for as well as arrays"),
    ("matmul", "layers/matmul.py", layer("return x @ more[0], (x, more[0])",
                                         "return dout @ cache[1], 1"),
     "as many columns in A as there are rows in B; here they are 5 and 6"),
    ("softmax-loss", "layers/softmax_loss.py", layer("return x / x.sum(axis=1), ()"),
     "of shape (2, 1): keepdims=True"),
    ("relu", "layers/relu.py", layer("if len(x) < 0:\n        out = 1\n    return out, ()"),
     "is it assigned on every way"),
    ("relu", "layers/relu.py", layer("return np.maximums(x, 0), ()"),
     "module 'numpy' has no attribute 'maximums'"),
    ("matmul", "layers/matmul.py", layer("return x * more[0], ()"), "the product of matrices is @"),
    ("relu", "layers/relu.py", layer("return np.max(0, x), ()"), "np.maximum(0, x) compares two"),
    ("relu", "layers/relu.py", layer("return np.maximum(x, 0)"), "-> return out, (...), with what"),
    ("relu", "layers/relu.py", layer("return np.maximum(x, 0), ()", "(x,) = cache"),
     "the cache holds 0 and backward takes 1: forward returns out, (what backward reads)"),
    ("relu", "layers/relu.py", layer("return np.maximum(x, 0), ()", "return dout * cache[0]"),
     "the cache is not what backward takes it for"),
    ("relu", "layers/relu.py", layer("return np.maximum(x, 0), x", "(x,) = cache"),
     "one of one thing is (x,), with its comma"),
    ("relu", "layers/relu.py", "def forward(x):\n    return np.abs(x), ()\n",
     "-> import numpy as np, at the top"),
    ("relu", "layers/relu.py", "def forward(x):\n    return (x\n", "The file is not finished"),
    ("relu", "layers/relu.py", "def forward(x):\n", "The file is not finished"),
    ("relu", "layers/relu.py", "def forward():\n    return 1, ()\n", "takes 0 positional"),
    ("numerical-gradient", "practice/numerical.py", MOVED, "an entry comes back rounded"),
    ("linear-net", "practice/linear_net.py", EMPTIED, "changes Ws in place, and whoever called it "
     "still needs it. Work on a copy: list(Ws)"),
    ("minibatches", "data/batches.py", LISTS, "it yields a list of 4 (1 of 2 parts"),
    ("relu", "layers/relu.py", layer("return x^2, ()"), "a power is written **"),
    ("relu", "layers/relu.py", layer("return np(x), ()"), "a file of two functions"),
    ("relu", "layers/relu.py", layer("return 2.0(x), ()").replace("2.0(x)", "math.pi(x)"),
     "a number stands where a function is called"),
    ("relu", "layers/relu.py", layer("return np.array([x, x[:1, 0]]), ()"),
     "a tuple or a list stands where one array is meant"),
    ("relu", "layers/relu.py", layer("return 1 @ x, ()"), "on one side of it is a single number"),
    ("relu", "layers/relu.py", layer("return (x, 1)['out'], ()"), "a dict is asked for"),
    ("relu", "layers/relu.py", layer("return x * (1 / 0), ()"), "something is divided by 0 there"),
    ("relu", "layers/relu.py", layer("return None.forward(x)"), "that is None here"),
    ("relu", "layers/relu.py", layer("return np.maximum(x, 0), ()", "return dout * (x > 0)"),
     "What forward knows, backward has from the cache alone"),
    ("large-scores", "practice/large_scores.py", workspace.solution(
        "practice/large_scores.py").replace("    return shifted -", "    return np.sum(scores) -"
                                            ).replace("axis=1, keepdims=True))", "))"),
     "of all entries one number is made"),
    ("relu", "layers/relu.py", layer("return np.maximum(x, 0), (x,)",
                                     "return (cache[0] > 0) * 1.0"), "multiply the local gradient"),
    ("l2", "layers/l2_penalty.py", layer("return more[0] * np.sum(x**2), (x, *more)",
     "return 2 * cache[1] * cache[0]"), "the local gradient by dpenalty, the gradient from above"),
    ("gates-add-copy", "layers/gates/copy.py", layer("return x, x"), "out is a tuple itself"),
    ("sgd", "solvers/schedules.py", "def step(rate, every, factor=0.1):\n    return rate * t\n",
     "return lambda t: ..."),
    ("running-example", "models/two_layer_regressor.py",
     workspace.solution("models/two_layer_regressor.py").replace(
         "affine.backward(dscores, scores_cache)", "affine.backward(dscores, loss_cache[:1])"),
     "that is another layer's cache"),
    ("relu-jacobian", "practice/relu_jacobian.py",
     workspace.solution("practice/relu_jacobian.py").replace(
         "return dout * (x > 0)", "return explicit_product(x, dout)"),
     "A Jacobian, N times N numbers, is never formed"),
    ("minibatches", "data/batches.py", workspace.solution("data/batches.py").replace(
        "return rng.permutation(num_examples)",
        "return rng.integers(num_examples, size=num_examples)"),
     "some come twice"),
])
def test_a_mistake_is_told_with_what_it_means(id, file, source, says, tree):
    message = tree(id, {file: source})
    assert says in message.replace("\n", " ") and "probe.py" not in message


@pytest.mark.parametrize("number, says", [
    (1, "each gradient is 1/N of what it should be (N: the rows)"),
    (2, "dV and dc are wrong, loss, dW and db right"),
    (3, "dgamma and dbeta are wrong, loss right"),
    (4, "the loss and its gradients are right, scores is wrong"),
    (5, "dW is wrong, loss and db right"), (6, "dW and db are wrong, loss, dV and dc right")])
def test_a_patients_symptom_is_told_and_not_its_line(number, says, tree):
    files = {f"clinic/patient_{each}.py": workspace.solution(f"clinic/patient_{each}.py")
             for each in range(1, number)}
    assert f"On every input: {says}\n  -> " in tree("clinic", files)


def test_no_message_tells_the_formula_that_is_to_be_derived(tree):
    says = tree("gates-multiply-max", {MAXIMUM: layer(
        "return np.maximum(x, more[0]), (x, more[0])",
        "return dout * cache[0], dout * cache[1]").replace("*more", "y").replace("more[0]", "y")})
    assert "dx is dout * x\n" in says and "differences give" not in says


def test_of_all_scores_the_largest_is_not_taken_for_argmin(tree):
    says = tree("questions", {"practice/questions.py": workspace.solution(
        "practice/questions.py").replace("argmax(axis=1)", "argmax()")})
    assert "argmax(axis=1)" in says and "argmin" not in says


def test_right_numbers_in_too_small_a_shape_are_said_to_be_right():
    says = feedback.compare("dx", np.array([1.0, 2.0]), np.array([[1.0, 2.0], [1.0, 2.0]]))
    assert says.endswith(feedback.SPREAD)
    assert feedback.SPREAD not in feedback.compare("dx", np.array([1.0, 3.0]),
                                                   np.array([[1.0, 2.0], [1.0, 2.0]]))


def test_a_file_that_ends_before_backward_is_told_as_not_written_yet(tree):
    says = tree("relu", {"layers/relu.py": layer("return np.maximum(x, 0), (x,)").partition(
        "def backward")[0]})
    assert "There is no backward in layers/relu.py yet: write it" in says
    assert "renamed" not in says


def test_where_nothing_says_why_a_hint_is_advised(tree):
    wrong = layer("return np.sin(x) + 1, (x,)")
    says = tree("relu", {"layers/relu.py": wrong})
    assert says.endswith("no cause is recognized: take a hint")
    assert names_shown(says) == ["x"]


def test_the_upstream_gradient_of_a_loss_is_shown_under_its_own_name(tree):
    source = workspace.solution("layers/svm_loss.py").replace("dloss / y.size", "1 / y.size")
    says = tree("svm-loss", {"layers/svm_loss.py": source})
    assert names_shown(says) == ["scores", "y", "dloss"]


def names_shown(says):
    """The names of the inputs that a message shows."""
    return re.findall(r"(?m)^    (\w+) = ", says)


def test_what_is_kept_outside_the_cache_is_told(tree):
    says = tree("relu", {"layers/relu.py": layer(
        "KEPT[:] = [x]\n    return np.maximum(x, 0), ()", "return dout * (KEPT[0] > 0)")
        + "\n\nKEPT = []\n"})
    assert "uses what forward left elsewhere than in the cache" in says


def test_matrices_of_a_list_are_shown_one_by_one(tree):
    source = "def deep(x, Ws, bs):\n    for W in Ws:\n        x = x @ W\n    return x\n"
    says = tree("linear-net", {"practice/linear_net.py": source})
    assert "Ws[0] = [[" in says and "bs[1] = [" in says
    assert max(map(len, says.splitlines())) < 90


def test_wide_arrays_stand_one_below_the_other():
    wide, other = np.linspace(-1, 1, 16), np.linspace(-1, 2, 16)
    lines = feedback.side_by_side(wide, other).splitlines()
    assert "    yours" in lines and "    expected" in lines
    assert max(map(len, lines)) < 70


def test_what_is_left_of_a_sum_that_cancels_is_shown_as_nothing():
    shown = feedback.side_by_side(np.array([0.5, 0.5]), np.array([0.25, -2.7756e-17]))
    assert "e-" not in shown and "[0.25 0.  ]" in shown


@pytest.mark.parametrize("found, says", [
    (3.0, "loss is 2 times what it"), (0.5, "loss is 1/3 of what it"), (1.51, "loss differs"),
    (-1.5, "loss differs"), (0.0, "loss differs"),
])
def test_a_sum_in_place_of_a_mean_is_told(found, says):
    assert says in feedback.wrong_numbers("loss", found, 1.5)


def test_a_dtype_is_told_once(tree):
    says = tree("relu", {"layers/relu.py": layer(
        "return np.maximum(x, 0), x", "return dout * (cache > 0).astype(float)")})
    assert says.count("is float64") == 1 and "mask.astype(x.dtype)" in says


def test_a_factor_with_a_name_has_no_number_of_another_input(tree, monkeypatch):
    monkeypatch.setattr(diagnosis, "SECONDS", 60.0)     # also on a busy machine
    says = tree("affine", {"layers/affine.py": (
        "def forward(x, W, b):\n    return x @ W + b, (x, W)\n\n\n"
        "def backward(dout, cache, need_dx=True):\n    x, W = cache\n"
        "    return dout @ W.T, x.T @ dout, dout.mean(axis=0)\n")})
    assert "The gradient check: db is 1/N times what it should be, in every entry (N: the" in says
    assert "0.1667" not in says


@pytest.mark.parametrize("id, start, filled, file", [
    ("gates-add-copy", "# add.py", "return dout, dout", "layers/gates/add.py"),
    ("gates-add-copy", "# copy.py", "return dfirst + dsecond", "layers/gates/copy.py"),
    ("gates-multiply-max", "# maximum.py", "np.where(y > x, dout, 0)", MAXIMUM),
    ("gates-sigmoid-parts", "# reciprocal.py", "-(out**2)", "layers/gates/reciprocal.py"),
])
def test_a_skeleton_filled_in_is_right(id, start, filled, file, tree):
    hint = start + find(id).hints[2].partition(start)[2].split("\n\n#")[0]
    for gap in ("return dout, ...", "np.where(...)", "-(...)", "return ..."):
        hint = hint.replace(gap, filled)
    assert "..." not in hint
    assert f"parts are right: {file}" in tree(id, {file: f"import numpy as np\n\n{hint}\n"})

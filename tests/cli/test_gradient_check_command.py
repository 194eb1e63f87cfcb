"""flatprop check, also gradient_check.py: what it prints, and its exit codes."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from command_cases import refused

from flatprop.cli import check

ROOT = Path(__file__).resolve().parents[2]

# The mask the wrong way round.
WRONG_RELU = """
import numpy as np

def forward(x):
    return np.maximum(x, 0), (x,)

def backward(dout, cache):
    return dout * (cache[0] < 0)
"""
BILINEAR = """
def forward(a, b):
    return a * b, (a, b)

def backward(dout, cache):
    a, b = cache
    return dout * b, dout * a
"""
INPUTS = """
def inputs(rng):
    return rng.standard_normal((4, 5)), rng.standard_normal((4, 5))
"""


@pytest.fixture
def run(capsys):
    """A function that runs the command in this process. -> exit code, stdout, stderr"""
    def call(*options):
        code = check.main([str(option) for option in options])
        captured = capsys.readouterr()
        return code, captured.out, captured.err
    return call


def gradients(out):
    """(subject, gradient) of the lines between the heading and the summary; none has colours."""
    assert "\x1b" not in out
    lines = out.splitlines()
    assert lines[0].split()[:3] == ["subject", "gradient", "checked"]
    return [tuple(line.split()[:2]) for line in lines[1:-2] if not line.startswith("  ")]


def written(folder, name, text):
    """A file with this text."""
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_layers_in_the_order_given(run):
    code, out, err = run("tanh", "multiply", "relu")
    assert (code, err) == (0, "")
    assert gradients(out) == [("tanh", "dx"), ("multiply", "dx"), ("multiply", "dy"),
                              ("relu", "dx")]
    assert out.splitlines()[-2].startswith("4 gradients, ")
    assert out.splitlines()[-1] == "nothing wrong"


@pytest.mark.parametrize("options, names", [
    ("linear_classifier --loss svm", ["dW1", "db1"]),
    ("two_layer_net --hidden 5", ["dW1", "dW2", "db1", "db2"]),
    ("two_layer_regressor", ["dW1", "dW2", "db1", "db2"]),
    ("fully_connected_net --hidden", ["dW1", "db1"]),
    ("fully_connected_net --hidden --loss logistic", ["dW1", "db1"]),
    ("linear_classifier --loss square", ["dW1", "db1"]),
    ("fully_connected_net --hidden 4 3 --activation tanh --norm batch --dropout 0.3 --loss svm",
     ["dW1", "dW2", "dW3", "db1", "db2", "db3", "dgamma1", "dgamma2", "dbeta1", "dbeta2"]),
])
def test_models(run, options, names):
    code, out, err = run("--model", *options.split())
    assert (code, err) == (0, ""), out
    assert [gradient for _, gradient in gradients(out)] == names
    assert {subject for subject, _ in gradients(out)} == {options.split()[0]}


def test_the_models_options_reach_the_model(run):
    _, out, _ = run("--model", "fully_connected_net", "--hidden", "4", "3", "--json")
    shapes = {each["name"]: each["shape"] for each in json.loads(out)["gradients"]}
    assert shapes["dW2"] == [4, 3]
    _, out, _ = run("--model", "fully_connected_net", "--hidden", 4, "--activation", "maxout",
                    "--json")
    assert {"name": "dW1", "shape": [7, 8]}.items() <= json.loads(out)["gradients"][0].items()


def test_a_file_named_after_a_layer_with_its_mistake_named(run, tmp_path):
    path = written(tmp_path, "relu.py", WRONG_RELU)
    code, out, err = run(path)
    assert (code, err) == (1, "")
    assert f"{path}:maskinverted:".replace(" ", "") in "".join(out.split())    # a long path is cut
    assert "turn the comparison round: x > 0" in out         # the remedy
    assert out.splitlines()[-1] == "1 of 1 WRONG"
    assert "backward    differences" in out and "\n     dx[" in out


def test_a_file_with_inputs_of_its_own(run, tmp_path):
    path = written(tmp_path, "bilinear.py", BILINEAR + INPUTS)
    code, out, _ = run("--json", path)
    report = json.loads(out)
    assert code == 0 and report["subject"] == str(path)
    assert [(each["name"], each["shape"]) for each in report["gradients"]] == [
        ("da", [4, 5]), ("db", [4, 5])]
    # Its own inputs go before those of the layer of that name.
    code, out, _ = run("--json", written(tmp_path, "multiply.py", BILINEAR + INPUTS))
    assert code == 0 and json.loads(out)["gradients"][0]["shape"] == [4, 5]


@pytest.mark.parametrize("text, words", [
    (BILINEAR, ["inputs(rng)"]),
    ("def backward(dout, cache):\n    return dout\n", ["forward"]),
    ("def forward(x):\n    return x, ()\n", ["backward"]),
    ("forward = backward = 3\n", ["forward"]),
    ("import a_module_that_is_not_there\n", ["ModuleNotFoundError", "a_module_that_is_not_there"]),
    ("def forward(\n", ["SyntaxError"]),
    (BILINEAR + "def inputs(rng):\n    return 1 / 0\n", ["inputs", "ZeroDivisionError"]),
    (BILINEAR + "def inputs(rng):\n    return 2, 3\n", ["inputs", "float"]),
])
def test_a_file_that_cannot_be_checked_is_refused(capsys, tmp_path, text, words):
    path = written(tmp_path, "mine.py", text)
    line = refused(capsys, "check", path)
    assert all(word in line for word in (str(path), *words))


@pytest.mark.parametrize("options, words", [
    ([], ["--help"]),
    (["no_such_file.py"], ["no_such_file.py"]),
    (["afine"], ["'afine'", "Did you mean affine?"]),
    (["softmax"], ["It is softmax_loss here"]),
    (["--model", "two_layer_nett"], ["Did you mean two_layer_net?"]),
    (["--model", "two_layer_net", "--hidden", "3", "4"], ["two_layer_net", "--hidden", "one"]),
    (["--model", "two_layer_regressor", "--hidden"], ["two_layer_regressor", "--hidden"]),
    (["--model", "fully_connected_net", "--dropout", "1"], ["--dropout"]),
    (["--model", "linear_classifier", "--hidden", "3"], ["--hidden", "no hidden layer"]),
    (["--model", "two_layer_regressor", "--loss", "svm"], ["two_layer_regressor has no --loss"]),
    (["relu", "--seeds", "0"], ["--seeds"]),
    (["relu", "--sedes", "2"], ["Did you mean --seeds?"]),
])
def test_a_choice_that_cannot_work_is_refused(capsys, options, words):
    line = refused(capsys, "check", *options)
    assert all(word in line for word in words), line


def test_json_has_a_line_for_each_subject_and_nothing_else(run, tmp_path):
    code, out, err = run("--json", "affine", written(tmp_path, "relu.py", WRONG_RELU),
                         "--model", "linear_classifier")
    assert (code, err) == (1, "")
    affine, relu, model = (json.loads(line) for line in out.splitlines())
    assert [each["wrong"] for each in (affine, relu, model)] == [False, True, False]
    assert affine["subject"] == "affine" and model["subject"] == "linear_classifier"
    assert affine["found"] == []
    for gradient in affine["gradients"]:
        assert set(gradient) == {"name", "shape", "checked", "directions", "agree", "kink",
                                 "noise", "wrong", "wrong_directions", "max_relative_error"}
        assert gradient["agree"] == gradient["checked"] > 0
        assert 0 < gradient["max_relative_error"] < 1e-6
    found, = relu["found"]
    assert set(found) == {"kind", "where", "says", "remedy", "fails"}
    assert (found["kind"], found["where"], found["fails"]) == ("mask inverted", "dx", True)
    assert relu["gradients"][0]["wrong"] > 0


def test_seeds_and_seed_choose_the_inputs(run):
    outs = [run("--json", "relu", *options)[1].splitlines()
            for options in (["--seeds", 2], [], ["--seed", 1], ["--seed", 0])]
    both, default, second, first = outs
    assert len(both) == 2 and both[0] != both[1]
    assert both == default + second
    assert default == first             # the same seed, the same report to the last digit


@pytest.mark.processes
def test_as_a_process_from_another_directory(tmp_path):
    written(tmp_path, "relu.py", WRONG_RELU)
    command = [sys.executable, "-W", "error", str(ROOT / "gradient_check.py"), "relu.py", "tanh"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=600)
    assert (done.returncode, done.stderr) == (1, "")
    assert gradients(done.stdout) == [("relu.py", "dx"), ("tanh", "dx")]
    assert "mask inverted" in done.stdout

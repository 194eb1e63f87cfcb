"""train.py --layers: a run on the layers that a student wrote."""

import json
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from run_cases import refused

from flatprop.cli import train as command
from flatprop.exercises import stubs, workspace
from flatprop.runs import checksums

pytestmark = pytest.mark.processes

ROOT = Path(__file__).resolve().parents[2]
WRITTEN = ("layers/affine.py", "layers/relu.py", "layers/softmax_loss.py")
TWO = ("--epochs", "2", "--lr-schedule", "constant")
PLAIN = {"_hidden_forward": """    def _hidden_forward(self, i, x, training):
        x, affine_cache = affine.forward(x, self.params[f"W{i}"], self.params[f"b{i}"])
        x, active_cache = self.activation.forward(x)
        return x, (affine_cache, active_cache)
""", "_hidden_backward": """    def _hidden_backward(self, i, dactive, caches, grads):
        affine_cache, active_cache = caches
        dx = self.activation.backward(dactive, active_cache)
        dx, grads[f"W{i}"], grads[f"b{i}"] = affine.backward(dx, affine_cache)
        return dx
"""}


def write_solutions(folder):
    """Make a student's folder, in which three files are written; gives it."""
    workspace.init(folder)
    for file in WRITTEN:
        workspace.write(folder / file, workspace.solution(file))
    return folder


@pytest.fixture
def solutions(tmp_path):
    return write_solutions(tmp_path / "solutions")


def train(folder, *options):
    words = [sys.executable, "-W", "error", str(ROOT / "train.py"), *options]
    return subprocess.run(words, cwd=folder, capture_output=True, text=True, timeout=600)


@pytest.fixture(scope="module")
def right(tmp_path_factory):
    """What came of two epochs on layers that are right."""
    folder = tmp_path_factory.mktemp("right")
    write_solutions(folder / "solutions")
    return train(folder, *TWO, "--layers", "solutions")


def change(file, old, new):
    text = file.read_text()
    assert text.count(old) == 1
    file.write_text(text.replace(old, new))


def losses(done):
    assert done.returncode == 0, done.stderr
    return re.findall(r"loss +([\d.]+)", done.stderr + done.stdout)


@pytest.mark.slow
def test_right_layers_give_the_projects_own_numbers_and_are_told_apart(right, tmp_path):
    ours = train(tmp_path, *TWO)
    assert losses(right) == losses(ours)
    assert "layers" not in ours.stdout
    told = re.sub(r"\s+", " ", right.stdout)
    assert "layers of solutions: yours: layers/affine, layers/relu, layers/softmax_loss not" in told
    assert "not written yet: the project's: layers/gates/add," in told


def test_it_is_the_students_code_that_trains(solutions, right):
    change(solutions / "layers/relu.py", "return dout * (x > 0)", "return 0 * dout")
    wrong = train(solutions.parent, *TWO, "--layers", "solutions")
    assert losses(wrong) != losses(right)


@pytest.mark.slow
def test_a_file_half_written_is_the_projects(solutions):
    text = (solutions / "layers/relu.py").read_text()
    start = workspace.starting_texts()["layers/relu.py"]
    (solutions / "layers/relu.py").write_text(
        text[:text.index("def backward")] + start[start.index("def backward"):])
    done = train(solutions.parent, "--epochs", "1", "--layers", "solutions")
    assert losses(done)
    assert "partly written: the project's: layers/relu\n" in done.stdout


@pytest.mark.slow
def test_resume_goes_on_with_the_students_layers(solutions, right):
    assert losses(train(solutions.parent, *TWO, "--out", "half", "--epochs", "1", "--layers",
                        "solutions"))
    rest = train(solutions.parent, "--resume", "half", "--epochs", "2", "--layers", "solutions")
    assert losses(rest)[-2:] == losses(right)[-2:]
    assert "yours: layers/affine" in rest.stdout


@pytest.mark.slow
def test_no_file_runs_code_unless_the_command_line_asks_for_it(solutions, monkeypatch, capsys):
    monkeypatch.chdir(solutions.parent)
    run = solutions.parent / "run"
    assert losses(train(solutions.parent, "--epochs", "1", "--out", "run"))
    proof = solutions.parent / "proof"
    with open(solutions / "layers/affine.py", "a") as file:
        file.write(f"\n\n__import__('pathlib').Path({str(proof)!r}).touch()\n")
    solutions.rename(run / "mine")
    plain = json.loads((run / "config.json").read_text())
    plain["options"]["layers"] = "run/mine"
    (run / "config.json").write_text(json.dumps(plain))
    assert command.main(["--resume", "run", "--accept-changes"]) == 2
    assert "trains on the code in run/mine" in capsys.readouterr().err
    checksums.write(run / "config.json", plain, plain["run_id"])    # as who made the run may do
    (run.parent / "a.toml").write_text('layers = "run/mine"\nepochs = 1\nout = "none"\n')
    for words in (("--resume", "run", "--epochs", "2"), ("--config", "a.toml")):
        line = refused(capsys, command.main, *words)
        assert f"{words[0]} {words[1]}: trains on the code in run/mine" in line
        assert "add --layers run/mine if you trust it" in line
        assert not proof.exists()
        assert losses(train(run.parent, *words, "--layers", "run/mine"))
        proof.unlink()
    assert command.main(["--config", "a.toml", "--print-config"]) == 0
    assert 'layers = "run/mine"' in capsys.readouterr().out and not proof.exists()


@pytest.mark.slow
def test_a_line_that_raises_is_told_in_one(solutions):
    change(solutions / "layers/relu.py", "return dout * (x > 0)", "return dout * missing")
    done = train(solutions.parent, "--out", "none", "--layers", "solutions")
    assert done.returncode == 1
    assert re.fullmatch(r"train.py: error: your layers/relu.py line \d+, 'return dout \* missing', "
                        r"raises NameError: name 'missing' is not defined\n", done.stderr)


@pytest.mark.slow
def test_a_line_of_ours_that_cannot_use_theirs_is_told_in_one(solutions):
    change(solutions / "layers/affine.py", ", need_dx=True", "")
    change(solutions / "layers/affine.py", "dout @ W.T if need_dx else None", "dout @ W.T")
    done = train(solutions.parent, "--out", "none", "--layers", "solutions")
    assert done.returncode == 1 and done.stderr.count("\n") == 1
    assert "models/fully_connected_net.py line" in done.stderr
    assert "unexpected keyword argument 'need_dx'. Does a file of yours" in done.stderr


@pytest.mark.slow
def test_a_net_without_norms_and_a_loss_that_is_numpys_train(solutions):
    file = "models/fully_connected_net.py"
    for each in (file, "solvers/solver.py"):
        workspace.write(solutions / each, workspace.solution(each))
    text = workspace.solution(file)
    for name in ("_hidden_forward", "_hidden_backward"):
        own = stubs.text_of(text, f"FullyConnectedNet.{name}")
        text = text.replace(own, PLAIN[name])
    workspace.write(solutions / file, text)
    change(solutions / "solvers/solver.py", "self.total += float(self.step(*batch)) * index.size",
           "self.total += np.float32(self.step(*batch)) * index.size")
    loss = "layers/softmax_loss.py"         # as it was before there were weights
    workspace.write(solutions / loss, workspace.solution(loss))
    change(solutions / loss, "scores, y, weights=None):", "scores, y):")
    change(solutions / loss, "    checks.floats(scores=scores)\n",
           "    checks.floats(scores=scores)\n    weights = None\n")
    done = train(solutions.parent, "--epochs", "2", "--layers", "solutions", "--out", "run")
    assert losses(done) and "batch norm" not in done.stdout
    assert losses(train(solutions.parent, "--resume", "run", "--epochs", "3", "--layers",
                        "solutions"))


@pytest.mark.parametrize("options, says", [
    (("--layers", "nowhere"), "no exercises in nowhere. flatprop exercises init --dir nowhere"),
    (("--layers", "solutions"), "solutions/layers/relu.py cannot be read as Python"),
])
def test_refusals_are_one_line(solutions, options, says):
    (solutions / "layers/relu.py").write_text("def (\n")
    done = train(solutions.parent, *options)
    assert done.returncode == 2
    assert done.stdout == "" and done.stderr.count("\n") == 1
    assert says in done.stderr


def test_nothing_written_is_refused(tmp_path):
    workspace.init(tmp_path / "solutions")
    done = train(tmp_path, "--layers", "solutions")
    assert done.returncode == 2 and "nothing in it is written in full yet" in done.stderr


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_what_ends_it_reaches_the_process_that_trains(solutions, number):
    words = [sys.executable, str(ROOT / "train.py"), "--layers", "solutions", "--out", "a",
             "--epochs", "100000", "--hidden", "8", "--norm", "none", "--progress", "lines"]
    with subprocess.Popen(words, cwd=solutions.parent, stdout=subprocess.DEVNULL,
                          stderr=subprocess.PIPE, text=True) as process:
        while not process.stderr.readline().startswith("epoch"):
            assert process.poll() is None
        process.send_signal(number)
        _, errors = process.communicate(timeout=60)
    assert process.returncode == 128 + number and " to go on: " in errors.splitlines()[-1]

"""docs/write-a-model.md: its own code, run as a newcomer would, and what it cannot do."""

import copy
import pickle
import re
import runpy
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from data.errors import DataError
from data.preprocessing import Preprocessing
from flatprop.__main__ import main
from flatprop.runs import saved_model
from flatprop.runs.export import onnx_file, safetensors_file
from gradient_check import check_model

DOCS = Path(__file__).resolve().parents[2] / "docs"
EXAMPLES, PAGE = DOCS / "examples", (DOCS / "write-a-model.md").read_text("utf-8")
MODEL, USE, REPORT = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)


@pytest.fixture
def there(tmp_path, monkeypatch):
    """A folder with the page's skip_net.py in it, where we are and import from."""
    (tmp_path / "skip_net.py").write_text(MODEL)
    monkeypatch.delitem(sys.modules, "skip_net", raising=False)
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    return tmp_path


def run(folder, code):
    """Run code as a script of its own there; gives its names."""
    (folder / "use.py").write_text(code)
    return runpy.run_path(str(folder / "use.py"))


def test_it_is_short_checked_trained_and_drawn(there):
    assert MODEL.count("\n") <= 55
    assert (EXAMPLES / "skip_net.py").read_text("utf-8") == MODEL
    names = run(there, USE)
    assert names["accuracy"] > 0.95
    drawing = (there / "skip_net.svg").read_text("utf-8")
    assert "ReLU" in drawing and drawing.count("affine") >= 3


def test_it_is_copied_and_pickled_whole(there):
    from skip_net import SkipNet
    model = SkipNet(5, 4, 3, np.random.default_rng(0), np.float64)
    for other in (copy.deepcopy(model), pickle.loads(pickle.dumps(model))):
        x = np.ones((2, 5))
        before = model.scores(x)
        other.theta += 1
        assert np.array_equal(model.scores(x), before)
        assert not np.array_equal(other.scores(x), before)


@pytest.mark.slow
def test_it_is_reported_on_and_the_page_says_what_is_not_known(there):
    pytest.importorskip("matplotlib")
    names = run(there, USE + REPORT)
    html = (there / "report.html").read_text("utf-8")
    assert f"{names['accuracy']:.2%}" in html
    assert "skip_net 64 - 48 - 10" in html
    assert "SkipNet lacks chain() or activations(x)" in html
    with pytest.raises(DataError, match=r"no command can build its network, 'skip_net'"):
        saved_model.load("runs/skip")
    assert main(["report", "runs/skip", "--model", "skip_net.py:SkipNet"]) == 0
    again = saved_model.load("runs/skip", model=names["SkipNet"](64, 48, 10, names["rng"])).model
    assert np.array_equal(again.theta, names["model"].theta)


def test_check_model_needs_params_and_loss_alone():
    class Halves:
        def __init__(self):
            self.params = {"w": np.ones(3)}

        def loss(self, x, y):
            return np.square(x @ self.params["w"] - y).sum() / 2, {
                "w": x.T @ (x @ self.params["w"] - y)}

    x, y = np.random.default_rng(0).normal(size=(2, 4, 3))
    check_model(Halves(), x, y[:, 0]).raise_if_wrong()
    for part in ("params", "loss"):
        lacking = SimpleNamespace(params={}, loss=None)
        delattr(lacking, part)
        with pytest.raises(TypeError, match=f" has no {part}, and check_model needs it"):
            check_model(lacking, x, y[:, 0])


@pytest.mark.parametrize("export", [onnx_file.content, safetensors_file.content])
def test_what_has_no_chain_is_not_exported(there, export):
    from skip_net import SkipNet
    model = SkipNet(5, 4, 3, np.random.default_rng(0))
    fitted = Preprocessing(np.zeros(5), np.ones(5))
    arguments = (model, fitted) if export is onnx_file.content else (model, fitted, "net.st")
    with pytest.raises(DataError, match=r"^SkipNet has no chain: an export needs model.chain"):
        export(*arguments)

"""flatprop.notebook: what a notebook shows holds the numbers of the run, and changes none."""

import base64
import importlib.util
import re
import xml.etree.ElementTree as ET

import numpy as np
import pytest

from flatprop import notebook
from flatprop.cli import train
from flatprop.runs import saved_model
from layers import batchnorm
from models.fully_connected_net import FullyConnectedNet
from solvers import schedules
from solvers.solver import Solver
from solvers.update_rules.momentum import Momentum

SVG = "{http://www.w3.org/2000/svg}"
IMAGE = re.compile(r'<img alt="([^"]*)" src="data:image/svg\+xml;base64,([^"]*)">')


def texts(html):
    """(its words in place of it, its texts) of each picture in HTML."""
    return [(words, ["".join(each.itertext()) for each in ET.fromstring(
        base64.b64decode(content)).iter(f"{SVG}text")]) for words, content in IMAGE.findall(html)]


def make_solver():
    """A Solver of a small net that has a generator and running statistics."""
    rng = np.random.default_rng(0)
    x, y = rng.standard_normal((40, 3)).astype(np.float32), rng.integers(0, 2, 40)
    model = FullyConnectedNet([3, 4, 2], norm=batchnorm, drop=0.5, rng=rng)
    return Solver(model, (x, y), (x, y), update_rule=Momentum(), schedule=schedules.constant(0.1),
                  batch_size=16, epochs=3, rng=rng)


@pytest.mark.parametrize("has_tqdm", [True, False])
def test_train_shows_how_far_it_is_and_trains_as_ever(has_tqdm, monkeypatch, capsys):
    if has_tqdm:
        pytest.importorskip("tqdm", reason="needs tqdm, the extra [progress]")
    else:
        monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    plain, shown, calls = make_solver(), make_solver(), []
    plain.train()
    shown.on_step, shown.on_epoch = calls.append, calls.append
    assert notebook.train(shown) is shown.history
    assert np.array_equal(shown.model.theta, plain.model.theta)
    assert shown.on_step == calls.append and len(calls) == 9 + 3     # 40 rows in batches of 16
    out, err = capsys.readouterr()
    assert out == ""
    last = f"{plain.history[-1]['val_loss']:.4f}"
    if has_tqdm:
        assert "9/9" in err and f"epoch 3, loss {plain.history[-1]['train_loss']:.4f}" in err
    else:
        assert err.count("epoch") == 3 and last in err.splitlines()[-1]


def test_a_run_shows_its_results_and_its_net_and_stays_as_it_is(tmp_path, capsys):
    assert train.main(["--data", "spiral", "--hidden", "4", "--epochs", "3", "--out",
                       str(tmp_path / "<run>"), "--quiet", "--dropout", "0.5"]) == 0
    accuracy = re.search(r"test accuracy (\S+)", capsys.readouterr().out)[1]
    run = notebook.load_run(tmp_path / "<run>")
    html = run._repr_html_()
    assert f"{100 * float(accuracy):.2f}%" in html and "&lt;run&gt;" in html and "<run>" not in html
    assert "fully_connected_net 2 - 4 - 3" in repr(run)
    (words, lines), (_, circuit) = texts(html)
    assert words == "losses and accuracy by epoch, 3 epochs" and "validation" in lines
    assert {"x", "W1", "b1", "W2", "b2", "affine", "ReLU", "dropout"} <= set(circuit)
    saved = run.record.saved
    states = [saved.model.rng.bit_generator.state for _ in (1, notebook.net_of(saved))]
    assert states[0] == states[1]


def test_a_run_of_folds_shows_each(tmp_path, capsys):
    rng = np.random.default_rng(0)
    rows = [f"{a:.3f},{'up' if a > 0 else 'down'}" for a in rng.standard_normal(60)]
    (tmp_path / "t.csv").write_text("\n".join(["a,b", *rows]))
    assert train.main(["--data", str(tmp_path / "t.csv"), "--folds", "2", "--epochs", "2",
                       "--hidden", "4", "--out", str(tmp_path / "run"), "--quiet"]) == 0
    run = notebook.load_run(tmp_path / "run")
    html = run._repr_html_()
    assert "2 networks, averaged" in html and html.count(" of 2<") == 2
    for fold in (1, 2):
        best = notebook.load_run(tmp_path / f"run/fold-{fold}").record.best
        assert f"<td class=num>{best['val_loss']:.4g}" in html
    average = run.record.saved
    assert notebook.net_of(average).svg == notebook.net_of(
        saved_model.load(tmp_path / "run/fold-1")).svg


def test_a_drawing_of_a_function_and_no_curves_of_nothing():
    picture = notebook.drawing(lambda x, y: x * y, 3.0, -4.0, title='"f" < g')
    assert "-12.00" in texts(picture._repr_html_())[0][1]
    assert IMAGE.search(picture._repr_html_())[1] == "&quot;f&quot; &lt; g"
    assert repr(picture) == '<Picture: "f" < g>'
    with pytest.raises(ValueError, match="no epochs"):
        notebook.curves([])


def test_a_wide_circuit_goes_on_below_with_nothing_cut_off():
    solver = make_solver()
    picture = ET.fromstring(notebook.drawing(solver.model.loss, solver.x[:2], solver.y[:2]).svg)
    width = float(picture.get("width"))
    assert width < 1.2 * notebook.WIDEST
    for each in picture.iter(f"{SVG}text"):
        half = 0.6 * float(each.get("font-size")) * max(map(len, each.itertext())) / 2
        assert half - 1 < float(each.get("x")) < width - half + 1

"""flatprop report: which options it lists, what its lines and colours look like, what a column is
worth, and cells that were missing."""

import re
from pathlib import Path

import numpy as np
import pytest
from report_cases import make_run, page_of, stand_in, text_of

from data.errors import DataError
from data.preprocessing import Preprocessing
from flatprop.runs import importance, saved_model
from flatprop.training.goes_with import used


def test_options_that_mean_nothing_beside_the_others_are_left_out(tmp_path, monkeypatch):
    stand_in(monkeypatch, DataError("gone"))
    held = {"data": ["a.csv"], "folds": 0, "examples": 1000, "lr": 0.125, "lr_schedule": "cosine",
            "lr_power": 1.0, "lr_every": 10, "lr_final": 0.0, "update_rule": "sgd",
            "momentum": 0.9, "weight_decay": 0.01, "patience": None, "min_delta": 0.1, "val": 0.1}
    run, _ = make_run(tmp_path / "run", options=held, sizes=[64, 12, 7, 3], dropout=0.25,
                      smoothing=0.1)
    text = text_of(page_of(run)).split("Training")[1].split("First layer")[0]
    for shown in ("--lr 0.125", "--lr-schedule cosine", "--lr-final 0", "--val 0.1",
                  "--hidden 12 7", "--dropout 0.25", "--label-smoothing 0.1"):
        assert f" {shown} " in text
    for absent in ("examples", "lr-power", "lr-every", "momentum", "weight-decay", "patience",
                   "min-delta"):
        assert f"--{absent}" not in text
    forged = {"data": 3, "examples": 1, "val": None}
    assert used(forged) == forged       # nothing is judged by what is no option's value
    assert used({"examples": 5, "what": 1}) == {"examples": 5, "what": 1}


@pytest.mark.parametrize("count", [1, 3, 20])
def test_lines_differ_without_their_colours(count):
    pytest.importorskip("matplotlib")
    from flatprop.runs.report import keys, plots
    series = []
    for i in range(count):
        series += [(f"run {i}", i, "-", [1, 2, 3], [0.5, 0.4, 0.3 - i / 99]),
                   (f"_run {i}", i, "--", [1, 2, 3], [0.6, 0.5, 0.4])]
    figure = plots.lines(series, "loss", marked=True)
    looks = [(line.get_linestyle(), line.get_marker(), line.get_markerfacecolor() == "none")
             for line in figure.axes[0].lines]
    assert len(set(looks)) == len(looks) == 2 * count
    shapes = [re.sub(r"key\d", "", keys.key(i)) for i in range(count)]     # beside the names
    assert len(set(shapes)) == count


def test_training_differs_from_validation_and_the_best_epoch_is_seen(tmp_path, monkeypatch):
    stand_in(monkeypatch, DataError("gone"))
    run, _ = make_run(tmp_path / "run")
    loss, metric = re.findall(r"<figure.*?</figure>", page_of(run), re.S)[:2]
    for figure in (loss, metric):
        assert "best, epoch 2" in figure
        (at,) = re.findall(r'<path d="M ([\d.]+) [^"]*L \1 [^"]*"[^>]*stroke-dasharray[^>]*'
                           r'stroke: var\(--ink\)', figure)
        dots = re.findall(r'<use [^>]*x="([\d.]+)"[^>]*fill: var\(--series2\)', figure)
        assert dots == [at]
        assert re.search(r'stroke-dasharray[^>]*stroke: var\(--series1\)', figure)
        assert not re.search(r'stroke-dasharray[^>]*stroke: var\(--series2\)', figure)


def luminance(colour):
    """Of #rrggbb, by WCAG 2.2."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    parts = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


def test_lines_stand_out_from_the_page_in_both_modes():
    from flatprop.runs import report
    css = (Path(report.__file__).parent / "page.css").read_text(encoding="utf-8")
    light, dark = (dict(re.findall(r"(--[\w-]+): (#\w{6})", part))
                   for part in css.split("@media")[:2])
    least = {"--ink": 4.5, "--soft": 4.5} | {f"--series{i}": 3 for i in range(1, 9)}
    for mode in (light, light | dark):
        ground = luminance(mode["--page"])
        for name, ratio in least.items():
            high, low = sorted([luminance(mode[name]), ground], reverse=True)
            assert (high + 0.05) / (low + 0.05) >= ratio, name


def table(tmp_path):
    """A run that says b where size is above 0, and is told by nothing else; its test part."""
    columns = [{"name": "noise", "kind": "number"}, {"name": "size", "kind": "number"}]
    fitted = Preprocessing(np.zeros(2), np.ones(2), columns, ["a", "b"], "kind", indicators=(0,))
    run, model = make_run(tmp_path / "run", fitted=fitted, epochs=0, kind="linear_classifier",
                          sizes=[3, 2], options={"data": ["t.csv"]})
    model.params["W1"][:] = [[0, 0], [-3, 3], [0, 0]]
    model.params["b1"][:] = 0
    np.savez(run / "best.npz", theta=model.theta, statistics=model.statistics)
    x = np.zeros((40, 3), np.float32)
    x[:, 1] = np.where(np.arange(40) < 20, -1, 1)
    y = (x[:, 1] > 0).astype(np.int64)
    return run, x, y


def test_what_a_column_is_worth(tmp_path, monkeypatch):
    run, x, y = table(tmp_path)
    stand_in(monkeypatch, x, y)
    text = text_of(page_of(run, "--images", tmp_path / "plots"))
    text = text.split("What each column is worth")[1].split("First layer")[0]
    assert "shuffled among the rows of the test part" in text
    mean, error = map(float, re.search(r"lost accuracy size \S+ ± \S+ (\S+) ± (\S+) noise 0 0 ?",
                                       text).groups())
    # Of the 20 rows of a class, 20 x 20 / 40 get a size of the other; in each the answer turns.
    assert abs(mean - 0.5) < 0.12 and 0.02 < error < 0.09
    assert (tmp_path / "plots" / "worth.svg").exists()
    # 2 columns, 5 shuffles of 8 weights: of a fifth of the rows where there is time for no more.
    monkeypatch.setattr(importance, "LEAST", 8)
    monkeypatch.setattr(importance, "FEW_SECONDS", 8 * 2 * 5 * 8)
    assert "8 of the 40 rows of the test part, drawn at random" in text_of(page_of(run))
    monkeypatch.setattr(importance, "LEAST", 9)
    assert f"flatprop evaluate {run} --importance tells it" in text_of(page_of(run))


def test_a_sample_of_all_rows_is_what_evaluate_tells(tmp_path):
    run, x, y = table(tmp_path)
    saved = saved_model.load(run)
    columns, rows = importance.of_sample(saved, x, y)
    assert rows == 40 and columns == importance.of_columns(saved, x, y, 5, seed=0)


def test_a_cell_that_was_missing_is_shown_as_none(tmp_path, monkeypatch):
    run, x, y = table(tmp_path)
    x[:, 0] = 7
    x[3, [0, 2]] = 0, 1         # the mean, and that it was missing
    x[5, 0] = 0                 # that was 0
    y[[3, 5]] = 1
    stand_in(monkeypatch, x, y)
    text = text_of(page_of(run)).split("Most wrong")[1].split("What each")[0]
    assert "a 99.8% b 0.2% – −1 a 99.8% b 0.2% 0 −1" in text

"""The plots of lines, and a run's curves.svg: what is drawn lies where the axes say."""

import math
import xml.etree.ElementTree as ET

import pytest

from flatprop import plots
from flatprop.runs import curves

SVG = "{http://www.w3.org/2000/svg}"


def drawn(panel):
    """A plot's lines, "x,y x,y" each, and its texts: ticks of x, ticks of y, labels, names."""
    return ([line.get("points") for line in panel.iter(f"{SVG}polyline")],
            [text.text for text in panel.iter(f"{SVG}text")])


@pytest.mark.parametrize("ys, middle, ticks", [
    ([0.0, 0.25, 1.0], "233.0", ["0", "0.2", "0.4", "0.6", "0.8", "1"]),
    ([0.01, 0.1, 1.0], "162.0", ["0.01", "0.1", "1"]),      # by powers of ten
])
def test_lines_lie_where_the_axes_say(ys, middle, ticks):
    series = {"a < b": ([0, 5, 10], ys), "level": ([0, 10], [1.0, 1.0])}
    assert drawn(ET.fromstring(plots.lines(series, "step", "loss"))) == (
        [f"74.0,304.0 272.0,{middle} 470.0,20.0", "74.0,20.0 470.0,20.0"],
        ["0", "2", "4", "6", "8", "10", *ticks, "step", "loss", "a < b", "level"])


def test_curves_of_a_run():
    history = [{"epoch": epoch, "train_loss": 4.0 - epoch, "val_loss": 1.0 if epoch > 1 else None,
                "train_metric": 0.25 * epoch, "val_metric": math.nan} for epoch in (1, 2, 3)]
    loss, accuracy = ET.fromstring(curves.svg(history)).findall(f"{SVG}g")
    assert drawn(loss) == (["74.0,20.0 272.0,162.0 470.0,304.0", "272.0,304.0 470.0,304.0"],
                           ["1", "2", "3", "1", "1.5", "2", "2.5", "3", "epoch", "loss",
                            "training", "validation"])       # no epoch 1.5
    assert drawn(accuracy)[1][-3:] == ["epoch", "accuracy", "training"]


@pytest.mark.parametrize("loss", [2.0, math.nan])
def test_curves_of_one_epoch(loss):
    history = [{"epoch": 1, "train_loss": loss, "val_loss": None, "train_metric": None,
                "val_metric": None}]
    assert len(ET.fromstring(curves.svg(history)).findall(f"{SVG}g")) == math.isfinite(loss)

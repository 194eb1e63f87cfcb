"""The curves of a run as one small SVG: losses above, metrics below, by epoch."""

import math

from flatprop import plots

NAMES = {"train": "training", "val": "validation"}      # the axis says of what


def svg(history, metric="accuracy"):
    """The text of the picture. history: a list of dicts, one for each epoch (see metrics.py);
    metric is what their metric is called.
    """
    panels = []
    for title, kind in (("loss", "loss"), (metric, "metric")):
        series = {}
        for part in ("train", "val"):
            points = [(entry["epoch"], entry[f"{part}_{kind}"]) for entry in history]
            points = [(epoch, value) for epoch, value in points
                      if value is not None and math.isfinite(value)]
            if points:
                series[NAMES[part]] = list(zip(*points, strict=True))
        if series:
            panels.append(plots.line_plot(series, "epoch", title))
    return plots.document(panels, "Losses and metrics by epoch")

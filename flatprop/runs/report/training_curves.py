"""Loss, accuracy and learning rate by epoch: of one run, or of several in the same axes."""

from flatprop.runs.report import plots

LABELS = {"loss": "loss", "metric": "accuracy"}     # of train_loss, val_loss, train_metric, ...


def of_run(record, draw):
    """The curves of one run, as HTML."""
    if not record.history:
        return "<h2>Training</h2><p>There are no curves: the run has no metrics of any epoch.</p>\n"
    html, mark = "", record.best and record.best["epoch"]
    for kind, label in LABELS.items():
        series = [line(record, f"{part}_{kind}", name, i)
                  for i, (part, name) in enumerate((("train", "training"), ("val", "validation")))]
        html += panel(draw, series, kind, label, "by epoch, training and validation", mark=mark)
    html += rates([line(record, "rate", "rate", 0)], draw, "rate", "learning rate by epoch",
                  "at the end of each epoch")
    return f'<h2>Training</h2><div class="plots">{html}{ratios(record, draw)}</div>\n'


def of_runs(records, draw):
    """The curves of all runs, as HTML. Validation is solid, training dashed."""
    html = ""
    for kind in LABELS:
        series = []
        for i, record in enumerate(records):
            series += [line(record, f"val_{kind}", record.name, i),
                       line(record, f"train_{kind}", f"_{record.name}", i, "--")]
        html += panel(draw, series, kind, f"compare-{kind}", "of each run by epoch",
                      "validation solid, training dashed")
    html += rates([line(record, "rate", record.name, i) for i, record in enumerate(records)], draw,
                  "compare-rate", "learning rate of each run by epoch")
    return f'<h2>Curves</h2><div class="plots">{html}</div>\n'


def line(record, column, name, colour, style="-"):
    """A line for plots.lines: a column of history by epoch. name is that in the legend."""
    epochs = [entry["epoch"] for entry in record.history]
    return name, colour, style, epochs, [entry[column] for entry in record.history]


def drawable(series):
    """The lines that have a value."""
    return [each for each in series if any(value is not None for value in each[-1])]


def panel(draw, series, kind, name, text, remark="", mark=None):
    """The plot of a loss or a metric, or nothing if there are no values."""
    series, label = drawable(series), LABELS[kind]
    if not series:
        return ""
    log = kind == "loss" and plots.steep([value for *_, values in series for value in values])
    figure = plots.lines(series, label, percent=kind == "metric", log=log, mark=mark)
    return draw.figure(figure, name, f"{label} {text}", label.capitalize(), remark)


def rates(series, draw, name, text, remark=""):
    """The plot of learning rates, or nothing if there are none."""
    series = drawable(series)
    return draw.figure(plots.lines(series, "learning rate"), name, text, "Learning rate",
                       remark) if series else ""


def ratios(record, draw):
    """How long the updates were, as shares of the weights; nothing if nobody measured it."""
    names = dict.fromkeys(name for entry in record.history for name in entry["ratios"])
    epochs = [entry["epoch"] for entry in record.history]
    series = drawable([
        (name, i, "-", epochs, [positive(entry["ratios"].get(name)) for entry in record.history])
        for i, name in enumerate(list(names)[:8])])
    if not series:
        return ""
    return draw.figure(
        plots.lines(series, "|update| / |W|", log=True), "ratios",
        "update-to-weight ratio of each weight matrix by epoch", "Update-to-weight ratio",
        "about 0.001 is usual")


def positive(value):
    """A value that a logarithmic axis can show, or None."""
    return value if value is not None and value > 0 else None

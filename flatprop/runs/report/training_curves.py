"""Loss, accuracy and learning rate by epoch: of one run, or of several in the same axes."""

from flatprop.runs.report import plots
from flatprop.runs.report.text import clean

MANY = 20       # lines in one plot; of more not each has a name
LABELS = {"loss": "loss", "metric": "accuracy", "rate": "learning rate",
          "ratios": "update-to-weight ratio"}


def of_run(record, draw):
    """The curves of one run, as HTML."""
    if not record.history:
        return "<h2>Training</h2><p>There are no curves: the run has no metrics of any epoch.</p>\n"
    html, mark = "", record.best and record.best["epoch"]
    for kind in ("loss", "metric"):
        series = [line(record, f"train_{kind}", "training", 0, "--"),
                  line(record, f"val_{kind}", "validation", 1)]
        html += plot(draw, series, kind, LABELS[kind], "by epoch, training and validation",
                     mark=mark, label=record.metric if kind == "metric" else None)
    html += plot(draw, [line(record, "rate", "rate", 0)], "rate", "rate", "by epoch",
                 "at the end of each epoch")
    html += plot(draw, ratios(record), "ratios", "ratios", "of each weight matrix by epoch",
                 "about 0.001 is usual", marked=True)
    return f'<h2>Training</h2><div class="plots">{html}</div>\n'


def of_runs(records, draw, coloured):
    """The curves of all runs, as HTML. Validation is solid, training dashed.

    coloured are the numbers of those that have a colour and a name; the others are grey, and only
    their validation is drawn, or their training if they have none.
    """
    html, others = "", [record for i, record in enumerate(records) if i not in set(coloured)]
    mean = "; of folds the mean" if any(record.folds for record in records) else ""
    grey = "; grey: the other runs" if others and coloured else ""
    for kind in ("loss", "metric"):
        series = []
        for colour, i in enumerate(coloured):
            record = records[i]
            hidden = "_" if is_validated(record, kind) else ""      # one name for both
            series += [line(record, f"val_{kind}", record.name, colour),
                       line(record, f"train_{kind}", f"{hidden}{record.name}", colour, "--")]
        names = {record.metric for record in records}
        label = None if kind == "loss" else names.pop() if len(names) == 1 else "metric"
        faint = [line(record, f"{'val' if is_validated(record, kind) else 'train'}_{kind}", "", 0)
                 for record in others]
        html += plot(draw, series, kind, f"compare-{kind}", "of each run by epoch",
                     f"validation solid, training dashed{mean}{grey}", label=label, faint=faint,
                     marked=True)
    rates = [line(records[i], "rate", records[i].name, colour)
             for colour, i in enumerate(coloured)]
    series, faint = once(rates), once([line(record, "rate", "", 0) for record in others])
    same = f"; the same in all {len(rates)}" if len(series) == 1 < len(rates) else ""
    html += plot(draw, series, "rate", "compare-rate", "of each run by epoch",
                 f"{same}{grey}"[2:], faint=faint, marked=True)
    return f'<h2>Curves</h2><div class="plots">{html}</div>\n'


def once(series):
    """Lines for plots.lines, of those that are equal the first alone, with the names of all."""
    equal = {}
    for each in series:
        equal.setdefault(repr(each[2:]), []).append(each)
    return [(names_of([name for name, *_ in lines]), *lines[0][1:]) for lines in equal.values()]


def names_of(names):
    """The names of lines that are equal, as they fit beside a plot."""
    if len(names) == 1 or len(", ".join(names)) <= plots.LONGEST_NAME:
        return ", ".join(names)
    more = f" and {len(names) - 1} more"
    return clean(names[0], plots.LONGEST_NAME - len(more)) + more


def is_validated(record, kind):
    """Whether a run has a loss, or a metric, of its validation part."""
    return any(entry[f"val_{kind}"] is not None for entry in record.curve)


def line(record, column, name, colour, style="-"):
    """A line for plots.lines: a column of a curve by epoch. name is that in the legend."""
    curve = record.curve
    return name, colour, style, [entry["epoch"] for entry in curve], [
        entry[column] for entry in curve]


def ratios(record):
    """A line for the length of each weight's updates, as shares of it; zeros have no logarithm."""
    names = dict.fromkeys(name for entry in record.history for name in entry["ratios"])
    epochs = [entry["epoch"] for entry in record.history]
    return [(name, i, "-", epochs,
             [max(entry["ratios"].get(name) or 0, 0) or None for entry in record.history])
            for i, name in enumerate(list(names)[:8])]


def plot(draw, series, kind, name, text, remark="", mark=None, label=None, faint=(),
         marked=False):
    """The plot of a kind in LABELS as HTML, or nothing if there are no values.

    name is that of its files, text says what it shows, mark is an epoch to be pointed out, label
    what the values are called if not as in LABELS; faint are lines in grey behind the series,
    and marked is as in plots.lines.
    """
    series, faint = ([each for each in lines if any(value is not None for value in each[-1])]
                     for lines in (series, faint))
    if not series and not faint:
        return ""
    label = label or LABELS[kind]
    values = [value for *_, values in (*series, *faint) for value in values]
    log = kind == "ratios" or (kind == "loss" and plots.is_steep(values))
    figure = plots.lines(series, "|update| / |W|" if kind == "ratios" else label,
                         percent="accuracy" in label, log=log, mark=mark, faint=faint,
                         marked=marked)
    return draw.figure(figure, name, f"{label} {text}", label[:1].upper() + label[1:], remark)

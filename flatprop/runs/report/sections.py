"""The sections of one run, as HTML."""

from data.errors import DataError
from flatprop.cli.errors import UsageError
from flatprop.runs.report import evaluation, examples, plots, weights
from flatprop.runs.report.words import duration, escape, number, percent, plural, table

FIRST = ("data", "model", "hidden", "activation", "norm", "dropout", "loss", "update_rule", "lr",
         "lr_schedule", "reg", "batch_size", "epochs", "seed")     # then the others


class Sections:
    """Writes the sections of a Record; draw is the page's Drawings."""

    def __init__(self, record, draw):
        self.record, self.draw = record, draw
        self.tested, self.untested = None, ""
        try:
            self.tested = evaluation.evaluate(record)
        except (DataError, UsageError) as error:
            self.untested = str(error)

    def top(self):
        """What was run, and the result."""
        record = self.record
        data = shown(record.options.get("data")) if record.options.get("data") else ""
        on = f" Trained on {escape(data)}." if data else ""
        html = f'<p class="lede">{escape(record.network)}.{on}</p>\n{self.tiles()}'
        html += self.changed()
        rows = [[f"--{escape(name.replace('_', '-'))}", escape(shown(value))]
                for name, value in in_order(record.options) if value is not None]
        parts = [table(["option", "value"], rows, (0, 1), kind="pairs")] if rows else []
        rows = [[escape(name.replace("_", " ")), escape(shown(value))]
                for name, value in record.environment.items() if value not in (None, {}, [])]
        parts += [table(["environment", ""], rows, (0, 1), kind="pairs")] if rows else []
        if parts:
            html += ('<details><summary>Options and environment</summary><div class="columns">'
                     f"{''.join(parts)}</div></details>\n")
        return html

    def tiles(self):
        """The numbers that matter, large."""
        record, tested, tiles = self.record, self.tested, []
        result = record.result or (tested and {
            "loss": tested.loss, "accuracy": tested.metric if record.classes else None}) or {}
        if result.get("accuracy") is not None:
            count = f"{round(result['accuracy'] * len(tested.y)):,} of {len(tested.y):,} right" if (
                tested) else ""
            tiles.append((percent(result["accuracy"]), "test accuracy", count))
        elif tested and record.classes is None and tested.metric is not None:
            tiles.append((number(tested.metric), "R² on the test part",
                          plural(len(tested.y), "example")))
        if result:
            tiles.append((number(result["loss"]), "test loss",
                          record.saved.description["loss"]))
        best = record.best
        if best is not None:
            measured = percent(best["val_metric"]) if best["val_metric"] is not None else (
                f"loss {number(best['val_loss'])}")
            tiles.append((best_epoch(record), f"best epoch of {len(record.history):,}",
                          f"validation {measured}"))
        tiles.append((f"{record.saved.model.theta.size:,}", "parameters",
                      str(record.saved.model.theta.dtype)))
        if record.history:
            mean = sum(entry["seconds"] or 0 for entry in record.history) / len(record.history)
            tiles.append((time_of(record), "of training", f"{duration_of_epoch(mean)} an epoch"))
        cells = "".join(f'<div class="tile"><b>{escape(value)}</b><span>{escape(name)}</span>'
                        f"<span>{escape(more)}</span></div>" for value, name, more in tiles)
        return f'<div class="tiles">{cells}</div>\n'

    def changed(self):
        """A warning if the test part gives another loss than the run wrote down."""
        result, tested = self.record.result, self.tested
        if not result or not tested or self.record.saved.which != "best":
            return ""
        if abs(tested.loss - result["loss"]) <= 1e-3 * max(1e-3, abs(result["loss"])):
            return ""
        return ('<p class="note">The test part as it is now gives a loss of '
                f"{number(tested.loss)}, not the {number(result['loss'])} that the run wrote down: "
                "the data or the weights have changed since.</p>\n")

    def body(self):
        """Everything below the result."""
        html = self.curves()
        if self.tested is None:
            html += ("<h2>On the test part</h2><p>The confusion matrix, the worst examples and the "
                     f'dead units are left out: the test part cannot be had.</p><p class="note">'
                     f"{escape(self.untested)}</p>\n")
        else:
            html += examples.mistakes(self.record, self.tested, self.draw)
            html += examples.worst(self.record, self.tested)
        html += weights.first_layer(self.record, self.draw)
        return html + self.health()

    def curves(self):
        """Loss, metric and learning rate by epoch."""
        history = self.record.history
        if not history:
            return ("<h2>Training</h2><p>There are no curves: the run has no metrics of any "
                    "epoch.</p>\n")
        best = self.record.best
        epochs, mark = [entry["epoch"] for entry in history], best and best["epoch"]
        html = ""
        for label, kind in (("loss", "loss"), ("accuracy", "metric")):
            series = []
            for i, (part, name) in enumerate((("train", "training"), ("val", "validation"))):
                values = [entry[f"{part}_{kind}"] for entry in history]
                if any(value is not None for value in values):
                    series.append((name, i, "-", epochs, values))
            if series:
                log = kind == "loss" and plots.steep([v for *_, vs in series for v in vs])
                html += self.draw.figure(
                    plots.lines(series, label, percent=kind == "metric", log=log, mark=mark),
                    label, f"{label} by epoch, training and validation", label.capitalize())
        rates = [entry["rate"] for entry in history]
        if any(rate is not None for rate in rates):
            html += self.draw.figure(
                plots.lines([("rate", 0, "-", epochs, rates)], "learning rate"), "rate",
                "learning rate by epoch", "Learning rate", "at the end of each epoch")
        html += self.ratios(epochs)
        return f'<h2>Training</h2><div class="plots">{html}</div>\n'

    def ratios(self, epochs):
        """How long the updates were, as shares of the weights; nothing if nobody measured it."""
        history, series = self.record.history, []
        names = dict.fromkeys(name for entry in history for name in entry["ratios"])
        for i, name in enumerate(list(names)[:8]):
            values = [positive(entry["ratios"].get(name)) for entry in history]
            if any(value is not None for value in values):
                series.append((name, i, "-", epochs, values))
        if not series:
            return ""
        return self.draw.figure(
            plots.lines(series, "|update| / |W|", log=True), "ratios",
            "update-to-weight ratio of each weight matrix by epoch", "Update-to-weight ratio",
            "about 0.001 is usual")

    def health(self):
        """Dead units of the hidden layers."""
        if self.tested is None or not self.tested.dead:
            return ""
        dead = self.tested.dead
        total = sum(count for count, _ in dead.values())
        units = sum(count for _, count in dead.values())
        rows = [[escape(name.replace("hidden", "hidden layer ")), f"{count:,}", f"{of:,}",
                 percent(count / of)] for name, (count, of) in dead.items()]
        return (f"<h2>Dead units</h2><p>{total:,} of {plural(units, 'hidden unit')} "
                f"{'is' if total == 1 else 'are'} dead: 0 on every one of the "
                f"{len(self.tested.y):,} test examples.</p>"
                + table(["layer", "dead", "units", "share"], rows))


def positive(value):
    """A value that a logarithmic axis can show, or None."""
    return value if value is not None and value > 0 else None


def in_order(options):
    """The items of the options, those that people ask for first at the top."""
    place = {name: i for i, name in enumerate(FIRST)}
    return sorted(options.items(), key=lambda item: (place.get(item[0], len(place)), item[0]))


def shown(value):
    """The value of an option, as it is typed; – for none."""
    if value is None:
        return "–"
    if isinstance(value, list):
        return " ".join(shown(each) for each in value) or "–"
    if isinstance(value, dict):
        return ", ".join(f"{name} {shown(each)}" for name, each in value.items())
    return f"{value:g}" if isinstance(value, float) else str(value)


def best_epoch(record):
    """The number of the best epoch as text."""
    return "–" if record.best is None else f"{record.best['epoch']:,}"


def time_of(record):
    """How long training took, as text."""
    return duration(sum(entry["seconds"] or 0 for entry in record.history))


def duration_of_epoch(seconds):
    """The time of one epoch, which is often less than a second."""
    return f"{1000 * seconds:.0f} ms" if seconds < 1 else duration(seconds)


def result_line(record):
    """The test result in a few words."""
    if record.result is None:
        return "no test result"
    if record.result["accuracy"] is not None:
        return f"test accuracy {percent(record.result['accuracy'])}"
    return f"test loss {number(record.result['loss'])}"

"""What a notebook shows: a bar while a net trains, its curves and its circuit, a run.

    from flatprop import notebook
    notebook.train(solver)                      # solver.train(), with a bar
    notebook.curves(solver.history)             # a Picture
    notebook.drawing(model.loss, x[:2], y[:2])  # what `flatprop draw` draws
    notebook.load_run("wines")                  # a Run: its results, its net and its curves

Needs NumPy alone; the bar is tqdm's, where that is installed.
"""

import base64
import copy
import importlib.util
from typing import NamedTuple

import numpy as np

from flatprop import ending
from flatprop.circuits import draw
from flatprop.circuits.record import trace
from flatprop.circuits.svg import svg
from flatprop.epoch_text import epoch_in_short, epoch_line, metric_in_short
from flatprop.runs import curves as losses_and_metrics
from flatprop.runs import folds
from flatprop.runs.report import record
from flatprop.runs.report.text import duration, escape, number, percent, plural, table

WIDEST = 900        # points, from which on a circuit is drawn in several lines


class Picture(NamedTuple):
    """An SVG, and what it shows in a line of words. A notebook shows it by itself."""

    svg: str
    words: str

    def __repr__(self):
        return f"<Picture: {self.words}>"

    def _repr_html_(self):
        # As an image its colours stay its own, and a notebook that is not trusted shows it too.
        content = base64.b64encode(self.svg.encode("utf-8")).decode("ascii")
        return f'<img alt="{escape(self.words)}" src="data:image/svg+xml;base64,{content}">'


class Run(NamedTuple):
    """A run as flatprop.runs.report.record reads it. A notebook shows its results by itself."""

    record: record.Record

    def __repr__(self):
        known = "; ".join(f"{name} {value}" for name, value in results(self.record))
        return f"<Run {self.record.name}: {known}>"

    def _repr_html_(self):
        run = self.record
        rows = [[escape(name), escape(value)] for name, value in results(run)]
        html = f"<p><b>{escape(run.name)}</b></p>{table(['', ''], rows, (0, 1))}"
        if run.folds:
            rows = [[escape(fold.name), f"{(fold.best or {}).get('epoch', '–')} of "
                     f"{len(fold.history)}", number((fold.best or {}).get("val_loss")),
                     number((fold.best or {}).get("val_metric"))] for fold in run.folds]
            html += table(["fold", "best epoch", "val. loss", f"val. {escape(run.metric)}"], rows)
        if run.history:
            html += curves(run.history, run.metric)._repr_html_()
        return html + net_of((run.folds or [run])[0].saved)._repr_html_()


def load_run(folder, which="best"):
    """The Run in a folder, of `flatprop train` or of an estimator's save, with its best or its last
    weights. Nothing in it is run as code. Raises DataError, one line, if it is damaged.
    """
    return Run(record.read(folder, which))


def results(run):
    """[(what, how much)] of a Record, as texts."""
    found = [("network", run.network), ("parameters", f"{run.parameters:,}")]
    data = run.options.get("data")
    if data:
        found.append(("data", " ".join(map(str, data)) if isinstance(data, list) else str(data)))
    if run.best is not None:
        value = run.best["val_metric"]
        found.append(("best epoch", f"{run.best['epoch']:,} of {len(run.history):,}, validation "
                      f"loss {number(run.best['val_loss'])}" + (
                          "" if value is None else f", {run.metric} {number(value)}")))
    if run.result is not None:
        found.append(("test loss", number(run.result["loss"])))
        if run.result["accuracy"] is not None:
            found.append(("test accuracy", percent(run.result["accuracy"])))
    if run.folds:
        found.append(("folds", plural(len(run.folds), "network") + ", averaged"))
    return [*found, ("training", duration(run.seconds))]


def curves(history, metric="accuracy"):
    """The losses and the metric of a Solver's history by epoch, a Picture.

    metric is what the metric is called there. Raises ValueError where no epoch was trained.
    """
    if not history:
        raise ValueError("history has no epochs, so there are no curves")
    return Picture(losses_and_metrics.svg(history, metric),
                   f"losses and {metric} by epoch, {plural(len(history), 'epoch')}")


def drawing(function, *arguments, title=""):
    """The circuit of function(*arguments), which is run once, a Picture: of model.loss on a few
    examples, of a layer's forward, or of a function of your own on numbers.

    Raises what the function raises, ValueError where there is nothing to draw.
    """
    made = draw.circuit_of(function, trace(function, *arguments))
    title = title or f"the circuit of {made.record.name}, {plural(len(made.gates), 'gate')}"
    return Picture(svg(made, title, widest=WIDEST), title)


def net_of(saved):
    """The circuit of a SavedModel's loss on two random examples, a Picture; of several networks
    that are averaged the first one's."""
    if folds.is_average(saved):
        saved = saved.model.members[0]
    model = copy.deepcopy(saved.model)      # a pass changes running statistics and the generator
    x, y = draw.examples(saved.description, 2, np.random.default_rng(0))
    y = y.astype(model.theta.dtype) if y.dtype.kind == "f" else y
    return drawing(model.loss, x.astype(model.theta.dtype), y,
                   title=f"the circuit of {saved.description['kind']}")


def train(solver, title=""):
    """solver.train() with a bar of tqdm, which title stands before, or where that is not installed
    with a line for each epoch on standard error. Gives history. What the Solver has to call after
    steps and epochs is called.
    """
    after_step, after_epoch = solver.on_step, solver.on_epoch
    metric, bar = metric_in_short(solver), None
    if importlib.util.find_spec("tqdm") is not None:
        from tqdm.auto import tqdm
        steps = -(-len(solver.x) // solver.batch_size)
        bar = tqdm(total=solver.epochs * steps, initial=solver.steps, unit="step",
                   desc=title or None)

    def step(solver):
        if bar is not None:
            bar.update(solver.steps - bar.n)
        if after_step is not None:
            after_step(solver)

    def epoch(entry):
        if bar is None:
            ending.tell(epoch_line(entry, solver.epochs, metric=metric))
        else:
            bar.set_postfix_str(epoch_in_short(entry, metric), refresh=False)
        if after_epoch is not None:
            after_epoch(entry)

    solver.on_step, solver.on_epoch = step, epoch
    try:
        return solver.train()
    finally:
        solver.on_step, solver.on_epoch = after_step, after_epoch
        if bar is not None:
            bar.close()

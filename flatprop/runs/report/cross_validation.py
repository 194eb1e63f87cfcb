"""The folds of a run: a table of what came of each, and their curves in the same axes."""

import statistics

from flatprop.runs.report import keys, training_curves
from flatprop.runs.report.text import escape, number, percent, table


def of_folds(record, draw):
    """The section on the folds of a Record, as HTML."""
    entries = [(fold.best or {}, fold.result or {}) for fold in record.folds]
    columns = {
        "val. loss": [entry.get("val_loss") for entry, _ in entries],
        f"val. {record.metric}": [entry.get("val_metric") for entry, _ in entries],
        "test loss": [result.get("loss") for _, result in entries],
        "test accuracy": [result.get("accuracy") for _, result in entries],
    }
    columns = {name: values for name, values in columns.items()
               if any(value is not None for value in values)}
    rows, coloured = [], range(len(entries) if len(entries) <= training_curves.MANY else 0)
    for i, fold in enumerate(record.folds):
        best = "–" if fold.best is None else f"{fold.best['epoch']:,} of {len(fold.history):,}"
        mark = keys.key(i) if coloured else ""
        rows.append([mark + escape(fold.name), best,
                     *(text_of(name, values[i]) for name, values in columns.items())])
    known = [[value for value in values if value is not None] for values in columns.values()]
    for name, measure in (("mean", statistics.fmean), ("spread", statistics.stdev)):
        rows.append([name, "", *(text_of(column, measure(values)) if len(values) > 1 else "–"
                                 for column, values in zip(columns, known, strict=True))])
    return ("<h2>Folds</h2><p>Each network is judged by its own share of the rows, the validation "
            "part, and trained on the others; the spread is the standard deviation over the folds. "
            "The test part is the same for all.</p>"
            + table(["fold", "best epoch", *columns], rows) + training_curves.of_runs(
                record.folds, draw, coloured))


def text_of(column, value):
    """A loss or an accuracy as text."""
    return percent(value) if column.endswith("accuracy") else number(value)

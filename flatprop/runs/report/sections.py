"""The sections of one run, as HTML."""

from data.errors import DataError
from flatprop.runs.errors import ChangedFile
from flatprop.runs.report import (
    column_worth,
    cross_validation,
    mistakes,
    performance,
    plots,
    training_curves,
    weights,
)
from flatprop.runs.report.record import of_description
from flatprop.runs.report.text import duration, escape, number, percent, plural, table

FIRST = ("data", "model", "hidden", "activation", "norm", "dropout", "loss", "update_rule", "lr",
         "lr_schedule", "reg", "batch_size", "epochs", "seed")     # then the others
NOTHING = (None, {}, [])        # what is not worth a line


def of_run(record, test_part, draw):
    """What stands on top, with the result, and everything below it. draw: a figures.Drawings."""
    tested, reason = None, ""
    try:
        tested = performance.measure(record, *test_part(record.saved.run))
    except ChangedFile:         # that is to be accepted first
        raise
    except DataError as error:
        reason = str(error)
    return top(record, tested), body(record, tested, reason, draw)


def in_short(record):
    """The same two of one run of many, from what it wrote down: nothing is tested or drawn."""
    return top(record, None), ('<p class="soft">Its own curves, mistakes and weights are shown by '
                               f"flatprop report {escape(record.saved.run)}</p>\n")


def top(record, tested):
    """What was run, and the result. tested: a Performance, or None without a test part."""
    data = record.options.get("data")
    on = f" Trained on {escape(option_text(data))}." if data else ""
    html = f'<p class="lede">{escape(record.network)}.{on}</p>\n{tiles(record, tested)}'
    if record.stale:
        html += ('<p class="note">The result in test.json is left out: it is of earlier weights, '
                 "as the run was gone on with and has not come to its end.</p>\n")
    changed = performance.change(record, tested)
    html += f'<p class="note">{escape(changed)}</p>\n' if changed else ""
    place = {name: i for i, name in enumerate(FIRST)}
    options = record.options and of_description(record.saved) | record.options
    parts = pairs(["option", "value"], [
        (f"--{name.replace('_', '-')}", options[name])
        for name in sorted(options, key=lambda name: (place.get(name, len(place)), name))])
    parts += pairs(["environment", ""], [(name.replace("_", " "), value) for name, value
                                         in record.environment.items() if value not in NOTHING])
    if parts:
        html += ('<details><summary>Options and environment</summary><div class="columns">'
                 f"{parts}</div></details>\n")
    return html


def pairs(head, items):
    """A table of names and values as HTML; nothing if there are none."""
    rows = [[escape(name), escape(option_text(value))] for name, value in items]
    return table(head, rows, (0, 1), kind="pairs") if rows else ""


def tiles(record, tested):
    """The numbers that matter, large."""
    cells = result_tiles(record, tested)
    best = record.best
    if best is not None:
        cells.append((best_epoch(record), f"best epoch of {len(record.history):,}",
                      f"validation {' '.join(filter(None, measured(record)))}"))
    cells.append((f"{record.parameters:,}", "parameters", record.saved.description["dtype"]))
    if record.folds:
        cells.append((str(len(record.folds)), "folds", "their average is tested" if record.result
                      else "they predict by their average"))
        cells.append((time_of(record), "of training", "of all folds together"))
    if record.history:
        mean = sum(entry["seconds"] or 0 for entry in record.history) / len(record.history)
        cells.append((time_of(record), "of training", f"{duration_of_epoch(mean)} an epoch"))
    html = "".join(f'<div class="tile"><b>{escape(value)}</b><span>{escape(name)}</span>'
                   f"<span>{escape(more)}</span></div>" for value, name, more in cells)
    return f'<div class="tiles">{html}</div>\n'


def result_tiles(record, tested):
    """(value, name, remark) of the test result: as the run wrote it down, else as it is now."""
    quality = tested.quality if tested else {}
    result, cells = record.result or quality, []
    if result.get("accuracy") is not None:
        count = f"{round(result['accuracy'] * len(tested.y)):,} of {len(tested.y):,} right" if (
            tested) else ""
        cells.append((percent(result["accuracy"]), "test accuracy", count))
    elif quality.get("r2") is not None:
        cells.append((number(quality["r2"]), "R² on the test part",
                      plural(len(tested.y), "example")))
    if result:
        cells.append((number(result["loss"]), "test loss", record.saved.description["loss"]))
    elif any(value is not None for value in record.validation.values()):
        name, value = measured(record)
        of = f"the mean of {len(record.folds)} folds" if record.folds else "of the best epoch"
        cells.append((value, f"validation {name or 'accuracy'}", of))
    return cells


def measured(record):
    """(name, value) of the validation result in words; an accuracy needs no name."""
    loss, metric = record.validation["val_loss"], record.validation["val_metric"]
    if metric is None:
        return "loss", number(loss)
    return ("", percent(metric)) if record.metric == "accuracy" else (record.metric, number(metric))


def body(record, tested, reason, draw):
    """Everything below the result; reason says why there is no test part."""
    html = cross_validation.of_folds(record, draw) if record.folds else (
        training_curves.of_run(record, draw))
    if tested is None:
        html += ("<h2>On the test part</h2><p>The confusion matrix, the worst examples and the "
                 f'dead units are left out: the test part cannot be had.</p><p class="note">'
                 f"{escape(reason)}</p>\n")
    else:
        html += mistakes.overview(tested, draw) + mistakes.worst(tested)
        html += column_worth.section(tested, draw, plots.bars)
    if record.folds:        # each has weights of its own
        return html
    return html + weights.first_layer(record, draw) + dead_units(tested)


def dead_units(tested):
    """How many units of the hidden layers are dead."""
    dead = tested.dead if tested else {}
    if dead is None:
        name = type(tested.record.saved.model).__name__
        return (f"<h2>Dead units</h2><p>Not known: {escape(name)} lacks chain() or activations(x)."
                "</p>\n")
    if not dead:
        return ""
    total = sum(count for count, _ in dead.values())
    units = sum(count for _, count in dead.values())
    rows = [[escape(name.replace("hidden", "hidden layer ")), f"{count:,}", f"{of:,}",
             percent(count / of)] for name, (count, of) in dead.items()]
    return (f"<h2>Dead units</h2><p>{total:,} of {plural(units, 'hidden unit')} "
            f"{'is' if total == 1 else 'are'} dead: 0 on every one of the "
            f"{len(tested.y):,} test examples.</p>"
            + table(["layer", "dead", "units", "share"], rows))


def option_text(value):
    """The value of an option, as it is typed; – for none."""
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return " ".join(option_text(each) for each in value) or "–"
    if isinstance(value, dict):
        return ", ".join(f"{name} {option_text(each)}" for name, each in value.items())
    return f"{value:g}" if isinstance(value, float) else str(value)


def best_epoch(record):
    """The number of the best epoch as text."""
    return "–" if record.best is None else f"{record.best['epoch']:,}"


def time_of(record):
    """How long training took, as text."""
    return duration(record.seconds)


def duration_of_epoch(seconds):
    """The time of one epoch, which is often less than a second."""
    return f"{1000 * seconds:.0f} ms" if seconds < 1 else duration(seconds)


def result_line(record):
    """The test result in a few words, or that of validation."""
    if record.result is None:
        name, value = measured(record)
        return "no test result" + (f", validation {name or 'accuracy'} {value}" if value != "–"
                                   else "")
    if record.result["accuracy"] is not None:
        return f"test accuracy {percent(record.result['accuracy'])}"
    return f"test loss {number(record.result['loss'])}"

"""Several runs side by side: a table, and their curves in the same axes.

Of many runs the best few alone have a colour, a name beside the curves, and all their plots below.
"""

from flatprop.runs.report import keys, sections, training_curves
from flatprop.runs.report.figures import SERIES
from flatprop.runs.report.text import clean, escape, number, percent, table


def top(records):
    """What stands under the title: the runs' names, and the best of them."""
    best = best_of(records)
    text = ", ".join(record.name for record in records) + "."
    if len(records) > training_curves.MANY:
        text = ""
    if best is not None:
        text = f"{best.name} has the best test result, {sections.result_line(best)}."
    elif not same_data(records):
        text += " They are not on the same data, so their results do not compare."
    if len(records) > training_curves.MANY:
        text += (f" The {len(SERIES)} {'first' if best is None else 'best'} have a colour, and are "
                 "shown in full.")
    return f'<p class="lede">{escape(text.strip())}</p>'


def same_data(records):
    """Whether nothing in the runs speaks against their data being the same."""
    hashes = {record.environment["data_hash"] for record in records
              if isinstance(record.environment.get("data_hash"), str)}
    asked_for = {repr(record.options.get("data")) for record in records}
    return len(hashes) <= 1 and len(asked_for) <= 1


def best_of(records):
    """The Record with the best test result; None if results are missing or do not compare."""
    tested = by_result(records)
    return records[tested[0]] if tested else None


def by_result(records):
    """The numbers of the Records that were tested, the best first; none if they do not compare."""
    tested = [i for i, record in enumerate(records) if record.result is not None]
    kinds = {records[i].result["accuracy"] is None for i in tested}
    if not same_data(records) or len(kinds) > 1:
        return []
    return sorted(tested, key=lambda i: (-(records[i].result["accuracy"] or 0),
                                         records[i].result["loss"]))


def in_full(records):
    """The numbers of the Records that are shown in full: all, or of many the best, or the first."""
    if len(records) <= training_curves.MANY:
        return list(range(len(records)))
    best = by_result(records)
    return [*best, *(i for i in range(len(records)) if i not in set(best))][:len(SERIES)]


def body(records, draw):
    """The comparison as HTML."""
    html = results(records) + options_that_differ(records) + training_curves.of_runs(
        records, draw, in_full(records))
    losses = {record.saved.description["loss"] for record in records}
    if len(losses) > 1:
        html += ('<p class="note">The runs minimize different losses '
                 f"({escape(', '.join(sorted(losses)))}), so their losses do not compare.</p>")
    return html + "<h2>Each run</h2>\n"


def results(records):
    """The table of results."""
    usual = all(record.metric == "accuracy" for record in records)
    head = ["run", "network", "parameters", "best epoch", "val. loss",
            "val. accuracy" if usual else "val. metric", "test loss", "test accuracy", "time"]
    accurate = any(record.result and record.result["accuracy"] is not None for record in records)
    best, coloured, rows = best_of(records), in_full(records), []
    for i, record in enumerate(records):
        entry, result = record.validation, record.result or {}
        of = ' <span class="soft">mean</span>' if record.folds and entry["val_loss"] else ""
        mark = keys.key(coloured.index(i) if i in coloured else None)
        name = f'<span class="name">{mark}{escape(record.name, 40)}</span>'
        rows.append([name, escape(record.network), f"{record.parameters:,}",
                     sections.best_epoch(record), number(entry["val_loss"]) + of,
                     metric_text(record, entry), number(result.get("loss")),
                     percent(result.get("accuracy")), sections.time_of(record)])
    measured = any(record.validation["val_metric"] is not None for record in records)
    for row in (head, *rows):
        del row[7:7 + (not accurate)], row[5:5 + (not measured)]
    for record, row in zip(records, rows, strict=True):
        if record is best:
            row[-2] = f'<span class="top">{row[-2]}</span>'
    return "<h2>Results</h2>" + table(head, rows, (0, 1))


def metric_text(record, entry):
    """The metric of a Record's validation, with its name if it is no accuracy."""
    if record.metric == "accuracy":
        return percent(entry["val_metric"])
    return f"{escape(record.metric)} {number(entry['val_metric'])}"


def options_that_differ(records):
    """The options in which the runs differ, as a table; what nobody gave is lighter."""
    given = set().union(*(record.options for record in records))
    names = given.union(*(record.usual for record in records))
    shown = {name: [value_shown(record, name) for record in records] for name in sorted(names)}
    # That an option which nobody gave means something to some runs alone is no news.
    differing = [name for name, texts in shown.items()
                 if len(set(texts) - ({"–"} if name not in given else set())) > 1]
    if not differing:
        return '<p class="soft">All options of these runs are the same.</p>'
    head = ["option", *(escape(record.name, 40) for record in records)]
    rows = [[f"--{escape(name.replace('_', '-'))}",
             *(text if name in record.options else f'<span class="soft">{text}</span>'
               for record, text in zip(records, map(escape, shown[name]), strict=True))]
            for name in differing]
    usual = any(name in record.usual for record in records for name in differing)
    return ("<h2>What differs</h2>" + table(head, rows, range(len(head)))
            + '<p class="soft">Lighter is what a run used without being told; – means nothing '
              "beside its other options, or is not known.</p>" * usual)


def value_shown(record, name):
    """The value of an option of a Record as text, given or usual."""
    return clean(sections.option_text(record.options.get(name, record.usual.get(name))))

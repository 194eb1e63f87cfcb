"""What a Performance got wrong: the confusion matrix and the worst examples, as HTML."""

import base64
import datetime
import io
import math

import numpy as np

from data.encode import width
from flatprop.runs.evaluation import MOST_CLASSES, most_confused
from flatprop.runs.report import performance, plots
from flatprop.runs.report.drawing import imsave
from flatprop.runs.report.text import align, escape, number, percent, plural, table
from flatprop.runs.report.weights import by_column
from layers.by_name import MARGIN_LOSSES

CARDS, ROWS = 24, 20
MOST_COLUMNS = 10       # of a table, beside an example


def overview(tested, draw):
    """The confusion matrix, or predictions over targets, as HTML."""
    classes, quality = tested.record.classes, tested.quality
    if classes is None:
        figure = plots.scatter(np.asarray(tested.y), tested.values)
        return ("<h2>Predictions</h2><p>Each point is an example of the test part; on the dotted "
                "line the prediction equals the true value.</p>"
                + draw.figure(figure, "predictions", "predictions over true values") + "\n")
    if len(classes) > MOST_CLASSES:
        return ""
    counts = np.array(quality["confusion"])
    wrong = int(counts.sum() - np.trace(counts))
    text = f"{plural(quality['examples'], 'example')} of the test part, {wrong:,} of them wrong."
    pairs = [f"{classes[i]} taken for {classes[j]} ({count:,})"
             for i, j, count in most_confused(counts, 3)]
    if pairs:
        text += f" The commonest mistakes: {', '.join(pairs)}."
    html, each = f"<h2>Confusion matrix</h2><p>{escape(text)}</p>", by_class(tested)
    if len(classes) > plots.LARGEST:
        return html + (f"<p>It is left out: {len(classes):,} classes are too many to draw.</p>"
                       f"{each}\n")
    return (html + '<p class="soft">Blue: the share of a class that is recognized. Orange: '
            "mistakes, the strongest where there are most.</p>"
            '<div class="beside">'
            + draw.figure(plots.confusion(counts, classes), "confusion",
                          "confusion matrix, true classes by predicted ones")
            + f"{each}</div>\n")


def by_class(tested):
    """Precision, recall and F1 of each class as a table, which is folded if it is long."""
    classes = tested.record.classes
    rows = [[escape(name, 30), *(percent(one[of]) for of in ("precision", "recall", "f1")),
             f"{one['count']:,}"]
            for name, one in zip(classes, tested.quality["classes"], strict=True)]
    html = table(["class", "precision", "recall", "F1", "examples"], rows)
    if len(classes) > plots.NUMBERED:
        html = f"<details><summary>By class</summary>{html}</details>"
    return html


def worst(tested):
    """The examples it gets most wrong, as HTML."""
    record = tested.record
    shape = record.image_shape
    index = performance.most_wrong(tested, ROWS if shape is None else CARDS)
    if not len(index):
        return "<h2>Most wrong</h2><p>Nothing: every example of the test part is right.</p>\n"
    rows = np.concatenate([np.asarray(tested.x[i : i + 1]) for i in index])
    if record.classes is None:
        text = "The examples with the largest errors, the largest first."
    else:
        text = ("The examples on which it is most sure of a wrong class, the worst first, with "
                f"its {'scores' if has_scores(record) else 'probabilities'}.")
    html = f"<h2>Most wrong</h2><p>{text}</p>\n"
    if shape is None:
        return html + table_of(tested, index, rows)
    raw = record.saved.preprocessing.undo(rows)
    low, high = raw.min(), raw.max()
    shots = ((raw - low) / ((high - low) or 1)).reshape(-1, *shape)       # on one scale
    return html + '<div class="cards">' + "".join(
        card(tested, i, shot) for i, shot in zip(index, shots, strict=True)) + "</div>\n"


def has_scores(record):
    """Whether the numbers of the classes are scores, not probabilities."""
    return record.saved.description["loss"] in MARGIN_LOSSES


def card(tested, i, shot):
    """Example i as a picture shot ([3,] height, width) in [0, 1], with what was predicted."""
    parts = verdict(tested, i)
    lines = "".join(f'<div class="{kind}"><span>{name}</span><span>{value}</span></div>'
                    for kind, name, value in parts)
    alt = ", ".join(f"{name} {value}" for _, name, value in parts)
    return f'<div class="card"><img src="{data_uri(shot)}" alt="{alt}">{lines}</div>'


def data_uri(shot):
    """A picture ([3,] height, width) in [0, 1] as the text of an address that holds it, a PNG."""
    held = io.BytesIO()
    colours = np.moveaxis(shot, 0, 2) if shot.ndim == 3 else np.stack([shot] * 3, axis=2)
    pixels = np.round(255 * colours).astype(np.uint8)
    imsave(held, pixels, format="png", metadata={"Software": None})
    return "data:image/png;base64," + base64.b64encode(held.getvalue()).decode("ascii")


def verdict(tested, i):
    """What was predicted for example i and what is true: (kind, name, value) each, as HTML."""
    classes = tested.record.classes
    if classes is None:
        return [("wrong", "predicted", numbers(tested.values[i])),
                ("right", "true", numbers(tested.y[i]))]
    predicted, true = tested.predicted[i], tested.y[i]
    return [("wrong", f"said {escape(classes[predicted], 40)}", class_value(tested, i, predicted)),
            ("right", f"is {escape(classes[true], 40)}", class_value(tested, i, true))]


def class_value(tested, i, label):
    """The probability of a class for example i, or its score, as text."""
    value = float(tested.values[i, label])
    if has_scores(tested.record):
        return number(value, 3)
    return "&lt;0.1%" if value < 0.001 else f"{100 * value:.1f}%"


def numbers(values):
    """The numbers of one example's outputs, as text."""
    texts = [number(float(value)) for value in values[:3]]
    return ", ".join(texts) + (", …" if len(values) > 3 else "")


def table_of(tested, index, rows):
    """The worst examples as rows of a table, with the inputs that weigh most.

    index holds their numbers, rows (n, D) their inputs.
    """
    record, fitted = tested.record, tested.record.saved.preprocessing
    names, norms = by_column(record, record.saved.model.params[record.saved.model.weights[0]])
    chosen = np.sort(np.argsort(-norms, kind="stable")[:MOST_COLUMNS]).tolist()
    raw = fitted.undo(rows)
    told = fitted.indicators if fitted.components is None else ()       # which mix them with others
    for k, place in enumerate(told):
        raw[rows[:, raw.shape[1] + k] > 0, place] = np.nan      # it was missing
    columns = [column_cells(fitted.columns, raw, j) for j in chosen]
    if record.classes is None:
        head, text = ["predicted", "true"], set()
    else:
        value = "score" if has_scores(record) else "p"
        head, text = ["predicted", value, "true", value], {0, 2}
    text |= {len(head) + place for place, j in enumerate(chosen)
             if fitted.columns and fitted.columns[j]["kind"] == "category"}
    remark = "" if len(chosen) == len(names) else (
        f'<p class="soft">With the {len(chosen)} inputs of {len(names):,} that weigh most.</p>')
    lines = [[*first, *rest]
             for first, *rest in zip(verdict_cells(tested, index), *columns, strict=True)]
    return remark + table(head + [escape(names[j], 24) for j in chosen], lines, text, named=False)


def verdict_cells(tested, index):
    """What was predicted for the examples of an index and what is true, as cells of a table."""
    if tested.record.classes is not None:
        return [[part for kind, name, value in verdict(tested, i)
                 for part in (f'<span class="{kind}">{name.split(" ", 1)[1]}</span>', value)]
                for i in index]
    if tested.y.shape[1] > 1:
        return [(numbers(tested.values[i]), numbers(tested.y[i])) for i in index]
    both = np.concatenate([tested.values[index, 0], np.asarray(tested.y)[index, 0]])
    texts = align(both)
    return list(zip(texts[: len(index)], texts[len(index) :], strict=True))


def day_text(days):
    """The day so many days after the start of 1970; what is no day of our calendar, as a number; –
    where it is missing."""
    try:        # a hundredth more, for inputs are rounded
        return (datetime.date(1970, 1, 1) + datetime.timedelta(math.floor(days + 0.01))).isoformat()
    except (OverflowError, ValueError):
        return number(days)


def column_cells(columns, raw, j):
    """Input column j of examples raw (n, D), not standardized, as it was in the table: n texts."""
    if columns is None:
        return align(raw[:, j])
    start = width(columns[:j])
    if columns[j]["kind"] == "date":
        return [day_text(days) for days in raw[:, start].tolist()]
    if columns[j]["kind"] != "category":
        return align(raw[:, start])
    values, held = columns[j]["values"], raw[:, start : start + len(columns[j]["values"])]
    return [escape(values[int(row.argmax())], 30) if (row > 0.5).any() else "–" for row in held]

"""What the model gets wrong on the test part: the confusion matrix and the worst examples."""

import numpy as np

from data.table import width
from flatprop.runs.report import evaluation, pictures, plots
from flatprop.runs.report.weights import by_column
from flatprop.runs.report.words import aligned, escape, number, percent, plural, table
from flatprop.runs.scoring import MOST_CLASSES, most_confused, per_class

CARDS, ROWS = 24, 20
MOST_COLUMNS = 6        # of a table, beside an example


def mistakes(record, tested, draw):
    """The confusion matrix, or predictions over targets, as HTML."""
    if record.classes is None:
        figure = plots.against(np.asarray(tested.y), tested.values)
        return ("<h2>Predictions</h2><p>Each point is an example of the test part; on the dotted "
                "line the prediction equals the true value.</p>"
                + draw.figure(figure, "predictions", "predictions over true values") + "\n")
    classes = record.classes
    if len(classes) > MOST_CLASSES:
        return ""
    counts = evaluation.confusion(tested, len(classes))
    wrong = int(counts.sum() - np.trace(counts))
    text = f"{plural(len(tested.y), 'example')} of the test part, {wrong:,} of them wrong."
    pairs = [f"{classes[i]} taken for {classes[j]} ({count:,})"
             for i, j, count in most_confused(counts, 3)]
    if pairs:
        text += f" The commonest mistakes: {', '.join(pairs)}."
    html = f"<h2>Confusion matrix</h2><p>{escape(text)}</p>"
    each = per_class(np.diag(counts), counts.sum(axis=0), counts.sum(axis=1))
    rows = [[escape(name, 30), *(percent(one[of]) for of in ("precision", "recall", "f1")),
             f"{one['count']:,}"] for name, one in zip(classes, each, strict=True)]
    by_class = table(["class", "precision", "recall", "F1", "examples"], rows)
    if len(classes) > plots.NUMBERED:
        by_class = f"<details><summary>By class</summary>{by_class}</details>"
    if len(classes) > plots.LARGEST:
        return html + (f"<p>It is left out: {len(classes):,} classes are too many to draw.</p>"
                       f"{by_class}\n")
    return (html + '<p class="soft">Blue: the share of a class that is recognized. Orange: '
            "mistakes, the strongest where there are most.</p>"
            '<div class="beside">'
            + draw.figure(plots.confusion(counts, classes), "confusion",
                          "confusion matrix, true classes by predicted ones")
            + f"{by_class}</div>\n")


def worst(record, tested):
    """The examples it gets most wrong, as HTML."""
    shape = pictures.shape_of(record)
    index = evaluation.most_wrong(tested, ROWS if shape is None else CARDS)
    if not len(index):
        return "<h2>Most wrong</h2><p>Nothing: every example of the test part is right.</p>\n"
    rows = np.concatenate([np.asarray(tested.x[i : i + 1]) for i in index])
    if record.classes is None:
        text = "The examples with the largest errors, the largest first."
    else:
        text = ("The examples on which it is most sure of a wrong class, the worst first, with "
                + ("its scores." if record.saved.description["loss"] == "svm"
                   else "its probabilities."))
    html = f"<h2>Most wrong</h2><p>{text}</p>\n"
    if shape is None:
        return html + listed(record, tested, index, rows)
    shots = pictures.images(rows, shape, record.saved.preprocessing)
    return html + '<div class="cards">' + "".join(
        card(record, tested, i, shot) for i, shot in zip(index, shots, strict=True)) + "</div>\n"


def card(record, tested, i, shot):
    """One example as a picture with what was said of it."""
    said = verdict(record, tested, i)
    lines = "".join(f'<div class="{kind}"><span>{name}</span><span>{value}</span></div>'
                    for kind, name, value in said)
    words = ", ".join(f"{name} {value}" for _, name, value in said)
    return f'<div class="card"><img src="{pictures.data_uri(shot)}" alt="{words}">{lines}</div>'


def verdict(record, tested, i):
    """What was predicted and what is true: (kind, name, value) each, as HTML."""
    if record.classes is None:
        return [("wrong", "predicted", numbers(tested.values[i])),
                ("right", "true", numbers(tested.y[i]))]
    said, true = tested.predicted[i], tested.y[i]
    return [("wrong", f"said {escape(record.classes[said], 40)}", worth(record, tested, i, said)),
            ("right", f"is {escape(record.classes[true], 40)}", worth(record, tested, i, true))]


def worth(record, tested, i, label):
    """The probability of a class for an example, or its score, as text."""
    value = float(tested.values[i, label])
    if record.saved.description["loss"] == "svm":
        return number(value, 3)
    return "&lt;0.1%" if value < 0.001 else f"{100 * value:.1f}%"


def numbers(values):
    """The numbers of one example's outputs, as text."""
    texts = [number(float(value)) for value in values[:3]]
    return ", ".join(texts) + (", …" if len(values) > 3 else "")


def listed(record, tested, index, rows):
    """The worst examples as rows of a table, with the inputs that weigh most."""
    fitted = record.saved.preprocessing
    names, norms = by_column(record, record.saved.model.params["W1"])
    chosen = np.sort(np.argsort(-norms, kind="stable")[:MOST_COLUMNS])
    raw = rows.astype(np.float64) * fitted.scale + fitted.mean
    columns = [column_cells(fitted.columns, raw, j) for j in chosen]
    if record.classes is None:
        head = ["predicted", "true"]
        if tested.y.shape[1] == 1:
            both = np.concatenate([tested.values[index, 0], np.asarray(tested.y)[index, 0]])
            texts = aligned(both)
            said = list(zip(texts[: len(index)], texts[len(index) :], strict=True))
        else:
            said = [(numbers(tested.values[i]), numbers(tested.y[i])) for i in index]
    else:
        value = "score" if record.saved.description["loss"] == "svm" else "p"
        head = ["predicted", value, "true", value]
        said = [[part for kind, name, value in verdict(record, tested, i)
                 for part in (f'<span class="{kind}">{name.split(" ", 1)[1]}</span>', value)]
                for i in index]
    remark = "" if len(chosen) == len(names) else (
        f'<p class="soft">With the {len(chosen)} inputs of {len(names):,} that weigh most.</p>')
    kinds = [j for j in chosen if fitted.columns and fitted.columns[j]["kind"] == "category"]
    text = {len(head) + list(chosen).index(j) for j in kinds}
    text |= set() if record.classes is None else {0, 2}
    lines = [[*first, *rest] for first, *rest in zip(said, *columns, strict=True)]
    return remark + table(head + [escape(names[j], 24) for j in chosen], lines, text)


def column_cells(columns, raw, j):
    """Input column j of examples raw (n, D), not standardized, as it was in the table: n texts."""
    if columns is None:
        return aligned(raw[:, j])
    start = width(columns[:j])
    if columns[j]["kind"] != "category":
        return aligned(raw[:, start])
    values, held = columns[j]["values"], raw[:, start : start + len(columns[j]["values"])]
    return [escape(values[int(row.argmax())], 30) if (row > 0.5).any() else "–" for row in held]

"""The tables that evaluate prints: scores for people to read."""

from flatprop.runs.evaluation import most_confused
from flatprop.runs.text import printable

LARGEST_MATRIX = 20     # classes; of more, the most confused pairs are listed
LONGEST_NAME = 24


def classification(result, names):
    """The lines for a result of evaluation.classification; names are those of the classes."""
    names = [printable(name, LONGEST_NAME) for name in names]
    width = max(len(name) for name in [*names, "macro average"])
    lines = [
        f"loss       {result['loss']:.6f}",
        f"accuracy   {result['accuracy']:.4f}",
        "",
        f"{'class':{width}}  precision  recall      F1  {'count':>9}",
    ]
    for name, one in zip(names, result["classes"], strict=True):
        lines.append(f"{name:{width}}  {numbers(one)}  {one['count']:9,}")
    lines.append(f"{'macro average':{width}}  {numbers(result['macro'])}  "
                 f"{result['examples']:9,}")
    if result["confusion"] is None:
        return lines
    if len(names) <= LARGEST_MATRIX:
        return [*lines, "", *matrix(result["confusion"], names)]
    return [*lines, "", *pairs(result["confusion"], names)]


def numbers(one):
    """Precision, recall and F1 in columns; a dash for what has no value."""
    parts = (one["precision"], one["recall"], one["f1"])
    texts = ["-" if part is None else f"{part:.4f}" for part in parts]
    return f"{texts[0]:>9}  {texts[1]:>6}  {texts[2]:>6}"


def matrix(confusion, names):
    """The confusion matrix, a row for each class, a column for each prediction; zeros as dots."""
    cells = [["." if not count else str(count) for count in row] for row in confusion]
    heads = [name if len(name) <= 8 else name[:7] + "…" for name in names]
    left = max(len(name) for name in names)
    widths = [max(len(head), *(len(row[j]) for row in cells)) for j, head in enumerate(heads)]

    def line(first, rest):
        ends = (f"{text:>{width}}" for text, width in zip(rest, widths, strict=True))
        return f"{first:{left}}  {'  '.join(ends)}"

    return ["confusion matrix (rows: the class; columns: what it was taken for)", line("", heads),
            *(line(name, row) for name, row in zip(names, cells, strict=True))]


def pairs(confusion, names):
    """The most confused pairs of classes."""
    found = most_confused(confusion)
    if not found:
        return ["no class was taken for another"]
    width = max(len(names[i]) for i, _, _ in found)
    other = max(len(names[j]) for _, j, _ in found)
    return ["most confused", *(f"{names[i]:{width}}  taken for {names[j]:{other}}  {count:7,} times"
                               for i, j, count in found)]


def regression(result):
    """The lines for a result of evaluation.regression."""
    r2 = "not defined: the target never varies" if result["r2"] is None else f"{result['r2']:.4f}"
    return [
        f"loss                 {result['loss']:.6f}",
        f"mean absolute error  {result['mean_absolute_error']:.6g}",
        f"R^2                  {r2}",
    ]

"""What is to be predicted: the labels of classes, or numbers; which of them, where nobody says."""

import math
import re

import numpy as np

from data import forms
from data.encode import column_values
from data.errors import DataError

MOST_CLASSES = 10_000
FEW_NAMES = 20                  # classes of text, which are classes even if each comes once
ROUNDING = 1e-12                # of the size of numbers, by which equal ones may differ
WHOLE = re.compile(r"[+-]?\d{1,18}", re.ASCII)


def guess_task(values, count):
    """(task, why, the other task if it can be) for labels that are numbers (n,), the different ones
    of count examples: whole ones are classes if there are at most 10, or at most 100 and ten
    examples for each."""
    whole = values.dtype.kind in "iu" or bool(
        (values == np.floor(values)).all() and (np.abs(values) < 2**53).all())
    few = len(values) <= 10 or len(values) <= min(100, count // 10)
    what = f"{len(values):,} different {'whole ' if whole else ''}numbers in {count:,} rows"
    if whole and few:
        return "classification", what, "regression"
    return "regression", what, "classification" if whole else None


def of_table(cells, start, found, task, words, every=False):
    """The labels of a table: (y, classes, keep, about).

    found  a data.columns.Found for each column to predict; task "classification", "regression" or
           None to guess; words, more of them that mean that a label is missing; every, whether
           of classes only an empty cell is
    y      (n,) int64 labels from 0 and the names of their classes, or (n, M) float64 and None
    keep   (N,) of the table's rows those that have labels, the n
    about  {"task", "guessed", "why", "other", the task that may be asked for instead, "missing",
           how many labels are, and "words", such as "NA", that were there instead}
    Raises DataError where they do not fit the task, or most of them are missing.
    """
    path, names = cells.rows.name, ", ".join(each.column["name"][:40] for each in found)
    why, other = "as asked", None
    guessed = task is None
    if guessed and len(found) > 1:
        task, why = "regression", f"there are {len(found)} columns to predict"
    elif guessed and found[0].column["kind"] != "number":
        kind = "dates" if found[0].column["kind"] == "date" else "words"
        task, why = "classification", f"{names} holds {kind}"
    elif guessed:
        values = column_values(cells, start, found[0])
        values = values[~np.isnan(values)]
        task, what, other = guess_task(np.unique(values), len(values))
        why = f"{names} holds {what}"
    about = {"task": task, "guessed": guessed, "why": why, "other": other}
    if task == "regression":
        y = np.stack([_numbers(cells, start, each, len(found) > 1) for each in found], axis=1)
        classes = None
        keep = ~np.isnan(y).any(axis=1)
    else:
        known = {""} if every else None
        y, classes, keep, lost = _classes(cells, start, found, path, words, guessed, known)
        about["words"] = lost
    missing = int(len(keep) - keep.sum())
    if 2 * missing > len(keep):
        raise DataError(f"{path}: column {names}: {missing:,} of {len(keep):,} labels are missing; "
                        "fill them in, or predict another column", column=names, remedy="label")
    return (y[keep] if missing else y), classes, keep, about | {"missing": missing}


def check_vary(y, classes, target, where):
    """Refuse labels y (N,) of but one class, and targets (N, M) of which one is the same number in
    all rows, but for rounding. target is the name of the column, or a list; "" of arrays, which
    where names. Raises DataError."""
    where, at = str(where), 0
    names = [target] if isinstance(target, str) else target
    if classes is not None:
        same = len(classes) == 1
        cell, remedy = str(classes[0]), "give examples of two classes"
        shown = repr(cell[:40])
    else:
        low, high = y.min(axis=0), y.max(axis=0)
        size = np.maximum(np.abs(low), np.abs(high))
        is_same = high / 2 - low / 2 <= ROUNDING / 2 * size         # halves do not overflow
        same, at = len(y) > 1 and is_same.any(), int(is_same.argmax())
        shown = cell = f"{low[at]:.15g}"
        remedy = "give examples that differ"
        if y.shape[1] > 1:
            remedy = "leave out that column"
            where += f", column {names[at][:40]!r}" if any(names) else (
                f", column {at}, counted from 0")
    if same:
        more = ", or another column as the label" if any(names) and len(names) == 1 else ""
        raise DataError(f"{where}: every label is {shown}, so there is nothing to learn; "
                        f"{remedy}{more}", cell=cell, column=names[at] if any(names) else None,
                        remedy="label" if any(names) else None)


def _numbers(cells, start, found, several):
    """The targets (N,) of a column, one of several or not, NaN where they are missing."""
    column = found.column
    if column["kind"] == "category":
        texts = list(cells.texts[found.place])
        text = next((text for text in texts if forms.number(text) is None), texts[0])
        line = cells.line_with(found.place, text, start)
        if several:
            raise DataError(f"{cells.place(line)}, column {column['name'][:40]!r}: "
                            f"several labels must be numbers, and {text[:40]!r} is none; predict "
                            "this column alone, or only those of numbers", line=line,
                            column=column["name"], cell=text, remedy="label")
        raise DataError(f"{cells.place(line)}, column {column['name'][:40]!r}: "
                        f"{text[:40]!r} is no number, which regression needs; correct it",
                        line=line, column=column["name"], cell=text, remedy="task")
    return column_values(cells, start, found)


def _classes(cells, start, found, path, words, guessed, known=None):
    """The labels (N,), their classes, which rows have one, and words that were none; known are
    those of data.forms, or these."""
    if len(found) > 1:
        raise DataError(f"{path}: classes are in one column, and {len(found)} are to be predicted; "
                        "ask for regression, or name one", remedy="task")
    column, codes = found[0].column, cells.values[start:, found[0].place]
    at, texts = f"{path}: column {column['name'][:40]!r}", cells.texts[found[0].place]
    if texts is None or len(texts) > MOST_CLASSES:
        raise DataError(f"{at}: has more than {MOST_CLASSES:,} different labels, too many for "
                        "classes; ask for regression, or predict another column",
                        column=column["name"], remedy="task")
    codes = codes.astype(np.int64)
    counts = np.bincount(codes, minlength=len(texts))
    if known is None:
        is_of_words = column["kind"] == "category" and not _are_numbers(
            [text for text, code in texts.items() if counts[code]])
        known = forms.MISSING if is_of_words else forms.MISSING_NUMBER
    blanks = forms.values_that_are_missing(words)
    missing = {*known, *(text.lower() for text in texts if forms.number(text) in blanks),
               *(word.lower() for word in words)}
    named = [text for text, code in texts.items() if text.lower() not in missing and counts[code]]
    lost = [text[:40] for text, code in texts.items() if text and text.lower() in missing
            and counts[code]]
    keep = np.isin(codes, [texts[text] for text in named])
    if guessed and len(named) > FEW_NAMES and 3 * len(named) > keep.sum():
        if column["kind"] == "date":
            raise DataError(f"{at}: holds {len(named):,} different dates in {keep.sum():,} rows, "
                            f"such as {named[0][:40]!r}, and classes come again; ask for "
                            "regression, which predicts the day, or predict another column",
                            column=column["name"], cell=named[0], remedy="dates")
        raise DataError(f"{at}: holds {len(named):,} different texts in {keep.sum():,} rows, such "
                        f"as {named[0][:40]!r}, as names do and classes do not; predict another "
                        "column", column=column["name"], cell=named[0], remedy="label")
    order = sort_classes(named, at)
    label_of = np.zeros(len(texts), np.int64)
    label_of[[texts[text] for text in order]] = np.arange(len(order))
    return label_of[codes], order, keep, lost


def _are_numbers(texts):
    """Whether all texts but words for missing numbers are numbers, and there are some."""
    filled = [text for text in texts if text.lower() not in forms.MISSING_NUMBER]
    return bool(filled) and all(forms.number(text) is not None for text in filled)


def sort_classes(texts, name):
    """Classes in sorted order, of numbers in theirs.

    Raises DataError where two are one number, such as 1 and 1.0.
    """
    values = {text: int(text) if WHOLE.fullmatch(text) else forms.number(text) for text in texts}
    if not all(value is not None and math.isfinite(value) for value in values.values()):
        return sorted(texts)
    order = sorted(texts, key=values.get)
    for a, b in zip(order, order[1:], strict=False):
        if values[a] == values[b]:
            raise DataError(f"{name}: the labels {a[:40]!r} and {b[:40]!r} are one number; write "
                            "them alike", cell=b)
    return order

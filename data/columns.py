"""What each column of a table is: decided on all of its cells, and told.

A column of which nearly all cells are numbers is of numbers, and one cell that is none is refused,
never taken for a category. So it is with dates. What is left are categories, if they come again.
"""

from typing import NamedTuple

import numpy as np

from data import categories, column_forms, forms, number_columns, stand_ins
from data.column_forms import NEARLY_ALL
from data.errors import DataError
from data.names import find_column

MOST = 0.8                      # of the cells, which is enough of numbers where
DIFFERENT = 10                  # so many different ones are numbers
MOST_CELLS = 0.5                # so many dates of one form, and the others are to be alike
BOTH = {"left out": "left out", "number": "of numbers", "category": "of categories"}


class Found(NamedTuple):
    """What a column was taken for.

    place   in a row
    column  a dict for data.encode and model.json: {"name", "kind"} and of kind "number" a "form"
            where it is not a plain one, of "date" a "form", of "category" its "values"; of columns
            of numbers and dates "missing", more words that say that, and "others": "missing" where
            any other cell does; kind "left out" is no input
    about   a dict for people: "name", "kind" and, of it, "missing", "low", "high", "form",
            "example", a number in that form, "levels", "alike", two of them that look alike,
            "numbers", how many cells of a column of words are numbers, and "why" a column is left
            out; of numbers and dates "suspect", [value or text, how often] of each that may stand
            for missing ones; of numbers "padded" where they have zeros in front, "powers" where
            all are written as 1E5 is, "long" where they are too long to be told apart, and "id",
            why it may be one where no two are alike; and "ids", how many different ones a column
            named as an id holds, of each of which there are several rows
    """

    place: int
    column: dict
    about: dict


class Undecided(NamedTuple):
    """What is known of a column before: its cells, a data.cells.Cells, of which it is number
    `place` and whose rows of data begin at start; its name; kind, "number", "category", "left out"
    or "weight", numbers that are no input, where somebody says so, or None; whether it is to be
    predicted; and {text: how often} of its cells, or None if they are numbers."""

    cells: object
    start: int
    place: int
    name: str
    kind: str | None
    is_label: bool
    texts: dict | None

    @property
    def values(self):
        """Its part of cells.values, (N,)."""
        return self.cells.values[self.start :, self.place]

    def error(self, problem, **fields):
        """The DataError of a problem with this column."""
        return DataError(f"{self.cells.rows.name}: column {self.name[:40]!r}{problem}",
                         column=self.name, **fields)

    def left_out(self, why):
        """(column, about) of it where it is no input."""
        return {"kind": "left out"}, {"why": why}


def decide(cells, names, start, reading, labels=(), kinds=None):
    """A Found for each column of cells, a data.cells.Cells, whose rows of data begin at start.

    labels are the places of those to predict, which are never left out; kinds {place: "number",
    "category" or "weight"} says what some columns are, besides reading. Raises DataError for cells
    and columns that it needs to know more about; remedy says what.
    """
    asked = {}
    for kind, given, remedy in (("left out", reading.ignore, "ignore"),
                                ("number", reading.numeric, "numeric"),
                                ("category", reading.categorical, "categorical")):
        for each in given:
            place = find_column(cells.rows.name, names, each, remedy)
            if kinds and kinds.get(place) == "weight":      # no input, whatever else it is called
                continue
            if kind == "left out" and place in labels:
                raise DataError(f"{cells.rows.name}: column {names[place][:40]!r} is to be "
                                "predicted, so it cannot be left out; predict another, or keep it",
                                column=names[place], remedy="label")
            if asked.setdefault(place, kind) != kind:
                raise DataError(f"{cells.rows.name}: column {names[place][:40]!r} cannot be both "
                                f"{BOTH[asked[place]]} and {BOTH[kind]}; say one of the two",
                                column=names[place])
    kinds = dict(kinds or {}) | asked
    columns = [Undecided(cells, start, j, name, kinds.get(j), j in labels, _count(cells, j, start))
               for j, name in enumerate(names)]
    decimal = None if reading.decimal else column_forms.find_decimal(columns)
    found = []
    for each in columns:
        if each.kind == "left out" and not each.is_label:
            column, about = each.left_out("as asked")
        elif each.texts is None:
            column, about = number_columns.decide_numbers(each, reading)
        else:
            column, about = _decide_texts(each, reading, decimal)
        found.append(Found(each.place, {"name": each.name} | column,
                           {"name": each.name, "kind": column["kind"]} | about))
    return found


def doubtful(cells, start, found):
    """The columns of numbers that must be read again as texts: those with points, if another one
    has decimal commas, so that 1.250 may be 1250."""
    if not any(each.column["kind"] == "number" and each.column.get("form", {}).get("decimal") == ","
               for each in found):
        return set()
    values = cells.values[start:]
    return {j for j, texts in enumerate(cells.texts)
            if texts is None and (np.floor(values[:, j]) != values[:, j]).any()
            and not np.isnan(values[:, j]).all()}


def _count(cells, j, start):
    """{text: how often} of a column of texts, in the order of the file; None of one of numbers."""
    if cells.texts[j] is None:
        return None
    codes = cells.values[start:, j].astype(np.int64)
    counts = np.bincount(codes[codes >= 0], minlength=len(cells.texts[j])).tolist()
    return {text: counts[code] for text, code in cells.texts[j].items() if counts[code]}


def _decide_texts(each, reading, decimal):
    """(column, about) of a column that holds texts; decimal is the sign that others have."""
    if (each.values < 0).any():
        return categories.too_many_texts(each)
    filled = column_forms.filled_cells(each.texts, reading.missing)
    if each.kind == "category" or not filled:
        return categories.as_category(each)
    kind, form, read = column_forms.find_form(each, filled, reading.decimal, decimal)
    count, total = sum(filled[text] for text in read), sum(filled.values())
    # Numbers that hardly come again are no codes, however few they are.
    many = kind == "number" and count >= MOST * total and (
        len(read) >= DIFFERENT or len(read) >= max(5, 0.8 * count))
    infinite = count and any(map(column_forms.is_infinite, filled))
    if each.kind == "number" and not count:
        raise each.error(" holds no number", remedy="column" if not each.is_label else "task")
    if kind == "date" and not each.kind and MOST_CELLS * total <= count < NEARLY_ALL * total:
        column_forms.refuse_other_dates(each, filled, read)
    if each.kind != "number" and not (count >= NEARLY_ALL * total or many or infinite):
        column, about = categories.as_category(each)
        return column, about | ({"numbers": count} if kind == "number" and count else {})

    column_forms.check_form(each, form, [text for text in filled if text in read])
    if kind == "date":
        form = column_forms.with_offset(each, filled, form, read)
    odd = [text for text in filled if text not in read]
    column = number_columns.dict_of_numbers(each, reading, kind, form)
    if odd and "others" not in column:
        line, written = each.cells.line_with(each.place, odd[0], each.start), ""
        if form:
            example = column_forms.example_of(filled, read)
            written = f" written as {column_forms.describe_form(form, example)}"
        problem = "is not finite" if column_forms.is_infinite(odd[0]) else f"is no {kind}{written}"
        raise DataError(f"{each.cells.place(line)}, column {each.name[:40]!r}: "
                        f"{odd[0][:40]!r} {problem}, as {count:,} of {total:,} cells are; correct "
                        "it", line=line, column=each.name, cell=odd[0],
                        remedy="name" if line == each.cells.first[0] else
                        "target" if each.is_label else "cell")
    values = list(map(forms.reader_of(column), read))
    number_columns.check_size(each, min(values), max(values))
    if min(values) == max(values) and not each.is_label and each.kind != "weight":
        return each.left_out(f"always {min(read)[:40]}")
    notes = {"example": column_forms.example_of(filled, read)} if form and kind == "number" else {}
    suspect = stand_ins.of_dates(values, list(read), [filled[text] for text in read]) if (
        kind == "date") else []
    return column, {"missing": sum(each.texts.values()) - count, "low": min(values),
                    "high": max(values)} | ({"form": form} if form else {}) | notes | (
                        {"suspect": suspect} if suspect else {})

"""A table to train on, one way through its rooms: text_file -> rows -> cells -> columns -> arrays.

    table.read("my.csv").x
"""

from collections import Counter
from pathlib import Path
from typing import NamedTuple

import numpy as np

from data import (
    cells,
    columns,
    copies,
    encode,
    forms,
    heading,
    ids,
    labels,
    leaks,
    totals,
    transposed,
)
from data.errors import DataError
from data.names import different, find_column
from data.open_file import name_file
from data.reading import Reading
from data.rows import Rows
from data.text_file import is_parquet


class Table(NamedTuple):
    """A table as it was read.

    x        (N, D) float64 inputs, NaN where a number is missing
    y        (N,) int64 labels from 0, or (N, M) float64 numbers to predict
    columns  of x, a list of dicts as in Preprocessing
    classes  the classes' names in the order of the labels; None for regression
    target   the name of the column that is predicted, or a list of names of several
    about    what was found out about the table, plain data: "separator", None of a Parquet file,
             "heading", "why" it is one, "line", where it or the first row is, "again", how often it
             is repeated, "shared", names that several columns have, "comments", "titles", the lines
             above it, "rows", "columns", a dict for each in data.columns.Found.about, "label", as
             in data.labels.of_table, with "also", more words that mean that a label is missing,
             "leaks", as in data.leaks.find, "copies", as in data.copies.find, "totals" and
             "subtotals", as in data.totals, and "transposed", whether it may be on its side
    weights  (N,) float64 numbers from 0, how much each row counts in training, or None
    lines    a data.cells.Lines, where the N rows stand in the file
    """

    x: np.ndarray
    y: np.ndarray
    columns: list
    classes: list | None
    target: str | list
    about: dict
    weights: np.ndarray | None = None
    lines: cells.Lines | None = None


def read(path, label=None, task=None, reading=None):
    """Read a table whose column `label` is to be predicted from the others: a Table.

    label    a column's name, or its number, from 1, or from -1 at the end, or a list of these; None
             is the last one that is not empty
    task     "classification", "regression" or None to guess
    reading  a data.reading.Reading of what is known, or None
    Rows without a label are left out, and so are columns that say nothing; about tells which.

    Raises DataError where the file cannot be read, where there is no such label, no second column
    or no second row, where a cell is not like the others of its column, and where x would take
    enormous memory.
    """
    reading = reading or Reading()
    with name_file(path):
        times = 64 if is_parquet(path) else 8           # it is packed
        limit = max(cells.LIMIT, times * Path(path).stat().st_size if Path(path).is_file() else 0)
        found, held, start, at, weight, why, again = _decide(path, label, task, reading, limit)
        to_predict = [found[j] for j in at]
        inputs = [each for each in found if each.place not in (*at, weight)
                  and each.column["kind"] != "left out"]
        if not inputs:
            why = "; ".join(f"{each.column['name'][:40]!r} is left out: {each.about['why']}"
                            for each in found[:3] if "why" in each.about)
            on_side = transposed.may_be(held, start, found)
            raise DataError(f"{path}: no column is left to predict from ({why})"
                            f"{'; is the table transposed?' if on_side else ''}",
                            column=found[0].column["name"], remedy="inputs")
        target = [each.column["name"] for each in to_predict]
        names = [each.column["name"] for each in found]
        every = any(find_column(path, names, each, "categorical") in at
                    for each in reading.categorical)
        y, classes, keep, task = labels.of_table(held, start, to_predict, task, reading.missing,
                                                 every)
        weights = None if weight is None else _weights(held, start, found[weight], keep)
        x = encode.arrays(held, start, inputs, limit)
    if not keep.all():
        x = x[keep]
    columns_of_x = [each.column for each in inputs]
    total = totals.find(held, start, found, keep, at)
    rows = held.rows
    about = {"separator": None if is_parquet(path) else rows.separator, "heading": bool(start),
             "why": why, "line": rows.first[0], "comments": rows.comments,
             "again": again, "titles": [line[:80] for line in rows.titles],
             "shared": _shared(held.first[1]) if start else [],
             "rows": len(keep),
             "columns": [each.about for each in found],
             "label": task | {"names": target, "chosen": label is not None,
                              "also": sorted(reading.missing),
                              "id": label is None and _is_id(held, start, to_predict[0], keep),
                              "places": _numbers_that_are_names(names, label)},
             "leaks": leaks.find(x, columns_of_x, y, classes),
             "copies": copies.find(x, [encode.width([each]) for each in columns_of_x], y),
             "totals": total,
             "subtotals": totals.find_subtotals(held, start, found, keep, total),
             "transposed": transposed.may_be(held, start, found)}
    return Table(x, y, columns_of_x, classes, target[0] if len(target) == 1 else target, about,
                 weights, held.lines(start, None if keep.all() else np.flatnonzero(keep)))


def _weights(held, start, found, keep):
    """The weights of the rows to keep, from their column: numbers from 0. Raises DataError."""
    name, path = found.column["name"], held.rows.name
    fields = {"column": name, "remedy": "weight"}
    if found.column["kind"] != "number":
        held_there = {"category": "words", "date": "dates"}[found.column["kind"]]
        raise DataError(f"{path}: column {name[:40]!r} holds {held_there}, and weights of the rows "
                        "are numbers; name another", **fields)
    values = encode.column_values(held, start, found)
    wrong = np.flatnonzero(keep & ~(values >= 0))
    if wrong.size:
        line, value = held.line_of(start + int(wrong[0])), values[wrong[0]]
        what = "has no weight" if np.isnan(value) else f"has the weight {value:g}"
        raise DataError(f"{path}: line {line}, column {name[:40]!r}: the row {what}; give each a "
                        "number, 0 or more", line=line, **fields)
    if not values[keep].any():
        raise DataError(f"{path}: column {name[:40]!r}: every weight is 0, so no row counts; name "
                        "another", **fields)
    found.about["weight"] = True
    return values[keep]


def _decide(path, label, task, reading, limit):
    """(found, cells, start, at, weight, why, again): what the columns are, the cells, from which
    row on they are data, the places of the labels and of the weights, why line 1 is a heading or
    not, and how many rows that repeat it were taken out.

    The file is read again where a column must be read in another way than it was.
    """
    rows = Rows(path, reading)
    rows.match_heading()
    first, header, why = rows.first[1], reading.header, "as asked"
    if is_parquet(path):
        header, why = True, "a Parquet file names its columns"
    as_texts = set() if task == "regression" else set(_find_some(first, label or len(first)))
    kept = set(_find_some(first, reading.categorical))
    while True:
        held = cells.read(path, reading, as_texts, kept, limit)
        if len(held.first[1]) < 2:
            asked = f"with {reading.separator!r} between cells " if reading.separator else ""
            raise DataError(f"{path}: {asked}has one column, and needs two: an input and a label; "
                            "between cells is a comma, a semicolon, a tab, | or spaces",
                            line=held.first[0], remedy="separator")
        if header is None:
            header, why = heading.is_heading(held)
        start = int(header)
        again = heading.repetitions(held) if header else ()
        if len(again):
            held.drop(again)
        if not header and held.rows.unnamed:
            line, cells_there = held.first[0], len(held.first[1]) - 1
            raise DataError(f"{path}: line {line} has {cells_there} cells, those below it "
                            f"{cells_there + 1}, and it is no heading ({why}); correct it",
                            line=line, remedy="header")
        if not header:
            held.put_first()
        if held.count - start < 2:
            is_wide = len(held.first[1]) >= transposed.FEWEST
            raise DataError(f"{path}: has fewer than two rows besides a heading; give a table with "
                            "a row for each example"
                            f"{' (is the table transposed?)' if is_wide else ''}", remedy="header")
        names = _names(path, held, header)
        weight = None if reading.weight is None else find_column(path, names, reading.weight,
                                                                 "weight")
        if header:
            _refuse_more_headings(path, held, names, reading)
        at = _label_places(path, held, names, label, weight)
        more = held.odd | {find_column(path, names, each, "categorical")
                            for each in reading.categorical}
        if task != "regression" and not set(at) <= as_texts | kept:
            as_texts |= set(at)
        elif more <= kept:
            kinds = {} if task is None else dict.fromkeys(
                at, "number" if task == "regression" else "category")
            if weight is not None:
                kinds[weight] = "weight"
            found = columns.decide(held, names, start, reading, at, kinds)
            more = columns.doubtful(held, start, found)
            if more <= kept:
                return found, held, start, at, weight, why, len(again)
        kept |= more


def _refuse_more_headings(path, held, names, reading):
    """Raise DataError for units, or more of the heading, in the lines below it."""
    said = {find_column(path, names, each, option) for option, given in (
        ("categorical", reading.categorical), ("numeric", reading.numeric),
        ("ignore", reading.ignore)) for each in given}
    missing = forms.MISSING_NUMBER.union(word.lower() for word in reading.missing)
    count = heading.more_of_it(held, [j for j in range(len(names)) if j not in said], missing)
    if count:
        first, last = held.line_of(1), held.line_of(count)
        shown = ("line {} holds", "lines {} and {} hold", "lines {} to {} hold")[min(count, 3) - 1]
        raise DataError(f"{path}: {shown.format(first, last)} no number in any column of numbers: "
                        f"units, or more of the heading? Delete {'them' if count > 1 else 'it'}",
                        line=first, remedy="more headings")


def _find_some(first, wanted):
    """The places in the first row of the columns that are wanted, as far as it has them."""
    first = different(first)
    wanted = wanted if isinstance(wanted, list | tuple) else [wanted]
    for each in wanted:
        try:
            yield find_column("", first, each, None)
        except DataError:       # there may be no heading; it is found later
            continue


def _names(path, held, header):
    """The names of the columns; of those without one "column 1" and so on, of those that share one
    what data.names.different makes of it."""
    line, first = held.first[0], different(held.first[1])
    names = [(header and cell) or f"column {j + 1}" for j, cell in enumerate(first)]
    seen = set()
    for name in names:
        if name in seen:
            raise DataError(f"{path}: two columns are named {name[:40]!r}; rename one", line=line,
                            column=name, remedy="header")
        seen.add(name)
    return names


def _is_id(held, start, found, keep):
    """Whether the labels of the rows to keep are an id of these, by their numbers or their name."""
    if found.column["kind"] != "number":
        return False
    values = encode.column_values(held, start, found)[keep]
    return ids.rises(values) or (ids.is_name(found.column["name"]) and ids.differ(values))


def _shared(first):
    """The names that several columns share."""
    return [name for name, count in Counter(first).items() if name and count > 1]


def _numbers_that_are_names(names, label):
    """{name: its place from 1} of labels that are given as a number and are the name of a column
    at another place."""
    given = [str(each) for each in (label if isinstance(label, list | tuple) else [label])]
    return {each: 1 + names.index(each) for each in given
            if each in names and each.isdecimal() and int(each) != 1 + names.index(each)}


def _label_places(path, held, names, label, weight):
    """The places of the columns to predict, none of which is that of the weights."""
    if label is not None:
        given = label if isinstance(label, list | tuple) else [label]
        places = [find_column(path, names, each, "label") for each in given]
        if weight in places:
            raise DataError(f"{path}: column {names[weight][:40]!r} cannot be the label and the "
                            "weight of the rows; name another", column=names[weight],
                            remedy="weight")
        return list(dict.fromkeys(places))          # one that is named twice is one
    others = [j for j in range(len(names)) if j != weight]
    filled = [j for j in others
              if held.texts[j] and any(held.texts[j]) or held.texts[j] is None
              and not np.isnan(held.values[1:, j]).all()]
    return [filled[-1] if filled else others[-1]]

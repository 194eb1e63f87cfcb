"""Columns as inputs of a network: numbers and dates as they are, 0 or 1 for each category.

`columns` is a list of dicts as in Preprocessing. Training, evaluation and prediction read their
cells by the same functions of data.forms; a table to train on comes as arrays, others in chunks.

    for lines, rows in encode.read_rows("new.csv", columns):
        x = encode.encode(rows, columns, "new.csv", lines)
"""

import math
import re
from pathlib import Path

import numpy as np

from data import categories, forms, text_file
from data.column_forms import describe_form
from data.errors import DataError
from data.names import closest, different, find_column, list_names, respelled
from data.open_file import name_file
from data.reading import Reading
from data.rows import Rows

CHUNK = 1024                    # rows at a time,
CHUNK_NUMBERS = 2**22           # but not more than become about so many numbers
THOUSANDS = re.compile(r"[^\d.,]*\d{1,3}[.,]\d{3}[^\d.,]*")      # as 1,250 may be 1250
SIGNS = {".": "point", ",": "comma"}
MOST_NAMES = 10                 # of columns that are not there
NUMBERED = re.compile(r"column \d+")


def width(columns):
    """How many numbers a row becomes."""
    return sum(len(column["values"]) if column["kind"] == "category" else 1 for column in columns)


def number_places(columns):
    """The places in a row of the numbers and dates, (n,) int64; the others are 0 or 1."""
    places, place = [], 0
    for column in columns:
        if column["kind"] != "category":
            places.append(place)
        place += width([column])
    return np.array(places, np.int64)


def column_at(columns, place):
    """The name of the column that the number at a place in a row was made of."""
    for column in columns:
        if place < width([column]):
            return column["name"]
        place -= width([column])
    raise IndexError(place)


def arrays(cells, start, found, limit):
    """x (N, width) float64 of the columns that data.columns found, from row start of cells on.

    Of numbers alone, side by side, x is a view. Raises DataError where it would be larger than
    limit, in bytes.
    """
    values = cells.values[start:]
    places = [each.place for each in found]
    if all(cells.texts[j] is None for j in places) and places == list(
            range(places[0], places[0] + len(places))):
        return values[:, places[0] : places[0] + len(places)]
    columns = [each.column for each in found]
    size = 8 * len(values) * width(columns)
    if size > limit:
        raise DataError(f"{cells.rows.name}: {len(values)} rows take {size} bytes with a 0 or 1 for"
                        f" each category, at most {limit} are set aside; leave out columns with "
                        "many categories", remedy="ignore")
    x = np.zeros((len(values), width(columns)))
    place = 0
    for each in found:
        if each.column["kind"] == "category":
            codes = values[:, each.place].astype(np.int64)
            texts, levels = list(cells.texts[each.place]), each.column["values"]
            at = {level: i for i, level in enumerate(levels)}
            levels_of = np.array([at.get(text, 0) for text in texts])
            x[np.arange(len(x)), place + levels_of[codes]] = 1
            place += len(levels)
        else:
            x[:, place] = column_values(cells, start, each)
            place += 1
    return x


def column_values(cells, start, found):
    """The numbers (N,) of one column of numbers or dates, NaN where they are missing."""
    values = cells.values[start:, found.place]
    texts = cells.texts[found.place]
    if texts is None:
        return values
    read = forms.reader_of(found.column)            # a heading may be among the texts
    numbers = [math.nan if value is None else value for value in map(read, texts)]
    return np.array(numbers)[values.astype(np.int64)]


def encode(rows, columns, path="", lines=None, unseen=None):
    """rows, lists of one cell (str) for each column -> (N, width(columns)) float64.

    A missing number becomes NaN, a missing category what data.categories.of_missing says; one that
    is none of the column's values, zeros, and is counted in unseen, a dict {(name, cell): how
    often}, if there is one.
    Raises DataError where a cell is no number or date though its column is of them: path and lines,
    one for each row, say where; without lines it is the row that is said, from 1.
    """
    x = np.zeros((len(rows), width(columns)))
    place = 0
    for column, cells in zip(columns, zip(*rows, strict=True), strict=bool(rows)):
        if column["kind"] != "category":
            x[:, place] = values_of(cells, column, path, lines)
            place += 1
            continue
        at = {value: i for i, value in enumerate(column["values"])}
        _add_whole(at, cells)
        _add_missing(at, cells, column["values"])
        hits = [(i, at[cell]) for i, cell in enumerate(cells) if cell in at]
        if hits:
            i, j = np.array(hits).T
            x[i, place + j] = 1
        if unseen is not None and len(hits) < len(cells):
            for cell in cells:
                if cell not in at:
                    key = column["name"], cell[:200]
                    unseen[key] = unseen.get(key, 0) + 1
        place += len(column["values"])
    return x


def _add_whole(at, cells):
    """Add to at, {category: place}, those of cells that are one but for a .0 behind it."""
    others = {cell for cell in cells if cell not in at and cell[-1:].isdecimal()}
    if others:
        plain = {forms.whole(value): i for value, i in at.items()}
        at |= {cell: plain[forms.whole(cell)] for cell in others if forms.whole(cell) in plain}


def _add_missing(at, cells, values):
    """Add to at, {category: place}, those of cells that are missing, in other words than values."""
    others = {cell for cell in cells if cell not in at and cell.lower() in forms.MISSING}
    value = categories.of_missing(values) if others else None
    if value is not None:
        at |= dict.fromkeys(others, at[value])


def values_of(cells, column, path, lines):
    """The numbers (N,) of the cells (str) of a column of numbers or dates. Raises DataError."""
    if not column.keys() & {"form", "missing", "others"}:
        values = forms.numbers(cells)
    else:
        values = list(map(forms.reader_of(column, is_new=True), cells))
    if None in values:
        i = values.index(None)
        raise _no_number(cells[i], column, path, lines[i] if lines else None, i)
    return np.array(values)


def _no_number(cell, column, path, line, i):
    # Without lines it is a table in memory.
    where = f"{path}: {f'line {line}' if line else f'row {i + 1:,}'}".removeprefix(": ")
    form = column.get("form")
    written = f" ({form})" if isinstance(form, str) else (
        f" written as in training, such as {describe_form(form)}" if form else "")
    problem = _other_decimal(cell, column) or (
        f"is no {column['kind']}{written}; correct it, or leave the cell empty")
    return DataError(f"{where}, column {column['name'][:40]!r}: {cell[:40]!r} {problem}",
                     line=line, column=column["name"], cell=cell)


def _other_decimal(cell, column):
    """What to say of a cell that is a number with the other decimal sign than the column had in
    training; None of any other."""
    if column["kind"] != "number":
        return None
    form = column.get("form") or {}
    sign, other = (".", ",") if form.get("decimal", ".") == "." else (",", ".")
    swapped = cell.translate(str.maketrans(".,", ",."))
    if other not in cell or forms.read_number(swapped, form) is None:
        return None
    clear = THOUSANDS.fullmatch(cell) is None
    return (f"{'has' if clear else 'may have'} a decimal {SIGNS[other]}, where training had a "
            f"decimal {SIGNS[sign]}: replace it in the whole table, here by {swapped[:40]}"
            f"{'' if clear else ' if so'}")


def read_rows(source, columns, most=CHUNK, ignored=None, blank=None, encoding=None, keep=(),
              kept=None, alike=None, spare=(), placed=None):
    """Yield (lines, rows) of a table, `most` rows at a time, a cell for each column.

    source is a path, or a stream of bytes, of which each answer comes from what has arrived, and
    may hold fewer rows. If the first row holds the names of all columns, it is a heading, and
    columns are picked by name, in any order; others are left out, and ignored(names), if given, is
    told of them; names that differ in case or spaces alone will do, and alike({written: name}), if
    given, is told. Without a heading there must be as many cells as columns, in their order.
    Columns that had no names in training, column 1, column 2, ..., are taken by their place under
    any heading, see _by_place: placed(taken, left) is told what it calls those columns, and the
    others. spare are the names of the columns of the training table that are not asked for.
    blank(count), if given, is told how many blank lines there were between the rows, and
    blank(count, "line like the heading") how often that was repeated, as where files were put
    together; neither is a row.
    keep are more columns, each by its name or its number, whose cells follow those of columns in
    each row; kept(names), if given, is told what the table calls them.
    To read labels as well, add {"name": target, "kind": "category", "values": [], "label": True}
    to the columns, where they stand in a table without a heading.

    Raises DataError, with line and column, as data.rows does, and where columns are missing.
    """
    most = max(1, min(most, CHUNK_NUMBERS // max(1, width(columns))))
    parts = _read_parts(source, columns, most, ignored, blank, encoding, keep, kept, alike, spare,
                        placed)
    yield from _fill(parts, most) if isinstance(source, str | Path) else parts


def _fill(parts, most):
    """Yield (lines, rows) of parts, each of so many rows but the last: in its last digits what is
    computed of a row depends on how many it is computed with, and so on no heading or block."""
    lines, rows = [], []
    for more_lines, more in parts:
        lines += more_lines
        rows += more
        if len(rows) >= most:
            yield lines[:most], rows[:most]
            lines, rows = lines[most:], rows[most:]
    if rows:
        yield lines, rows


def _read_parts(source, columns, most, ignored, blank, encoding, keep, kept, alike, spare, placed):
    """What read_rows yields of a stream."""
    path, names = text_file.name_of(source), [column["name"] for column in columns]
    with name_file(path):
        rows = Rows(source, Reading(encoding=encoding), names, keep)
        line, first = rows.first
        nameless = are_nameless(columns) and {
            column["name"] for column in columns if "label" not in column}.isdisjoint(first)
        is_known = not nameless and not set(names).isdisjoint(first)    # then it is a heading
        if is_known and rows.match_heading() + first.count(""):
            first = [cell or f"column {j + 1}" for j, cell in enumerate(rows.first[1])]
        unnamed = {*first} - {*rows.first[1]}                   # as training calls them
        spelled = respelled(first, names)
        first = [spelled.get(cell, cell) for cell in first]
        if spelled and alike is not None:
            alike(spelled)
        heading, picked = (_by_place(path, first, columns, spare, keep) if nameless else
                           _pick_columns(path, first, columns, names))
        if heading and not is_known:
            before = rows.match_heading()                   # columns that have no names
            picked = [j + before for j in picked]
        named = (different(rows.first[1]) if heading else
                 [f"column {j + 1}" for j in range(len(first))])
        more = _kept_places(path, named, keep)
        if kept is not None:
            kept([named[j] for j in more])
        if heading and nameless and placed is not None:
            placed([named[j] for j in picked],
                   [name for j, name in enumerate(named) if name and j not in (*picked, *more)])
        elif heading and ignored is not None and len(first) > len(picked):
            known = {*names, *unnamed, *(named[j] for j in more)}
            ignored([cell for cell in different(first) if cell not in known and cell])
        repeats = heading and not any(map(_may_hold, columns, [named[j] for j in picked]))
        picked, again = picked + more, 0
        if not heading:
            yield [line], [[rows.as_written[j] for j in picked]]
        for chunk in rows.chunks():
            for part in chunk.cut(most):
                lines, cells = rows.parse(part)
                if repeats and rows.as_written in cells:
                    places = [i for i, row in enumerate(cells) if row != rows.as_written]
                    again += len(cells) - len(places)
                    lines, cells = [lines[i] for i in places], [cells[i] for i in places]
                yield lines, [[row[j] for j in picked] for row in cells]
        if blank is not None and rows.blank:
            blank(rows.blank)
        if blank is not None and again:
            blank(again, "line like the heading")


def _may_hold(column, cell):
    """Whether a cell may be one of a column: a level that is known, or what reads as a number."""
    if column["kind"] == "category":
        return cell in column["values"]
    return forms.reader_of(column, is_new=True)(cell) is not None


def _kept_places(path, named, keep):
    """The places of the columns to keep, one that is named twice once."""
    for name in keep:
        if named.count(name) > 1:
            raise DataError(f"{path}: has two columns named {name!r}; rename one, or give its "
                            "number", line=1, column=name)
    return list(dict.fromkeys(find_column(path, named, name, "keep") for name in keep))


def are_nameless(columns):
    """Whether the columns had no names in training, of an array or a table without a heading."""
    return all(NUMBERED.fullmatch(column["name"]) for column in columns if "label" not in column)


def _by_place(path, first, columns, spare, keep):
    """Whether the first row is a heading, and the place of each column in a row, where columns have
    no names. Raises DataError.

    There must be as many as are asked for; or as many as in training; or as many besides those that
    a heading names as the label, or as one of spare, and those to keep.
    """
    fitting = _places(first, columns, spare, keep)
    for picked, is_named in fitting:
        words, filled = _words(first, columns, picked)
        if is_named and not words or words and words == filled:
            return True, picked         # also of numbers, as pandas names what has no names
        if not words:
            return False, picked
    inputs = [column for column in columns if "label" not in column]
    if not fitting:
        has_label = len(columns) > len(inputs)
        more = len(first) > len(columns)
        raise DataError(f"{path}: has {len(first)} column{'s' if len(first) > 1 else ''}, and the "
                        f"model takes {len(inputs)}{' and the label' if has_label else ''}, by "
                        "their place, as they had no names in training; "
                        + ("leave the others out" if more else "give so many"), line=1,
                        remedy="keep" if more else None)
    j = words[0]
    raise DataError(f"{path}: line 1: {first[picked[j]][:40]!r} is no {columns[j]['kind']}, which "
                    f"column {picked[j] + 1} needs; correct it, or give a heading of words alone",
                    line=1, column=columns[j]["name"], cell=first[picked[j]])


def _places(first, columns, spare, keep):
    """Pairs (places of the columns, whether line 1 names a label or a spare one), all that may be.
    """
    names = [column["name"] for column in columns]
    labels = [column["name"] for column in columns if "label" in column]
    spelled = {}
    for name in (*labels, *spare):
        spelled |= respelled(first, [name])
    first = [spelled.get(cell, cell) for cell in first]
    found = []
    for also in ((), keep):
        others = {*labels, *spare, *also}
        rest = [j for j, cell in enumerate(first) if cell not in others and str(j + 1) not in also]
        if {*labels} <= {*first} and len(rest) + len(labels) == len(names) and (
                len(rest) < len(first)):
            inputs = iter(rest)
            found.append(([first.index(column["name"]) if "label" in column else next(inputs)
                           for column in columns], not {*labels, *spare}.isdisjoint(first)))
    if len(first) == len(names):
        found.append((list(range(len(names))), False))
    numbers = [int(name.split()[1]) for name in (*names, *spare) if NUMBERED.fullmatch(name)]
    if all(map(NUMBERED.fullmatch, names)) and len(first) == max(numbers):
        found.append(([number - 1 for number in numbers[: len(names)]], False))
    return found


def _words(first, columns, picked):
    """Which of the columns of numbers and dates have a word in the first row; and anything."""
    filled = [j for j, column in enumerate(columns)
              if column["kind"] != "category" and first[picked[j]]]
    return [j for j in filled
            if forms.reader_of(columns[j], is_new=True)(first[picked[j]]) is None], filled


def _pick_columns(path, first, columns, names):
    """Whether the first row is a heading, and the place of each named column in a row."""
    missing = [name for name in names if name not in first]
    if not missing:
        for name in names:
            if first.count(name) > 1:
                raise DataError(f"{path}: has two columns named {name!r}; rename one", line=1,
                                column=name)
        return True, [first.index(name) for name in names]
    # A heading of training may have had names twice, or cells without one.
    apart = [name or f"column {j + 1}" for j, name in enumerate(different(first))]
    if set(names) <= set(apart):
        return True, [apart.index(name) for name in names]
    if not {*first, *different(first)}.isdisjoint(names):
        missing = [name for name in missing if name not in apart] or missing
        shown = [f"{name[:40]!r}{closest(name, first)}" for name in missing[:MOST_NAMES]]
        more = len(missing) - len(shown)
        also = f", nor {more} more" if more else ""
        raise DataError(f"{path}: line 1 names no column {', nor '.join(shown)}{also}; the model "
                        f"needs {list_names(names)}",
                        line=1, column=missing[0])
    if len(first) != len(names):
        raise DataError(f"{path}: has {len(first)} columns and line 1 does not name them; give the "
                        f"{len(names)} of the model in their order, or name them: "
                        f"{list_names(names)}", line=1)
    words, _ = _words(first, columns, range(len(names)))
    if not words:
        return False, list(range(len(names)))
    name, cell = names[words[0]], first[words[0]]
    raise DataError(f"{path}: line 1: {cell[:40]!r} is no {columns[words[0]]['kind']}, which column"
                    f" {name!r} needs; a heading must name {list_names(names)}", line=1,
                    column=name, cell=cell)

"""What each column of a table is: decided on all of its cells, and told.

A column of which nearly all cells are numbers is of numbers, and one cell that is none is refused,
never taken for a category. So it is with dates. What is left are categories, if they come again.
"""

import difflib
from typing import NamedTuple

import numpy as np

from data import forms
from data.errors import DataError

NEARLY_ALL = 0.95               # of the cells, from which on the others are mistakes
DIFFERENT = 10                  # numbers, from which on so many are enough for that:
MOST = 0.8
MOST_VALUES = 1000              # of one column of categories
LONGEST_VALUE = 1000            # characters of one
FEW_TEXTS = 20                  # different ones, which are categories even if each comes once
INDEX = {"", "id", "index", "row", "row_id", "rowid", "rownames", "unnamed: 0", "nr", "no", "#"}
FEW_CELLS = 5                   # filled ones, of which nothing is learned
LONG_INDEX = 50                 # rows that a first column must count where there is no heading


class Found(NamedTuple):
    """What a column was taken for.

    place   in a row
    column  a dict for data.encode and model.json: {"name", "kind"} and of kind "number" a "form"
            where it is not a plain one, of "date" a "form", of "category" its "values"; of columns
            of numbers "missing", more words that say that; kind "left out" is no input
    about   a dict for people: "name", "kind" and, of it, "missing", "low", "high", "levels",
            "form", "why"
    """

    place: int
    column: dict
    about: dict


def decide(cells, names, start, reading, labels=(), kinds=None):
    """A Found for each column of cells, a data.cells.Cells, whose rows of data begin at start.

    labels are the places of those to predict, which are never left out; kinds {place: "number" or
    "category"} says what some columns are. Raises DataError for cells and columns that it needs to
    know more about; remedy says what.
    """
    path = cells.rows.name
    asked = {"left out": reading.ignore, "number": reading.numeric, "category": reading.categorical}
    kinds = dict(kinds or {}) | {find_column(path, names, each, "column"): kind
                                 for kind, given in asked.items() for each in given}
    counts = {j: _count(cells, j, start) for j in range(len(names))
              if cells.texts[j] is not None and kinds.get(j) != "left out"}
    decimal = reading.decimal or _find_decimal(cells, counts, kinds)
    found = []
    for j, name in enumerate(names):
        kind = kinds.get(j)
        if kind == "left out":
            column, about = {"kind": kind}, {"why": "as asked"}
        elif j in counts and (cells.values[start:, j] < 0).any():
            column, about = _too_many_texts(path, name, counts[j], j in labels or kind)
        elif j in counts:
            column, about = _decide_texts(cells, j, name, start, counts[j], decimal, reading, kind,
                                          j in labels)
        else:
            column, about = _decide_numbers(cells.values[start:, j], reading)
        if j in labels and column["kind"] == "left out":
            column = {"kind": "number" if j not in counts else "category"}
        if kind is None and j not in labels and column["kind"] == "number":
            counts_rows = (cells.first[1][j].lower() in INDEX if start else
                           j == 0 and len(cells.values) > LONG_INDEX)
            why = _why_not(cells.values[start:, j], counts_rows) if j not in counts else None
            column, about = ({"kind": "left out"}, {"why": why}) if why else (column, about)
        column = {"name": name} | column
        found.append(Found(j, column, {"name": name, "kind": column["kind"]} | about))
    return found


def doubtful(cells, start, found):
    """The columns of numbers that must be read again as texts: those with points, if another one
    has decimal commas, so that 1.250 may be 1250."""
    if not any(each.column.get("form") and each.column["kind"] == "number"
               and each.column["form"].get("decimal") == "," for each in found):
        return set()
    return {j for j, texts in enumerate(cells.texts) if texts is None and j < len(found)
            and (np.floor(cells.values[start:, j]) != cells.values[start:, j]).any()
            and not np.isnan(cells.values[start:, j]).all()}


def find_column(path, names, given, remedy):
    """The place of a column given by its name or its number, from 1 or from -1 at the end."""
    if str(given) in names:
        return names.index(str(given))
    try:
        place = int(given)
    except ValueError as error:
        raise DataError(f"{path}: has no column {str(given)[:40]!r}{closest(str(given), names)}; "
                        f"there are {list_names(names)}", column=given, remedy=remedy) from error
    if not 1 <= abs(place) <= len(names):
        raise DataError(f"{path}: has no column {place}; there are {len(names)}, counted from 1, or"
                        " from -1 at the end", column=given, remedy=remedy)
    return place - 1 if place > 0 else len(names) + place


def closest(name, names):
    """' (is it X?)', if one of the names looks like this one, else ''."""
    match = nearest(name, names)
    return "" if match is None else f" (is it {match!r}?)"


def nearest(name, names):
    """The one of names that looks most like a name, but for case and spaces first; or None."""
    plain = {each.casefold().strip(): each for each in names}
    if name.casefold().strip() in plain:
        return plain[name.casefold().strip()]
    matches = difflib.get_close_matches(name, list(names)[:1000], n=1, cutoff=0.6)
    return matches[0] if matches else None


def list_names(names):
    """Names as text of bounded length."""
    text = ", ".join(name[:40] for name in names[:10])
    return text + (f" and {len(names) - 10} more" if len(names) > 10 else "")


def _count(cells, j, start):
    """{text: how often} of a column of texts, in the order of the file."""
    codes = cells.values[start:, j].astype(np.int64)
    counts = np.bincount(codes[codes >= 0], minlength=len(cells.texts[j])).tolist()
    return {text: counts[code] for text, code in cells.texts[j].items() if counts[code]}


def _find_decimal(cells, counts, kinds):
    """The decimal sign that some column leaves no doubt about: a comma, or None."""
    for j, texts in counts.items():
        if kinds.get(j) == "category":
            continue
        kind, form, read = forms.find_form(_filled(texts, ()), None, cells.rows.separator == ",")
        enough = sum(texts[text] for text in read) >= NEARLY_ALL * sum(texts.values())
        if kind == "number" and isinstance(form, dict) and form.get("decimal") == "," and enough:
            return ","
    return None


def _filled(texts, words):
    """Those of the texts that are not missing where a number is expected."""
    missing = forms.MISSING_NUMBER.union(word.lower() for word in words)
    return {text: count for text, count in texts.items() if text.lower() not in missing}


def _decide_texts(cells, j, name, start, texts, decimal, reading, kind, is_label):
    """(column, about) of a column that holds texts, {text: how often}."""
    path, total = cells.rows.name, sum(texts.values())
    filled = _filled(texts, reading.missing)
    if kind == "category" or not filled:
        return _as_category(texts, path, name, asked=kind == "category", is_label=is_label)
    commas = cells.rows.separator == ","
    what, form, read = forms.find_form(filled, reading.decimal or decimal, commas)
    if decimal and not reading.decimal and len(read) < len(filled):     # a column with points
        other = forms.find_form(filled, None, commas)
        what, form, read = other if len(other[2]) > len(read) else (what, form, read)
    count, of = sum(filled[text] for text in read), sum(filled.values())
    many = count >= MOST * of and len(read) >= DIFFERENT
    infinite = [text for text in filled if _is_infinite(text)]
    is_such = count >= NEARLY_ALL * of or (many and what == "number") or (infinite and count)
    if kind != "number" and (what == "category" or not is_such):
        column, about = _as_category(texts, path, name, asked=False, is_label=is_label)
        return column, about | ({"numbers": count} if what == "number" and count else {})
    if form == forms.DECIMAL:
        example = next(text for text in filled if text in read and "," in text)
        raise DataError(f"{path}: column {name[:40]!r}: is {example[:40]!r} a number with a decimal"
                        " comma, or with a comma between thousands? Say which is the decimal sign",
                        column=name, cell=example, remedy="decimal")
    if form == forms.ORDER:
        example = next(text for text in filled if text in read)
        raise DataError(f"{path}: column {name[:40]!r}: which is the month in {example[:40]!r}? "
                        "Write dates as 2024-12-31", column=name, cell=example, remedy="column")
    odd = [text for text in filled if text not in read]
    asked = kind == "number" and not (is_label and name not in reading.numeric)
    if odd and not asked:
        raise odd_cell(cells, j, name, start, odd[0], what, form,
                       f"as {count:,} of {of:,} cells are")
    column = {"kind": "date" if what == "date" else "number"}
    column |= {"form": form} if form else {}
    if reading.missing or odd:
        column["missing"] = sorted({*reading.missing, *odd[:100]})
    values = [value for value in map(forms.reader_of(column), read) if value is not None]
    about = {"missing": total - count} | ({"form": form} if form else {})
    about |= {"low": min(values), "high": max(values)} if values else {}
    if values and not is_label and min(values) == max(values):
        return {"kind": "left out"}, {"why": f"always {min(read)[:40]}"}
    return column, about


def _too_many_texts(path, name, texts, wanted):
    """(column, about) of a column of more different texts than are kept. Raises DataError for one
    that is wanted all the same."""
    why = f"more than {len(texts):,} different texts"
    if wanted:
        raise DataError(f"{path}: column {name[:40]!r} has {why}; use fewer rows, or leave it out",
                        column=name, remedy="ignore")
    return {"kind": "left out"}, {"why": why}


def _is_infinite(text):
    try:
        return abs(float(text)) == float("inf")
    except ValueError:
        return False


def odd_cell(cells, j, name, start, text, what, form, why, remedy="cell"):
    """The DataError for a cell that is no number, or date, in a column of them."""
    code = cells.texts[j][text]
    line = cells.line_of(start + int((cells.values[start:, j] == code).argmax()))
    written = f" written as {describe_form(form)}" if form else ""
    problem = "is not finite" if _is_infinite(text) else f"is no {what}{written}"
    return DataError(f"{cells.rows.name}: line {line}, column {name[:40]!r}: {text[:40]!r} "
                     f"{problem}, {why}; correct it", line=line, column=name, cell=text,
                     remedy=remedy)


def describe_form(form):
    """How numbers or dates of a form are written, by an example."""
    if not isinstance(form, dict):
        return form
    text = f"1{form.get('thousands', '')}250{form.get('decimal', '.')}5"
    before, after = form.get("before", ""), form.get("after", "")
    return before + text + (" " if after[:1].isalpha() else "") + after


def _as_category(texts, path, name, asked, is_label):
    """(column, about) of a column of categories; left out if it has too many, unless asked for."""
    missing = sum(count for text, count in texts.items() if text.lower() in forms.MISSING)
    filled = sum(texts.values()) - missing
    levels = [text for text in texts if text.lower() not in forms.MISSING]
    about = {"missing": missing, "levels": len(levels)}
    if is_label:
        return {"kind": "category"}, about
    longest = max(texts, key=len)
    if asked and (len(texts) > MOST_VALUES or len(longest) > LONGEST_VALUE):
        raise DataError(f"{path}: column {name[:40]!r} has {len(texts):,} different values, the "
                        f"longest of {len(longest):,} characters; at most {MOST_VALUES:,} can be "
                        f"told apart, of {LONGEST_VALUE:,}; leave it out", column=name,
                        remedy="column")
    if not asked:
        why = None
        if not levels:
            why = "it is empty"
        elif len(texts) == 1:
            why = f"always {levels[0][:40]!r}"
        elif len(levels) > FEW_TEXTS and 2 * len(levels) > filled:
            why = f"{len(levels):,} different texts in {filled:,} cells, as of names"
        elif len(levels) > MOST_VALUES:
            why = f"{len(levels):,} different texts, more than {MOST_VALUES:,}"
        elif len(longest) > LONGEST_VALUE:
            why = f"a text of {len(longest):,} characters"
        if why:
            return {"kind": "left out"}, {"why": why}
    return {"kind": "category", "values": sorted(texts)}, about


def _decide_numbers(values, reading):
    """(column, about) of a column (N,) that holds nothing but numbers and missing cells."""
    missing = int(np.isnan(values).sum())
    column = {"kind": "number"}
    if reading.missing:
        column["missing"] = sorted(reading.missing)
    if missing == len(values):
        return column, {"missing": missing}
    low, high = np.fmin.reduce(values), np.fmax.reduce(values)      # which look past NaN
    return column, {"missing": missing, "low": float(low), "high": float(high)}


def _why_not(values, counts_rows):
    """Why a column of plain numbers is no input: it is empty, constant, or counts the rows, which
    only a column at a place or of a name for that does."""
    filled = values[~np.isnan(values)]
    if not filled.size:
        return "it is empty"
    if filled.size < FEW_CELLS and filled.size < 0.05 * len(values):
        return f"only {filled.size} of {len(values):,} cells are filled"
    if (filled == filled[0]).all():
        return f"always {filled[0]:g}"
    if counts_rows and filled.size == len(values) > 2 and (np.diff(values) == 1).all():
        return "it counts the rows"
    return None

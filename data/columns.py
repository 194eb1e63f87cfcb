"""What each column of a table is: decided on all of its cells, and told.

A column of which nearly all cells are numbers is of numbers, and one cell that is none is refused,
never taken for a category. So it is with dates. What is left are categories, if they come again.
"""

import itertools
import re
from typing import NamedTuple

import numpy as np

from data import forms, ids, stand_ins
from data.errors import DataError
from data.names import find_column
from data.stand_ins import EXACT

NEARLY_ALL = 0.95               # of the cells, from which on the others are mistakes;
MOST = 0.8                      # this is enough where
MOST_CELLS = 0.5                # so many dates of one form, and the others are to be alike
DIFFERENT = 10                  # so many different ones are numbers
MOST_VALUES = 1000              # of one column of categories
EXAMPLES = 1000                     # different texts that an example is taken from
LONGEST_VALUE = 1000            # characters of one
FEW_TEXTS = 20                  # different ones, which are categories even if each comes once
FEW_CELLS = 5                   # filled ones, of which nothing is learned
LARGEST = 1e140                 # a number whose square can be computed with
SOME = 10_000                   # rows, in which a column shows whether it has decimal places
BOTH = {"left out": "left out", "number": "of numbers", "category": "of categories"}
# 2h 5m, 3 days 4 hours, P3DT4H; without a way back, so that no text takes long.
UNITS = re.compile(r"[-+]?(?:(?:[\d.,:/]++ ?[^\W\d_]{1,12}+\.?+[ ,]*+){2,}+|"
                   r"P(?=[\dT])(?:[\d.]*+[YMWDHST])++)")
LONG_INDEX = 50                 # rows that a first column must count where there is no heading


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
    decimal = None if reading.decimal else _find_decimal(columns)
    found = []
    for each in columns:
        if each.kind == "left out" and not each.is_label:
            column, about = _left_out("as asked")
        elif each.texts is None:
            column, about = _decide_numbers(each, reading)
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


def _left_out(why):
    return {"kind": "left out"}, {"why": why}


def _of_numbers(each, reading, kind="number", form=None):
    """The dict of a column of numbers or dates."""
    column = {"kind": kind} | ({"form": form} if form else {})
    if reading.missing:
        column["missing"] = sorted(reading.missing)
    if each.kind == "number" and not each.is_label:
        column["others"] = "missing"
    return column


def _decide_numbers(each, reading):
    """(column, about) of a column that holds nothing but numbers and missing cells."""
    values = each.values
    about = {"missing": int(np.isnan(values).sum())}
    if about["missing"] < len(values):
        low, high = np.fmin.reduce(values), np.fmax.reduce(values)      # which look past NaN
        _check_size(each, low, high)
        about |= {"low": float(low), "high": float(high)} | _notes(each, low, high)
    elif each.kind == "number" and not each.is_label:
        raise each.error(" holds no number", remedy="column")
    why = None if each.is_label or each.kind else _why_not(each, values[~np.isnan(values)])
    return _left_out(why) if why else (_of_numbers(each, reading), about)


def _check_size(each, low, high):
    """Raise DataError for numbers too large to compute with."""
    if max(-low, high) > LARGEST:
        raise each.error(f": holds {low if -low > high else high:g}, too large to compute with, as "
                         f"numbers above {LARGEST:g} are; give it in another unit",
                         remedy="column" if not each.is_label else "label")


def _notes(each, low, high):
    """What to tell of plain numbers: "suspect", "padded", "powers", "long", "id", as in Found."""
    notes = {}
    if each.place in each.cells.padded and not each.kind:
        notes["padded"] = True
    elif each.place in each.cells.powers and not each.kind:
        notes["powers"] = True
    if max(-low, high) >= EXACT and not has_fractions(each.values):
        notes["long"] = True
    own = each.cells.first[1][each.place] if each.start else None       # its name in the file
    if own is not None and not (each.kind or each.is_label) and ids.is_name(own):
        filled = each.values[~np.isnan(each.values)]
        different, counts = np.unique(filled, return_counts=True)
        if ids.differ(filled):
            notes["id"] = "is named as an id" if own else "has no name, as an index has none"
        elif ids.are_whole(different) and ids.come_again(own, different, counts):
            notes["ids"] = len(counts)
    suspect = stand_ins.of_numbers(each.values, low, high)
    return notes | ({"suspect": suspect} if suspect else {})


def _why_not(each, filled):
    """Why a column of plain numbers is no input, or None: it is empty, constant, or counts the
    rows, which only one at a place or of a name for that does."""
    rows = len(each.values)
    if not filled.size:
        return "it is empty"
    if filled.size < FEW_CELLS and filled.size < 0.05 * rows:
        return f"only {filled.size} of {rows:,} cells are filled"
    if (filled == filled[0]).all():
        return ("its numbers are too long to be told apart" if abs(filled[0]) >= EXACT else
                f"always {filled[0]:.15g}")
    own = each.cells.first[1][each.place] if each.start else None       # its name in the file
    may_count = (each.place == 0 and rows >= LONG_INDEX) if own is None else (
        own.lower() in ids.NAMES)
    if may_count and filled.size == rows > 2 and (np.diff(filled) == 1).all():
        return "it counts the rows"
    if own is not None and ids.is_name(own) and filled.size == rows and ids.rises(filled):
        return "it rises from row to row, as an id does"
    return None


def _decide_texts(each, reading, decimal):
    """(column, about) of a column that holds texts; decimal is the sign that others have."""
    if (each.values < 0).any():
        return _too_many_texts(each)
    filled = _filled(each.texts, reading.missing)
    if each.kind == "category" or not filled:
        return _as_category(each)
    kind, form, read = _find_form(each, filled, reading.decimal, decimal)
    count, total = sum(filled[text] for text in read), sum(filled.values())
    # Numbers that hardly come again are no codes, however few they are.
    many = kind == "number" and count >= MOST * total and (
        len(read) >= DIFFERENT or len(read) >= max(5, 0.8 * count))
    infinite = count and any(map(_is_infinite, filled))
    if each.kind == "number" and not count:
        raise each.error(" holds no number", remedy="column" if not each.is_label else "task")
    if kind == "date" and not each.kind and MOST_CELLS * total <= count < NEARLY_ALL * total:
        _refuse_other_dates(each, filled, read)
    if each.kind != "number" and not (count >= NEARLY_ALL * total or many or infinite):
        column, about = _as_category(each)
        return column, about | ({"numbers": count} if kind == "number" and count else {})

    _check_form(each, form, [text for text in filled if text in read])
    if kind == "date":
        form = _with_offset(each, filled, form, read)
    odd = [text for text in filled if text not in read]
    column = _of_numbers(each, reading, kind, form)
    if odd and "others" not in column:
        line, written = each.cells.line_with(each.place, odd[0], each.start), ""
        if form:
            written = f" written as {describe_form(form, _example(filled, read))}"
        problem = "is not finite" if _is_infinite(odd[0]) else f"is no {kind}{written}"
        raise DataError(f"{each.cells.place(line)}, column {each.name[:40]!r}: "
                        f"{odd[0][:40]!r} {problem}, as {count:,} of {total:,} cells are; correct "
                        "it", line=line, column=each.name, cell=odd[0],
                        remedy="name" if line == each.cells.first[0] else
                        "target" if each.is_label else "cell")
    values = list(map(forms.reader_of(column), read))
    _check_size(each, min(values), max(values))
    if min(values) == max(values) and not each.is_label and each.kind != "weight":
        return _left_out(f"always {min(read)[:40]}")
    notes = {"example": _example(filled, read)} if form and kind == "number" else {}
    suspect = stand_ins.of_dates(values, list(read), [filled[text] for text in read]) if (
        kind == "date") else []
    return column, {"missing": sum(each.texts.values()) - count, "low": min(values),
                    "high": max(values)} | ({"form": form} if form else {}) | notes | (
                        {"suspect": suspect} if suspect else {})


def _refuse_other_dates(each, filled, read):
    """Raise DataError where nearly all cells that are not in read are dates of another form."""
    odd = [text for text in filled if text not in read]
    dates = [text for text in odd if forms.is_date(text)]
    total, count = sum(filled.values()), sum(filled[text] for text in read)
    if count + sum(filled[text] for text in dates) < NEARLY_ALL * total:
        return
    line = each.cells.line_with(each.place, dates[0], each.start)
    example = next(text for text in filled if text in read)
    raise DataError(f"{each.cells.place(line)}, column {each.name[:40]!r}: "
                    f"{dates[0][:40]!r} is no date as {example[:40]!r} is one, and as "
                    f"{count:,} of {total:,} cells are; write all of them alike", line=line,
                    column=each.name, cell=dates[0],
                    remedy="target" if each.is_label else "cell")


def _filled(texts, words):
    """Those of {text: how often} that are not missing where a number is expected."""
    missing = forms.MISSING_NUMBER.union(word.lower() for word in words)
    return {text: count for text, count in texts.items() if text.lower() not in missing}


def _find_form(each, filled, decimal=None, guess=None):
    """What forms.find_form finds. decimal is the decimal sign that is known, guess that of other
    columns, which this one may not have."""
    commas = each.cells.rows.separator == ","
    found = forms.find_form(filled, decimal or guess, commas)
    if guess and len(found[2]) < len(filled):
        other = forms.find_form(filled, decimal, commas)
        return other if len(other[2]) > len(found[2]) else found
    return found


def has_fractions(values):
    """Whether some of the numbers are not whole; infinite ones and NaN count as whole."""
    return bool((np.floor(values) < values).any())


def _find_decimal(columns):
    """The decimal sign that some column leaves no doubt about, or None. A point is one where a
    comma separates cells: in other files 1.250 may be 1250."""
    points = any(each.texts is None and has_fractions(each.values[:SOME]) for each in columns)
    for each in columns:
        if each.texts is None or each.kind in ("category", "left out"):
            continue
        filled = _filled(each.texts, ())
        kind, form, read = _find_form(each, filled)
        if kind == "number" and isinstance(form, dict) and sum(
                filled[text] for text in read) >= NEARLY_ALL * sum(filled.values()):
            if form.get("decimal") == ",":
                return ","
            points = points or form.get("thousands") == ","
    return "." if points and columns[0].cells.rows.separator == "," else None


def _check_form(each, form, read):
    """Raise DataError for a form that is not known, of the texts that it may read."""
    if form == forms.DECIMAL:
        example = next(text for text in read if "," in text)
        raise each.error(f": is {example[:40]!r} a number with a decimal comma, or with a comma "
                         "between thousands? Say which is the decimal sign", cell=example,
                         remedy="decimal")
    if form == forms.ORDER:
        raise each.error(f": which is the month in {read[0][:40]!r}? Write dates as 2024-12-31",
                         cell=read[0], remedy="column")


def _with_offset(each, filled, form, read):
    """The form of dates with forms.OFFSET behind it if the times say their offset from UTC. Raises
    DataError where some do and others do not: they would be hours apart."""
    with_it = {text for text in read if forms.has_offset(text)}
    if len(with_it) in (0, len(read)):
        return form + forms.OFFSET if with_it else form
    odd = min(read - with_it, with_it, key=lambda texts: sum(filled[text] for text in texts))
    text = next(text for text in filled if text in odd)
    line = each.cells.line_with(each.place, text, each.start)
    says = "says its offset from UTC, which" if text in with_it else "says no offset from UTC, as"
    rest = sum(filled[other] for other in read if other not in odd)
    raise DataError(f"{each.cells.place(line)}, column {each.name[:40]!r}: {text[:40]!r}"
                    f" {says} {rest:,} of {sum(filled.values()):,} cells do"
                    f"{' not' if text in with_it else ''}; write all of them alike", line=line,
                    column=each.name, cell=text, remedy="column")


def describe_form(form, example=None):
    """How numbers or dates of a form are written: of numbers by a cell of theirs, if it is known.
    """
    if not isinstance(form, dict):
        return form
    if "clock" in form:
        return f"{example or '4:30:00'}, in hours"
    if example is not None:
        return example
    whole = "1,00,250" if "groups" in form else f"1{form.get('thousands', '')}250"
    text = f"{whole}{form.get('decimal', '.')}5"
    if "exponent" in form:
        text += "D+00"
    if "letters" in form:
        text += form["letters"][-1]
    before, after = form.get("before", ""), form.get("after", "")
    text = before + text + (" " if after[:1].isalpha() else "") + after
    if "negative" in form:
        return f"{text}- below zero" if form["negative"] == "-" else f"({text}) below zero"
    return text


def _example(filled, read):
    """Of the first of the texts that are in read the longest, which shows most of their form."""
    some = itertools.islice((text for text in filled if text in read), EXAMPLES)
    return max(some, key=len)[:40]


def _is_infinite(text):
    try:
        return abs(float(text)) == float("inf")
    except ValueError:
        return False


def _as_category(each):
    """(column, about) of a column of categories; left out if it has too many, unless asked for."""
    texts = each.texts
    missing = sum(count for text, count in texts.items() if text.lower() in forms.MISSING)
    levels = [text for text in texts if text.lower() not in forms.MISSING]
    about = {"missing": missing, "levels": len(levels)} | _alike(levels)
    if each.is_label:
        return {"kind": "category"}, about
    longest = max(map(len, texts))
    if each.kind == "category" and (len(texts) > MOST_VALUES or longest > LONGEST_VALUE):
        raise each.error(f" has {len(texts):,} different values, the longest of {longest:,} "
                         f"characters; at most {MOST_VALUES:,} can be told apart, of "
                         f"{LONGEST_VALUE:,}; leave it out", remedy="column")
    why, filled = None, sum(texts.values()) - missing
    if not levels:
        why = "it is empty"
    elif len(texts) == 1:
        why = f"always {levels[0][:40]!r}"
    elif len(levels) > FEW_TEXTS and 2 * len(levels) > filled:
        example = next((level for level in levels if forms.number(level) is None), levels[0])
        why = f"{len(levels):,} different texts in {filled:,} cells, " + (
            f"each with digits, such as {example[:40]!r}" if all(map(_is_of_digits, levels)) else
            "as of names")
    elif len(levels) > MOST_VALUES:
        why = f"{len(levels):,} different texts, more than {MOST_VALUES:,}"
    elif longest > LONGEST_VALUE:
        why = f"a text of {longest:,} characters"
    if why and not each.kind:
        return _left_out(why)
    if not each.kind and each.start and ids.come_again(
            each.cells.first[1][each.place], levels, [texts[level] for level in levels]):
        about["ids"] = len(levels)
    return {"kind": "category", "values": sorted(texts)}, about


def _is_of_digits(text):
    """Whether a text may be a number that was not read: it begins as one, with few letters; or
    is several with units."""
    if UNITS.fullmatch(text):
        return True
    return forms.FIRST.match(text) is not None and sum(map(str.isdigit, text)) > sum(
        map(str.isalpha, text))


def _alike(levels):
    """{"alike": two levels that differ by case, spaces or .0 alone}, if there are such, else {}."""
    seen = {}
    for level in levels[:MOST_VALUES]:
        plain = forms.whole("".join(level.casefold().split()))
        if plain in seen:
            return {"alike": [seen[plain], level]}
        seen[plain] = level
    return {}


def _too_many_texts(each):
    """(column, about) of a column of more different texts than are kept. Raises DataError for one
    that is wanted all the same."""
    why = f"more than {len(each.texts):,} different texts"
    if each.is_label or each.kind:
        raise each.error(f" has {why}; use fewer rows, or leave it out", remedy="ignore")
    return _left_out(why)

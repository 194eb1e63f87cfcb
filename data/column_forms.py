"""The form of a column: how its numbers or dates are written, found on all of its cells, and told.

each is a data.columns.Undecided, filled {text: how often} of its cells that are not missing, and
read those of them that a form reads.
"""

import itertools

import numpy as np

from data import forms
from data.errors import DataError

NEARLY_ALL = 0.95               # of the cells, from which on the others are mistakes
EXAMPLES = 1000                 # different texts that an example is taken from
SOME = 10_000                   # rows, in which a column shows whether it has decimal places


def filled_cells(texts, words):
    """Those of {text: how often} that are not missing where a number is expected."""
    missing = forms.MISSING_NUMBER.union(word.lower() for word in words)
    return {text: count for text, count in texts.items() if text.lower() not in missing}


def find_form(each, filled, decimal=None, guess=None):
    """What forms.find_form finds. decimal is the decimal sign that is known, guess that of other
    columns, which this one may not have."""
    commas = each.cells.rows.separator == ","
    found = forms.find_form(filled, decimal or guess, commas)
    if guess and len(found[2]) < len(filled):
        other = forms.find_form(filled, decimal, commas)
        return other if len(other[2]) > len(found[2]) else found
    return found


def find_decimal(columns):
    """The decimal sign that some column leaves no doubt about, or None. A point is one where a
    comma separates cells: in other files 1.250 may be 1250."""
    points = any(each.texts is None and has_fractions(each.values[:SOME]) for each in columns)
    for each in columns:
        if each.texts is None or each.kind in ("category", "left out"):
            continue
        filled = filled_cells(each.texts, ())
        kind, form, read = find_form(each, filled)
        if kind == "number" and isinstance(form, dict) and sum(
                filled[text] for text in read) >= NEARLY_ALL * sum(filled.values()):
            if form.get("decimal") == ",":
                return ","
            points = points or form.get("thousands") == ","
    return "." if points and columns[0].cells.rows.separator == "," else None


def has_fractions(values):
    """Whether some of the numbers are not whole; infinite ones and NaN count as whole."""
    return bool((np.floor(values) < values).any())


def check_form(each, form, read):
    """Raise DataError for a form that is not known, of the texts that it may read."""
    if form == forms.DECIMAL:
        example = next(text for text in read if "," in text)
        raise each.error(f": is {example[:40]!r} a number with a decimal comma, or with a comma "
                         "between thousands? Say which is the decimal sign", cell=example,
                         remedy="decimal")
    if form == forms.ORDER:
        raise each.error(f": which is the month in {read[0][:40]!r}? Write dates as 2024-12-31",
                         cell=read[0], remedy="column")


def with_offset(each, filled, form, read):
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


def refuse_other_dates(each, filled, read):
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


def example_of(filled, read):
    """Of the first of the texts that are in read the longest, which shows most of their form."""
    some = itertools.islice((text for text in filled if text in read), EXAMPLES)
    return max(some, key=len)[:40]


def is_infinite(text):
    try:
        return abs(float(text)) == float("inf")
    except ValueError:
        return False

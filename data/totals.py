"""Lines of totals, which are no examples: their numbers are the sums of those above them.

One may be the last row, and others, of subtotals, each the last of the rows that it is the sum of.
"""

import itertools
import re

import numpy as np

from data import forms
from data.encode import column_values

FEWEST = 4                      # rows above it
WORDS = {"total", "totals", "grand total", "sub total", "subtotal", "sum", "overall",
         "summe", "gesamt", "insgesamt", "gesamtsumme", "endsumme", "somme", "total général",
         "totale", "somma", "suma", "total general", "total geral", "soma", "totaal", "samtliga",
         "totalt", "suma ogółem", "razem", "ogółem", "итого", "всего", "合计", "总计",
         "合計", "総計", "합계"}
# In a cell that says more: Subtotal North. Scripts without spaces have it next to other signs.
SUBTOTAL = re.compile(
    r"(?<![^\W_])(?:sub-?totals?|zwischen-?summe|teil-?summe|sous-totaux|subtotaal|subtotale|"
    r"delsumma|подытог|" + "|".join(sorted(map(re.escape, WORDS), key=len, reverse=True))
    + r")(?![^\W_])|小计|小計|소계|合计|合計|합계", re.IGNORECASE)
FEWEST_PARTS = 2                # rows that a subtotal is the sum of
MOST_TEXTS = 10_000             # different ones of a column that is looked at
MOST_SUBTOTALS = 10_000         # rows
SHOWN = 10                      # of their lines
PLACES = 6                      # decimal places looked at


def find(cells, start, found, keep, labels):
    """{"line", "names", "word"} of the last of the rows to keep if it holds totals, else None.

    cells and found are as in data.columns; keep (N,) says which rows from start on have labels, and
    labels are the places of these. names are the columns of which it is the sum, and word what it
    is called, or None: it needs such a word that no other row has, or two sums that are at least
    half of its numbers, or one that is all that the row holds.
    """
    rows = np.flatnonzero(keep)
    if len(rows) <= FEWEST:
        return None
    last = int(rows[-1])
    filled = [j for j in range(len(found)) if not _is_blank(cells, start + last, j)]
    word = next((text for text in (_only_text(cells, start, last, j) for j in filled
                                   if j not in labels)
                 if text and text.casefold().strip(" :.*") in WORDS), None)
    numbers = [each for each in found if each.column["kind"] == "number" and each.place in filled]
    sums = [each for each in numbers if _is_sum(cells, start, last, each)]
    if not (word or len(filled) == len(sums) == 1 or 2 <= len(sums) >= 0.5 * len(numbers)):
        return None
    return {"line": cells.line_of(start + last), "word": word,
            "names": [each.column["name"] for each in sums]}


def _is_blank(cells, row, j):
    """Whether a cell is empty."""
    code = cells.values[row, j]
    return bool(np.isnan(code)) if cells.texts[j] is None else cells.texts[j].get("") == code


def _only_text(cells, start, last, j):
    """The text of a row in a column of texts if no other row has it, else None."""
    if cells.texts[j] is None:
        return None
    codes = cells.values[start:, j]
    return None if (codes == codes[last]).sum() > 1 else _text(cells, start + last, j)


def _text(cells, row, j):
    """A cell of a column of texts; None if it was one too many."""
    code = cells.values[row, j]
    return next((text for text, other in cells.texts[j].items() if other == code), None)


def _is_sum(cells, start, last, each):
    """Whether a column's last number is the sum of those above it, as far as these are rounded, and
    larger than any of them."""
    total = cells.values[start + last, each.place]
    if cells.texts[each.place] is not None:
        total = forms.reader_of(each.column)(_text(cells, start + last, each.place))
    if total is None or total not in (each.about.get("low"), each.about.get("high")):
        return False                    # so most columns are looked at in one row alone
    above = column_values(cells, start, each)[:last]
    above = above[~np.isnan(above)]
    if (above != 0).sum() < FEWEST or np.abs(above).max() >= abs(total):
        return False
    return _adds_up(above, total)


def _adds_up(parts, total):
    """Whether a number is the sum of parts, as far as these are rounded."""
    step = next((10.0**-places for places in range(PLACES) if round(total, places) == total), 0)
    rounding = min(step * (1 + len(parts)**0.5) / 2, 0.005 * abs(total))
    return bool(abs(parts.sum() - total) <= rounding + 1e-9 * np.abs(parts).sum())


def find_subtotals(cells, start, found, keep, last=None):
    """{"lines", "count", "word", "names"} of the rows to keep that hold subtotals, else None.

    Of each a cell says a word such as Subtotal, and at least half of its numbers are the sums of
    those in the rows since the last row with such a word. lines are those of the first SHOWN of
    them, count how many there are, word what the first one says, and names are the columns of
    which it is the sum. last is what find has, whose line is none of these. The others are as in
    find.
    """
    said = {}                                           # row: its text
    for each in found:
        texts = cells.texts[each.place]
        if texts is None or len(texts) > MOST_TEXTS or each.column["kind"] in ("number", "date") \
                or not SUBTOTAL.search("\n".join(texts)):
            continue
        words = {code: text for text, code in texts.items() if SUBTOTAL.search(text)}
        codes = cells.values[start:, each.place]
        for row in np.flatnonzero(np.isin(codes, list(words)))[:MOST_SUBTOTALS].tolist():
            said.setdefault(row, words[int(codes[row])])
    rows = sorted(said)[:MOST_SUBTOTALS]
    columns = {each.column["name"]: column_values(cells, start, each) for each in found
               if rows and each.column["kind"] == "number"}
    sums = {row: _sums_at(columns, before + 1, row)
            for before, row in itertools.pairwise([-1, *rows]) if keep[row]}
    rows = [row for row in sums if sums[row]
            and not (last and cells.line_of(start + row) == last["line"])]
    if not rows:
        return None
    return {"lines": [cells.line_of(start + row) for row in rows[:SHOWN]], "count": len(rows),
            "word": said[rows[0]], "names": sums[rows[0]]}


def _sums_at(columns, first, row):
    """The names of the columns {name: numbers (N,)} whose number in a row is the sum of those from
    row first on, of which at least two are not 0; none if that is less than half of its numbers."""
    filled, names = 0, []
    for name, values in columns.items():
        total, parts = values[row], values[first:row]
        parts = parts[~np.isnan(parts)]
        filled += not np.isnan(total)
        if not np.isnan(total) and (parts != 0).sum() >= FEWEST_PARTS and _adds_up(parts, total):
            names.append(name)
    return names if 2 * len(names) >= filled else []

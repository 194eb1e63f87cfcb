"""A last line of totals, which is no example: its numbers are the sums of those above them."""

import numpy as np

from data import forms
from data.encode import column_values

FEWEST = 4                      # rows above it
WORDS = {"total", "totals", "grand total", "sub total", "subtotal", "sum", "overall",
         "summe", "gesamt", "insgesamt", "gesamtsumme", "endsumme", "somme", "total général",
         "totale", "somma", "suma", "total general", "total geral", "soma", "totaal", "samtliga",
         "totalt", "suma ogółem", "razem", "ogółem", "итого", "всего", "合计", "总计",
         "合計", "総計", "합계"}
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
    step = next((10.0**-places for places in range(PLACES) if round(total, places) == total), 0)
    rounding = min(step * (1 + len(above)**0.5) / 2, 0.005 * abs(total))
    return abs(above.sum() - total) <= rounding + 1e-9 * np.abs(above).sum()

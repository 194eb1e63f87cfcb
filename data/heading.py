"""Whether line 1 of a table holds the names of its columns, found out from all that is below it."""

import itertools
import re

import numpy as np

from data import forms

ENOUGH = 11                     # rows, from which on numbers can be far from all others
SOME = 1000                     # different texts of a column that its first cell is compared with
MORE = 3                        # lines below the heading, at most, that may belong to it
ENOUGH_LINES = 20               # for each of these, so that all others are nearly all
WORD = re.compile(r"[A-Za-z_ ]+")


def is_heading(cells):
    """(whether the first row of cells, a data.cells.Cells, is a heading, why).

    It is one if some column holds nothing but numbers or dates below it, and no such column does in
    it, but for whole numbers that do not come again, such as years. Numbers are names where they
    count 0, 1, 2, ..., as pandas writes them, or are whole and no other is, or far from all others,
    or one is above words. In a table of text alone line 1 is a heading unless a cell of it comes
    again in its column (but with the whole line), or is written like the others there and in no
    column unlike them.
    """
    first = cells.first[1]
    if cells.count < 2:
        return False, "there is no other line"
    read = [_reads_first(cells, j) for j in range(len(first))]
    numeric = [j for j, answer in enumerate(read) if answer is not None]
    if not numeric:
        return _is_heading_of_texts(cells, first)
    if not any(read[j] for j in numeric) and any(first[j] for j in numeric
                                                 if not _is_missing(first[j])):
        return True, "it has words where others have numbers"
    words = [j for j in numeric if not read[j] and not _is_missing(first[j])]
    if words and _is_of_names(cells, first, words, numeric):
        return True, "it has words where others have numbers, and no cell that comes again"
    if _is_far(cells, first, numeric):
        return True, "its numbers are far from all others"
    if all(forms.number(cell) is not None for cell in first):
        return _is_heading_of_numbers(cells, first)
    return False, "it has numbers where others have them"


def _is_missing(cell):
    return cell.lower() in forms.MISSING_NUMBER


def _reads_first(cells, j):
    """Whether the first cell of a column is a number or a date like those below it; None if those
    are none. What stands for a missing one is not like them."""
    cell, texts = cells.first[1][j], cells.texts[j]
    if texts is None:
        if np.isnan(cells.values[1:, j]).all():
            return None
        return not _is_missing(cell) and forms.number(cell) is not None
    some = {text: 1 for text in list(texts)[:SOME] if not _is_missing(text)}
    kind, form, found = forms.find_form(some)
    if kind == "category" or len(found) < 0.9 * len(some):
        return None
    if form in (forms.DECIMAL, forms.ORDER):
        return any(char.isdigit() for char in cell)
    read = forms.read_date if kind == "date" else forms.read_number
    return not _is_missing(cell) and read(cell, form) is not None


def _is_of_names(cells, first, words, numeric):
    """Whether the cells besides words are names: all different, whole in columns of numbers, and
    none comes again in its column."""
    if cells.count < ENOUGH or len(set(first)) < len(first) or not all(
            first[j].isdecimal() for j in numeric if j not in words):
        return False
    return not any(_comes_again(cells, j) for j in range(len(first)) if j not in words)


def _comes_again(cells, j):
    """Whether the first cell of a column is in it again."""
    cell, texts = cells.first[1][j], cells.texts[j]
    if texts is not None:
        return cell in texts
    return bool((cells.values[1:, j] == forms.number(cell)).any())


def _is_far(cells, first, numeric):
    """Whether the first cell of every column of numbers is farther from all below it than these are
    from each other, as years are; no two are one number, and no word comes again."""
    if cells.count < ENOUGH or len(set(first)) < len(first) or len(numeric) < 2 or any(
            cell in (texts or ()) for cell, texts in zip(first, cells.texts, strict=True)):
        return False
    for j in numeric:
        value, below = forms.number(first[j]), cells.values[1:, j]
        if value is None or cells.texts[j] is not None:
            return False
        low, high = np.nanmin(below), np.nanmax(below)
        if max(low - value, value - high) <= high - low or low == high:
            return False
    return True


def _is_heading_of_numbers(cells, first):
    """Of a first row of numbers alone."""
    names = [cell for cell in first if cell]
    seen = [j for j, cell in enumerate(first) if cell and _comes_again(cells, j)]
    counted = names == [str(i) for i in range(len(names))]
    if counted and len(names) > 1 and (len(names) > 3 or not seen):
        return True, "it counts the columns from 0"
    whole = len(set(names)) == len(names) and all(name.isdecimal() for name in names)
    for texts in cells.texts if whole else ():
        if texts and len(texts) > 1 and all(forms.number(text) is None for text in texts):
            return True, "it has a number where others have words"
    below = [cells.values[1:, j] for j in range(len(first)) if cells.texts[j] is None]
    if len(below) > 1 and cells.count >= ENOUGH and whole and not any(
            (column == np.floor(column)).any() for column in below):
        return True, "its numbers are whole, as no others are"
    return False, "it has numbers where others have them"


def _is_heading_of_texts(cells, first):
    """Of a table without a column of numbers or dates."""
    again = [j for j, cell in enumerate(first) if cell in (cells.texts[j] or ())]
    whole = repetitions(cells)
    if len(again) == len(first) > 1 and all(
            (cells.values[1 : cells.count, j] == cells.texts[j][cell]).sum() == len(whole)
            for j, cell in enumerate(first)):
        return True, "none of its cells comes again but with all the others"
    if again:
        return False, f"{first[again[0]][:20]!r} comes again below it"
    if "" in first or len(set(first)) < len(first):
        return False, "its cells are no names"
    like, unlike = 0, 0
    for cell, texts in zip(first, cells.texts, strict=True):
        shapes = {shape(text) for text in list(texts or ())[:SOME]}
        unlike += shape(cell) not in shapes
        like += len(shapes) == 1 and shape(cell) in shapes and not WORD.fullmatch(cell)
    if like > unlike:
        return False, "its cells are written as the others are"
    return True, "none of its cells comes again below it"


def repetitions(cells):
    """The rows below the first that are the same texts, as where files were put together; an array.

    Where a column of numbers has an own name, there are none.
    """
    first = cells.rows.as_written
    same = np.ones(cells.count - 1, bool)
    for j, cell in enumerate(first):
        values = cells.values[1 : cells.count, j]
        if cells.texts[j] is not None and cell in cells.texts[j]:
            same &= values == cells.texts[j][cell]
        elif cells.texts[j] is None and cell == "":
            same &= np.isnan(values)
        else:
            return np.array([], np.int64)
    if not any(first):
        return np.array([], np.int64)
    return 1 + np.flatnonzero(same)


def more_of_it(cells, places, missing):
    """How many rows below the heading are units or more of it: no column of numbers or dates has
    one in them, and all of these have in the rows after them.

    places are the columns to look at; missing, words (in small letters) that say nothing.
    """
    for count in range(min(MORE, cells.count - 3), 0, -1):
        if _is_more(cells, places, missing, count):
            return count
    return 0


def _is_more(cells, places, missing, count):
    """Whether the first so many rows below the heading have words in columns that are of numbers
    after them, each row in two, or in one where mistakes would be few; and in none a number."""
    first, words = slice(1, 1 + count), np.zeros(count, np.int64)
    if any(cells.texts[j] is None and not np.isnan(cells.values[first, j]).all() for j in places):
        return False
    for j in places:
        if cells.texts[j] is None:
            continue
        codes = cells.values[first, j].astype(np.int64)
        texts = list(itertools.islice(cells.texts[j], int(codes.max()) + 1))
        above = [texts[code] for code in codes]
        filled = [text.lower() not in missing for text in above]
        alone = {text for text, code in zip(above, codes, strict=True)
                 if not (cells.values[1 + count :, j] == code).any()}
        rest = {text: 1 for text in itertools.islice(cells.texts[j], SOME)
                if text not in alone and text.lower() not in missing}
        if not any(filled) or not rest:
            continue
        kind, form, found = forms.find_form(rest)
        if kind == "category" or len(found) < len(rest):
            continue
        known = form not in (forms.DECIMAL, forms.ORDER)
        read = forms.read_date if kind == "date" else forms.read_number
        for text, holds in zip(above, filled, strict=True):
            if holds and (text in rest or (known and read(text, form) is not None)):
                return False
        words += filled
    return bool((words >= (2 if cells.count < ENOUGH_LINES * count else 1)).all())


def shape(text):
    """How a text is written: letters and digits in its order, of several in a row the first."""
    kinds = re.sub(r"[a-z]+", "a", re.sub(r"[A-Z]+", "A", re.sub(r"\d+", "9", text)))
    return kinds[:40]

"""The categories of a column of texts: as which it is an input, why it may be none, and which of
them its missing cells are.

each is a data.columns.Undecided; what is given is (column, about), as in data.columns.Found.
"""

import re

from data import forms, ids

MOST_VALUES = 1000              # of one column of categories
LONGEST_VALUE = 1000            # characters of one
FEW_TEXTS = 20                  # different ones, which are categories even if each comes once
# 2h 5m, 3 days 4 hours, P3DT4H; without a way back, so that no text takes long.
UNITS = re.compile(r"[-+]?(?:(?:[\d.,:/]++ ?[^\W\d_]{1,12}+\.?+[ ,]*+){2,}+|"
                   r"P(?=[\dT])(?:[\d.]*+[YMWDHST])++)")


def as_category(each):
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
        return each.left_out(why)
    if not each.kind and each.start and ids.come_again(
            each.cells.first[1][each.place], levels, [texts[level] for level in levels]):
        about["ids"] = len(levels)
    return {"kind": "category", "values": sorted(texts)}, about


def too_many_texts(each):
    """(column, about) of a column of more different texts than are kept. Raises DataError for one
    that is wanted all the same."""
    why = f"more than {len(each.texts):,} different texts"
    if each.is_label or each.kind:
        raise each.error(f" has {why}; use fewer rows, or leave it out", remedy="ignore")
    return each.left_out(why)


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


def of_missing(values):
    """Which of a column's values a cell is that is missing, though written as none of them is: the
    empty one, or the only one that says it is missing; None where it has none or several."""
    missing = [value for value in values if value.lower() in forms.MISSING]
    return "" if "" in missing else missing[0] if len(missing) == 1 else None

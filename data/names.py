"""Names of columns: found by name or number, and the nearest of them where one is not there."""

import difflib
import re
from collections import Counter

from data.errors import DataError

COMPARED = 1000     # names, at most, that one is compared with


def find_column(path, names, given, remedy):
    """The place of a column given by its name or its number, from 1 or from -1 at the end.

    Raises DataError with that remedy where names, a list, has no such column.
    """
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


def different(names):
    """The names of a heading, those that come again made different: value, value as value (1),
    value (2). Empty ones stay."""
    counts, seen = Counter(names), Counter()
    apart = []
    for name in names:
        seen[name] += 1
        apart.append(f"{name} ({seen[name]})" if name and counts[name] > 1 else name)
    return apart


def closest(name, names):
    """' (is it X?)', if one of the names looks like this one, else ''; of those that different has
    made of this name, all."""
    shared = [each for each in names if re.fullmatch(re.escape(name) + r" \(\d+\)", each)]
    if len(shared) > 1:
        more = f", or one of {len(shared) - 4} more" if len(shared) > 4 else ""
        return f" (is it {' or '.join(map(repr, shared[:4]))}{more}?)"
    match = nearest(name, names)
    return "" if match is None else f" (is it {match!r}?)"


def nearest(name, names):
    """The one of names that looks most like a name, but for case and spaces first; or None."""
    plain = {each.casefold().strip(): each for each in names}
    if name.casefold().strip() in plain:
        return plain[name.casefold().strip()]
    matches = difflib.get_close_matches(name, list(names)[:COMPARED], n=1, cutoff=0.6)
    return matches[0] if matches else None


def holds(written, names):
    """Whether all of names are among the cells of a heading, but for case and spaces."""
    return set(names) <= set(written) or bool(respelled(written, names))


def respelled(written, names):
    """{cell: name} of cells of a heading, written, that are names but for case and spaces, if all
    of names are there then; else {}."""
    there, known = set(written), set(names)
    missing = [name for name in names if name not in there]
    found, plain = {}, {}
    for cell in written if missing else ():
        if cell not in known:
            plain.setdefault(_plain(cell), []).append(cell)
    for name in missing:
        cells = plain.pop(_plain(name), [])         # of names that are alike the second has none
        if len(cells) != 1:
            return {}
        found[cells[0]] = name
    return found


def _plain(name):
    """A name without case and spaces."""
    return "".join(name.casefold().split())


def list_names(names):
    """Names as text of bounded length, each in quotes."""
    text = ", ".join(repr(name[:40]) for name in names[:10])
    return text + (f" and {len(names) - 10} more" if len(names) > 10 else "")

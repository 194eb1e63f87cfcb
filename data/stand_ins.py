"""Numbers and dates that look as those do that stand for missing ones: -999, 9998, 9999-12-31."""

import datetime
import re

import numpy as np

EXACT = 2**53                   # from here on not every whole number is one of float64
DIFFERENT = 10                  # so many others make one negative number odd
MOST = 4                        # codes side by side, at one end
EPOCH = datetime.date(1970, 1, 1).toordinal()
BESIDE = re.compile(r"99+[5-8]|777+|888+")      # beside 999, 9999, ...; 98 is often a number
OFTEN = 3                       # times at least that a number which is but negative comes,
FAR = 3                         # steps beyond the others, or as often as one of them
SURVEY = re.compile(r"[2-9]|([5-9])\1+|9+[5-8]")    # negative, side by side: -9, -8, -77, -98
# Where programs begin to count days, and where they end: .NET, SQL Server, Excel, Unix, pandas.
ENDS = {(1, 1, 1), (1753, 1, 1), (1899, 12, 30), (1899, 12, 31), (1900, 1, 1), (1904, 1, 1),
        (1969, 12, 31), (1970, 1, 1), (1980, 1, 1), (2262, 4, 11)}
FIRST = datetime.date(1800, 1, 1).toordinal() - EPOCH           # from here on,
END = datetime.date(2100, 1, 1).toordinal() - EPOCH             # to here, days are of dates
YEAR = 366                      # days, that such a date is at least apart,
GAPS = 2                        # times as far as any others


def of_numbers(values, low, high):
    """Numbers in values (N,), from low to high, that may stand for missing ones: a list of [number,
    how often], which is empty for most.

    It is such a one as 99, -999 or -1 that comes again, and is farther from all others than these
    are from each other, or the only negative one beside many. Others beside it, such as 998 or
    888, are counted with it. And it is any whole number that is the only negative one, or -9, -8
    and such, as surveys have them.
    """
    if not (low < 0 and low == int(low) or _is_code(high)):
        return []
    different, counts = np.unique(values[~np.isnan(values)], return_counts=True)
    codes = _of_ends(different, counts)
    rest = ~np.isin(different, codes)
    odd = _negatives(different[rest], counts[rest])
    if odd:                                         # they may have hidden others
        rest = ~np.isin(different, odd)
        codes = odd + _of_ends(different[rest], counts[rest])
    return [[code, int(counts[different == code][0])] for code in sorted(codes)]


def _of_ends(different, counts):
    """The numbers as 99, -999 or -1 at both ends that may be codes, and those beside them."""
    count_of = {float(different[i]): int(counts[i]) for i in range(-MOST, MOST)
                if -len(counts) <= i < len(counts)}
    below, above = _codes(different, count_of), _codes(different[::-1], count_of)
    codes = list(dict.fromkeys(below + above))
    rest = different[~np.isin(different, codes)]
    while codes and not all(_is_apart(code, rest) for code in codes):
        # Codes hide each other, so the doubtful ones nearest to the others are taken back first.
        nearest = min(codes, key=lambda code: np.abs(rest - code).min() if len(rest) else 0)
        codes = [code for code in codes if code != nearest]
        rest = np.sort(np.append(rest, nearest))
    return [code for code in codes if _is_code(code) or _partner(code) in codes]


def _negatives(different, counts):
    """The negative ones of numbers, where they may be codes: at most a few, each often, and beyond
    others that are 0 or more. -1 may be one of a row that ends there, and is left to _of_ends."""
    many = int((different < -1).sum())
    odd, rest = different[:many], different[many:]
    if not 0 < many <= MOST or len(rest) < 2 or (odd != np.floor(odd)).any() or (
            odd[0] <= -EXACT or counts[:many].min() < OFTEN or -1 < rest[rest != -1][0] < 0):
        return []
    is_usual = all(SURVEY.fullmatch(f"{-value:.0f}") for value in odd)
    if many > 1 and not (is_usual and (rest == np.floor(rest)).all()):
        return []
    # One that is but a step or two below the others may be the end of a cold day, and one beside
    # few others a place in the west.
    gap, has_many = rest[0] - odd[-1], len(rest) > DIFFERENT
    is_far = gap > FAR * np.median(np.diff(rest)) and (is_usual or has_many)
    is_frequent = gap > 1 and has_many and counts[:many].min() > FAR * np.median(counts[many:])
    return odd.tolist() if (is_far or is_frequent) and _is_apart(odd[-1], rest[rest >= 0]) else []


def _is_code(value):
    """Whether a number looks as those do that stand for missing ones: -1, 99, -999, ..."""
    return value == -1 or (abs(value) < EXACT and value == int(value)
                           and re.fullmatch("99+", str(int(abs(value)))) is not None)


def _partner(value):
    """The 999, 9999, ... that a number such as 998 or 888 may be a code beside, or None."""
    if value != int(value) or not BESIDE.fullmatch(str(int(abs(value)))):
        return None
    nines = float("9" * len(str(int(abs(value)))))
    return nines if value > 0 else -nines


def _codes(different, count_of):
    """The first of numbers, from one end on, that may be codes."""
    found = []
    for value in different[:MOST].tolist():
        if abs(value) >= EXACT or not (_is_code(value) and count_of[value] > 1
                                       or count_of.get(_partner(value), 0) > 1):
            break
        found.append(value)
    return found


def _is_apart(value, rest):
    """Whether a number is farther from all others than these are from each other, or the only
    negative one beside many."""
    if not len(rest):
        return False
    low, high = rest.min(), rest.max()
    if max(low - value, value - high) > high - low > 0:
        return True
    return value < 0 <= low and len(rest) > DIFFERENT


def of_dates(days, texts, counts):
    """Dates that may stand for missing ones, as of_numbers has them: a list of [text, how often].

    days are the dates since the start of 1970, texts how each is written, and counts how often. It
    is the first or the last that comes again, and is one where programs begin or end to count, or
    in the years before 1800 or after 2099, and far from all others; or the first or last day of a
    year, and farther from all others than these are from each other.
    """
    days = np.array(days)
    order, found = np.argsort(days, kind="stable"), []
    for step in (1, -1, 1, -1):             # one end may hide the other
        ordered = days[order[::step]]
        if not (len(ordered) and _is_odd(ordered[0])):
            continue
        is_none = (ordered < FIRST) | (ordered >= END)
        many = max(len(ordered) if is_none.all() else int(is_none.argmin()),
                   int((ordered // 1 == ordered[0] // 1).sum()))
        own = order[::step][:many]
        again = sorted((i for i in own if counts[i] > 1), key=counts.__getitem__)[-MOST:]
        if again and _is_far(ordered[many - 1], ordered[many:]):
            found += again
            order = order[~np.isin(order, own)]
    return [[texts[i], counts[i]] for i in sorted(found, key=days.__getitem__)]


def _date(day):
    """The (year, month, day) of a number of days; of 9999-12-31 24:00, which is one too many, that
    of the day before."""
    date = datetime.date.fromordinal(min(int(day // 1) + EPOCH, datetime.date.max.toordinal()))
    return date.year, date.month, date.day


def _is_odd(day):
    """Whether a day may stand for a missing one."""
    date = _date(day)
    return not FIRST <= day < END or date in ENDS or date[1:] in ((1, 1), (12, 31))


def _is_far(day, rest):
    """Whether a day that may stand for missing ones is far from those of rest, which are in order.
    """
    steps = np.abs(np.diff(rest))
    if not steps.any():
        return False
    is_sure = not FIRST <= day < END or _date(day) in ENDS
    return bool(abs(rest[0] - day) > max(YEAR, GAPS * steps.max() if is_sure else steps.sum()))

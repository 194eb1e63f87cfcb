"""How numbers and dates are written: what a cell means, and what all cells of a column agree on.

A column's kind "number" may have a form, such as {"thousands": ","} for 1,250.5; kind "date" has
the order of year, month and day as its form, and its value is days since the start of 1970.
"""

import datetime
import itertools
import math
import re
from collections import Counter

# A cell with one of these, in any case, holds nothing; so does one of a column of numbers with one
# of those below, which in a column of words may be a word like any other.
MISSING = frozenset(["", "na", "n/a", "n.a.", "nan", "null", "?", "\\n", "#n/a", "<na>", "nat",
                     "#div/0!", "#value!", "#ref!", "#null!", "#num!", "#name?"])
MISSING_NUMBER = MISSING | {"none", "nil", "missing", "unknown", "-", "--", "---", "."}

CURRENCY = r"(?:[$€£¥₹₩]|USD|EUR|GBP|CHF|JPY|Rs\.?|R\$)"
# ="12" is Excel's way to keep a cell as it is written.
BEFORE = re.compile(rf"([+-]?)\s*({CURRENCY}|=\")\s*([+-]?)(?=[\d.,])")
# A unit stands behind a space; right behind the digits only a sign, so that 12a stays a code.
AFTER = re.compile(rf"(?<=[\d.,])(\s*(?:%|\"|°[CF]?|{CURRENCY})|\s+[A-Za-zµ/²³]{{1,12}})$")
NEGATIVE = re.compile(r"([^()]*)\(([^()]+)\)([^()]*)")          # an accountant's (12) is -12
TRAILING = re.compile(r"(?=\D*\d)([^+\-\u2212]++)[-\u2212]")     # and SAP's 12- is
INDIAN = re.compile(r"\d\d?,\d\d,")                             # 12,34,567
FORTRAN = re.compile(r"(?<=[\d.])[Dd](?=[+-]\d+$)")           # 1.5D+03
LETTER = re.compile(r"(?<=[\d.])[kKMBGT]$")                   # 1.5k
POWERS = {"k": "e3", "K": "e3", "M": "e6", "B": "e9", "G": "e9", "T": "e12"}
TIME = re.compile(r"(\d{1,3}):([0-5]\d)(?::([0-5]\d(?:\.\d+)?))?(?:\s*([AaPp])\.?[Mm]\.?)?")
DIGITS = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
UNCLEAR = re.compile(r"[+-]?[1-9]\d{0,2}\.\d{3}", re.ASCII)    # 1.967 may be 1967
SPACES = dict.fromkeys(map(ord, "\xa0\u202f\u2009"), " ") | dict.fromkeys(
    map(ord, "\N{RIGHT SINGLE QUOTATION MARK}\N{MODIFIER LETTER APOSTROPHE}"), "'")
MINUS = {ord("\N{MINUS SIGN}"): "-"}
# (decimal sign, what may stand between thousands)
SIGNS = [(".", ","), (".", " "), (".", "'"), (",", ""), (",", "."), (",", " "), (",", "'")]
BESIDE = 10                     # different numbers such as 1,250 that have no other places
SAMPLE = 200                    # texts of a column that must be promising before all are read
MONTHS = {name: i + 1 for i, name in enumerate(
    ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"])}
FIRST = re.compile(rf"[-+.\d\u2212(=]|{CURRENCY}")           # a number begins with it
START = re.compile(rf"{FIRST.pattern}|{'|'.join(MONTHS)}", re.IGNORECASE)
CLOCK = (r"(?:[T ]\s*(\d{1,2}):(\d\d)(?::(\d\d(?:\.\d+)?))?(?:\s*([AaPp])[Mm])?"
         r"\s*(Z|UTC|[+-](?:0\d|1[0-5])(?::?[0-5]\d)?)?)?")
YEAR = r"(?P<y>\d{4}|(?<=[-/])\d\d)"         # 31.12.24 may be a version
DATES = {
    "year-month-day": re.compile(rf"(?P<y>\d{{4}})([-/.])(?P<m>\d\d?)\2(?P<d>\d\d?){CLOCK}"),
    "day-month-year": re.compile(rf"(?P<d>\d\d?)([-/.])(?P<m>\d\d?)\2{YEAR}{CLOCK}"),
    "month-day-year": re.compile(rf"(?P<m>\d\d?)([-/.])(?P<d>\d\d?)\2{YEAR}{CLOCK}"),
    "day-name-year": re.compile(
        rf"(?P<d>\d\d?)([- ])(?P<m>[A-Za-z]{{3,9}})\2(?P<y>\d{{4}}){CLOCK}"),
    "name-day-year": re.compile(rf"(?P<m>[A-Za-z]{{3,9}})( )(?P<d>\d\d?), (?P<y>\d{{4}}){CLOCK}"),
}
OFFSET = " with UTC offset"     # behind the form of dates whose times all say theirs
IN_ZONES = frozenset("ZC+-")    # of which no other part behind the hours of a date has one


def number(cell, words=MISSING_NUMBER):
    """The number a cell (str) holds, NaN where it is one of words, or None where it holds none.

    Numbers are as Python writes them, but 1_000 and inf are none; the sign may be a real minus.
    """
    if cell.lower() in words:
        return math.nan
    try:
        value = float(cell)
    except ValueError:
        return number(cell.translate(MINUS), words) if "\N{MINUS SIGN}" in cell else None
    return None if "_" in cell or not math.isfinite(value) else value


def numbers(cells, words=MISSING_NUMBER):
    """number of each of the cells (str), as a list; faster."""
    try:
        if "_" not in "".join(cells):
            values = list(map(float, cells))
            if math.isfinite(sum(values)):
                return values
    except ValueError:
        pass
    return [number(cell, words) for cell in cells]


def whole(text):
    """A text as a whole number is written: 1.0 as 1, as programs that know no missing whole number
    write it; any other text as it is."""
    number, point, rest = text.partition(".")
    return number if point and rest and not rest.strip("0") and number.lstrip("+-").isdecimal() \
        else text


def read_number(cell, form):
    """The number that a cell which is not missing holds in a form, or None.

    form may have "before" and "after", what stands around each number, "decimal", the decimal sign
    if it is not a point, and "thousands", what may stand between thousands, with "groups": "2 3"
    where above them are groups of two, as in India; "negative", where parentheses, "()", or a sign
    at the end, "-", are a minus, "exponent", where a D is Fortran's e, "letters", such as "M k",
    that stand for millions and thousands, and "clock", where it is a time: its value is in hours.
    """
    if not form:
        return number(cell)
    if "clock" in form:
        return read_time(cell)
    text, factor = cell.translate(MINUS).translate(SPACES), 1
    if "negative" in form:
        text, factor = _without_minus(text, form["negative"])
        if form["negative"] == "-" and text[:1] == "-":
            return None
    if "before" in form:
        match = BEFORE.match(text)
        if not match or match[2] != form["before"]:
            return None
        text = (match[1] or match[3]) + text[match.end() :]
    if "after" in form:
        match = AFTER.search(text)
        if not match or match[1].strip() != form["after"]:
            return None
        text = text[: match.start()]
    text, decimal, thousands = text.strip(), form.get("decimal", "."), form.get("thousands", "")
    if thousands:
        whole, sign, rest = text.partition(decimal)
        if thousands in whole:
            first, *groups, last = whole.lstrip("+-").split(thousands)
            size = 2 if "groups" in form else 3
            if not 1 <= len(first) <= size or any(len(group) != size for group in groups) or (
                    len(last) != 3 or first.startswith("0")):
                return None
            text = whole.replace(thousands, "") + sign + rest
    if decimal != ".":
        if "." in text:
            return None
        text = text.replace(decimal, ".", 1)
    if "letters" in form:
        text = LETTER.sub(lambda match: POWERS[match[0]], text)
    if "exponent" in form:
        text = FORTRAN.sub("e", text)
    if not DIGITS.fullmatch(text) or (factor < 0 and text[0] in "+-"):
        return None
    value = factor * float(text)
    return value if math.isfinite(value) else None


def read_plain(cell, form):
    """The number that a cell holds without what a form has around each, as programs write it, or
    None where it may mean something else.

    Without a currency it is the same number; but 5 may be 5% or 0.05, one without a unit or a
    letter may be of any, and with a decimal comma 1.967 may be 1967.
    """
    before, after = form.get("before"), form.get("after")
    if form.keys() & {"clock", "letters"} or not (
            after is None or re.fullmatch(CURRENCY, after) or (before, after) == ('="', '"')):
        return None
    text = cell.translate(MINUS)
    if form.get("decimal") == ",":
        if UNCLEAR.fullmatch(text):
            return None
        text = text.replace(",", ".")
    value = float(text) if DIGITS.fullmatch(text) else math.inf
    return value if math.isfinite(value) else None


def _without_minus(text, written):
    """(text, 1), or a negative number's text without what is its minus, and -1: ($12) is $12, where
    that is written "()", and so is $12- where it is "-"."""
    match = (TRAILING if written == "-" else NEGATIVE).fullmatch(text)
    return ("".join(match.groups()).strip(), -1) if match else (text, 1)


def read_time(cell):
    """The hours of a time of day or a duration, such as 4:30, 04:30:00 or 4:30 pm, or None."""
    match = TIME.fullmatch(cell)
    if not match:
        return None
    hours, half = int(match[1]), match[4]
    if half:
        if not 1 <= hours <= 12:
            return None
        hours = hours % 12 + 12 * (half in "pP")
    return hours + (int(match[2]) + float(match[3] or 0) / 60) / 60


def read_date(cell, form):
    """The days since the start of 1970 of a cell which is not missing, or None if it is no date.

    form is a key of DATES; with OFFSET behind it each time must say its offset from UTC, and the
    days are those of UTC. Without, an offset is not looked at.
    """
    in_utc = form not in DATES
    match = DATES[form.removesuffix(OFFSET) if in_utc else form].fullmatch(cell)
    if not match:
        return None
    month, year = match["m"], int(match["y"])
    if len(match["y"]) == 2:
        year += 1900 if year > 68 else 2000             # as POSIX has it
    try:
        month = int(month) if month.isdecimal() else MONTHS[month[:3].lower()]
        day = datetime.date(year, month, int(match["d"])).toordinal() - 719_163
    except (KeyError, ValueError):
        return None
    hours, minutes, seconds, half, zone = match.groups()[-5:]
    if in_utc and zone is None:
        return None
    if hours is None:
        return float(day)
    hours, minutes, seconds = int(hours), int(minutes), float(seconds or 0)
    if half:
        hours = hours % 12 + 12 * (half in "pP") if 1 <= hours <= 12 else 99
    if hours > 24 or minutes > 59 or seconds >= 61:
        return None
    if in_utc:                          # in whole minutes, so that equal moments are equal numbers
        days, minutes = divmod(60 * hours + minutes - _minutes_of(zone), 24 * 60)
        day, hours, minutes = day + days, minutes // 60, minutes % 60
    return day + (hours + (minutes + seconds / 60) / 60) / 24


def _minutes_of(zone):
    """The minutes of an offset from UTC: Z, UTC, +02, +0530 or -05:30."""
    if zone in ("Z", "UTC"):
        return 0
    minutes = 60 * int(zone[1:3]) + int(zone[3:].removeprefix(":") or 0)
    return -minutes if zone[0] == "-" else minutes


def has_offset(cell):
    """Whether a cell, which is a date of some form, says its offset from UTC."""
    return not IN_ZONES.isdisjoint(cell.partition(":")[2])


def is_date(cell):
    """Whether a cell is a date of any form."""
    return any(read_date(cell, form) is not None for form in DATES)


def values_that_are_missing(words):
    """The numbers among words that mean that a cell is missing: -999 is meant by -999.0 too."""
    return {value for value in map(number, words) if value is not None and value == value}


def reader_of(column, is_new=False):
    """The function of cells (str) that gives a column's values: a float, NaN for what is missing,
    or None for what it does not read. column is a dict, of kind "number" or "date"; of new tables
    for a known one, numbers may be plain, whatever the form, see read_plain."""
    words = MISSING_NUMBER.union(word.lower() for word in column.get("missing", ()))
    blanks = values_that_are_missing(column.get("missing", ()))
    form, read = column.get("form"), read_date if column["kind"] == "date" else read_number
    other = math.nan if column.get("others") == "missing" else None
    may_be_plain = is_new and form and column["kind"] == "number"

    def value_of(cell):
        value = math.nan if cell.lower() in words else read(cell, form)
        if value is None and may_be_plain:
            value = read_plain(cell, form)
        if value in blanks:
            return math.nan
        return other if value is None else value

    return value_of


def find_form(texts, decimal=None, commas=False):
    """(kind, form, texts it reads) of the way to write numbers or dates that reads most texts.

    texts, a dict {text: how often}, holds nothing missing; decimal is the decimal sign if it is
    known. The first of several that read as much is taken, so plain numbers go first. Where 1,250
    could be 1250 or 1.25, DECIMAL is given as the form; but where commas is true, for a comma
    separates cells, it is 1250 of money, and if numbers without a comma are beside it: not all
    others would have three decimal places.
    """
    total = sum(texts.values())
    best, best_count = ("category", None, set()), 0
    some = list(itertools.islice(texts, SAMPLE))
    if 3 * sum(map(bool, map(START.match, some))) < len(some):     # most columns of words
        return best
    for kind, form in _candidates(some, decimal):
        read = read_number if kind == "number" else read_date
        if 3 * sum(read(text, form) is not None for text in some) < len(some):
            continue
        found = {text for text in texts if read(text, form) is not None}
        count = sum(texts[text] for text in found)
        if count > best_count:
            best, best_count = (kind, form, found), count
        if count == total:
            break
    kind, form, found = best
    if kind == "number" and form and decimal is None and _is_unclear(found, form) and not (
            commas and _are_thousands(found, form)):
        return kind, DECIMAL, found
    if kind == "date" and form == "day-month-year" and not any("." in text for text in found) and (
            all(read_date(text, "month-day-year") is not None for text in found)):
        return kind, ORDER, found
    return best


# Instead of a form: it is not known whether 1,250 is 1250, or whether 1/2/2024 is in January.
DECIMAL, ORDER = "decimal sign", "order of day and month"


def _candidates(texts, decimal):
    """Yield (kind, form) of what these texts may be."""
    around = {}
    if decimal in (None, "."):
        yield "number", {}
    behind = sum(map(bool, map(TRAILING.fullmatch, texts)))
    # One may be a slip, and of codes that end in a dash, all do.
    written = "-" if max(2, 0.05 * len(texts)) <= behind < len(texts) else "()"
    inside = [_without_minus(text, written) for text in texts]
    texts = [text for text, _ in inside]
    if any(sign < 0 for _, sign in inside):
        around["negative"] = written
    if any(map(FORTRAN.search, texts)):
        around["exponent"] = "D"
    before = Counter(match[2] for match in map(BEFORE.match, texts) if match)
    if before and 2 * before.total() > len(texts):
        around["before"] = before.most_common(1)[0][0]
    after = Counter(match[1].strip() for match in map(AFTER.search, texts) if match)
    if after and 2 * after.total() > len(texts):
        around["after"] = after.most_common(1)[0][0]
    # One letter behind whole numbers is a code, as 12B is a seat.
    with_letter = [text for text in texts if LETTER.search(text)]
    letters = {text[-1] for text in with_letter}
    if len(letters) > 1 or any("." in text for text in with_letter):
        around["letters"] = " ".join(sorted(letters))
    if around and decimal in (None, "."):
        yield "number", dict(around)
    for sign, thousands in SIGNS:
        if decimal in (None, sign):
            form = dict(around)
            if sign != ".":
                form["decimal"] = sign
            if thousands:
                form["thousands"] = thousands
            yield "number", form
            if (sign, thousands) == (".", ",") and any(map(INDIAN.search, texts)):
                yield "number", form | {"groups": "2 3"}
    yield "number", {"clock": "hours"}
    yield from (("date", form) for form in DATES)


def _are_thousands(texts, form):
    """Whether texts such as 1,250 are money, which has no three decimal places, or beside enough
    such as 980, for of decimal places one number in ten would have fewer."""
    if any(re.fullmatch(CURRENCY, form.get(side, "")) for side in ("before", "after")):
        return True
    with_comma = sum("," in text for text in texts)
    return with_comma < len(texts) and with_comma >= BESIDE


def _is_unclear(texts, form):
    """Whether all texts of a form with a comma could mean other numbers with another form."""
    around = {name: form[name] for name in form if name not in ("decimal", "thousands")}
    other = around | ({"thousands": ","} if form.get("decimal") == "," else {"decimal": ","})
    if "," not in (form.get("decimal"), form.get("thousands")):
        return False
    values = [(read_number(text, form), read_number(text, other)) for text in texts]
    return all(a is not None and b is not None for a, b in values) and any(a != b
                                                                          for a, b in values)

"""Tables for spreadsheets, which show what anybody wrote and run none of it as a formula."""

import csv
import io

FORMULA = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20")     # the wide ones too


def as_csv(rows):
    """Rows of texts and numbers as a CSV; None is an empty cell."""
    file = io.StringIO()
    # Texts in quotes: a spreadsheet that takes ; for the end of a cell would begin another there.
    writer = csv.writer(file, lineterminator="\n", quoting=csv.QUOTE_NONNUMERIC)
    writer.writerows([cell(each) if type(each) is str else each for each in row] for row in rows)
    return file.getvalue()


def cell(text):
    """Text that a spreadsheet takes as text, on one line and without control characters."""
    text = "".join(c if c.isprintable() else "?" for c in text)
    return f"'{text}" if text.strip()[:1] in FORMULA else text

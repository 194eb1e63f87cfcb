"""Numbers and text as people read them. Whatever comes from a file passes through here."""

import html
import math

from flatprop.runs.text import printable

LONGEST = 2000      # characters shown of any one text


def clean(text, longest=LONGEST):
    """Any value as printable text of bounded length, which HTML and SVG can hold."""
    return printable(str(text), longest, "\ufffd")


def escape(value, longest=LONGEST):
    """Any value as text that is safe inside HTML, in an attribute too."""
    return html.escape(clean(value, longest), quote=True)


def number(value, digits=4):
    """A number of any size in a few significant digits: 0.07123, 12,345, 3.1e-07; – for None."""
    if value is None or math.isnan(value):
        return "–"
    if value == 0 or 1e-3 <= abs(value) < 1e6:
        decimals = digits if value == 0 else digits - 1 - math.floor(math.log10(abs(value)))
        text = f"{value:,.{max(decimals, 0)}f}"
        whole = float(value).is_integer()
        return (text.rstrip("0").rstrip(".") if whole and "." in text else text).replace("-", "−")
    return f"{value:.{digits - 2}e}".replace("-", "−")


def align(values):
    """The numbers of a column as texts: decimals for four digits of the largest, or none."""
    values = [float(value) for value in values]
    known = [value for value in values if not math.isnan(value)]        # a cell may be empty
    largest = max(map(abs, known), default=0)
    if not 1e-3 <= largest < 1e9:
        return [number(value) for value in values]
    whole = all(abs(value - round(value)) < 1e-5 * largest for value in known)
    decimals = 0 if whole else max(3 - math.floor(math.log10(largest)), 0)
    return ["–" if math.isnan(value) else
            f"{round(value, decimals) + 0.0:,.{decimals}f}".replace("-", "−") for value in values]


def percent(value):
    """A share as a percentage, 98.06%; – for None."""
    return "–" if value is None or math.isnan(value) else f"{100 * value:.2f}%"


def duration(seconds):
    """Seconds as 1.9 s, 3 min 20 s or 2 h 5 min."""
    if not 0 <= seconds < 1e9:
        return "–"
    if seconds < 60:
        return f"{seconds:.1f} s"
    if seconds < 3600:
        return f"{seconds // 60:.0f} min {seconds % 60:.0f} s"
    return f"{seconds // 3600:.0f} h {seconds % 3600 // 60:.0f} min"


def plural(count, word):
    """1 unit, 2 units."""
    return f"{count:,} {word}" + ("" if count == 1 else "s")


def table(head, rows, text=(0,), kind="", named=True):
    """An HTML table of cells that are HTML already. `text` are the columns that are no numbers;
    named, whether the first cell of a row says what the row is about."""
    def cell(place, content, scope):
        tag = "th" if scope else "td"
        return (f'<{tag}{scope and f" scope={scope}"}{"" if place in text else " class=num"}>'
                f"{content}</{tag}>")

    heading = "".join(cell(i, each, "col") for i, each in enumerate(head))
    body = "\n".join("<tr>" + "".join(cell(i, each, "row" if named and i == 0 else "")
                                      for i, each in enumerate(row)) + "</tr>" for row in rows)
    # A table that scrolls is to be reached by the keyboard.
    return (f'<div class="scroll" tabindex="0"><table class="{kind}"><thead><tr>{heading}</tr>'
            f"</thead>\n<tbody>{body}</tbody></table></div>")

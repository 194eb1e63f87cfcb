"""Content that stands still as HTML: text, tables, arrays, listings, code, plots."""

import re
from html import escape

import numpy as np

from flatprop.circuits import listing
from flatprop.lecture import content
from flatprop.lecture.page.typesetting import caption, typeset

FIGURE_SPACE, POINT_SPACE = "\u2007", "\u2008"      # as wide as a digit, as a decimal point


def html(item):
    """An item of a part's content, but no Circuit or Slip, as HTML."""
    if isinstance(item, content.Text):
        return f"<p>{typeset(item.text)}</p>"
    if isinstance(item, content.Listing):
        lines = listing.html(item.record())
        if isinstance(item, content.SameListing):
            lines = re.sub(r"<i>(\w+)</i> = <b", lambda found: (
                f'<i>{found[1]}</i> = <b data-live="{item.refers(found[1])}"'), lines)
        return figure(item, lines, "listing-figure")
    if isinstance(item, content.Code):
        return figure(item, f"<pre><code>{escape(item.source.strip())}</code></pre>")
    if isinstance(item, content.Table):
        return figure(item, table(item), "table-figure")
    if isinstance(item, content.Arrays):
        blocks = "".join(array(name, values) for name, values in item.arrays.items())
        return figure(item, f'<div class="arrays">{blocks}</div>', "arrays-figure")
    return figure(item, item.svg, "picture-figure")


def figure(item, inside, kind=""):
    """A figure with the item's caption above what it shows, which scrolls where it is too wide."""
    return (f'<figure class="{kind}"><figcaption>{typeset(caption(item.caption))}</figcaption>\n'
            f'<div class="scroll">\n{inside.strip()}\n</div></figure>')


def table(item):
    """A Table: texts flush left, numbers under each other by their points."""
    columns = [list(values) for values in zip(*item.rows, strict=True)]
    texts = [all(isinstance(value, str) for value in values) for values in columns]
    head = "".join(f'<th scope="col"{"" if text else " class=number"}>{typeset(each)}</th>'
                   for each, text in zip(item.head, texts, strict=True))
    rows = []
    lives = item.live or [[""] * len(item.head)] * len(item.rows)
    for row, padded, live in zip(item.rows, zip(*map(content.column, columns), strict=True), lives,
                                 strict=True):
        cells = [f"<td{data(refers)}>{typeset(value)}</td>" if text else
                 cell(value, each, name, row[0], refers) for value, each, name, text, refers
                 in zip(row, padded, item.head, texts, live, strict=True)]
        rows.append(f"<tr>{''.join(cells)}</tr>")
    return (f"<table><thead><tr>{head}</tr></thead>\n<tbody>\n"
            + "\n".join(rows) + "\n</tbody></table>")


def data(refers):
    """The attribute by which the page finds what a cell shows."""
    return f' data-live="{refers}"' if refers else ""


def cell(value, padded, head, row, refers=""):
    """A cell among numbers: a text, a count, or a number in its colour."""
    if isinstance(value, str):
        return f'<td class="number"{data(refers)}>{typeset(value)}</td>'
    kind = kind_of(head) if kind_of(head) != "value" else kind_of(str(row))
    kind = "count" if isinstance(value, (int, np.integer)) else kind
    text = typeset_number(padded)
    # What may be hidden lies in the cell: the cell itself stays, for who has the table read aloud.
    text = f"<span>{text}</span>" if kind in ("gradient", "local") else text
    return f'<td class="number {kind}"{data(refers)}>{text}</td>'


def kind_of(name):
    """Whether what has that name is a value, a gradient or a local gradient."""
    if name.startswith("local"):
        return "local"
    return "gradient" if content.is_gradient(name.lstrip("[(")) else "value"


def typeset_number(padded):
    """A number padded with spaces to the right, the spaces as wide as what they stand for."""
    text = padded.strip()
    spaces = padded[len(padded.rstrip()):]
    if "." not in text:
        spaces = spaces.replace(" ", POINT_SPACE, 1)
    return text.replace("-", "−") + spaces.replace(" ", FIGURE_SPACE)


def array(name, values):
    """An array between brackets, its name and shape above it."""
    lines = "".join("<tr>" + "".join(f"<td>{typeset_number(each)}</td>" for each in row) + "</tr>"
                    for row in content.aligned_rows(values))
    return (f'<div class="array {kind_of(name)}">'
            f"<p>{typeset(name)} <span>{' × '.join(map(str, values.shape))}</span></p>"
            f'<table class="matrix">{lines}</table></div>')

"""Pieces without a life of their own as HTML: words, tables, arrays, listings, sources, plots."""

from html import escape

import numpy as np

from flatprop.circuits import listing
from flatprop.lecture import terminal
from flatprop.lecture.page.words import caption, typeset
from flatprop.lecture.pieces import Arrays, Code, Listing, Picture, Table, Words, is_gradient

FIGURE_SPACE, POINT_SPACE = "\u2007", "\u2008"      # as wide as a digit, as a decimal point


def shown(piece):
    """A piece as HTML. Raises TypeError for one that is not known here."""
    if isinstance(piece, Words):
        return f"<p>{typeset(piece.text)}</p>"
    if isinstance(piece, Listing):
        return captioned(piece, listing.html(piece.record()), "listing-figure")
    if isinstance(piece, Code):
        return captioned(piece, f"<pre><code>{escape(piece.source.strip())}</code></pre>")
    if isinstance(piece, Table):
        return captioned(piece, table(piece), "table-figure")
    if isinstance(piece, Arrays):
        return captioned(piece, arrays(piece.arrays), "arrays-figure")
    if isinstance(piece, Picture):
        return captioned(piece, piece.svg, "picture-figure")
    raise TypeError(f"the page does not know the piece {type(piece).__name__}")


def captioned(piece, inside, kind=""):
    """A figure with the piece's caption above what it shows, which scrolls where it is too wide."""
    told = caption(piece.caption)
    return (f'<figure class="{kind}"><figcaption>{typeset(told)}</figcaption>\n'
            f'<div class="scroll">\n{inside.strip()}\n</div></figure>')


def table(piece):
    """A Table: texts flush left, numbers under each other by their points."""
    columns = [terminal.column([row[place] for row in piece.rows])
               for place in range(len(piece.head))]
    texts = [all(isinstance(row[place], str) for row in piece.rows)
             for place in range(len(piece.head))]
    head = "".join(f'<th scope="col"{"" if text else " class=number"}>{typeset(each)}</th>'
                   for each, text in zip(piece.head, texts, strict=True))
    rows = []
    for place, row in enumerate(piece.rows):
        cells = [f"<td>{typeset(value)}</td>" if text else cell(value, column[place], name, row[0])
                 for value, column, name, text in zip(row, columns, piece.head, texts, strict=True)]
        rows.append(f"<tr>{''.join(cells)}</tr>")
    return (f"<table><thead><tr>{head}</tr></thead>\n<tbody>\n"
            + "\n".join(rows) + "\n</tbody></table>")


def cell(value, padded, head, row):
    """A cell among numbers: a text, a count, or a number in its colour."""
    if isinstance(value, str):
        return f'<td class="number">{typeset(value)}</td>'
    kind = kind_of(head) if kind_of(head) != "value" else kind_of(str(row))
    kind = "count" if isinstance(value, (int, np.integer)) else kind
    return f'<td class="number {kind}">{aligned(padded)}</td>'


def kind_of(name):
    """Whether what has that name is a value, a gradient or a local gradient."""
    if name.startswith("local"):
        return "local"
    return "gradient" if is_gradient(name.lstrip("[(")) else "value"


def aligned(padded):
    """A number padded with spaces to the right, the spaces as wide as what they stand for."""
    text = padded.strip()
    after = len(padded) - len(padded.rstrip())
    if after and "." not in text:
        space = POINT_SPACE + FIGURE_SPACE * (after - 1)
    else:
        space = FIGURE_SPACE * after
    return text.replace("-", "−") + space


def arrays(named):
    """Arrays between brackets, their names and shapes above them."""
    return f'<div class="arrays">{"".join(map(array, named.items()))}</div>'


def array(item):
    """One array, by its name."""
    name, values = item
    values = np.asarray(values)
    rows = np.atleast_2d(values)
    columns = [terminal.column(list(rows[:, place])) for place in range(rows.shape[1])]
    lines = "".join("<tr>" + "".join(f"<td>{aligned(column[place])}</td>" for column in columns)
                    + "</tr>" for place in range(rows.shape[0]))
    shape = " × ".join(map(str, values.shape)) or "a number"
    return (f'<div class="array {kind_of(name)}">'
            f"<p>{typeset(name)} <span>{shape}</span></p>"
            f'<table class="matrix">{lines}</table></div>')

"""Pieces as text for a terminal: values in green and gradients in red, where there are colours."""

import textwrap

import numpy as np

from flatprop.circuits import listing
from flatprop.lecture.pieces import (
    Arrays,
    Circuit,
    Code,
    Listing,
    Picture,
    Slip,
    Table,
    Words,
    is_gradient,
    number,
)

WIDTH = 92
GREEN, RED, BOLD, PLAIN = "\033[32m", "\033[31m", "\033[1m", "\033[0m"


def heading(count, part, colours=False):
    """A part's number and title, underlined."""
    title = f"{count}. {part.TITLE}"
    return f"{paint(title, BOLD, colours)}\n{'=' * len(title)}"


def shown(piece, colours=False):
    """A piece as text, without a newline at its end."""
    if isinstance(piece, Words):
        return textwrap.fill(piece.text, WIDTH)
    if isinstance(piece, Slip):
        return textwrap.fill(piece.text, WIDTH, initial_indent="Slip: ",
                             subsequent_indent="  ")
    if isinstance(piece, Picture):
        return wrapped(f"{piece.caption} (a picture, which -o DIR writes)")
    if isinstance(piece, Circuit | Listing):
        text = listing.text(piece.record(), colours).rstrip()
        return f"{wrapped(piece.caption)}\n\n{indented(text)}"
    if isinstance(piece, Code):
        return f"{wrapped(piece.caption)}\n\n{indented(piece.source.strip())}"
    if isinstance(piece, Arrays):
        return f"{wrapped(piece.caption)}\n\n{arrays(piece.arrays, colours)}"
    return f"{wrapped(piece.caption)}\n\n{table(piece, colours)}"


def wrapped(caption):
    """A caption in lines that fit."""
    return textwrap.fill(caption, WIDTH)


def table(piece: Table, colours=False):
    """A table in columns: texts to the left, numbers under each other by their points."""
    columns = [column([row[place] for row in piece.rows]) for place in range(len(piece.head))]
    heads, cells = [], []
    for head, texts, source in zip(piece.head, columns, zip(*piece.rows, strict=True),
                                   strict=True):
        width = max(len(head), *map(len, texts))
        left = all(isinstance(each, str) for each in source)
        heads.append(head.ljust(width) if left else head.rjust(width))
        cells.append([each.ljust(width) if left else each.rjust(width) for each in texts])
    lines = ["  " + "   ".join(heads).rstrip()]
    for place, row in enumerate(piece.rows):
        of = str(row[0])
        lines.append("  " + "   ".join(
            paint(cell[place], colour_of(head, of), colours and not isinstance(value, str))
            for head, cell, value in zip(piece.head, cells, row, strict=True)).rstrip())
    return "\n".join(lines)


def colour_of(head, row):
    """Red for gradients, by the name of the column or the row; green for values."""
    if is_gradient(head) or is_gradient(row):
        return RED
    return GREEN


def arrays(named, colours=False):
    """Arrays with their names and shapes, row by row."""
    blocks = []
    for name, array in named.items():
        array = np.asarray(array)
        shape = " ".join(map(str, array.shape)).replace(" ", " x ") or "a number"
        rows = np.atleast_2d(array)
        columns = [column(list(rows[:, place])) for place in range(rows.shape[1])]
        colour = RED if is_gradient(name) else GREEN
        lines = [f"  {name}   [{shape}]"]
        for place in range(rows.shape[0]):
            line = "  ".join(each[place] for each in columns)
            lines.append("    " + paint(line, colour, colours))
        blocks.append("\n".join(lines))
    return "\n".join(blocks)


def column(values):
    """The texts of a column, numbers padded so that their points stand under each other."""
    texts = [value if isinstance(value, str) else number(value) for value in values]
    after = [0 if isinstance(value, str) else len(text) - len(text.partition(".")[0])
             for value, text in zip(values, texts, strict=True)]
    most = max(after, default=0)
    padded = [text if isinstance(value, str) else text + " " * (most - length)
              for value, text, length in zip(values, texts, after, strict=True)]
    width = max(map(len, padded), default=0)
    return [each.ljust(width) if isinstance(value, str) else each.rjust(width)
            for each, value in zip(padded, values, strict=True)]


def indented(text):
    """A block two columns to the right."""
    return textwrap.indent(text, "  ")


def paint(text, colour, colours):
    """text in a colour, if there are any."""
    return f"{colour}{text}{PLAIN}" if colours else text

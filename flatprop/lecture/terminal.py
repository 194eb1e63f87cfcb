"""A part's content as text for a terminal: values in green, gradients in red."""

import itertools
import textwrap

from flatprop import width
from flatprop.circuits import listing, tree
from flatprop.circuits.graph import graph
from flatprop.lecture import content
from flatprop.system import BOLD, GREEN, RED, paint

NARROWEST = 8   # a column of texts


def heading(count, part, inputs, colours=False):
    """A part's number and title, underlined, and its inputs."""
    title = f"{count}. {part.TITLE}"
    values = ", ".join(f"{name}={content.number(value)}" for name, value in inputs.items())
    return f"{paint(title, BOLD, colours)}\n{'=' * len(title)}\n{fill(f'inputs: {values}')}"


def text(item, colours=False):
    """An item of a part's content as text, without a newline at its end."""
    if isinstance(item, content.Text):
        return fill(item.text)
    if isinstance(item, content.Slip):
        return "\n".join(width.wrap(f"Slip: {item.text}", width.columns(), hanging="  "))
    if isinstance(item, content.Picture):
        return fill(f"{item.caption} (a picture, which -o DIR writes)")
    if isinstance(item, content.Run):
        lines = listing.text(item.record(), width.columns() - 2, colours)
        if isinstance(item, content.Circuit):
            lines = "\n\n".join(filter(None, (tree.text(graph(item.record()), colours), lines)))
        inside = textwrap.indent(lines.rstrip(), "  ")
    elif isinstance(item, content.Code):
        inside = textwrap.indent(item.source.strip(), "  ")
    elif isinstance(item, content.Arrays):
        inside = arrays(item.arrays, colours)
    else:
        inside = table(item, colours)
    return f"{fill(item.caption)}\n\n{inside}"


def fill(words):
    """Text in lines that fit."""
    return "\n".join(width.wrap(words, width.columns()))


def table(item, colours=False):
    """A Table in columns: texts to the left, numbers under each other by their points.

    If it is too wide, the texts of its widest column are folded.
    """
    columns = [[head, *content.column(values)]
               for head, values in zip(item.head, zip(*item.rows, strict=True), strict=True)]
    is_text = [all(isinstance(value, str) for value in values)
               for values in zip(*item.rows, strict=True)]
    rooms = [max(map(len, column)) for column in columns]
    excess = 3 * len(rooms) - 1 + sum(rooms) - width.columns()
    folded = max(range(len(rooms)), key=lambda place: is_text[place] * rooms[place])
    if excess > 0 and is_text[folded]:
        rooms[folded] = max(NARROWEST, rooms[folded] - excess)
    lines = []
    for row, texts in zip([item.head, *item.rows], zip(*columns, strict=True), strict=True):
        cells = [textwrap.wrap(text, room) if place == folded and is_text[place] else [text]
                 for place, (text, room) in enumerate(zip(texts, rooms, strict=True))]
        for parts in itertools.zip_longest(*cells, fillvalue=""):
            put = [str.ljust if left else str.rjust for left in is_text]
            padded = [each(part, room) for each, part, room in
                      zip(put, parts, rooms, strict=True)]
            lines.append("  " + "   ".join(
                paint(cell, colour(head, str(row[0])), colours and not isinstance(value, str))
                for head, cell, value in zip(item.head, padded, row, strict=True)).rstrip())
    return "\n".join(lines)


def arrays(by_name, colours=False):
    """Arrays with their names and shapes, row by row."""
    lines = []
    for name, array in by_name.items():
        lines.append(f"  {name}   [{' x '.join(map(str, array.shape))}]")
        lines += ["    " + paint("  ".join(row), colour(name), colours)
                  for row in content.aligned_rows(array)]
    return "\n".join(lines)


def colour(*names):
    """Red for gradients, by the name of an array, or of a column and a row; green for values."""
    return RED if any(map(content.is_gradient, names)) else GREEN

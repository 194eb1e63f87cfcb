"""A part's content as text for a terminal: values in green, gradients in red."""

import textwrap

from flatprop.circuits import listing
from flatprop.lecture import content
from flatprop.system import BOLD, GREEN, RED, paint

WIDTH = 92


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
        return textwrap.fill(f"Slip: {item.text}", WIDTH, subsequent_indent="  ")
    if isinstance(item, content.Picture):
        return fill(f"{item.caption} (a picture, which -o DIR writes)")
    if isinstance(item, content.Run):
        inside = textwrap.indent(listing.text(item.record(), colours).rstrip(), "  ")
    elif isinstance(item, content.Code):
        inside = textwrap.indent(item.source.strip(), "  ")
    elif isinstance(item, content.Arrays):
        inside = arrays(item.arrays, colours)
    else:
        inside = table(item, colours)
    return f"{fill(item.caption)}\n\n{inside}"


def fill(words):
    """Text in lines that fit."""
    return textwrap.fill(words, WIDTH)


def table(item, colours=False):
    """A Table in columns: texts to the left, numbers under each other by their points."""
    heads, columns = [], []
    for head, values in zip(item.head, zip(*item.rows, strict=True), strict=True):
        texts = content.column(values)
        width = max(len(head), *map(len, texts))
        put = str.ljust if all(isinstance(value, str) for value in values) else str.rjust
        heads.append(put(head, width))
        columns.append([put(each, width) for each in texts])
    lines = ["  " + "   ".join(heads).rstrip()]
    for row, cells in zip(item.rows, zip(*columns, strict=True), strict=True):
        lines.append("  " + "   ".join(
            paint(cell, colour(head, str(row[0])), colours and not isinstance(value, str))
            for head, cell, value in zip(item.head, cells, row, strict=True)).rstrip())
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

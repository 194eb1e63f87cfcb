"""A student's code beside the course's own, function by function, once an exercise has passed."""

import ast
import itertools

from flatprop import width
from flatprop.exercises import stubs, workspace

NARROWEST = 44      # columns of each; with less room they stand one below the other


def text(folder, exercise, columns):
    """Both, in so many columns."""
    parts = []
    for file, names in exercise.targets:
        # What a student's file has in it is no order to the terminal.
        data = workspace.utf8((folder / file).read_bytes())[0]
        yours = width.harmless(data.decode("utf-8", "replace"))
        ours = workspace.solution(file)
        for name in names or [None]:
            parts += [f"{file}{f', {name}' if name else ''}",
                      *beside(code(yours, name), code(ours, name), columns - 4), ""]
    return "\n".join(parts)


def code(source, name):
    """The lines of a function without its docstring, or those of a whole file.

    A function that is not written as a def is shown with all of its file.
    """
    source = source.removeprefix("\ufeff").expandtabs(4)
    found = stubs.functions(source)
    if name not in found:
        return source.rstrip().splitlines()
    lines = stubs.text_of(source, name).rstrip().splitlines()
    node = found[name]
    if ast.get_docstring(node, clean=False) is not None:
        first, last = (node.body[0].lineno - node.lineno, node.body[0].end_lineno - node.lineno)
        del lines[first:last + 1]
    return lines


def beside(yours, ours, columns):
    """Lines beside each other, or below each other where there is too little room."""
    if columns < 2 * NARROWEST + 3:
        return ["  yours:", *(f"    {line}" for line in yours),
                "  the course's:", *(f"    {line}" for line in ours)]
    room = (columns - 3) // 2
    rows = itertools.zip_longest(cut(["yours", "", *yours], room),
                                 cut(["the course's", "", *ours], room), fillvalue="")
    return [f"  {left:<{room}} | {right}".rstrip() for left, right in rows]


def cut(lines, room):
    """Lines of which none is longer; what is cut off stands below, further to the right."""
    found = []
    for line in lines:
        indent = " " * (len(line) - len(line.lstrip()) + 8)
        while len(line) > room and len(indent) < room // 2:
            blank = line.rfind(" ", room // 2, room) + 1 or room
            found.append(line[:blank])
            line = indent + line[blank:]
        found.append(line)
    return found

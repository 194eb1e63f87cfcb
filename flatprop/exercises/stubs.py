"""Stubs: the project's own files with the bodies of some functions taken out.

All round them stays as it is, to the byte, but for formulas: in the docstrings of these functions,
of their class and of the module, what follows "dx =", a gradient to derive, is left to the student.
It ends at the next "; ", full stop or "dy =", and a question mark stands in its place; a number may
stay, and so does what is no gradient, as the step of an update rule, "theta <-".
"""

import ast
import re
import textwrap

FORMULA = re.compile(r"(\bd[a-zA-Z]\w* = )(?!-?\d*\.\d).*?"
                     r"(?=, d[a-zA-Z]\w* = |;|\.\s|\.?\"\"\"|\n\s*\n)", re.S)

BROKEN = re.compile(r"(= \?[^\n]{0,50})\n +(?=[a-z])")      # a line that its formula has left short


def stub(source, names, note=""):
    """source with the bodies of the functions named replaced by one line that raises; no formulas.

    names: "forward", or "Solver.step" for a method; note: a comment in the first of them, of what
    has to be known before. Raises KeyError for a name that is not there.
    """
    lines = source.splitlines(keepends=True)
    found = functions(source)
    # From the last to the first, so that the line numbers of the others stay true.
    names = sorted(names, key=lambda each: -found[each].lineno)
    for name in names:
        node = found[name]
        first, last = body_lines(node, lines)
        indent = " " * node.body[0].col_offset
        comment = textwrap.wrap(note, 97 - len(indent)) if name == names[-1] else []
        lines[first:last] = [*(f"{indent}# {line}\n" for line in comment),
                             f'{indent}raise NotImplementedError("write {name}")\n']
    return without_formulas("".join(lines), names)


def without_formulas(source, names):
    """source with a ? for each formula in the docstrings of the functions named, and round them."""
    tree, found = ast.parse(source), functions(source)
    classes = {name.partition(".")[0] for name in names if "." in name}
    nodes = [tree, *(each for each in tree.body if isinstance(each, ast.ClassDef)
                     and each.name in classes), *(found[name] for name in names)]
    lines = source.splitlines(keepends=True)
    for node in sorted((each.body[0] for each in nodes if ast.get_docstring(each) is not None),
                       key=lambda each: -each.lineno):
        text = "".join(lines[node.lineno - 1 : node.end_lineno])
        text = BROKEN.sub(r"\1 ", FORMULA.sub(r"\1?", text))
        lines[node.lineno - 1 : node.end_lineno] = [text]
    return "".join(lines)


def names_to_write(source, names):
    """Those of the functions named that still raise NotImplementedError, or are not there."""
    try:
        found, bound = functions(source), bound_names(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return []
    return [name for name in names
            if (only_raises(found[name]) if name in found else name not in bound)]


def functions(source):
    """Every function of the module and of its classes: {"forward" or "Class.method": node}."""
    found = {}
    for node in ast.parse(source.removeprefix("\ufeff")).body:     # which some editors begin with
        if isinstance(node, ast.FunctionDef):
            found[node.name] = node
        elif isinstance(node, ast.ClassDef):
            found |= {f"{node.name}.{inner.name}": inner for inner in node.body
                      if isinstance(inner, ast.FunctionDef)}
    return found


def bound_names(source):
    """What else a module may call by a name: forward = lambda x: ..., an alias, a def in an if."""
    nodes = list(ast.walk(ast.parse(source.removeprefix("\ufeff"))))
    return ({node.id for node in nodes
             if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
            | {node.name for node in nodes if isinstance(node, ast.FunctionDef)}
            | {node.asname or node.name for node in nodes if isinstance(node, ast.alias)})


def text_of(source, name):
    """The source of one function, as it stands."""
    node = functions(source)[name]
    lines = source.splitlines(keepends=True)
    return "".join(lines[node.lineno - 1 : body_lines(node, lines)[1]])


def body_lines(node, lines):
    """Where a function's body is, without its docstring: the first line, and the one after it."""
    has_docstring = ast.get_docstring(node, clean=False) is not None
    first = node.body[0].end_lineno if has_docstring else node.body[0].lineno - 1
    last = node.end_lineno
    indent = node.body[0].col_offset
    # A comment after the last statement, as deep as the body, is part of it.
    while last < len(lines) and lines[last].startswith(" " * indent + "#"):
        last += 1
    return first, last


def only_raises(node):
    """Whether a function does nothing, after its docstring, but raise NotImplementedError."""
    body = node.body[1:] if ast.get_docstring(node, clean=False) is not None else node.body
    return not body or (isinstance(body[0], ast.Raise) and body[0].exc is not None
                        and ast.unparse(body[0].exc).partition("(")[0] == "NotImplementedError")

"""Statements of a function's source, and the names that they assign."""

import ast
import functools
import inspect
import textwrap
from typing import NamedTuple


class Statement(NamedTuple):
    """A statement of flat code: its text on one line, the names it assigns, its first line."""

    text: str
    names: tuple
    number: int


@functools.lru_cache(maxsize=256)
def statements(code):
    """{line number: Statement} of a function's code object; empty where there is no source."""
    try:
        lines, first = inspect.getsourcelines(code)
        module = ast.parse(textwrap.dedent("".join(lines)))
    except (OSError, TypeError, SyntaxError):       # typed at a prompt, or made by exec
        return {}
    found = {}
    for node in ast.walk(module):       # outer statements first, so that inner ones are kept
        if isinstance(node, (ast.Assign, ast.AugAssign, ast.AnnAssign, ast.Return, ast.Expr)):
            each = Statement(as_written(node, lines), names(node), node.lineno + first - 1)
            for number in range(node.lineno, node.end_lineno + 1):
                found[number + first - 1] = each
    return found


def as_written(node, lines):
    """A statement as it stands in the source, its lines joined to one, comments left out."""
    text = ast.unparse(node)
    plain = lines[node.lineno - 1].split("  #")[0].strip()
    if node.lineno != node.end_lineno:
        return text
    return plain


def names(node):
    """The names that a statement assigns, in order; grads["W1"] is called W1."""
    if isinstance(node, ast.Assign):
        targets = node.targets[-1]
    elif isinstance(node, (ast.AugAssign, ast.AnnAssign)):
        targets = node.target
    else:
        return ()
    return tuple(map(name, flat(targets)))


def flat(target):
    """The single targets of one that may be a tuple of tuples."""
    if isinstance(target, (ast.Tuple, ast.List)):
        return [each for inner in target.elts for each in flat(inner)]
    return [target]


def name(node):
    """What a target is called: a name, or the text between the brackets; "" for anything else."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant):
        return str(node.slice.value)
    return ""

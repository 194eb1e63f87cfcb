"""The statements of a function's source: the names that each assigns, and passes to a forward."""

import ast
import functools
import inspect
import io
import re
import textwrap
import tokenize
from typing import NamedTuple

SIMPLE = ast.Assign, ast.AugAssign, ast.AnnAssign, ast.Return, ast.Expr
HEAD = re.compile(r"(if|elif|for|while|with)\b.*:")     # of a statement on the same line
FUNCTIONS = ast.FunctionDef, ast.AsyncFunctionDef


class Statement(NamedTuple):
    """A statement of flat code, its text on one line; several on one line of the source are one.

    names   of what it assigns, grads["W1"] as W1
    number  of its first line in the file
    local   those of the names that are local variables, and no grads["W1"]
    is_call whether what is assigned is what one call gives, with nothing done to it
    passes  what the source calls the arguments of its forward: (position or keyword, name) pairs,
            none where it calls several
    """

    text: str
    names: tuple
    number: int
    local: tuple = ()
    is_call: bool = False
    passes: tuple = ()


@functools.lru_cache(maxsize=256)
def statements(code):
    """{line number: Statement} of a function's code object; empty where there is no source.

    It is empty for a lambda too, whose lines belong to the statement that it stands in.
    """
    if code.co_name == "<lambda>":
        return {}
    try:
        lines, first = inspect.getsourcelines(code)
        source = textwrap.dedent("".join(lines))
        module = ast.parse(source)
    except (OSError, TypeError, SyntaxError):       # typed at a prompt, or made by exec
        return {}
    found = {}
    top = module.body[0]
    for node in own_nodes(top if isinstance(top, FUNCTIONS) else module):
        if isinstance(node, SIMPLE):
            number = node.lineno + first - 1
            head = source.splitlines()[node.lineno - 1].encode()[:node.col_offset].decode().strip()
            before = Statement(head if HEAD.fullmatch(head) else "", (), number)
            statement = join(found.get(number, before), statement_of(node, source, number))
            for line in range(statement.number, node.end_lineno + first):
                found[line] = statement
    return found


def own_nodes(node):
    """The nodes of a function in their order, without those of the functions defined in it."""
    for each in ast.iter_child_nodes(node):
        yield each
        if not isinstance(each, (*FUNCTIONS, ast.ClassDef)):
            yield from own_nodes(each)


def statement_of(node, source, number):
    """A simple statement by itself."""
    targets = []
    if isinstance(node, ast.Assign):
        targets = node.targets
    elif isinstance(node, (ast.AugAssign, ast.AnnAssign)):
        targets = [node.target]
    assigned = [flat(target) for target in targets]     # two of them in first = second = value
    return Statement(
        one_line(node, source), tuple(map(name, assigned[-1] if assigned else ())), number,
        tuple(each.id for group in assigned for each in group if isinstance(each, ast.Name)),
        isinstance(node.value, ast.Call), forward_arguments(node))


def join(before, statement):
    """A statement with the one before it on its line: Python reports lines, not statements."""
    if not before.text:
        return statement
    between = " " if before.text.endswith(":") else "; "
    passes = () if before.passes and statement.passes else before.passes or statement.passes
    return Statement(before.text + between + statement.text, before.names + statement.names,
                     before.number, before.local + statement.local, False, passes)


def one_line(node, source):
    """A statement as it stands in the source, on one line and without comments."""
    text = ast.get_source_segment(source, node)
    parts, end = [], (1, 0)
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type in (tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.ENDMARKER):
            continue
        tight = token.string in ")]}" or (parts and parts[-1] in "([{")
        if token.start[0] == end[0]:
            parts.append(" " * (token.start[1] - end[1]))
        elif not tight:
            parts.append(" ")
        parts.append(" ".join(token.string.splitlines()))
        end = token.end
    return "".join(parts)


def flat(target):
    """The single targets of one that may be a tuple of tuples."""
    if isinstance(target, (ast.Tuple, ast.List)):
        return [each for inner in target.elts for each in flat(inner)]
    return [target]


def name(node):
    """What an expression is called: a name, the word between the brackets, or its own text."""
    inside = node.slice if isinstance(node, ast.Subscript) else None
    if (isinstance(inside, ast.Constant) and isinstance(inside.value, str)
            and inside.value.isprintable()):
        return inside.value
    return ast.unparse(node).replace("'", '"')


def forward_arguments(node):
    """What a statement passes to the one forward that it calls, by position or keyword."""
    calls = [each for each in ast.walk(node) if isinstance(each, ast.Call)
             and isinstance(each.func, (ast.Attribute, ast.Name))
             and ast.unparse(each.func).rpartition(".")[2] == "forward"]
    if len(calls) != 1 or any(isinstance(each, ast.Starred) for each in calls[0].args):
        return ()
    return (*((place, name(each)) for place, each in enumerate(calls[0].args)),
            *((each.arg, name(each.value)) for each in calls[0].keywords if each.arg))

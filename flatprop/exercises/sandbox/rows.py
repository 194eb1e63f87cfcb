"""Rows of what forward was given, gone through one by one: no points beside another.

differences.py asks. Only what is plain to see counts: forward keeps its own inputs, backward's loop
takes their rows as they are, and neither it nor what it calls writes into one.
"""

import ast

LEFT = [0]          # steps, in all
# What only reads its first argument, its first two, all of them.
ONE = frozenset({"exp", "log", "sum", "max", "min", "mean", "abs", "sqrt", "argmax", "zeros_like",
                 "empty_like", "ones_like", "arange", "float", "int"})
TWO = frozenset({"maximum", "minimum", "dot"})
ALL = frozenset({"zip", "enumerate", "len", "range"})
PARTS = frozenset({"shape", "size", "dtype", "ndim", "max", "min", "sum", "mean", "argmax"})
LOOPS = (ast.For, ast.comprehension)


class TooLong(Exception):
    """A source that was made to take whoever looks at it for ever."""


def walk(node):
    """ast.walk, for so many steps in all."""
    for each in ast.walk(node):
        LEFT[0] -= 1
        if LEFT[0] < 0:
            raise TooLong
        yield each


def inputs_kept(functions):
    """The names under which backward has inputs of forward's, as they were; empty if unclear."""
    forward, backward = functions["forward"], functions["backward"]
    if not all(isinstance(each, ast.FunctionDef) for each in (forward, backward)) \
            or len(backward.args.args) < 2:
        return frozenset()
    given = parameters(forward) - written(forward)
    returned = [node.value for node in walk(forward) if isinstance(node, ast.Return)]
    if len(returned) != 1 or not isinstance(returned[0], ast.Tuple) or len(returned[0].elts) != 2:
        return frozenset()
    kept = returned[0].elts[1]
    kept = kept.elts if isinstance(kept, ast.Tuple) else [kept]
    if not all(isinstance(each, ast.Name) and each.id in given for each in kept):
        return frozenset()
    cache = backward.args.args[1].arg
    uses = [node for node in walk(backward) if getattr(node, "id", "") == cache]
    taken = [node for node in walk(backward) if isinstance(node, ast.Assign)
             and node.value in uses and len(node.targets) == 1]
    if taken and len(uses) == 1:
        names = [part.id for part in walk(taken[0].targets[0]) if isinstance(part, ast.Name)]
        return frozenset(names) - written(backward, taken[0])
    return frozenset({cache}) - written(backward) if not taken else frozenset()


def only_rows(call, loop, functions, own):
    """Whether a call in a loop of backward takes rows of forward's inputs, each as it is."""
    helper = functions.get(getattr(call.func, "id", ""))
    if not own or call.keywords or not isinstance(helper, ast.FunctionDef):
        return False
    row, place = set(), set()
    for each in (part for part in walk(loop) if isinstance(part, LOOPS)):
        names = {part.id for part in walk(each.target) if isinstance(part, ast.Name)}
        if plainly(each.iter, own):
            row |= names
        elif isinstance(each.iter, ast.Call) and getattr(each.iter.func, "id", "") == "range":
            place |= names
    backward = functions["backward"]
    plain = (own | row | place) - written(backward, backward)
    if not only_read(backward, own | row, {call.func.id}) \
            or not only_read(helper, parameters(helper), set()):
        return False
    return all(
        isinstance(part, ast.Constant)
        or (isinstance(part, ast.Name) and part.id in plain)
        or (isinstance(part, ast.Subscript) and getattr(part.value, "id", "") in own & plain
            and getattr(part.slice, "id", "") in (place | row) & plain) for part in call.args)


def plainly(iterable, own):
    """Whether what is gone through is an input, or zip and enumerate of such."""
    if isinstance(iterable, ast.Call):
        return getattr(iterable.func, "id", "") in ("zip", "enumerate") and all(
            plainly(part, own) for part in iterable.args)
    return isinstance(iterable, ast.Name) and iterable.id in own


def only_read(function, names, calls):
    """Whether nothing in a function could write into what these names stand for."""
    above = {id(child): node for node in walk(function) for child in ast.iter_child_nodes(node)}
    for node in walk(function):
        base = node.value if isinstance(node, ast.Subscript) else node
        if getattr(base, "id", "") not in names or not isinstance(base, ast.Name):
            continue
        parent = above[id(node)]
        if isinstance(node.ctx, ast.Store):
            if isinstance(node, ast.Subscript) or isinstance(parent, ast.AugAssign):
                return False
        elif not reads(parent, node, above, calls) and not unpacks(parent):
            return False
    return True


def reads(parent, node, above, calls):
    """Whether a node above a name, or above a part of it, only reads it."""
    if isinstance(parent, ast.Call):
        head = getattr(parent.func, "attr", getattr(parent.func, "id", ""))
        far = {**dict.fromkeys(ONE, 1), **dict.fromkeys(TWO, 2)}.get(head, 0)
        return node in (parent.args if head in ALL | calls else parent.args[:far])
    if isinstance(parent, ast.Tuple):       # as in d[i, y[i]]
        return isinstance(above[id(parent)], ast.Subscript)
    if isinstance(parent, ast.Attribute):
        return parent.attr in PARTS
    return isinstance(parent, (ast.BinOp, ast.UnaryOp, ast.Compare, ast.Subscript, *LOOPS))


def unpacks(parent):
    """Whether a node is x, y = cache."""
    return isinstance(parent, ast.Assign) and isinstance(parent.targets[0], ast.Tuple) \
        and isinstance(parent.value, ast.Name)


def written(function, unpacking=None):
    """The names that a function assigns, but by a loop and by the unpacking of the cache."""
    free = {id(part) for node in walk(function) if isinstance(node, LOOPS)
            for part in walk(node.target)}
    if unpacking is function:       # any
        unpacking = next((node for node in walk(function) if unpacks(node)), None)
    free |= {id(part) for part in walk(unpacking)} if unpacking else set()
    return {node.id for node in walk(function) if isinstance(node, ast.Name)
            and isinstance(node.ctx, ast.Store) and id(node) not in free}


def parameters(function):
    """The names of a function's arguments."""
    return {each.arg for each in function.args.args}

"""A look for differences in place of a backward pass: the same function on both sides of a point.

It sees the ways in which people write them. Who hides them well is not seen: on functions of single
numbers they can be as good as exact, so that no comparison of numbers finds them either.
"""

import ast
import itertools

from flatprop.exercises.sandbox import rows
from flatprop.exercises.sandbox.rows import LEFT, TooLong, walk

__all__ = ["TooLong", "look"]

SAYS = "differences of the forward pass are no backward pass"
# Whose arguments are sizes and places, not points.
COUNTING = frozenset({"range", "len", "print", "int", "slice", "min", "max", "arange", "zeros",
                      "reshape"})
DERIVATIVES = frozenset({"polyder", "polyfit", "deriv", "chebinterpolate", "chebder", "interp"})
STEPS = 500_000     # a hundred times what the longest of the project's own files takes
DUMPED = 300
LOOPS = (ast.For, ast.While, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
EXEMPT = "practice/numerical.py"        # where they are what is asked for
SOLVER = "solvers/solver.py"            # whose schedule takes the number of a step
# Functions of single numbers, whose gradients are as much a backward pass as a layer's.
CIRCUITS = frozenset({"practice/circuit.py", "practice/sigmoid_two_ways.py", "practice/fan_out.py",
                      "practice/relu_jacobian.py", "models/sigmoid_neuron.py"})


def dump(node):
    """ast.dump of a node of a size that people write, or ""."""
    if len(list(itertools.islice(walk(node), DUMPED))) == DUMPED:
        return ""
    return ast.dump(node)


def look(module, file):
    """What is found in a file, in one line with the line's number, or "". Raises TooLong."""
    if file == EXEMPT:
        return ""
    LEFT[0] = STEPS
    functions = {node.name: node for node in module.body if isinstance(node, ast.FunctionDef)}
    functions |= {name: node.value for node in module.body if isinstance(node, ast.Assign)
                  and isinstance(node.value, ast.Lambda) for name in names_in(node.targets)}
    counting = COUNTING | {"schedule"} if file == SOLVER else COUNTING
    found = both_sides(module, counting), "the same function on both sides of a point"
    found = found if found[0] else numpys_own(module)
    if not found[0] and {"forward", "backward"} <= functions.keys():
        found = of_layer(functions)
    elif not found[0] and file in CIRCUITS:
        found = next((each for node in functions.values() for each in
                      (two_points(node), in_a_loop(node, frozenset())) if each[0]), found)
    return f"{file} line {found[0]}: {found[1]}; {SAYS}" if found[0] else ""


def names_in(targets):
    """The names among targets, and in tuples of them."""
    return [node.id for target in targets for node in walk(target)
            if isinstance(node, ast.Name)]


def both_sides(tree, counting):
    """The line of a call that is made a second time with + in place of a -, or 0."""
    seen = {}
    for node in walk(tree):
        if not isinstance(node, ast.Call) or called(node) in counting:
            continue
        exact = dump(node)
        if "op=Add()" in exact or "op=Sub()" in exact:
            either = exact.replace("op=Add()", "op=Sub()")
            if seen.setdefault(either, exact) != exact:
                return node.lineno
    return 0


def numpys_own(tree):
    """NumPy's differences, and its derivatives of polynomials that could be fitted."""
    for node in walk(tree):
        if isinstance(node, ast.Attribute) and (node.attr in DERIVATIVES or (
                node.attr == "gradient" and getattr(node.value, "id", "") in ("np", "numpy"))):
            return node.lineno, f"uses .{node.attr}"
    return 0, ""


def called(node):
    """The last part of a called function's name, or ""."""
    return getattr(node.func, "attr", getattr(node.func, "id", ""))


def of_layer(functions):
    """(line, what) found in a layer's backward, and in what it calls; (0, "") if nothing is."""
    behind = reached(functions, "backward")
    shared = reached(functions, "forward") & behind - {"forward"}
    for name in sorted(behind):
        node = functions[name]
        for line, says in (uses_forward(node), two_points(node),
                           in_a_loop(node, shared, functions if name == "backward" else None),
                           handed_on(node, shared), subtracted(node, shared)):
            if line:
                return line, says
    return 0, ""


def reached(functions, first):
    """The names of the functions that are used by one of them, directly or not, and its own."""
    waiting, seen = [first], set()
    while waiting:
        name = waiting.pop()
        seen.add(name)
        waiting += {node.id for node in walk(functions[name]) if isinstance(node, ast.Name)
                    and node.id in functions.keys() - seen}
    return seen


def uses_forward(node):
    """That backward uses forward."""
    lines = [each.lineno for each in walk(node)
             if isinstance(each, ast.Name) and each.id == "forward"]
    return (lines[0] if lines else 0), "backward uses forward"


def two_points(node):
    """Both a + b and a - b, but for 1 + a and 1 - a, and the product of both, a^2 - b^2."""
    seen, factors = {}, {id(each) for product in walk(node) for each in conjugates(product)}
    for each in walk(node):
        if isinstance(each, ast.BinOp) and isinstance(each.op, (ast.Add, ast.Sub)) \
                and not isinstance(each.left, ast.Constant) and id(each) not in factors:
            operands = dump(each.left), dump(each.right)
            if all(operands) and seen.setdefault(operands, type(each.op)) is not type(each.op):
                return each.lineno, "points on both sides of another"
    return 0, ""


def conjugates(product):
    """The factors a + b and a - b of a product, or []."""
    if not isinstance(product, ast.BinOp) or not isinstance(product.op, ast.Mult):
        return []
    sides = [side.operand if isinstance(side, ast.UnaryOp) else side
             for side in (product.left, product.right)]
    if not all(isinstance(side, ast.BinOp) for side in sides) \
            or {type(side.op) for side in sides} != {ast.Add, ast.Sub}:
        return []
    one, other = ((dump(side.left), dump(side.right)) for side in sides)
    return sides if one == other and all(one) else []


def in_a_loop(node, shared, functions=None):
    """A function of forward's called again and again, or any at points that a loop goes through.

    functions: of the layer whose backward this is; rows of forward's inputs are no such points
    """
    own = rows.inputs_kept(functions) if functions else frozenset()
    for loop in walk(node):
        if not isinstance(loop, LOOPS):
            continue
        steps = names_of_steps(loop)
        moved = {name for part in walk(loop) if isinstance(part, ast.Assign)
                 and summed(part.value, steps) for name in names_in(part.targets)}
        for each in walk(loop):
            if isinstance(each, ast.Call) and called(each) not in COUNTING and (
                    (called(each) in shared and not rows.only_rows(each, loop, functions, own))
                    or any(
                        summed(part, steps) or moved & set(names_in(outside_indices(part)))
                        for part in each.args)):
                return each.lineno, "a function at one point after another"
    return 0, ""


def names_of_steps(loop):
    """The names in a loop that go through numbers which are not data."""
    parts = list(walk(loop))
    loops = [part for part in parts if isinstance(part, (ast.For, ast.comprehension))]
    targets = [part.target for part in loops if counted(part.iter)]
    if isinstance(loop, ast.While):
        targets += [part.target for part in parts if isinstance(part, ast.AugAssign)]
    return set(names_in(targets))


def counted(iterable):
    """Whether what is gone through is range(...) or (1, 2, ...), or made of such."""
    if isinstance(iterable, ast.Call):
        return called(iterable) in ("range", "arange", "linspace") or any(
            counted(part) for part in iterable.args)
    return isinstance(iterable, (ast.Tuple, ast.List))


def summed(value, names):
    """Whether a value is, or has in it, a sum with one of these names in it, but as an index."""
    return any(isinstance(part, ast.BinOp) and isinstance(part.op, (ast.Add, ast.Sub))
               and names & set(names_in(outside_indices(part))) for part in walk(value))


def subtracted(node, shared):
    """A function of forward's at one point, taken from the same at another."""
    for each in walk(node):
        if isinstance(each, ast.BinOp) and isinstance(each.op, ast.Sub):
            left, right = ({(called(part), dump(part)) for part in walk(side)
                            if isinstance(part, ast.Call) and called(part) in shared}
                           for side in (each.left, each.right))
            if any(a[0] == b[0] and a != b for a in left for b in right):
                return each.lineno, "the same function at two points"
    return 0, ""


def outside_indices(node):
    """The names below node, those in [...] left out."""
    waiting, found = [node], []
    while waiting:
        part = waiting.pop()
        LEFT[0] -= 1
        if isinstance(part, ast.Subscript):
            waiting.append(part.value)
        elif isinstance(part, ast.Name):
            found.append(part)
        else:
            waiting += ast.iter_child_nodes(part)
    return found


def handed_on(node, shared):
    """A function of forward's given to another, or called with an axis more for many points."""
    calls = [each for each in walk(node) if isinstance(each, ast.Call)]
    heads = {id(each.func) for each in calls}
    for each in walk(node):
        if isinstance(each, ast.Name) and each.id in shared and id(each) not in heads:
            return each.lineno, f"backward hands {each.id} on, which is forward's"
    for each in calls:
        if called(each) in shared and any(new_axis(part) for part in walk(each)):
            return each.lineno, "a function at many points at once"
    return 0, ""


def new_axis(node):
    """Whether a node is x[..., None] or its like."""
    return isinstance(node, ast.Subscript) and any(
        (isinstance(part, ast.Constant) and part.value is None)
        or getattr(part, "attr", "") == "newaxis" for part in walk(node.slice))

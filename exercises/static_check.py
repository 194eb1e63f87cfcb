"""A look at a student's source before it is run: what no layer needs is refused, with its line.

This catches the plain attempts, and says so in words; it can be got round by who hides what he
does. What is hidden still meets the audit hook, the walls, and the comparison in the parent. Files
that are the project's own, byte for byte, are not looked at.
"""

import ast
import functools
import os
import warnings

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
SOURCE_BYTES = 1 << 18
IMPORTS = frozenset({
    "abc", "bisect", "cmath", "collections", "copy", "dataclasses", "decimal", "enum", "fractions",
    "functools", "heapq", "itertools", "math", "numbers", "numpy", "operator", "pprint", "random",
    "statistics", "string", "textwrap", "time", "types", "typing", "warnings", "__future__",
})
NAMES = frozenset({"eval", "exec", "compile", "__import__", "globals", "locals", "open", "input",
                   "breakpoint", "memoryview", "__builtins__", "__loader__", "__spec__"})
ATTRIBUTES = frozenset({
    "__subclasses__", "__globals__", "__builtins__", "__code__", "__closure__", "__loader__",
    "__spec__", "__bases__", "__mro__", "__base__", "__getattribute__", "__array_interface__",
    "f_globals", "f_locals", "f_back", "gi_frame", "tb_frame", "as_strided", "ctypes", "ctypeslib",
    "f2py", "memmap", "fromfile", "tofile", "genfromtxt", "loadtxt", "savetxt", "load", "save",
    "savez", "DataSource",
})
COMPLEX = frozenset({"complex", "complex64", "complex128", "complex256", "cdouble", "csingle",
                     "clongdouble", "complexfloating", "imag", "iscomplexobj", "emath", "scimath"})

NO_DIFFERENCES = "differences of the forward pass are no backward pass"


def look_at_tree(tree):
    """What is refused in the Python files below tree, in one line; "" if nothing is."""
    own = top_names(tree)
    for folder, folders, names in os.walk(tree):
        folders.sort()
        for name in sorted(names):
            if not name.endswith(".py"):
                continue
            path = os.path.join(folder, name)
            with open(path, "rb") as file:
                source = file.read()
            relative = path[len(tree) + 1:]
            if source.strip() and not same_as_ours(source, relative):
                found = look_at(source, relative.replace(os.sep, "/"), own)
                if found:
                    return found
    return ""


def top_names(tree):
    """The names that can be imported from tree."""
    return frozenset(name.removesuffix(".py") for name in os.listdir(tree))


def same_as_ours(source, relative):
    """Whether source is the project's file of that name."""
    try:
        with open(os.path.join(ROOT, relative), "rb") as file:
            return file.read() == source
    except OSError:
        return False


@functools.lru_cache(maxsize=1024)
def look_at(source, file, own=frozenset({"layers", "models", "solvers", "data"})):
    """What is refused in the source (bytes) of a file, in one line; "" if nothing is.

    own: the names that the file may import besides Python's and NumPy's
    """
    if len(source) > SOURCE_BYTES:
        return f"{file} has more than {SOURCE_BYTES >> 10} kB"
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            module = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ""           # what cannot be parsed cannot be imported: the child says why
    nodes = list(ast.walk(module))
    allowed, aliases = IMPORTS | own, imported(nodes)
    for node in nodes:
        says = imports(node, allowed, file) or names(node) or patches(node, aliases)
        if says:
            return f"{file} line {node.lineno}: {says}"
    return differences(module, file)


def imported(nodes):
    """The names under which modules, and what is in them, were imported."""
    return {(alias.asname or alias.name).split(".")[0] for node in nodes
            if isinstance(node, (ast.Import, ast.ImportFrom)) for alias in node.names}


def imports(node, allowed, file):
    """What is wrong with an import, or ""."""
    if isinstance(node, ast.Import):
        wanted = [alias.name for alias in node.names]
    elif isinstance(node, ast.ImportFrom):
        if node.level:
            return ""
        wanted = [f"{node.module}.{alias.name}" for alias in node.names]
    else:
        return ""
    itself = file.removesuffix(".py").replace("/", ".")
    for name in wanted:
        if name.split(".")[0] not in allowed:
            return f"imports {name.split('.')[0]}; NumPy and math are all it takes"
        if name == itself or name.startswith(itself + "."):
            return "imports itself"
        if ATTRIBUTES.intersection(name.split(".")):
            return f"imports {name}"
    return ""


def names(node):
    """What is wrong with a name, an attribute or a number, or ""."""
    if isinstance(node, ast.Name) and node.id in NAMES:
        return f"uses {node.id}, which no exercise needs"
    if isinstance(node, ast.Attribute) and node.attr in ATTRIBUTES:
        return f"uses .{node.attr}, which no exercise needs"
    used = node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")
    if used in COMPLEX or (isinstance(node, ast.Constant) and isinstance(node.value, complex)):
        return "uses complex numbers; a complex step is a difference, not a backward pass"
    return ""


def patches(node, aliases):
    """That something imported is changed, or ""."""
    targets = []
    if isinstance(node, (ast.Assign, ast.Delete)):
        targets = node.targets
    elif isinstance(node, (ast.AugAssign, ast.AnnAssign)):
        targets = [node.target]
    for target in targets:
        if isinstance(target, ast.Attribute):
            base = target.value
            while isinstance(base, ast.Attribute):
                base = base.value
            if isinstance(base, ast.Name) and base.id in aliases:
                return f"changes {ast.unparse(target)}, which is not its own"
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) \
            and node.func.id in ("setattr", "delattr") and node.args \
            and isinstance(node.args[0], ast.Name) and node.args[0].id in aliases:
        return f"changes {node.args[0].id}, which is not its own"
    return ""


def differences(module, file):
    """That a backward calls its own forward, directly or through helpers, or ""."""
    functions = {node.name: node for node in module.body if isinstance(node, ast.FunctionDef)}
    if not {"forward", "backward"} <= functions.keys():
        return ""
    waiting, seen = ["backward"], set()
    while waiting:
        name = waiting.pop()
        seen.add(name)
        for node in ast.walk(functions[name]):
            if isinstance(node, ast.Name) and node.id == "forward":
                return f"{file} line {node.lineno}: backward uses forward; {NO_DIFFERENCES}"
            if isinstance(node, ast.Name) and node.id in functions.keys() - seen:
                waiting.append(node.id)
        line = both_sides(functions[name])
        if line:
            return f"{file} line {line}: the same function on both sides of a point; " \
                   f"{NO_DIFFERENCES}"
    return ""


def both_sides(function):
    """The line where a function is called with a + b, if it is called with a - b as well; or 0."""
    seen = {}
    for node in ast.walk(function):
        if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.BinOp) \
                and isinstance(node.args[0].op, (ast.Add, ast.Sub)):
            point = node.args[0]
            key = tuple(map(ast.dump, (node.func, point.left, point.right)))
            kind = type(point.op)
            if seen.setdefault(key, kind) is not kind:
                return node.lineno
    return 0

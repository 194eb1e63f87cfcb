"""A look at a student's source before it is run: what no layer needs is refused, with its line.

This catches the plain attempts, and says so in words; it can be got round by who hides what he
does. What is hidden still meets the audit hook, the walls, and the comparison in the parent. Files
that are the project's own, byte for byte, are not looked at.
"""

import ast
import functools
import os
import warnings
from pathlib import Path

from flatprop.exercises.sandbox import differences

ROOT = str(Path(__file__).resolve().parents[3])
SOURCE_BYTES = 1 << 18
IMPORTS = frozenset({
    "abc", "bisect", "collections", "copy", "dataclasses", "enum", "functools", "heapq",
    "itertools", "math", "numbers", "numpy", "operator", "pprint", "random", "statistics",
    "string", "textwrap", "time", "types", "typing", "warnings", "__future__",
})
NAMES = frozenset({"eval", "exec", "compile", "__import__", "globals", "locals", "open", "input",
                   "breakpoint", "memoryview", "vars", "__builtins__", "__loader__", "__spec__"})
ATTRIBUTES = frozenset({
    "__subclasses__", "__globals__", "__builtins__", "__code__", "__closure__", "__loader__",
    "__spec__", "__bases__", "__mro__", "__base__", "__getattribute__", "__array_interface__",
    "f_globals", "f_locals", "f_back", "gi_frame", "tb_frame", "as_strided", "ctypes", "ctypeslib",
    "f2py", "memmap", "fromfile", "tofile", "genfromtxt", "loadtxt", "savetxt", "load", "save",
    "savez", "DataSource", "sys", "_sys", "os", "_os", "builtins", "__dict__", "__setattr__",
    "attrgetter", "methodcaller",
})
COMPLEX = frozenset({"complex", "complex64", "complex128", "complex192", "complex256", "cdouble",
                     "csingle", "clongdouble", "complexfloating", "imag", "iscomplexobj",
                     "emath", "scimath"})
# The same, but for variables of these names.
PARTS = frozenset({"real", "conj", "conjugate", "angle", "iscomplex", "fft", "roots", "eig",
                   "eigvals"})
# Numbers of so many digits that differences of them are as good as exact.
LONG = frozenset({"longdouble", "longfloat", "float96", "float128"})
COMPLEX_SAYS = "uses complex numbers; a complex step is a difference, not a backward pass"
CODES = frozenset({"g", "G", "F", "D", "c8", "c16", "c24", "c32", "f12", "f16"})
# What takes such a code as an argument without the name dtype.
TAKES_CODE = frozenset({"dtype", "astype", "view", "array", "asarray", "asanyarray", "zeros",
                        "ones", "empty", "full", "zeros_like", "ones_like", "full_like",
                        "empty_like"})


def look_at_tree(tree):
    """What is refused in the Python files below tree, in one line; "" if nothing is."""
    own = top_names(tree) - {"probe"}
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


@functools.lru_cache(maxsize=100)
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
        nodes = list(ast.walk(module))
        allowed, aliases = IMPORTS | own, imported(nodes)
        for node in nodes:
            says = imports(node, allowed, file) or names(node) or hidden_names(node, aliases) \
                or patches(node, aliases)
            if says:
                return f"{file} line {node.lineno}: {says}"
        return differences.look(module, file)
    except (SyntaxError, ValueError):
        return ""           # what cannot be parsed cannot be imported: the child says why
    except differences.TooLong:
        return f"{file} is too long, or too tangled, to be looked at"
    except (RecursionError, MemoryError):
        # The child, which is not as deep in calls of its own, might just be able to import it.
        return f"{file} is nested too deeply to be looked at"


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
        if (ATTRIBUTES | COMPLEX | PARTS | LONG).intersection(name.split(".")):
            return f"imports {name}"
    return ""


def names(node):
    """What is wrong with a name, an attribute or a number, or ""."""
    if isinstance(node, ast.Name) and node.id in NAMES:
        return f"uses {node.id}, which no exercise needs"
    if isinstance(node, ast.Attribute) and node.attr in ATTRIBUTES:
        return f"uses .{node.attr}, which no exercise needs"
    if isinstance(node, ast.Attribute) and node.attr in PARTS:
        return COMPLEX_SAYS
    used = node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")
    return unusual(used) or unusual_number(node)


def unusual(used):
    """What is wrong with the name of a kind of numbers, or ""."""
    if used in LONG:
        return f"uses {used}; float64 is precise enough for a backward pass, not for differences"
    return COMPLEX_SAYS if used in COMPLEX else ""


def unusual_number(node):
    """That a number is complex, or the root of a negative one, or ""."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Pow) \
            and isinstance(node.left, ast.UnaryOp) and isinstance(node.left.op, ast.USub) \
            and isinstance(getattr(node.right, "value", None), float):
        return COMPLEX_SAYS
    return COMPLEX_SAYS if isinstance(getattr(node, "value", None), complex) else ""


def hidden_names(node, aliases):
    """What is wrong with a name that is given as a text, or ""."""
    if not isinstance(node, ast.Call):
        return ""
    head = getattr(node.func, "attr", getattr(node.func, "id", ""))
    if head == "getattr" and node.args:
        if isinstance(node.args[0], ast.Name) and node.args[0].id in aliases:
            return f"gets a part of {node.args[0].id} by getattr"
        text = getattr(node.args[-1], "value", None)
        if isinstance(text, str) and text in ATTRIBUTES | PARTS | COMPLEX:
            return f"uses .{text}, which no exercise needs"
    named = [word.value for word in node.keywords if word.arg == "dtype"]
    for each in [*named, *(node.args if head in TAKES_CODE else ())]:
        code = getattr(each, "value", None)
        if isinstance(code, str) and code.lstrip("<>=|") in CODES | LONG | COMPLEX:
            return f"uses numbers of the kind {code!r}; float64 will do"
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

"""The lookout: the values that a student's lines compute, one after another, on a few small inputs.

A sigmoid's derivative by a complex step, in more digits or by many points is as right as the
formula's, so that no comparison of results finds it. Here every expression of the files that are
imported is passed through `look`, which sees complex numbers, more digits, and points beside the
inputs, whatever they are called. It runs in the child: what it says is for a reader, not for
points.
"""

import ast
import builtins
import importlib.machinery
import inspect
import os
import sys

import numpy as np

LOOKS = 20_000          # values noted of one call
ENTRIES = 64            # of a value
WRAPPED = (ast.BinOp, ast.UnaryOp, ast.Call, ast.Name, ast.Attribute, ast.Subscript, ast.Constant)
MORE = "uses numbers of more digits than float64 has"
COMPLEX = "uses complex numbers"
DERIVATIVES = {id(each): f"uses {name}" for name, each in (
    ("np.gradient", np.gradient), ("np.interp", np.interp), ("np.polyfit", np.polyfit),
    ("exec", exec), ("eval", eval), ("compile", compile))}
# Multiples of an input that formulas have.
PLAIN = (0.25, 0.5, 1.0, 2.0, 3.0, 4.0)
RNG = np.random.default_rng(0)      # of the gradients from above
NOTES = {"tree": "", "on": False, "values": {}, "counts": {}, "odd": []}


class Wrap(ast.NodeTransformer):
    """Puts look(..., file, line) round the expressions of a module."""

    def __init__(self, file):
        self.file = file

    def visit(self, node):
        if isinstance(node, (ast.pattern, ast.arg)):
            return node
        node = self.generic_visit(node)
        if not isinstance(node, WRAPPED) or not isinstance(getattr(node, "ctx", ast.Load()),
                                                           ast.Load):
            return node
        if isinstance(node, ast.Constant) and not isinstance(node.value, complex):
            return node
        given = [node, ast.Constant(self.file), ast.Constant(node.lineno)]
        return ast.copy_location(ast.Call(ast.Name("__look__", ast.Load()), given, []), node)


class Loader(importlib.machinery.SourceFileLoader):
    """Imports a file of the student's, wrapped."""

    def source_to_code(self, data, path, *, _optimize=-1):
        file = os.path.relpath(path, NOTES["tree"]).replace(os.sep, "/")
        tree = ast.fix_missing_locations(Wrap(file).visit(ast.parse(data)))
        return compile(tree, path, "exec", dont_inherit=True)


def install(tree):
    """From now on wrap what is imported from tree."""
    NOTES["tree"], builtins.__look__ = tree, look
    finder = importlib.machinery.FileFinder.path_hook((Loader, [".py"]))

    def hook(path):
        if os.path.commonpath([path, tree]) != tree:
            raise ImportError
        return finder(path)
    sys.path_hooks.insert(0, hook)
    sys.path_importer_cache.clear()


def look(value, file, line):
    """value, noted."""
    if NOTES["on"] and len(NOTES["values"]) < LOOKS:
        odd = odd_kind(value)
        if odd:
            NOTES["odd"].append((file, line, odd))
        elif isinstance(value, (float, np.ndarray, np.floating)) \
                and np.asarray(value).dtype.kind == "f":
            count = NOTES["counts"][file, line] = NOTES["counts"].get((file, line), 0) + 1
            flat = np.asarray(value, float).ravel()[:ENTRIES]
            NOTES["values"][file, line, count] = np.abs(flat)
    return value


def odd_kind(value):
    """What is odd about the kind of a value, or ""."""
    kind = type(value)
    if isinstance(value, np.ndarray) and value.dtype == object and value.size:
        return odd_kind(value.flat[0])
    dtype = value.dtype if isinstance(value, (np.ndarray, np.generic)) else None
    if kind is complex or (dtype is not None and dtype.kind == "c"):
        return COMPLEX
    if (dtype is not None and dtype.kind == "f" and dtype.itemsize > 8) \
            or kind.__module__ in ("decimal", "_decimal", "_pydecimal", "fractions") \
            or (kind is int and value.bit_length() > 64):
        return MORE
    if kind.__module__.startswith("numpy.polynomial"):
        return "uses numpy.polynomial"
    return DERIVATIVES.get(id(value), "")


def noted(function, *arguments):
    """(what a call gives, the values noted)."""
    NOTES.update(on=True, values={}, counts={})
    try:
        return function(*arguments), NOTES["values"]
    finally:
        NOTES["on"] = False


def look_at(cases, module):
    """What is odd in each of cases, (file, name, [inputs, ...]): a list of (file, line, words).

    name is a function's, a model class's, whose inputs are what it is made of and then x and y, or
    "" for forward and backward; module(file) imports. Line 0: what cannot be looked at.
    """
    found = []
    for file, name, inputs in cases:
        try:
            found += look_at_one(module(file), file, name, inputs)
        except Exception as error:
            found.append((file, 0, f"cannot be looked at: {error}"))
    return found


def look_at_one(made, file, name, inputs):
    """What is first seen to be odd in the module `made` of a file, as above, or []."""
    NOTES["odd"], before, after = [], [], []
    for each in inputs:
        if isinstance(vars(made).get(name), type):
            *sizes, x, y = each
            model = vars(made)[name](*sizes)
            noted(model.loss, x.astype(model.theta.dtype), y)
            continue
        if name:
            before.append(noted(vars(made)[name], *each)[1])
            continue
        (out, cache), values = noted(made.forward, *each)
        before.append(values)
        with_forward_watched(made.forward, each)
        try:
            after.append(noted(made.backward, upstream(out), cache)[1])
        finally:
            sys.setprofile(None)
    entries = [np.concatenate([np.ravel(np.abs(each)) for each in given
                               if np.asarray(each).dtype.kind == "f"]) for given in inputs]
    # One point beside the input is what a margin makes of it.
    most = 1 if "svm" in file else 0
    return (NOTES["odd"] or beside(after, entries, most) or beside(before, entries, most))[:1]


def with_forward_watched(forward, inputs):
    """Note calls of forward at other inputs than these, until sys.setprofile(None)."""
    code = getattr(inspect.unwrap(forward), "__code__", None)
    known = [np.abs(each) for each in inputs if np.asarray(each).dtype.kind == "f"]

    def profile(frame, event, _):
        if event != "call" or frame.f_code is not code:
            return
        values = [frame.f_locals[name] for name in code.co_varnames[: code.co_argcount]]
        values = [np.abs(each) for each in values if np.asarray(each).dtype.kind == "f"]
        if not all(any(np.array_equal(one, other) for other in known) for one in values):
            caller = frame.f_back
            while caller.f_back and not caller.f_code.co_filename.startswith(NOTES["tree"]):
                caller = caller.f_back
            file = os.path.relpath(caller.f_code.co_filename, NOTES["tree"]).replace(os.sep, "/")
            NOTES["odd"].append((file, caller.f_lineno, "uses forward in backward"))
    sys.setprofile(profile)


def upstream(out):
    """A random upstream gradient of the form of out."""
    if isinstance(out, tuple):
        return tuple(map(upstream, out))
    drawn = RNG.uniform(0.5, 2.0, np.shape(out))
    return float(drawn) if np.ndim(out) == 0 else drawn.astype(out.dtype)


def beside(calls, entries, most):
    """[(file, line, words)] if there are more than `most` points beside the inputs' entries.

    calls: of each call the values noted; entries: of each its inputs' entries. A point beside one
    is x + c, or c x, with the same c in every call.
    """
    found = {}
    for key in calls[0] if calls else ():
        values = [call.get(key, np.zeros(0)) for call in calls]
        if len({each.size for each in values}) > 1:
            continue
        values = np.stack(values)
        for x in np.stack(entries).T[:, :, None]:
            for c in constant(values - x):
                if abs(c) > 1e-12:
                    found.setdefault(("+", c), key)
            for c in constant(values / x):
                if 0.2 < c < 5 and c not in PLAIN:
                    found.setdefault(("*", c), key)
    if len(found) <= most:
        return []
    file, line, _ = list(found.values())[most]
    return [(file, line, "computes at points beside its input")]


def constant(numbers):
    """The columns' numbers, where all of a column are the same but for rounding."""
    with np.errstate(all="ignore"):
        same = np.ptp(numbers, axis=0) <= 1e-14
    return {float(f"{each:.9g}") for each in numbers[0, same]}

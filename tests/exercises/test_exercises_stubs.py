"""Stubs: what is taken out of a file, and what is left to the byte."""

import ast
import re

import pytest

from flatprop.exercises import stubs, workspace

SOURCE = '''"""A module."""

import numpy as np  # kept


def forward(x, *, slope=0.1):
    """Docstring.

    Of several lines.
    """
    # a comment of the body
    y = x + 1
    return y
    # and one at its end


# a comment between


class Rule:
    """A class."""

    def step(self, theta): # kept
        "One line."
        def inner():
            return 1
        theta -= inner()

    def other(self):
        return 2


def bare(a,
         b):
    return (
        a + b)
'''


def test_bodies_go_and_all_else_stays():
    stub = stubs.stub(SOURCE, ["forward", "Rule.step", "bare"])
    assert stub == SOURCE.replace(
        '    # a comment of the body\n    y = x + 1\n    return y\n    # and one at its end\n',
        '    raise NotImplementedError("write forward")\n').replace(
        '        def inner():\n            return 1\n        theta -= inner()\n',
        '        raise NotImplementedError("write Rule.step")\n').replace(
        '    return (\n        a + b)\n', '    raise NotImplementedError("write bare")\n')


@pytest.mark.parametrize("body, written", [
    ("raise NotImplementedError", False), ("raise NotImplementedError('x')", False),
    ('"""Doc."""', False), ("return 1", True), ("pass", True), ("raise ValueError('x')", True),
    ("x = 1\n    raise NotImplementedError", True),
])
def test_what_still_raises_or_is_missing_is_unwritten(body, written):
    source = f"def forward(x):\n    {body}\n"
    assert stubs.names_to_write(source, ["forward"]) == ([] if written else ["forward"])
    assert "backward" in stubs.names_to_write(source, ["forward", "backward"])


@pytest.mark.parametrize("source", [
    "forward = lambda x: x", "def f(x):\n    return x\nforward = f", "from mine import forward",
    "if True:\n    def forward(x):\n        return x"])
def test_a_function_may_be_bound_in_other_ways(source):
    assert stubs.names_to_write(source, ["forward", "backward"]) == ["backward"]


@pytest.mark.parametrize("source", ["def forward(x:\n", "\x00", "(" * 10_000])
def test_what_cannot_be_read_is_no_stub(source):
    assert stubs.names_to_write(source, ["forward"]) == []


TARGETS = workspace.targets()


@pytest.mark.parametrize("file", [file for file, names in TARGETS.items() if names])
def test_every_stub_keeps_names_signatures_and_docstrings_but_formulas(file):
    source, stub = workspace.reference(file), workspace.starting_texts()[file]
    before, after = stubs.functions(source), stubs.functions(stub)
    assert list(before) == list(after)
    for name, node in before.items():
        assert ast.unparse(node.args) == ast.unparse(after[name].args)
        kept = re.escape(ast.get_docstring(after[name]) or "").replace(r"=\ \?", "= (?s:.)+")
        kept = re.sub(r"(\\[\n ])+", r"\\s+", kept)       # a line may be as long as it fits
        assert re.fullmatch(kept, ast.get_docstring(node) or "")
        if name not in TARGETS[file]:
            assert ast.get_docstring(node) == ast.get_docstring(after[name])
        if name in TARGETS[file]:
            assert ast.get_docstring(node)
            assert stubs.only_raises(after[name]) and not stubs.only_raises(node)
        else:
            assert ast.unparse(node) == ast.unparse(after[name])


def test_a_note_is_a_comment_in_the_first_function():
    source = 'def one(x):\n    """One."""\n    return 1\n\n\ndef two(x):\n    return 2\n'
    assert stubs.stub(source, ["two", "one"], "Mind this.") == (
        'def one(x):\n    """One."""\n    # Mind this.\n'
        '    raise NotImplementedError("write one")\n\n\n'
        'def two(x):\n    raise NotImplementedError("write two")\n')
    assert "# Norms, dropout" in workspace.starting_texts()["models/fully_connected_net.py"]


def test_the_stub_of_flat_code_names_its_ten_gradients():
    tree = ast.parse(workspace.starting_texts()["models/sigmoid_neuron.py"])
    words = ast.get_docstring(next(each for each in tree.body if isinstance(each, ast.FunctionDef)))
    for name in ("L", "s3", "s2", "s1", "s0", "w0", "x0", "w1", "x1", "w2"):
        assert name in words.partition("grads: ")[2].partition("\n")[0].split(", ")


# What there is to derive, as a reader would write it, in the reference and in no stub.
FORMULAS = {
    "layers/gates/add.py": ["dx = dout", "as it is"],
    "layers/gates/copy.py": ["the sum of", "adds up"],
    "layers/gates/multiply.py": ["y dout", "x dout", "scaled"],
    "layers/gates/maximum.py": ["dout where", "x >= y"],
    "layers/gates/exp.py": ["e^x dout", "own local gradient"],
    "layers/gates/reciprocal.py": ["/ x^2", "x^2"],
    "layers/gates/scale.py": ["a dout", "is the local gradient"],
    "layers/gates/shift.py": ["dx = dout", "unchanged"],
    "practice/sigmoid_two_ways.py": ["(1 - L)"],
    "practice/numerical.py": ["f(x + h)", "2 h"],
    "layers/matmul.py": ["W^T", "x^T"], "layers/affine.py": ["W^T", "x^T", "the sum of dout"],
    "layers/relu.py": ["dout where", "x > 0"], "layers/sigmoid.py": ["1 - sigma"],
    "layers/tanh.py": ["1 - tanh"], "layers/svm_loss.py": ["dloss / N", "as much less"],
    "layers/softmax_loss.py": ["p - 1", "1[y]"], "layers/l2_penalty.py": ["2 strength W"],
    "layers/dropout.py": ["dout * mask", "scaled as"],
}


@pytest.mark.parametrize("file", FORMULAS)
def test_no_stub_contains_its_formula(file):
    reference, stub = workspace.reference(file), workspace.starting_texts()[file]
    names = [each.partition(".")[0] for each in TARGETS[file]]
    for formula in FORMULAS[file]:
        assert formula in reference
        for text in docstrings(stub, names):
            assert formula not in text
        assert any(formula in text for text in docstrings(reference, names))


def docstrings(source, names):
    """The docstrings of a module, and of its functions and classes of these names, with theirs."""
    tree = ast.parse(source)
    nodes = [tree, *(inner for each in tree.body if getattr(each, "name", None) in names
                     for inner in ast.walk(each)
                     if isinstance(inner, (ast.FunctionDef, ast.ClassDef)))]
    return [" ".join((ast.get_docstring(each) or "").split()) for each in nodes]


def test_a_formula_ends_where_the_next_gradient_or_clause_begins_and_numbers_stay():
    source = """def f(x):
    '''dx = a b: so, dW = c^2 / 2.0 d; kept. At 1: dx = 2.5, dy = -1.25.

    theta <- theta - g

    dy = over
    two lines.
    Kept too.
    '''
    return x
"""
    assert stubs.stub(source.replace("'" * 3, '"' * 3), ["f"]) == """def f(x):
    '''dx = ?, dW = ?; kept. At 1: dx = 2.5, dy = -1.25.

    theta <- theta - g

    dy = ?.
    Kept too.
    '''
    raise NotImplementedError("write f")
""".replace("'" * 3, '"' * 3)

"""What is written in, below and before a gate: its symbol, constants, how gradients come back.

A layer draws without being known here: its name is spelled as its own docstring spells it, and the
formulas of its gradients are those at the beginning of its backward's docstring.
"""

import re

import numpy as np

from flatprop.circuits import value_text

LONGEST, LONGEST_FORMULA = 24, 36       # letters
SIGNS = {"add": "+", "multiply": "*", "maximum": "max", "reciprocal": "1/x", "sigmoid": "σ"}
TYPOGRAPHY = [(r"\^T\b", "ᵀ"), (r"\^2\b", "²"), (r"\bsigma\b", "σ"),
              (r"\bthe sum of (\S+)( over the batch)?", r"Σ \1")]
FORMULA = r"(.+?)(?=[,;:]|\.(?:\s|$)|$)"
FORMULA_WORDS = {"the", "sum", "of", "over", "batch", "where", "sigma"}


def symbol(gate):
    """The symbol of a Gate, and the lines below it: its constants, but for those in the symbol."""
    layer, constants = gate.call.layer, gate.constants
    if layer == "scale" and value_text.is_number(constants.get("a")):
        return f"*{value_text.three(constants['a'])}", []
    if layer == "shift" and value_text.is_number(constants.get("c")):
        return value_text.three(constants["c"], "+"), []
    if layer == "elementary" and isinstance(constants.get("function"), str):
        return constants["function"], []
    # eps only keeps a normalization from a division by zero.
    lines = [constant(name, value) for name, value in constants.items()
             if name != "eps" and (value_text.is_number(value) or isinstance(value, np.ndarray))]
    return SIGNS.get(layer) or spelling(layer, gate.call.scope.get("__doc__") or ""), lines


def spelling(layer, doc):
    """A layer's name as its docstring spells it: relu is ReLU, batchnorm "batch norm"."""
    letters = map(re.escape, layer.replace("_", ""))
    found = re.search(r"\b" + " ?".join(letters), doc, re.IGNORECASE)
    words = (found[0] if found else layer.replace("_", " ")).split()
    # Leaky ReLU is "leaky ReLU": a capital letter before small ones only begins a sentence.
    return clip(" ".join(word.lower() if word[1:].islower() else word for word in words))


def constant(name, value):
    """A constant: y=[0 1], or its shape where it is large."""
    is_short = value_text.is_number(value) or (value.ndim == 1 and value_text.is_small(value))
    text = f"{name}={value_text.short(value)}" if is_short else f"{name} {value.shape}"
    return clip(text, 2 * LONGEST)


def clip(text, longest=LONGEST):
    """A text of at most so many letters, on one line."""
    text = " ".join(text.split())
    return text if len(text) <= longest else text[:longest - 1] + "…"


def formulas(gate):
    """{argument: how its gradient comes from the upstream one}, of a layer of arrays; else empty.

    backward's docstring has them, if it begins with formulas: "dx = dout W^T, dW = x^T dout", or
    for a single argument "(1 - tanh(x)^2) dout". Their names are replaced by those of the wires.
    """
    wires = [*gate.inputs.values(), *gate.outputs]
    if (not gate.call.backwards or len(gate.outputs) != 1
            or all(value_text.is_number(wire.value) for wire in wires)):
        return {}
    backward = gate.call.scope["backward"]
    variables = backward.__code__.co_varnames
    names = {argument: wire.name for argument, wire in gate.inputs.items()}
    names[variables[0]] = f"d{gate.outputs[0].name}"
    first = " ".join((backward.__doc__ or "").partition("\n\n")[0].split())
    found = {}
    for argument in gate.inputs:
        formula = re.search(rf"\bd{re.escape(argument)} = {FORMULA}", first)
        if formula is None and len(gate.inputs) == 1:
            formula = re.match(FORMULA, first)
        if formula and is_formula(formula[1], variables[0], {*variables, *gate.call.arguments}):
            text = typeset(formula[1], names)
            if len(text) > LONGEST_FORMULA:     # then with the layer's own names
                text = typeset(formula[1], {})
            if len(text) <= LONGEST_FORMULA:
                found[argument] = text
    return found


def is_formula(text, dout, names):
    """Whether a text is no prose: it has dout, and no words but names and FORMULA_WORDS."""
    words = re.findall(r"[A-Za-z]{2,}\w*(?!\w*\()", text)
    return (re.search(rf"\b{re.escape(dout)}\b", text) is not None
            and names.union(FORMULA_WORDS).issuperset(words))


def typeset(formula, names):
    """A formula with its names replaced, W^T as Wᵀ."""
    formula = re.sub(r"[A-Za-z_]\w*", lambda word: names.get(word[0], word[0]), formula)
    for plain, sign in TYPOGRAPHY:
        formula = re.sub(plain, sign, formula)
    return " ".join(formula.split())

"""The inputs of an ONNX file: raw rows, and what makes of them what the network takes.

A table has an input for each column, named as the column is, so that a row of the file goes in as
it is; arrays have one, "x".
"""

import itertools
import math
from collections import Counter

import numpy as np

from data import categories, forms
from data.column_forms import describe_form
from data.errors import DataError
from flatprop.runs.export.onnx_graph import ML

ZEROS = 6       # behind the point of a whole number that is a category, such as 1.00


def take(graph, fitted, width, by_column):
    """The inputs of a graph, for raw rows of so many numbers; gives the name of the raw numbers
    (N, width) float64. Raises DataError for columns whose names cannot be those of inputs."""
    if not by_column:
        return graph.as_double(graph.take("x", graph.kind, width))
    check_names(fitted.columns)
    names = [graph.take(column["name"], graph.text if column["kind"] == "category" else
                        graph.double, 1) for column in fitted.columns]
    parts = [take_category(graph, name, column["values"]) if column["kind"] == "category" else
             take_number(graph, name, column)
             for name, column in zip(names, fitted.columns, strict=True)
             if column.get("values") != []]
    return graph.add("Concat", parts, axis=1) if len(parts) > 1 else parts[0]


def check_names(columns):
    """Raise DataError for names that cannot be those of inputs, which only an edited run has."""
    counts = Counter(column["name"] for column in columns)
    for name, count in counts.items():
        if not name or count > 1:
            raise DataError(f"column {name[:40]!r} has no name of its own, as an input of an ONNX "
                            "file needs", remedy="matrix")


def take_category(graph, name, values):
    """0 or 1 for each value (N, K) float64 of an input of texts; zeros for any other text."""
    places = spellings(values)
    place = graph.add("LabelEncoder", [name], domain=ML, keys_strings=list(places),
                      values_int64s=list(places.values()), default_int64=-1)
    is_value = graph.add("Equal", [place, graph.constant(np.arange(len(values)))])
    return graph.add("Cast", [is_value], to=graph.double)


def spellings(values):
    """{text: place} of the texts that stand for each value, as data.encode takes them: itself, of a
    whole number it with and without .0 or up to ZEROS of them, and for a missing one each word that
    says so, in any case. Python's None, which onnxruntime makes a text, is one of these here."""
    places = {value: place for place, value in enumerate(values)}
    for plain, place in {forms.whole(value): place for value, place in places.items()}.items():
        places.setdefault(plain, place)
        if plain.lstrip("+-").isdecimal():
            for count in range(1, ZEROS + 1):
                places.setdefault(f"{plain}.{'0' * count}", place)
    value = categories.of_missing(values)
    if value is not None:
        for word in [*itertools.chain(*map(in_any_case, sorted(forms.MISSING))), str(None)]:
            places.setdefault(word, places[value])
    return places


def in_any_case(word):
    """A word in all its spellings with capital and small letters."""
    return map("".join, itertools.product(*(sorted({each, each.upper()}) for each in word)))


def take_number(graph, name, column):
    """An input of numbers or dates (N, 1) float64, NaN for numbers that mean that one is missing.
    """
    for value in sorted(forms.values_that_are_missing(column.get("missing", ()))):
        graph.need("", 11)                              # for Equal of numbers with a point
        is_missing = graph.add("Equal", [name, graph.constant(np.array([value]))])
        name = graph.add("Where", [is_missing, graph.constant(np.array([math.nan])), name])
    return name


def describe(columns):
    """{name: what the input is to hold} of columns, in words."""
    return {column["name"]: describe_input(column) for column in columns}


def describe_input(column):
    """What an input is to hold, in words."""
    form, words = column.get("form"), [repr(word) for word in column.get("missing", ())]
    if column["kind"] == "category":
        missing = categories.of_missing(column["values"])
        return (f"text, without blanks around it: one of {len(column['values'])} values"
                + ("" if missing is None else f"; '', nan, NA, None and their like are {missing!r}")
                + "; any other counts as none")
    text = "float64 and no text, NaN where it is missing"
    if column.get("others") == "missing":
        text += " or is no number"
    if words:
        text += f", as {', '.join(words)} are"
    if column["kind"] == "date":
        return f"{text}: days since the start of 1970, of dates written {form}"
    if form and "clock" in form:
        return f"{text}: hours, of cells written as 4:30:00"
    return text + (f": the number of a cell written as {describe_form(form)}" if form else "")


def preprocess(graph, fitted, raw, inputs):
    """What Preprocessing.apply makes of raw, so many inputs in float64: rounded once."""
    mean, scale, z = fitted.mean, fitted.scale, raw
    if (mean != 0).any() or (scale != 1).any():
        z = graph.add("Sub", [z, graph.constant(mean, "mean")])
        z = graph.add("Div", [z, graph.constant(scale, "scale")])
    if fitted.soft:
        z = soften(graph, z, np.isin(np.arange(inputs), fitted.numbers(inputs)))
    parts = [z]
    if fitted.indicators:
        chosen = graph.add("Gather", [raw, graph.constant(np.array(fitted.indicators))], axis=1)
        parts.append(graph.add("Cast", [graph.add("IsNaN", [chosen])], to=graph.double))
    if fitted.bins:
        parts.append(fill_bins(graph, fitted, raw, inputs))
    x = graph.add("Concat", parts, axis=1) if len(parts) > 1 else z
    if fitted.components is not None:
        x = graph.add("Where", [graph.add("IsNaN", [x]), graph.constant(np.array(0.0)), x])
        x = graph.add("Sub", [x, graph.constant(fitted.center, "center")])
        x = graph.add("MatMul", [x, graph.constant(fitted.components, "components")])
    if graph.kind != graph.double:
        x = graph.add("Cast", [x], to=graph.kind)
    if fitted.columns is not None:         # NaN, an empty cell, becomes the mean
        x = graph.add("Where", [graph.add("IsNaN", [x]), graph.number(0.0), x])
    return x


def soften(graph, z, chosen):
    """standardize.soften of the chosen inputs (D,), true or false, of z in float64."""
    # The square of a number beyond these would overflow; it is 3 either way.
    low, high = graph.constant(np.array(-1e150)), graph.constant(np.array(1e150))
    held = graph.add("Clip", [z, low, high])
    third = graph.add("Div", [held, graph.constant(np.array(3.0))])
    square = graph.add("Mul", [third, third])
    root = graph.add("Sqrt", [graph.add("Add", [square, graph.constant(np.array(1.0))])])
    soft = graph.add("Div", [held, root])
    return soft if chosen.all() else graph.add("Where", [graph.constant(chosen), soft, z])


def fill_bins(graph, fitted, raw, inputs):
    """The bins of all numbers, side by side, of raw inputs in float64."""
    places = fitted.sources(inputs)[inputs + len(fitted.indicators) :]
    lows = np.concatenate([each.edges[:-1] for each in fitted.bins])
    highs = np.concatenate([each.edges[1:] for each in fitted.bins])
    values = graph.add("Gather", [raw, graph.constant(places)], axis=1)
    above = graph.add("Sub", [values, graph.constant(lows)])
    share = graph.add("Div", [above, graph.constant(highs - lows)])
    ends = graph.constant(np.array(0.0)), graph.constant(np.array(1.0))
    filled = graph.add("Clip", [share, *ends])
    mean = graph.constant(np.concatenate([each.mean for each in fitted.bins]))
    return graph.add("Sub", [filled, mean])

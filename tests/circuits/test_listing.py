"""The listing of a record: every line with the numbers that were computed, in text and in HTML."""

import re
from xml.etree import ElementTree

import numpy as np
from circuit_cases import CASES, MODELS, traced

from flatprop.circuits import listing, value_text
from flatprop.circuits.record import trace
from layers import matmul, relu
from layers.gates import add, exp
from models.sigmoid_neuron import neuron


def line_of(text, start):
    (line,) = [line for line in text.splitlines() if line.startswith(start)]
    return line


def test_the_neuron_as_the_lecture_has_it():
    text = listing.text(trace(neuron, 2.0, -1.0, -3.0, -2.0, -3.0))
    assert line_of(text, "L, L_cache = sigmoid.forward(s3)").endswith("  L = 0.731059")
    assert line_of(text, "dw0, dx0 =").endswith("  dw0 = -0.196612   dx0 = 0.393224")
    assert line_of(text, "dw1, dx1 =").endswith("  dw1 = -0.393224   dx1 = -0.589836")
    assert line_of(text, "return") == "return L, grads"
    columns = {line.index(" = ", 50) - len(line[:line.index(" = ", 50)].split()[-1])
               for line in text.splitlines()[:11]}
    assert len(columns) == 1


def test_small_arrays_are_written_out_and_large_ones_summed_up():
    text = listing.text(traced("rectified"))
    assert line_of(text, "z, z_cache").endswith("z = [1 0 3 0]")
    text = listing.text(traced("matrices"))
    assert "y = [-1 -1  2 6]\n" in text and "    [ 5  2 11 7]\n" in text
    text = listing.text(traced("two layers, large"))
    line = line_of(text, "active, active_cache")
    assert re.search(r"active = \(64, 512\) mean 0\.\d+, spread 0\.\d+, \d\d% zeros$", line)


def test_every_statement_is_there_and_those_of_helpers_are_indented():
    for case in MODELS:
        record = traced(case)
        codes = [code for code, _ in listing.rows(record)]
        assert codes == ["    " * (not step.inside) + step.line.text for step in record.steps]
        text = listing.text(record)
        assert all(code in text for code in codes)
    text = listing.text(traced("layernorm, tanh"))
    assert "\n    active, active_cache = self.activation.forward(active)" in text


def test_colours_stand_for_forward_and_backward():
    text = listing.text(traced("product"), colours=True)
    assert "\033[32mq = 3\033[0m" in text and "\033[31mdz = 3\033[0m" in text
    assert re.sub(r"\033\[\d+m", "", text) == listing.text(traced("product"))


def seeded(x):
    f, f_cache = exp.forward(x)
    grad_f = 1.0
    grad_x = exp.backward(grad_f, f_cache)
    return f, grad_x


def test_a_gradient_is_told_from_a_value_by_its_name_too():
    rows = listing.rows(trace(seeded, 0.0))
    assert [[(name, kind) for name, kind, _ in results] for _, results in rows] == [
        [("f", "value")], [("grad_f", "gradient")], [("grad_x", "gradient")], []]


def test_a_function_without_source_is_listed_by_its_calls():
    def run(space):
        exec("def f(x, y):\n s, c = add.forward(x, y)\n return s, add.backward(1.0, c)\n", space)
        return space["f"]

    assert listing.text(trace(run({"add": add}), 1.0, 2.5)) == (
        "add.forward(x, y)  out = 3.5\n"
        "add.backward(...)  dx = 1   dy = 1\n")


def test_html():
    for case in CASES:
        record = traced(case)
        html = listing.html(record).replace("&nbsp;", " ").replace("<br>", "<br/>")
        table = ElementTree.fromstring(html)        # so it is well-formed
        rows = listing.rows(record)
        assert (table.tag, table.get("class"), len(table)) == ("table", "listing", len(rows))
        assert [(span.get("class"), "".join(span.itertext()).replace("\xa0", " "))
                for span in table.iter("span")] == [
            (kind, f"{name} = {''.join(lines)}")
            for _, results in rows for name, kind, lines in results]


def hostile(x):
    """<b>"""
    text = "</table><script>alert('&')</script>"
    y, y_cache = relu.forward(x)
    return y, text, y_cache


def test_html_is_escaped():
    html = listing.html(trace(hostile, np.ones(3)))
    assert "<script" not in html
    assert "&lt;/table&gt;&lt;script&gt;alert(&#x27;&amp;&#x27;)&lt;/script&gt;" in html


def test_numbers_on_one_line():
    assert value_text.short(-0.5344466454) == "-0.534447"
    assert [value_text.short(each) for each in (7.0, 0.0, -0.0, 3, 1.5e-7, -2e12, 100.0)] == [
        "7", "0", "0", "3", "1.5e-07", "-2e+12", "100"]
    assert value_text.short(np.array([1.0, 0, 3, 0])) == "[1 0 3 0]"
    assert value_text.short(np.array([[1.0, 20], [3, 4]])) == "[[1 20] [3 4]]"
    assert value_text.short(np.array([0, 1])) == "[0 1]"
    large = np.zeros((64, 10))
    large[:32] = 2.0
    assert value_text.short(large) == "(64, 10) mean 1, spread 1, 50% zeros"
    assert value_text.short(np.zeros((8, 9))) == "(8, 9) all zeros"
    assert value_text.short(np.full((5, 5), np.nan)) == "(5, 5) 25 not finite"
    assert value_text.short(np.arange(50)) == "(50,) 0 to 49"
    assert value_text.short(np.ones((0, 3))) == "(0, 3)"
    assert value_text.short(float("inf")) == "inf" and value_text.short(None) == "None"


def test_numbers_in_a_drawing():
    assert [value_text.two(each) for each in (-0.534447, 1.0, 0.0, -0.0, 0.004, -1e-17, 123456.0,
                                           float("nan"), float("-inf"))] == [
        "-0.53", "1.00", "0.00", "0.00", "4e-3", "-1e-17", "1.23e5", "nan", "-inf"]
    assert [value_text.two(each) for each in (9999.99, 9999.996, -30359.3)] == [
        "9999.99", "1.00e4", "-3.04e4"]        # no more than the room beside a gate
    assert [value_text.three(each) for each in (0.5, -12.34, 1e6, 1e-5)] == [
        "0.5", "-12.3", "1e6", "1e-5"]
    assert value_text.three(123456.0, "+") == "+1.23e5"
    assert value_text.drawing_lines(np.array([1.5, -2.0])) == ["[1.50 -2.00]"]
    assert value_text.drawing_lines(np.array([1.0, -2.0])) == ["[1 -2]"]
    assert value_text.drawing_lines(np.array([[1.5, -2], [10, 0]])) == [
        "[ 1.50 -2.00]", "[10.00  0   ]"]
    assert value_text.drawing_lines(np.array([[1.0, -2], [10, 0]])) == ["[ 1 -2]", "[10  0]"]
    assert value_text.drawing_lines(np.array([0.0, 0.012, -1e-9])) == ["[0 0.012 0.000]"]
    assert value_text.drawing_lines(np.array([1e-9, 0])) == ["[1e-9 0]"]
    assert value_text.drawing_lines(np.full(5, 0.25)) == ["(5,)", "mean 0.25", "spread 0.00"]


def test_a_listing_is_no_wider_than_a_screen():
    def wide(x, W):
        hidden_and_much_more_of_a_name_than_anybody_reads, cache = matmul.forward(x, W)
        dx, dW = matmul.backward(np.ones_like(hidden_and_much_more_of_a_name_than_anybody_reads),
                                 cache)
        return dx, dW

    rng = np.random.default_rng(0)
    for rows, width in ((1, 16), (2, 8), (4, 4), (16, 1)):
        record = trace(wide, -rng.random((rows, width)), rng.random((width, 1)))
        text = listing.text(record)
        assert max(map(len, text.splitlines())) <= 118
        assert text.count("dx = [") == text.count("dW = [") == 1
        found = set(re.findall(r"-?\d\.\d+", text[text.index("dx = ["):]))
        assert {f"{each:.6f}".rstrip("0") for each in np.ravel(record.result[0])} <= found


def test_what_is_but_rounding_is_written_short():
    rounded = np.array([-1.4432899e-17, 0.74, 0, 2.5e-5])
    assert value_text.short(rounded) == "[-1e-17 0.74 0 2.5e-05]"
    assert value_text.short(rounded[:1]) == "[-1.44329e-17]"

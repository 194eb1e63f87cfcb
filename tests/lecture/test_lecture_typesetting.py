"""How the lecture's plain text and its numbers are set on its page."""

import pytest

from flatprop.lecture.content import column
from flatprop.lecture.page import figures, typesetting


@pytest.mark.parametrize("text, html", [
    ("s_j - s_{y_i} + 1", "s<sub>j</sub> − s<sub>y<sub>i</sub></sub> + 1"),
    ("e^-(w0 x0 + w2)", "e<sup>−(w<sub>0</sub> x<sub>0</sub> + w<sub>2</sub>)</sup>"),
    ("theta <- theta - eta dJ/dtheta", "θ ← θ − η dJ/dθ"),
    ("sigma(-x) = 1 - sigma(x)", "σ(−x) = 1 − σ(x)"),
    ("w01h + w11h x1", "w<sub>01</sub><sup>h</sup> + w<sub>11</sub><sup>h</sup> x<sub>1</sub>"),
    ("[N x M] [M x D], [2 x 4]", "[N × M] [M × D], [2 × 4]"),
    ("L2, w x, off-diagonal, two-layer", "L2, w x, off-diagonal, two-layer"),
    ("`x_i -> 2` and \"so\"", "<code>x_i -&gt; 2</code> and “so”"),
    ("models/two_layer_net.py < 3", "models/two_layer_net.py &lt; 3"),
    ("dsigma(x)/dx = e^-x / (1 + e^-x)^2", "dσ(x)/dx = e<sup>−x</sup> / (1 + e<sup>−x</sup>)"
     "<sup>2</sup>"),
    ("1/2 (y - yi)^2", "1/2 (y − y<sub>i</sub>)<sup>2</sup>"),
    ("theta* = argmin", "θ* = argmin"),
    ("gamma_t, lambda1", "γ<sub>t</sub>, λ<sub>1</sub>"),
])
def test_page_typeset(text, html):
    assert typesetting.typeset(text) == html


def test_page_captions():
    assert typesetting.caption("at N=64 (--set large_D, large_M):") == "At N=64"
    assert typesetting.caption("f = W x:") == "f = W x"
    assert typesetting.caption("theta apart") == "theta apart"
    assert typesetting.sentence("a copied one") == "A copied one"
    assert typesetting.sentence("a = 3 is") == "a = 3 is"


def test_the_points_of_a_column_stand_under_each_other():
    texts = column([1.0, -0.25, "none", 100.5])
    assert texts == ["  1   ", " -0.25", "none  ", "100.5 "]
    digit, point = "\u2007", "\u2008"        # spaces as wide as these
    assert [figures.typeset_number(texts[row]) for row in (0, 1, 3)] == [
        f"1{point}{digit}{digit}", "−0.25", f"100.5{digit}"]

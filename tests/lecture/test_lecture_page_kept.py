"""The page that is kept in docs/ is the one that the code makes now."""

import re
from pathlib import Path

COMMITTED = Path(__file__).parents[2] / "docs" / "lecture" / "index.html"
NUMBER = re.compile(r"[-−]?\d+(?:,\d{3})*(?:\.\d+)?(?:e[-+−]?\d+)?")


def test_page_committed_up_to_date(html):
    apart = same(COMMITTED.read_text(encoding="utf-8"), html)
    assert apart == "", (f"{apart}\nrun: flatprop lecture page -o docs/lecture/index.html")


def test_page_same_sees_changes(html):
    assert same(html, html.replace("f = -12", "f = -13").replace(">-12<", ">-13<")) != ""
    assert same(html, html.replace("Without JavaScript", "Without")) != ""
    assert same(html, html.replace("0.731059", "0.731060")) == ""     # another machine's rounding


def same(first, second):
    """Where two pages differ, in words and numbers; "" if nowhere.

    Left out are times and sizes that were measured, and what rounding differs by.
    """
    first, second = comparable(first), comparable(second)
    words = NUMBER.split(first), NUMBER.split(second)
    for one, other in zip(*words, strict=False):
        if closed_up(one) != closed_up(other):
            return f"{one[:300]!r} is now {other[:300]!r}"
    for one, other in zip(NUMBER.findall(first), NUMBER.findall(second), strict=False):
        a, b = as_number(one), as_number(other)
        if abs(a - b) > 2e-3 * max(abs(a), abs(b)) and max(abs(a), abs(b)) > 1e-6:
            return f"{one} is now {other}"
    return "" if len(words[0]) == len(words[1]) else "one is longer"


def comparable(text):
    """A page without what was measured."""
    text = re.sub(r"<figcaption>Measured when.*?</figure>", "measured", text, flags=re.DOTALL)
    return text.replace("&nbsp;", " ")


def closed_up(text):
    """A text without spaces: those that align numbers depend on the numbers' widths."""
    return "".join(text.split())


def as_number(text):
    return float(text.replace("−", "-").replace(",", ""))

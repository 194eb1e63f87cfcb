"""What the tests of the page share: its text, the browser, and the page open in it."""

import pytest
from browser import launched
from browser_cases import SIZES, visit

from flatprop.lecture.page import page


@pytest.fixture(scope="session")
def html():
    return page.build()


@pytest.fixture(scope="session")
def address(tmp_path_factory, html):
    path = tmp_path_factory.mktemp("page") / "index.html"
    path.write_text(html, encoding="utf-8")
    return path.as_uri()


@pytest.fixture(scope="module")
def chromium():
    with launched() as browser:
        yield browser


@pytest.fixture
def desktop(chromium, address):
    with visit(chromium, address, viewport=SIZES["desktop"]) as opened:
        yield opened

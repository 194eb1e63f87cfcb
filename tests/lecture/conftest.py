"""What the tests of the page in a browser share: the page, the browser, the page open in it."""

import pytest
from browser import launched
from browser_cases import SIZES, visit

from flatprop.lecture.page import page


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    path = tmp_path_factory.mktemp("page") / "index.html"
    page.write(path)
    return path.as_uri()


@pytest.fixture(scope="module")
def chromium():
    with launched() as browser:
        yield browser


@pytest.fixture
def desktop(chromium, address):
    with visit(chromium, address, viewport=SIZES["desktop"]) as opened:
        yield opened

"""What the tests of the page share: its text, the browser, and the page open in it."""

import pytest
from browser_cases import SIZES, restored, visit

from flatprop.lecture.page import page


@pytest.fixture(scope="session")
def html():
    return page.build()


@pytest.fixture(scope="session")
def address(tmp_path_factory, html):
    path = tmp_path_factory.mktemp("page") / "index.html"
    path.write_text(html, encoding="utf-8")
    return path.as_uri()


@pytest.fixture(scope="session")
def pages(chromium, address):
    """{size: the page open at that size and what it complains of}, one each for the session."""
    with visit(chromium, address, viewport=SIZES["desktop"]) as desktop, \
            visit(chromium, address, viewport=SIZES["phone"]) as phone:
        yield {"desktop": desktop, "phone": phone}


@pytest.fixture
def desktop(pages):
    return restored(pages["desktop"])


@pytest.fixture
def phone(pages):
    return restored(pages["phone"])


@pytest.fixture(params=SIZES)
def opened(request, pages):
    """The page at each size."""
    return restored(pages[request.param])

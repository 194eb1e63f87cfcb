"""A browser for the tests that need one."""

import shutil
from contextlib import contextmanager
from pathlib import Path

import pytest

ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
             "--disable-background-networking", "--disable-component-update", "--disable-sync"]


@contextmanager
def launched():
    """A Chromium, the system's or playwright's own; the test is skipped where there is none."""
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    installed = next(filter(None, map(shutil.which, (
        "chromium", "chromium-browser", "google-chrome"))), None)
    with playwright.sync_playwright() as started:
        if installed is None and not Path(started.chromium.executable_path).exists():
            pytest.skip("there is no Chromium here for playwright to start")
        browser = started.chromium.launch(executable_path=installed, args=ARGUMENTS)
        try:
            yield browser
        finally:
            browser.close()

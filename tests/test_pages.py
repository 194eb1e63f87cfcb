"""README.md, docs/ and CONTRIBUTING.md: their links, and how their commands are typed."""

import importlib.util
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md",
         *sorted((ROOT / "docs").rglob("*.md"))]


def broken_links(page):
    """Relative links, pictures and scripts of a page that are not there."""
    text = re.sub(r"```.*?```", "", page.read_text("utf-8"), flags=re.DOTALL)
    for script in re.findall(r"`python ([\w/]+\.py)", text):
        if not (ROOT / script).exists():
            yield script
    for link in re.findall(r"\]\(([^)\s]+)\)", text):
        file, _, anchor = link.partition("#")
        target = page.parent / file if file else page
        if re.match(r"[a-z]+:", file):
            continue
        if not target.exists() or anchor and anchor not in anchors(target):
            yield link


def anchors(page):
    """The anchors that GitHub gives the headings of a page."""
    headings = re.findall(r"^#+ (.*)", page.read_text("utf-8"), re.MULTILINE)
    return [re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_what_a_page_links_to_is_there(page):
    assert list(broken_links(page)) == []


def test_links_that_lead_nowhere_are_found(tmp_path):
    (tmp_path / "other.md").write_text("# A title, with `code`\n")
    page = tmp_path / "page.md"
    page.write_text("[a](other.md) [b](other.md#a-title-with-code) [c](https://x.org/none.md)\n"
                    "![d](none.png) [e](other.md#none) `python no/such.py`\n")
    assert list(broken_links(page)) == ["no/such.py", "none.png", "other.md#none"]


@pytest.fixture(scope="module")
def sessions():
    """docs/type_sessions.py as a module."""
    spec = importlib.util.spec_from_file_location("type_sessions", ROOT / "docs/type_sessions.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


PAGE = """# A page

    $ flatprop one \\
        --more
    first

    last
    $ flatprop two
    ^C
    stopped at step 3; to go on

    flatprop three    # of FILE.csv, says the comment
    flatprop four FILE.csv

<!-- not typed: needs docker -->

```
docker run
```

<!-- slow -->

    pytest

Code:

    x = code
"""


def test_commands_of_a_page(sessions):
    assert [tuple(each[1:]) for each in sessions.commands("page.md", PAGE, quick=True)] == [
        ("flatprop one \\\n    --more", ["first", "", "last"], ""),
        ("flatprop two", ["^C", "stopped at step 3; to go on", ""], ""),
        ("flatprop three    # of FILE.csv, says the comment", None, ""),
        ("flatprop four FILE.csv", None, "FILE.csv is the reader's"),
        ("docker run", None, "needs docker"), ("pytest", None, "slow")]
    assert sessions.commands("page.md", PAGE)[0].where.startswith("page.md:3: flatprop one")


def test_a_block_of_commands_and_other_lines_is_refused(sessions):
    with pytest.raises(ValueError, match="page.md:1: commands and other lines in one block"):
        sessions.commands("page.md", "    flatprop list\n    (or so)\n")


@pytest.mark.parametrize(("page", "printed", "same"), [
    ("loss 0.06909", "loss 0.06912", True), ("loss 0.06909", "loss 0.06934", False),
    ("apart 4e-12", "apart 9e-11", True), ("apart 4e-12", "apart 1e-5", False),
    ("12 of 27", "13 of 27", False), ("1,258 to train", "1,259 to train", True),
    ("1,258 to train", "1,258 to test", False), ("took 0.3 s", "took 12.1 s", True),
    ("in runs/2026-01-02-1", "in runs/2027-11-12-13", True), ("  indented", "indented", False),
    ("a\n...\nd", "a\nb\nc\nd", True), ("a\n...\nd", "a\nb\nc", False), ("...\nb", "b", True),
    ("a", "a\nb", False), ("...", "Traceback (most recent call last):", False),
    ("stopped at step 3", "stopped at step 4,000", True), ("at step 3", "at step 4", False),
    ("resumed a at step 3,450, epoch 172", "resumed a at step 9, epoch 1", True),
])
def test_what_stands_for_what(sessions, page, printed, same):
    command = sessions.Command("", "", page.splitlines(), "")
    assert (sessions.difference(command, printed, 1) == []) == same
    assert sessions.difference(command, page.replace("...", "x"), 1, exact=True) == []


def test_what_is_not_compared_must_end_with_0(sessions):
    command = sessions.Command("", "", None, "")
    assert sessions.difference(command, "any", 0) == []
    assert sessions.difference(command, "any", 2) == ["exit code 2", "any"]


@pytest.mark.processes
def test_a_shell_keeps_its_state_and_interrupts_a_run(sessions, tmp_path):
    (tmp_path / ".venv/bin").mkdir(parents=True)
    (tmp_path / ".venv/bin/activate").touch()
    shell = sessions.Shell(tmp_path)
    try:
        assert shell.type("x='a  b'; mkdir -p runs/1") == ("", 0)
        assert shell.type('echo "$x"; echo other >&2; false  # a comment') == ("a  b\nother\n", 1)
        assert shell.type("(trap 'echo saved; exit 130' INT; seq 9 > runs/1/metrics.csv; "
                          "while :; do sleep 0.1; done)", interrupted=True) == ("saved\n", 130)
    finally:
        shell.close()


def test_the_python_of_training_md_trains():
    page = (ROOT / "docs/training.md").read_text("utf-8")
    code = re.search(r"## From Python\n\n```python\n(.*?)```", page, re.DOTALL)[1]
    made = subprocess.run([sys.executable, "-c", code], env=os.environ | {"PYTHONPATH": str(ROOT)},
                          capture_output=True, text=True, check=True)
    loss, accuracy = re.findall(r"0\.\d+", made.stdout)
    assert float(loss) < 0.15 and float(accuracy) > 0.95


@pytest.mark.slow
def test_the_notebook_shows_what_its_cells_give():
    for package in ("sklearn", "matplotlib"):
        pytest.importorskip(package, reason="needs the extras [sklearn,report]")
    made = subprocess.run([sys.executable, ROOT / "docs/run_notebook.py", "--check"],
                          env=os.environ | {"PYTHONPATH": str(ROOT)}, capture_output=True,
                          text=True, check=False)
    assert made.returncode == 0, made.stdout + made.stderr
    book = json.loads((ROOT / "docs/notebook.ipynb").read_text("utf-8"))
    cells = [cell for cell in book["cells"] if cell["cell_type"] == "code"]
    assert len(re.findall("^cell .* ok$", made.stdout, re.MULTILINE)) == len(cells) >= 12
    assert all(cell["outputs"] for cell in cells)
    assert (book["nbformat"], book["nbformat_minor"]) == (4, 5)
    assert len({cell["id"] for cell in book["cells"]}) == len(book["cells"])


def test_what_a_cell_shows(monkeypatch):
    monkeypatch.syspath_prepend(str(ROOT / "docs"))
    import run_notebook
    book = {"cells": [
        {"cell_type": "markdown", "source": ["x = 4"]},
        {"cell_type": "code", "source": ["x = 2\n", "print(x)\n", "x + 1"]},
        {"cell_type": "code", "source": ["class Shown:\n", "    def _repr_html_(self):\n",
                                         "        return f'<b>{x}</b>'\n",
                                         "    __repr__ = lambda self: 'b'\n", "Shown()"]},
        {"cell_type": "code", "source": ["x = 3"]}]}
    first, second, third = run_notebook.run_cells(book)
    assert run_notebook.words(first) == ["2", "3"] and third == []
    assert second[0]["data"] == {"text/plain": ["b"], "text/html": ["<b>2</b>"]}
    assert run_notebook.words(second) == ["b", "(shown as HTML)"]

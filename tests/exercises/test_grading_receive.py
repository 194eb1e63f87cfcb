"""Submissions as an LMS, a Mac, a clone and an editor make them, and files of every odd form."""

import os
import resource
import sys
import zipfile

import grading_cases
import pytest
from grading_cases import graded, zipped

from flatprop.exercises.grading import listing, receive
from flatprop.exercises.grading.budget import Budget

pytestmark = pytest.mark.processes


def received(path, base):
    return receive.receive(str(path), str(base), grading_cases.FILES, Budget(5))


def test_a_zip_in_the_folder_that_the_lms_made(tmp_path):
    folder = tmp_path / "Ann_123_assignsubmission_file_"
    zipped(folder / "Solutions.ZIP", grading_cases.honest())
    assert graded(folder)["points"] == grading_cases.OUT_OF


def test_a_zip_in_a_zip(tmp_path):
    inner = zipped(tmp_path / "inner.zip", grading_cases.honest()).read_bytes()
    row = graded(zipped(tmp_path / "outer.zip", {"inner.zip": inner}))
    assert row["points"] == grading_cases.OUT_OF and row["reason"] == ""


def test_zips_are_not_opened_where_the_files_lie(tmp_path):
    grading_cases.hand_in(tmp_path / "a", grading_cases.stubs())
    zipped(tmp_path / "a" / "old.zip", grading_cases.honest())
    row = graded(tmp_path / "a")
    assert row["points"] == 0 and row["reason"] == ""


def test_a_zip_in_it_that_is_none_is_named(tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "work.zip").write_bytes(b"")
    assert graded(tmp_path / "a")["reason"].startswith("work.zip, in it, is no")


def test_many_zips_or_one_that_grows_are_refused(tmp_path):
    for number in range(receive.INNER + 1):
        zipped(tmp_path / "a" / f"{number}.zip", {"x.py": ""})
    assert "more than 5 archives" in graded(tmp_path / "a")["reason"]
    bomb = zipped(tmp_path / "bomb.zip", {"layers/sigmoid.py": "#" * (2**22 + 1)})
    assert bomb.stat().st_size < 10_000
    outer = zipped(tmp_path / "outer.zip", {"bomb.zip": bomb.read_bytes()})
    for path in (bomb, outer):
        assert "sigmoid.py has more than 64 kB" in graded(path)["exercises"][0]["message"]


@pytest.mark.parametrize("name", ["../inner.zip", "/inner.zip", "a/../../inner.zip"])
def test_a_zip_in_a_zip_writes_nothing_outside(tmp_path, name):
    base = tmp_path / "base"
    base.mkdir()
    inner = zipped(tmp_path / "i.zip", {"stolen.py": ""}, "../../").read_bytes()
    outer = zipped(tmp_path / "x.zip", {name: inner, "in.zip": inner}, "")
    with pytest.raises(listing.Refused):
        received(outer, base)
    assert not [path for path in tmp_path.rglob("*") if path.name in ("inner.zip", "stolen.py")
                and base not in path.parents]


def test_an_encrypted_zip_is_told_as_such(tmp_path):
    data = bytearray(zipped(tmp_path / "a.zip", grading_cases.honest()).read_bytes())
    for head, flags in ((b"PK\3\4", 6), (b"PK\1\2", 8)):
        place = data.find(head)
        while place >= 0:
            data[place + flags] |= 1
            place = data.find(head, place + 4)
    (tmp_path / "a.zip").write_bytes(data)
    assert graded(tmp_path / "a.zip")["reason"] == "is encrypted"


@pytest.mark.parametrize("files, says", [
    ({"01-relu.ipynb": "{}"}, "01-relu.ipynb; a notebook writes its files into the folder work"),
    ({"solutions.rar": ""}, "solutions.rar; of archives only zip and tar.gz"),
    ({"one.py": "", "two.py": "", "a.txt": "", "b.txt": ""}, "a.txt, b.txt, one.py and 1 more"),
    ({".DS_Store": "", "__MACOSX/a": ""}, "it is empty"),
])
def test_what_is_there_instead_is_told(tmp_path, files, says):
    grading_cases.hand_in(tmp_path / "a", files)
    assert says in graded(tmp_path / "a")["reason"]
    assert "holds no" in graded(zipped(tmp_path / "a.zip", files, ""))["reason"]


@pytest.mark.parametrize("exercises", ["flatprop/exercises", "exercises"])
def test_of_a_clone_the_students_folder_is_graded(tmp_path, exercises):
    honest, stubs = grading_cases.honest(), grading_cases.stubs()
    clone = {**honest, f"{exercises}/catalogue.py": "", f"{exercises}/practice/circuit.py": ""}
    grading_cases.hand_in(tmp_path / "clone", clone)
    row = graded(tmp_path / "clone")
    assert row["points"] == 0 and "holds no" in row["reason"]
    mine = {**stubs, "layers/affine.py": honest["layers/affine.py"]}
    grading_cases.hand_in(tmp_path / "clone" / "solutions", mine)
    row = graded(tmp_path / "clone")
    assert row["passed"] == 1 and row["reason"] == ""


def test_of_two_attempts_each_exercise_counts_where_it_is_better(tmp_path):
    honest, stubs = grading_cases.honest(), grading_cases.stubs()
    sigmoid, affine = grading_cases.FILES
    wrong = {sigmoid: honest[sigmoid].replace("(1 - out)", "(2 - out)"), affine: honest[affine]}
    grading_cases.hand_in(tmp_path / "a" / "first", wrong)
    grading_cases.hand_in(tmp_path / "a" / "second", {**stubs, sigmoid: honest[sigmoid]})
    row = graded(tmp_path / "a")
    assert row["points"] == grading_cases.OUT_OF
    assert row["reason"].endswith("each exercise counts where it is best: first, second")
    for number in range(receive.FOLDERS):
        grading_cases.hand_in(tmp_path / "a" / f"n{number}", grading_cases.stubs())
    assert "more than 8 folders" in graded(tmp_path / "a")["reason"]


def test_what_reset_put_away_is_not_graded(tmp_path):
    grading_cases.hand_in(tmp_path / "a", grading_cases.stubs())
    grading_cases.hand_in(tmp_path / "a" / "backups" / "sigmoid-1", grading_cases.honest())
    row = graded(tmp_path / "a")
    assert row["points"] == 0 and row["reason"] == ""


def test_an_environment_that_was_handed_in_too_costs_nothing(tmp_path):
    grading_cases.hand_in(tmp_path / "a", grading_cases.honest())
    for number in range(2001):
        grading_cases.hand_in(tmp_path / "a/env/lib/site-packages/x", {f"f{number}.py": ""})
    assert graded(tmp_path / "a")["points"] == grading_cases.OUT_OF


def test_a_file_that_is_missing_is_named(tmp_path):
    grading_cases.hand_in(tmp_path / "a", {**grading_cases.honest(), "layers/sigmoid.txt": ""})
    (tmp_path / "a/layers/sigmoid.py").unlink()
    sigmoid = graded(tmp_path / "a")["exercises"][0]
    assert sigmoid["status"] == "not written"
    assert sigmoid["message"] == "not written: layers/sigmoid.py is not there"


@pytest.mark.parametrize("names", [("Layers/Sigmoid.py", "Layers/affine.py"),
                                   ("sigmoid.py", "Affine.py"), ("layers/sigmoid.py", "affine.py")])
def test_other_names_and_lost_folders_are_told_and_cost_nothing(tmp_path, names):
    texts = grading_cases.honest().values()
    grading_cases.hand_in(tmp_path / "hw", dict(zip(names, texts, strict=True)))
    row = graded(tmp_path)
    assert row["points"] == grading_cases.OUT_OF
    assert f"hw/{names[1]} was taken for layers/affine.py" in row["reason"]


IMPORTS = {
    "of a helper beside it": ("from layers.help import e", "layers/help.py"),
    "as one beside it": ("from .help import e", "layers/help.py"),
    "as a script finds it": ("import help\ne = help.e", "layers/help.py"),
    "of a helper at the top": ("from help import (  # mine\n    e)", "help.py"),
    "of a package": ("import tools.help as h\ne = h.e", "tools/help.py"),
    "of another exercise's layer": ("from layers.tanh import e", "layers/tanh.py"),
}


@pytest.mark.parametrize("case", IMPORTS)
def test_what_a_file_imports_of_the_students_own_goes_along(tmp_path, case):
    statement, helper = IMPORTS[case]
    files = grading_cases.honest()
    files["layers/sigmoid.py"] = f"{statement}\n" + files["layers/sigmoid.py"].replace(
        "np.exp(", "e(")
    files[helper] = "import numpy as np\n\n\ndef e(x):\n    return np.exp(x)\n"
    grading_cases.hand_in(tmp_path, files)
    row = graded(tmp_path)
    assert row["points"] == grading_cases.OUT_OF and row["reason"] == ""


@pytest.mark.parametrize("head", [
    "import no_such.part as part", "from no_such import *", "from layers import no_such",
    "from .no_such import it", "import torch.nn.functional as F", "from scipy import optimize",
    "try:\n    import no_such\nexcept ImportError:\n    np = np",
    "from __future__ import annotations", "from numpy import *", "import logging, unittest, json",
])
def test_an_import_that_nothing_uses_costs_nothing(tmp_path, head):
    files = grading_cases.honest()
    before = "" if "__future__" in head else "import numpy as np\n"
    files["layers/sigmoid.py"] = f"{before}{head}\n{files['layers/sigmoid.py']}"
    grading_cases.hand_in(tmp_path, files)
    assert graded(tmp_path)["points"] == grading_cases.OUT_OF


def test_one_that_is_used_is_named_without_the_folder_of_the_copy(tmp_path):
    files = grading_cases.honest()
    for name, text in {"a": "import no_such\nno_such.f()\n", "b": "from numpy import no_such_one\n"
                       "no_such_one()\n", "c": "raise ValueError(__file__)\n"}.items():
        grading_cases.hand_in(tmp_path / name, {**files, "layers/sigmoid.py": text})
    says = [graded(tmp_path / name)["exercises"][0]["message"] for name in "abc"]
    assert "no_such.f is used" in says[0] and "no_such_one is used" in says[1]
    assert "ValueError: layers/sigmoid.py" in says[2]
    assert not any("/tmp" in each or str(tmp_path) in each for each in says)


STYLES = {
    "lambdas": "forward = lambda x: (f(x), (f(x),))\nbackward = lambda dout, c: g(dout, *c)",
    "aliases": "def a(x):\n    return f(x), (f(x),)\ndef b(dout, c):\n    return g(dout, *c)\n"
               "forward, backward = a, b",
    "static methods": "class S:\n  @staticmethod\n  def forward(x):\n    return f(x), (f(x),)\n"
                      "  @staticmethod\n  def backward(dout, c):\n    return g(dout, *c)\n"
                      "forward, backward = S.forward, S.backward",
    "in an if": "if True:\n    def forward(x):\n        return f(x), (f(x),)\n"
                "    def backward(dout, c):\n        return g(dout, *c)",
}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
@pytest.mark.parametrize("style", STYLES)
def test_whether_a_function_is_written_is_asked_of_the_module(tmp_path, style, encoding):
    head = ("import numpy as np\n\n\ndef f(x):\n    e = np.exp(-np.abs(x))\n"
            "    return np.where(x >= 0, 1, e) / (1 + e)\n\n\ndef g(dout, out):\n"
            "    return dout * out * (1 - out)\n\n\n")
    grading_cases.hand_in(tmp_path, grading_cases.honest())
    (tmp_path / "layers/sigmoid.py").write_bytes((head + STYLES[style] + "\n").encode(encoding))
    row = graded(tmp_path)
    assert row["points"] == grading_cases.OUT_OF
    assert ("UTF-16" in row["reason"]) == (encoding == "utf-16")


@pytest.mark.skipif(sys.platform != "linux" or os.geteuid() == 0, reason="root may read all")
def test_a_file_that_may_not_be_read_is_told(tmp_path):
    grading_cases.hand_in(tmp_path / "a", grading_cases.honest())
    (tmp_path / "a" / "layers" / "sigmoid.py").chmod(0)
    assert "sigmoid.py cannot be read: Permission denied" in graded(tmp_path / "a")["reason"]


@pytest.mark.parametrize("name", ["../layers/sigmoid.py", "/layers/sigmoid.py",
                                  "a/../../layers/sigmoid.py", "..\\layers\\sigmoid.py"])
def test_a_zip_writes_nothing_outside(tmp_path, name):
    base = tmp_path / "base"
    base.mkdir()
    zipped(tmp_path / "x.zip", {name: "stolen = 1\n", "layers/affine.py": "x = 1\n"})
    received(tmp_path / "x.zip", base)
    outside = [path for path in tmp_path.rglob("*.py") if base / "attempt-0" not in path.parents]
    assert outside == []


def test_what_is_no_exercise_is_left_out_however_much_it_is(tmp_path, monkeypatch):
    grading_cases.hand_in(tmp_path / "a", grading_cases.honest())
    with open(tmp_path / "a/data.csv", "wb") as file:
        file.truncate(40 * 2**20)
    # At the depth of the exercises, and before them.
    grading_cases.hand_in(tmp_path / "a/conda", {
        **{f"f{number}.py": "" for number in range(300 + receive.MANY)},
        "g.py": "#" * (2**22 + 1)})
    grading_cases.hand_in(tmp_path / "a/env", {"pyvenv.cfg": "", "lib/layers/sigmoid.py": "1 / 0"})
    monkeypatch.setattr(receive, "SOURCES", 300)
    row = graded(tmp_path / "a")
    assert row["points"] == grading_cases.OUT_OF
    assert "files that are no exercises were left out, data.csv the first" in row["reason"]


@pytest.mark.parametrize("method", [zipfile.ZIP_LZMA, zipfile.ZIP_BZIP2, zipfile.ZIP_DEFLATED])
def test_a_broken_zip_is_a_row(tmp_path, method):
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w", method) as archive:
        archive.writestr("layers/sigmoid.py", grading_cases.honest()["layers/sigmoid.py"])
    data = bytearray(path.read_bytes())
    data[80:200] = bytes(range(120))
    path.write_bytes(data)
    assert graded(path)["reason"]


def test_a_deep_zip_leaves_nothing_behind(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
    (tmp_path / "temporary").mkdir()
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("d/" * 1500 + "layers/sigmoid.py", "x = 1\n")
    assert "holds no" in graded(tmp_path / "a.zip")["reason"]
    assert os.listdir(tmp_path / "temporary") == []


def test_a_zip_beyond_measure_is_not_opened_and_a_pipe_not_waited_for(tmp_path):
    with open(tmp_path / "a.zip", "wb") as file:
        file.truncate(listing.ARCHIVE_BYTES + 1)
    assert "MB" in graded(tmp_path / "a.zip")["reason"]
    os.mkfifo(tmp_path / "b.zip")
    assert "no plain file" in graded(tmp_path / "b.zip")["reason"]


def test_a_large_source_costs_the_parent_little(tmp_path):
    text = f"x = [{'0,' * 1_500_000}]\n" + grading_cases.honest()["layers/sigmoid.py"]
    assert len(text) < 2**22
    grading_cases.hand_in(tmp_path, {"layers/sigmoid.py": text})
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert "64 kB" in graded(tmp_path)["exercises"][0]["message"]
    unit = 1 if sys.platform == "darwin" else 1024
    assert (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * unit < 2**28


@pytest.mark.parametrize("begin", ["\ufeff", "# -*- coding: cp1252 -*-\n"])
def test_however_an_editor_saves_it_a_stub_is_a_stub_and_a_mistake_its_own(tmp_path, begin):
    stubs, honest = grading_cases.stubs(), grading_cases.honest()
    begun = {file: begin + text.replace("\n", "\r\n") for file, text in stubs.items()}
    grading_cases.hand_in(tmp_path / "a", begun)
    assert [each["status"] for each in graded(tmp_path / "a")["exercises"]] == ["not written"] * 2
    wrong = honest["layers/sigmoid.py"].replace("(out,) = cache", "raise ValueError(1)")
    grading_cases.hand_in(tmp_path / "b", {**honest, "layers/sigmoid.py": begin + wrong})
    sigmoid = graded(tmp_path / "b")["exercises"][0]
    assert "ValueError: 1" in sigmoid["message"] and "raise ValueError(1)" in sigmoid["message"]

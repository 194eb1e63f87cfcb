"""flatprop lecture: the list, parts by number and name, --set, --out, and what it refuses."""

import os
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from flatprop.lecture import parts
from flatprop.lecture.__main__ import main

ROOT = Path(__file__).parents[2]
NAMES = ["risk", "sgd", "running_example", "nets", "collapse", "losses", "on_paper",
         "simple_circuit", "sigmoid_neuron", "patterns", "flat_code", "multiply_gate",
         "derivatives", "jacobians", "matmul", "practice"]


def test_the_list_is_in_the_lectures_order(capsys):
    assert main([]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [parts.name(part) for part in parts.PARTS] == NAMES
    assert [line.split()[:2] for line in lines if line.strip()[:1].isdigit()] == [
        [str(count), name] for count, name in enumerate(NAMES, 1)]


def test_a_part_by_number_is_that_by_name(capsys):
    assert main(["8"]) == 0
    by_number = capsys.readouterr().out
    assert main(["simple_circuit"]) == 0
    assert capsys.readouterr().out == by_number
    assert by_number.startswith("8. A simple example: f = (x + y) z\n")
    assert "inputs: x=-2, y=5, z=-4" in by_number and "f = -12" in by_number
    assert "\033" not in by_number      # no colours where nobody sees them


@pytest.mark.parametrize("arguments, lines", [
    (["simple_circuit", "--set", "x=3", "--set", "y = 1"],
     ["inputs: x=3, y=1, z=-4", "q = 4", "f = -16", "dz = 4"]),
    (["losses", "--set", "classes=100"], ["4.605170   ln 100"]),
])
def test_set_changes_an_input_and_all_that_follows(arguments, lines, capsys):
    assert main(arguments) == 0
    out = capsys.readouterr().out
    assert all(line in out for line in lines)


@pytest.mark.parametrize("arguments, told", [
    (["simple_circui"], "unknown part 'simple_circui'. Did you mean simple_circuit?"),
    (["17"], "there is no part 17: they are numbered from 1 to 16"),
    (["0"], "there is no part 0"),
    (["-1"], "there is no part -1"),
    (["8", "9"], "9: one PART at a time, or all"),
    (["8", "--sett", "x=1"], "unknown argument --sett. Did you mean --set?"),
    (["8", "--set", "x"], "--set 'x' must be NAME=NUMBER, such as x=-2"),
    (["8", "--set", "u=1"], "--set: simple_circuit has no input 'u'. It has x, y, z"),
    (["running_example", "--set", "w11=1"], "has no input 'w11'. It has x1, x2"),
    (["8", "--set", "x=two"], "--set x=two: x must be a number, not 'two'"),
    (["8", "--set", "x="], "--set x=: x must be a number, not ''"),
    (["8", "--set", "x=nan"], "--set x=nan: x must lie between -1e+09 and 1e+09"),
    (["8", "--set", "x=1e999"], "--set x=1e999: x must lie between -1e+09 and 1e+09"),
    (["nets", "--set", "N=2.5"], "--set N=2.5: N must be a whole number, not '2.5'"),
    (["jacobians", "--set", "N=100000"], "N must lie between 1 and 64"),
    (["sgd", "--set", "rate=0"], "rate must lie between"),
    (["sigmoid_neuron", "--set", "w2=-1000"], "leaves the range of numbers with these inputs"),
    (["collapse", "--set", "rate=100"], "collapse diverges, --set a lower rate"),
    (["--set", "x=3"], "--set needs a part whose input it changes"),
    (["all", "--set", "x=3"], "--set needs a part whose input it changes"),
    (["--out", "somewhere"], "--out needs a part"),
    (["page", "--set", "x=3"], "--set needs a part whose input it changes"),
])
def test_refusals_are_one_line_and_exit_code_2(arguments, told, capsys):
    assert main(arguments) == 2
    out, error = capsys.readouterr()
    assert out == "" and error.count("\n") == 1
    assert error.startswith("flatprop lecture: error: ") and told in error


@pytest.mark.parametrize("part", ["8", "page"])
def test_a_file_that_cannot_be_written(part, tmp_path, capsys):
    (tmp_path / "file").write_text("")
    assert main([part, "--out", str(tmp_path / "file" / "in")]) == 2
    assert f"{tmp_path / 'file'} is a file, and a folder is needed" in capsys.readouterr().err


@pytest.mark.slow
def test_the_page_is_written(tmp_path, capsys):
    path = tmp_path / "new" / "page.html"
    assert main(["page", "-o", str(path)]) == 0
    assert capsys.readouterr().out == f"written: {path}\n"
    assert path.read_text(encoding="utf-8").endswith("</html>\n")


def test_save_writes_every_circuit_and_plot(tmp_path, capsys):
    for part in ("patterns", "risk"):
        assert main([part, "--out", str(tmp_path / "new" / "folder")]) == 0
    files = sorted(path.name for path in (tmp_path / "new" / "folder").iterdir())
    assert files == ["patterns-add_gate.svg", "patterns-copy_gate.svg", "patterns-max_gate.svg",
                     "patterns-mul_gate.svg", "risk-between.svg", "risk-surface.svg"]
    out = capsys.readouterr().out
    for name in files:
        path = tmp_path / "new" / "folder" / name
        assert ET.parse(path).getroot().tag == "{http://www.w3.org/2000/svg}svg"
        assert f"-> {path}" in out


@pytest.mark.slow
@pytest.mark.processes
def test_all_parts_from_another_folder(tmp_path):
    """As a process, with every part and its drawings, away from the clone."""
    environment = os.environ | {"PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "error",
                                "OPENBLAS_NUM_THREADS": "1"}
    done = subprocess.run([sys.executable, "-m", "flatprop", "lecture", "all", "--out",
                           "drawings"],
                          cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    headings = [line for line in done.stdout.splitlines() if line.split(".")[0].isdigit()]
    assert [int(line.split(".")[0]) for line in headings] == list(range(1, 17))
    assert len(list((tmp_path / "drawings").iterdir())) == 20
    assert not list(tmp_path.glob("*.svg"))


def test_colours_on_a_terminal(monkeypatch, capsys):
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    monkeypatch.delenv("NO_COLOR", raising=False)
    assert main(["8"]) == 0
    out = capsys.readouterr().out
    assert "\033[32mq = 3\033[0m" in out and "\033[31mdq = -4\033[0m" in out
    monkeypatch.setenv("NO_COLOR", "1")
    assert main(["8"]) == 0
    assert "\033" not in capsys.readouterr().out

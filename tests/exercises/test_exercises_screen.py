"""What the student's commands show: it fits the terminal, and what it says to type can be typed."""

import shlex

import pytest

from flatprop.exercises import commands, workspace
from flatprop.exercises.__main__ import main
from flatprop.exercises.catalogue import find

pytestmark = pytest.mark.processes

CIRCUIT = "practice/circuit.py"


def run(*arguments):
    return main([str(each) for each in arguments])


def flat(capsys):
    return " ".join(capsys.readouterr().out.split())


def test_a_hint_is_asked_for_with_the_folder(folder, monkeypatch, capsys):
    quoted = shlex.quote(str(folder))
    run("check", "--dir", folder)
    assert f"hint gates-add-copy --dir {quoted}\n" in capsys.readouterr().out
    assert run("solution", "relu", "--dir", folder) == 2
    assert f"hint relu --dir {quoted}. To see" in capsys.readouterr().err
    monkeypatch.chdir(folder)
    run("check")
    assert capsys.readouterr().out.endswith("hint gates-add-copy\n")


def test_a_narrow_terminal_is_kept_to(folder, monkeypatch, capsys):
    monkeypatch.setenv("COLUMNS", "60")
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    monkeypatch.setenv("NO_COLOR", "1")
    run("list", "--dir", folder)
    run("hint", "gates-add-copy", "--dir", folder)
    out = capsys.readouterr().out
    assert max(map(len, out.splitlines())) <= 60
    assert "   The running example: two\n" in out and "..." not in out


def test_a_missing_file_is_told_whatever_is_written(folder, capsys):
    for file, _ in find("gates-add-copy").targets:
        workspace.write(folder / file, workspace.solution(file))
    (folder / "layers/gates/copy.py").unlink()
    run("check", "gates-add-copy", "--dir", folder)
    shown = flat(capsys)
    assert "copy.py is missing: " in shown
    assert f" exercises init --dir {shlex.quote(str(folder))}" in shown


def test_what_is_printed_is_short_and_of_ones_own_files(folder, capsys):
    text = "import numpy as np\n\n\ndef circuit(x, y, z):\n    np.log(-1.0)\n"
    workspace.write(folder / CIRCUIT, text + "    for i in range(20):\n        print(i)\n")
    run("check", "circuit", "--dir", folder)
    out = capsys.readouterr().out
    assert "\n      practice/circuit.py:5: RuntimeWarning" in out
    assert out.count("\n      ") == commands.PRINTED + 1 and "      ...\n" in out


def test_a_line_of_the_courses_own_file_is_said_to_be(folder, capsys):
    text = workspace.solution("models/two_layer_net.py")
    workspace.write(folder / "models/two_layer_net.py",
                    text.replace("loss_layer.backward(1.0, loss_cache)",
                                 "loss_layer.backward(1.0, (1, 2))"))
    run("check", "two-layer-net", "--dir", folder)
    out = capsys.readouterr().out
    assert "layers/softmax_loss.py line" in out and "this file is the course's" in out

"""The student's commands, from init to solution."""

import json
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from flatprop.exercises import commands, screen, workspace
from flatprop.exercises.__main__ import main
from flatprop.exercises.catalogue import EXERCISES, find

pytestmark = pytest.mark.processes

ROOT = Path(__file__).resolve().parents[2]
CIRCUIT = "practice/circuit.py"


def solve(folder, id):
    for file, _ in find(id).targets:
        workspace.write(folder / file, workspace.solution(file))


def run(*arguments):
    return main([str(each) for each in arguments])


def test_init_writes_every_file_and_a_state(tmp_path, capsys):
    assert run("init", "--dir", tmp_path / "mine") == 0
    assert {file for file in workspace.targets() if (tmp_path / "mine" / file).is_file()} == set(
        workspace.targets())
    state = json.loads((tmp_path / "mine" / "state.json").read_text())
    assert state == {"version": 1, "exercises": {}}
    assert "watch --dir" in capsys.readouterr().out


def test_init_again_loses_nothing(folder, capsys):
    (folder / CIRCUIT).write_text("# mine")
    (folder / "layers/relu.py").unlink()
    assert run("init", "--dir", folder) == 0
    assert (folder / CIRCUIT).read_text() == "# mine"
    assert (folder / "layers/relu.py").is_file()
    assert "1 files to write" in capsys.readouterr().out


def test_check_says_what_there_is_to_write(folder, capsys):
    assert run("check", "--dir", folder) == 1
    out = capsys.readouterr().out
    assert "gates-add-copy: not yet" in out and "forward and backward in" in out
    assert "flatprop exercises hint gates-add-copy" in out


def test_check_passes_and_is_remembered(folder, capsys):
    solve(folder, "circuit")
    assert run("check", "circuit", "--dir", folder) == 0
    out = capsys.readouterr().out
    assert "circuit: passed" in out and "next: gates-sigmoid-parts, in " in out
    assert workspace.load_state(folder)["circuit"]["status"] == "passed"
    (folder / CIRCUIT).write_text("def circuit(x, y, z):\n    return 1\n")
    assert run("check", "circuit", "--dir", folder) == 1
    assert workspace.load_state(folder)["circuit"]["status"] == "open"


def test_check_shows_what_the_code_prints(folder, capsys):
    text = workspace.solution(CIRCUIT).replace("    q = x + y", "    print('q!')\n    q = x + y")
    workspace.write(folder / CIRCUIT, text)
    assert run("check", "circuit", "--dir", folder) == 0
    assert "Your code printed" in (out := capsys.readouterr().out) and "q!" in out


def test_check_all_has_a_line_for_each(folder, capsys):
    for id in ("circuit", "matmul"):
        solve(folder, id)
    assert run("check", "--all", "--dir", folder) == 1
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == len(EXERCISES) + 1
    assert lines[-1] == f"2 of {len(EXERCISES)} exercises pass"


def test_a_check_takes_little_processor_time(folder, monkeypatch):
    monkeypatch.setattr(commands, "LIMITS", commands.LIMITS._replace(cpu_seconds=2))
    for id in ("affine", "two-layer-net", "digits"):
        solve(folder, id)
    for file in find("digits").own:
        workspace.write(folder / file, workspace.solution(file))
    for id in ("affine", "two-layer-net", "digits"):
        started = time.process_time()
        assert commands.run(folder, find(id)).passed
        assert time.process_time() - started < 1        # here; in the child the limit above


def test_an_exercise_is_judged_without_the_others(folder):
    """Everything else is a stub, and the reference is in its place."""
    for id in ("two-layer-net", "n-layer-net", "solver", "running-example", "flat-code"):
        solve(folder, id)
        assert commands.run(folder, find(id)).passed


def test_the_digits_are_of_ones_own_layers(folder):
    solve(folder, "digits")
    feedback = commands.run(folder, find("digits"))
    assert not feedback.passed and feedback.message.startswith("first, layers/affine.py: forward")


@pytest.mark.parametrize("text, says", [
    ("def circuit(x, y, z)\n    return 1\n", "SyntaxError"),
    ("import nothing_of_the_kind\nnothing_of_the_kind.f()\n", "nothing_of_the_kind.f"),
    ("def circuit(x, y, z):\n    return missing\n", "NameError"),
    ("def circuit(x, y, z):\n    return None\n", "None"),
    ("def circuit(x, y, z):\n    import os\n    os._exit(0)\n", "exit code 0"),
    ("\x00", "null"),
])
def test_what_breaks_is_told_in_words(text, says, folder, capsys):
    workspace.write(folder / CIRCUIT, text)
    assert run("check", "circuit", "--dir", folder) == 1
    out = capsys.readouterr().out
    assert says in out and "Traceback" not in out


def test_hints_come_one_by_one_and_are_counted(folder, capsys):
    for number in (1, 2, 3):
        assert run("hint", "relu", "--dir", folder) == 0
        out = capsys.readouterr().out
        assert f"hint {number} of 3" in out and out.count("hint") == 1
    assert run("hint", "relu", "--dir", folder) == 0
    assert capsys.readouterr().out.count(" of 3") == 3
    assert workspace.load_state(folder)["relu"]["hints"] == 3


def test_list_has_a_bar_and_what_is_next(folder, capsys):
    solve(folder, "gates-add-copy")
    run("check", "--dir", folder)
    run("hint", "relu", "--dir", folder)
    capsys.readouterr()
    assert run("list", "--dir", folder) == 0
    out = capsys.readouterr().out
    assert f"[#-----------------------------] 1 of {len(EXERCISES)} exercises, 3 of 100" in out
    assert "passed  gates-add-copy" in out and "next    gates-multiply-max" in out
    assert "(1 hint)" in out and all(exercise.title in out for exercise in EXERCISES)


def test_reset_keeps_a_backup_of_each_time(folder, capsys):
    for text in ("# first", "# second"):
        (folder / CIRCUIT).write_text(text)
        assert run("reset", "circuit", "--dir", folder) == 0
        assert (folder / CIRCUIT).read_text() == workspace.starting_texts()[CIRCUIT]
    kept = sorted((folder / "backups").glob(f"*/{CIRCUIT}"), key=lambda path: path.stat().st_mtime)
    assert {path.read_text() for path in kept} == {"# first", "# second"}
    assert "backups" in capsys.readouterr().out


def test_a_solution_is_for_those_who_passed_or_gave_up(folder, capsys):
    assert run("solution", "relu", "--dir", folder) == 2
    assert "--give-up" in capsys.readouterr().err
    assert run("solution", "relu", "--give-up", "--dir", folder) == 0
    out = capsys.readouterr().out
    assert "return dout * (x > 0)" in out and "def forward(x):" in out
    assert workspace.load_state(folder)["relu"]["given_up"]
    run("list", "--dir", folder)
    assert "solution seen" in capsys.readouterr().out

    solve(folder, "tanh")
    run("check", "tanh", "--dir", folder)
    assert run("solution", "tanh", "--dir", folder) == 0
    assert not workspace.load_state(folder)["tanh"]["given_up"]


def test_the_clinics_solution_is_its_lines(folder, capsys):
    assert run("solution", "clinic", "--give-up", "--dir", folder) == 0
    out = capsys.readouterr().out
    assert out.count("should read") == 6
    assert "dsums = softplus.backward(dmuch, much_cache)" in out


def test_another_reference_asks_for_another_check(folder, monkeypatch, capsys):
    solve(folder, "circuit")
    run("check", "circuit", "--dir", folder)
    mine = (folder / CIRCUIT).read_text()
    old = workspace.reference
    monkeypatch.setattr(workspace, "reference", lambda file, well=False: old(file, well) + "#\n")
    assert workspace.load_state(folder)["circuit"]["status"] == "again"
    capsys.readouterr()
    run("list", "--dir", folder)
    assert "check it again" in capsys.readouterr().out
    assert (folder / CIRCUIT).read_text() == mine
    assert run("check", "circuit", "--dir", folder) == 0
    assert workspace.load_state(folder)["circuit"]["status"] == "passed"


@pytest.mark.parametrize("text", ["", "{", "[]", '{"exercises": 1}', '{"exercises": {"relu": 1}}'])
def test_a_broken_state_is_one_line(text, folder, capsys):
    (folder / "state.json").write_text(text)
    assert run("list", "--dir", folder) == 2
    err = capsys.readouterr().err
    assert err.count("\n") == 1 and "state.json" in err


@pytest.mark.parametrize("arguments, says", [
    (["check", "rellu"], "Did you mean relu?"), (["chekc"], "Did you mean check?"),
    (["list", "--dri", "x"], "Did you mean --dir?"), (["check", "--dir", "nowhere"], "nowhere"),
    (["hint", "x", "y"], "hint takes one ID"),
])
def test_slips_are_one_line_and_exit_code_2(arguments, says, folder, capsys, monkeypatch):
    monkeypatch.chdir(folder)
    code = main(arguments)
    err = capsys.readouterr().err
    assert code == 2 and says in err and err.count("\n") == 1


def test_without_a_folder_it_says_how_to_begin(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(["list"]) == 2
    assert "flatprop exercises init" in capsys.readouterr().err


def test_the_folder_is_found(folder, monkeypatch, capsys):
    monkeypatch.chdir(folder)
    assert main(["list"]) == 0
    monkeypatch.chdir(folder.parent)
    folder.rename(folder.parent / "solutions")
    assert main(["list"]) == 0


def test_it_runs_as_a_module(folder):
    done = subprocess.run([sys.executable, "-m", "flatprop", "exercises", "check", "circuit",
                           "--dir", folder],
                          cwd=ROOT, capture_output=True, text=True,
                          env=os.environ | {"OPENBLAS_NUM_THREADS": "1"})
    assert done.returncode == 1 and "circuit: not yet" in done.stdout and not done.stderr


def test_lines_fit_a_screen(folder):
    for exercise in EXERCISES:
        for level, hint in enumerate(exercise.hints):
            text = screen.indent(hint) if level < 2 else hint
            assert max(map(len, text.splitlines())) <= 100


def test_a_copy_of_the_core_names_the_author_of_each_file(folder, tmp_path):
    solve(folder, "relu")
    authors = workspace.copy_core(folder, tmp_path / "copy")
    assert authors["layers/relu.py"] == "yours" and authors["layers/affine.py"] == "not written"
    text = (tmp_path / "copy/layers/affine.py").read_text()
    assert text == (ROOT / "layers/affine.py").read_text()
    assert not (tmp_path / "copy/flatprop").exists()


def test_a_check_that_takes_long_says_so(monkeypatch, capsys):
    monkeypatch.setattr(commands, "PATIENCE", 0.01)
    with commands.notice_if_long(find("relu")):
        for thread in threading.enumerate():
            if isinstance(thread, threading.Timer):
                thread.join(60)
    assert capsys.readouterr().err == "  relu still runs; it is given 10 s\n"
    monkeypatch.setattr(commands, "PATIENCE", 60.0)
    with commands.notice_if_long(find("relu")):
        pass
    assert capsys.readouterr().err == ""

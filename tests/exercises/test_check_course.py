"""Tools for who writes exercises: check-course finds what is not whole, new writes a whole one."""

import os
import re
import shutil
import subprocess
import sys
import types
from pathlib import Path

import pytest

from flatprop.exercises import check_course, new_exercise
from flatprop.exercises.__main__ import main
from flatprop.exercises.catalogue import EXERCISES, find
from flatprop.usage.errors import UsageError

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.processes

RELU = "layers/relu.py"
MASK = "return dout * (x > 0)"


def variants(*news):
    return [(RELU, MASK, *news)]


def troubles(exercise, *news):
    return check_course.check_exercise(exercise, variants(*news))[0]


FIVE = ("return dout", "return -dout * (x > 0)", "return dout * (x < 0)", "return dout * x",
        "return 2.0 * dout * (x > 0)")


def test_a_whole_exercise_has_no_troubles():
    found, count, named = check_course.check_exercise(find("relu"), variants(*FIVE))
    assert found == [] and count == 5 and named >= 3


@pytest.mark.parametrize("new, says", [
    ("return (x > 0) * dout", "it passes"), ("return dout * (x > 0", "SyntaxError"),
    ("return dout * (X > 0)", "NameError"), ("raise NotImplementedError", "not written yet"),
])
def test_a_variant_that_is_no_mistake_of_its_own_is_found(new, says):
    right = {RELU: check_course.workspace.solution(RELU)}
    trouble, named = check_course.check_variant(find("relu"), right, RELU, MASK, new)
    assert says in trouble and not named


def test_what_a_variant_replaces_is_there_once():
    for old in ("x", "no such text"):
        with pytest.raises(ValueError, match="several places"):
            check_course.replaced(find("relu"), RELU, old, "y")


def test_few_variants_are_found():
    found = troubles(find("relu"), "return dout + 0", MASK + " + 0")
    assert "2 wrong variants; write five at least" in found[0]
    assert found[1] == f"{RELU}, {MASK + ' + 0'!r} for {MASK!r}: it passes" and len(found) == 2


def test_texts_that_are_missing_are_found():
    relu = find("relu")
    bare = relu._replace(title="TODO: its title", hints=["", "dx = dout (x > 0)", "return dout"])
    assert [each.split()[1] for each in check_course.of_texts(bare)] == [
        "nudge", "skeleton", "title"]


def test_points_and_order_are_those_of_all(monkeypatch):
    assert check_course.of_the_whole(EXERCISES) == []
    heavier = [EXERCISES[0]._replace(points=4), *EXERCISES[1:]]
    assert "add up to 101" in check_course.of_the_whole(heavier)[0]
    late = [each for each in EXERCISES if each.id != "affine"] + [find("affine")]
    assert "its prerequisite affine does not stand before it" in " ".join(
        check_course.of_the_whole(late))


def test_a_reference_that_fails_and_a_stub_that_passes_are_found(monkeypatch):
    relu, right = find("relu"), check_course.workspace.solution(RELU)
    monkeypatch.setattr(check_course.workspace, "solution",
                        lambda file: right.replace("x > 0", "x > 1"))
    assert any(each.startswith("the reference does not pass: layers/relu.py: dx")
               for each in troubles(relu))
    monkeypatch.undo()
    monkeypatch.setattr(check_course.workspace, "starting_texts", lambda: {RELU: right})
    assert "the stub does not fail in every part" in troubles(relu)


@pytest.mark.slow
def test_the_variants_are_read_and_not_run(tmp_path, capsys):
    file = tmp_path / "variants.py"
    file.write_text(f"open({str(tmp_path / 'ran')!r}, 'w')\nVARIANTS = {{'relu': [\n"
                    f"    ({RELU!r}, {MASK!r}, *{FIVE!r})]}}\n")
    assert main(["check-course", "relu", "--variants", str(file)]) == 2     # no plain text
    file.write_text(f"open({str(tmp_path / 'ran')!r}, 'w')\nVARIANTS = "
                    f"{ {'relu': variants(*FIVE)} !r}\n")
    assert main(["check-course", "relu", "--variants", str(file)]) == 0
    assert capsys.readouterr().out.endswith("said: 0 troubles\n")
    assert not (tmp_path / "ran").exists()
    capsys.readouterr()
    assert main(["check-course", "--variants", str(tmp_path / "none")]) == 2
    assert "exercise_variants.py in a clone" in capsys.readouterr().err


@pytest.fixture
def clone(tmp_path):
    """What `new` writes to, and what runs it."""
    for name in (*check_course.workspace.CORE, "flatprop"):
        shutil.copytree(ROOT / name, tmp_path / name,
                        ignore=shutil.ignore_patterns("__pycache__", "*.svg"))
    for name in ("gradient_check.py", check_course.VARIANTS):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    return tmp_path


@pytest.mark.slow
def test_a_new_exercise_works_as_it_stands_and_is_told_to_be_filled_in(clone):
    def run(*words):
        return subprocess.run([sys.executable, "-m", "flatprop", "exercises", *words], cwd=clone,
                              env={**os.environ, "PYTHONPATH": ""}, capture_output=True, text=True)
    made = run("new", "chain-rule")
    assert made.returncode == 0 and made.stdout.count("\nchanged ") == 3, made.stderr
    assert "check-course chain-rule" in made.stdout
    checked = run("check-course", "chain-rule")
    assert checked.returncode == 1
    rows = checked.stdout.splitlines()
    assert rows[0].startswith("chain-rule            0 points, 6 wrong variants, of ")
    assert int(re.search(r"of (\d) the", rows[0])[1]) >= 3
    assert [row.split()[1] for row in rows[1:-1]] == ["nudge", "formula", "title"]
    run("init")
    assert "chain_rule in solutions/practice/chain_rule.py" in " ".join(
        run("check", "chain-rule").stdout.split())
    again = run("new", "chain-rule")
    assert again.returncode == 2 and "there is an exercise chain-rule already" in again.stderr


@pytest.mark.parametrize("id, says", [
    ("Chain Rule", "small letters"), ("relu", "already"), ("../x", "small letters"),
    ("fan_out", "small letters"), ("x-", "small letters")])
def test_an_id_that_will_not_do_writes_nothing(id, says, clone):
    before = {path: path.read_bytes() for path in clone.rglob("*") if path.is_file()}
    with pytest.raises(UsageError, match=says):
        new_exercise.run(types.SimpleNamespace(id=id), clone)
    assert before == {path: path.read_bytes() for path in clone.rglob("*") if path.is_file()}


def test_new_is_for_a_clone(tmp_path):
    with pytest.raises(UsageError, match="pip install -e"):
        new_exercise.run(types.SimpleNamespace(id="chain-rule"), tmp_path)

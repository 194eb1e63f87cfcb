"""What holds for every command: its help, its exit codes, its name, and one word for one thing."""

import contextlib
import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from command_cases import refused

from data.errors import DataError
from flatprop import __version__, commands_page
from flatprop.__main__ import COMMANDS, main
from flatprop.cli.command import name, run_command, to_type
from flatprop.runs.errors import RunError
from flatprop.usage.errors import UsageError

ROOT = Path(__file__).resolve().parents[2]
ALL = [[command] for command in COMMANDS] + [
    ["exercises", command] for command in ("init", "watch", "check", "hint", "list", "reset",
                                           "solution", "grade", "gradescope", "bundle")]


@pytest.mark.parametrize("words", [[], ["--help"]])
def test_flatprop_alone_lists_the_commands(capsys, words):
    assert main(words) == 0
    shown = capsys.readouterr().out
    for command, (_, text) in COMMANDS.items():
        assert re.search(f"^  {command} +{re.escape(text)}$", shown, re.MULTILINE)


def test_an_unknown_command_is_answered_with_the_closest(capsys):
    assert refused(capsys, "evalute") == (
        "flatprop: error: unknown command 'evalute'. Did you mean evaluate? flatprop --help lists "
        "them all\n")
    assert "Did you mean gradescope?" in refused(capsys, "exercises", "gradescop")


@pytest.mark.processes
def test_the_list_imports_no_command():
    code = ("import sys\nfrom flatprop.__main__ import COMMANDS, main\nmain([])\n"
            "print([each for each in ('numpy', *(m for m, _ in COMMANDS.values())) "
            "if each in sys.modules])")
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT)
    assert done.stdout.splitlines()[-1] == "[]"


@pytest.mark.parametrize("words", ALL, ids=" ".join)
def test_every_command_has_help_and_refuses_an_unknown_option(capsys, words):
    with pytest.raises(SystemExit) as stop:
        main([*words, "--help"])
    shown = capsys.readouterr()
    assert stop.value.code == 0 and shown.err == ""
    assert shown.out.startswith(f"usage: flatprop {' '.join(words)}")
    refused(capsys, *words, "--no-such-option")


CHOICES = {
    "--model": ["train", "check"], "--loss": ["train", "check affine", "draw two_layer_net"],
    "--activation": ["train", "check affine", "draw two_layer_net"],
    "--norm": ["train", "check affine", "draw two_layer_net"],
}


@pytest.mark.parametrize("option", CHOICES)
def test_all_commands_know_the_same_names(capsys, option):
    found = {refused(capsys, *command.split(), option, "none_such").split(" Choose from ")[1]
             for command in CHOICES[option]}
    assert len(found) == 1
    if option == "--model":
        names = found.pop().strip().split(", ")
        assert all((ROOT / "models" / f"{each}.py").is_file() for each in names)
        assert f"Choose from {', '.join(names)}, " in refused(capsys, "draw", "none_such")


@pytest.mark.parametrize("words, new", [
    ("train --model linear", "linear_classifier"), ("train --model two_layer", "two_layer_net"),
    ("check --model fully_connected", "fully_connected_net"),
    ("draw two_layer", "two_layer_net"), ("draw two_layer_net --sizes 3 4 2", "--inputs N"),
    ("train --sizes 3", "--hidden"), ("exercises init --save x", "--dir"),
    ("predict run x.npy --output o.csv", "--out"), ("export run --output=a", "--out"),
    ("report run --output a.html", "--out"), ("lecture patterns --save drawings", "--out"),
    ("exercises init mine", "--dir mine"),
    ("exercises bundle jupyter books", "--out books"), ("lecture page a.html", "--out a.html"),
])
def test_an_old_word_is_answered_with_the_new(capsys, words, new):
    line = refused(capsys, *words.split())
    assert re.search(rf"(?i)\b(it )?is {new}\b", line), line


def test_the_page_of_commands_is_up_to_date():
    page = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")
    assert page == commands_page.page(), "python -m flatprop.commands_page > docs/commands.md"


def test_a_command_is_called_as_it_was_started(monkeypatch):
    monkeypatch.setattr(sys, "executable", "/env/bin/python3")
    on_path = {"python": "/env/bin/python", "flatprop": "/usr/bin/flatprop"}
    monkeypatch.setattr(shutil, "which", on_path.get)
    for started, called, typed in (
            ("train.py", "train.py", "python train.py"),
            ("../my clone/train.py", "train.py", "python '../my clone/train.py'"),
            ("/usr/bin/flatprop", "flatprop train", "flatprop train"),
            ("../my env/bin/flatprop", "flatprop train", "'../my env/bin/flatprop' train"),
            ("/src/flatprop/__main__.py", "flatprop train", "python -m flatprop train"),
            ("gradient_check.py", "flatprop train", "flatprop train")):
        monkeypatch.setattr(sys, "argv", [started])
        assert (name("train"), to_type("train")) == (called, typed)
    on_path["python"] = "/usr/bin/python"       # another one: its path is what works
    monkeypatch.setattr(sys, "argv", ["train.py"])
    assert to_type("train") == "/env/bin/python3 train.py"
    monkeypatch.setattr(sys, "executable", str(Path.cwd() / ".venv/bin/python"))
    assert to_type("train") == ".venv/bin/python train.py"
    monkeypatch.setattr(sys, "argv", ["gradient_check.py"])
    assert name("check") == "gradient_check.py"


def raise_(error):
    raise error


@pytest.mark.parametrize("work, code, line", [
    (lambda: None, 0, ""), (lambda: 3, 3, ""),
    (lambda: raise_(UsageError("--lr is bad")), 2, "flatprop draw: error: --lr is bad\n"),
    (lambda: raise_(DataError("a.csv: empty")), 2, "flatprop draw: error: a.csv: empty\n"),
    (lambda: raise_(RunError("a is there")), 2, "flatprop draw: error: a is there\n"),
    (lambda: raise_(KeyboardInterrupt()), 130, "flatprop draw: interrupted\n"),
    (lambda: os.kill(os.getpid(), signal.SIGTERM), 143, "flatprop draw: terminated\n"),
])
def test_where_a_command_ends(capsys, work, code, line):
    before = signal.getsignal(signal.SIGTERM)
    assert run_command("draw", work) == code
    assert capsys.readouterr().err == line
    assert signal.getsignal(signal.SIGTERM) is before


def test_an_error_of_our_own_is_raised_unless_it_is_explained(capsys):
    with pytest.raises(ZeroDivisionError):
        run_command("train", lambda: 1 / 0)
    assert run_command("train", lambda: 1 / 0, explain=lambda error: f"your line: {error}") == 1
    assert capsys.readouterr().err == "flatprop train: error: your line: division by zero\n"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
@pytest.mark.parametrize("words", ["", "check relu", "lecture 8", "train --print-config"])
@pytest.mark.processes
def test_a_full_disk_is_one_line(words, tmp_path):
    with open("/dev/full", "wb") as full:
        done = subprocess.run([sys.executable, "-m", "flatprop", *words.split()], stdout=full,
                              cwd=tmp_path, stderr=subprocess.PIPE, text=True, timeout=600)
    assert (done.returncode, done.stderr) == (
        1, f"{' '.join(['flatprop', *words.split()[:1]])}: error: cannot write: No space left on "
           "device\n")


def shown(capsys, words):
    """What a command prints before it ends with 0, by itself or through argparse."""
    with contextlib.suppress(SystemExit):
        assert main(words.split()) == 0
    done = capsys.readouterr()
    assert done.out and not done.err
    return done.out


@pytest.mark.parametrize("words", ["--version", "version", *(" ".join([*each, "--version"])
                                                             for each in ALL)])
def test_every_command_has_the_version(capsys, words):
    assert shown(capsys, words) == f"flatprop {__version__}\n"


@pytest.mark.parametrize("words, asked", [
    ("help", "--help"), ("help train", "train --help"), ("train help", "train --help"),
    ("help exercises", "exercises --help"), ("exercises help", "exercises --help"),
    ("exercises help grade", "exercises grade --help"),
])
def test_help_is_a_command_too(capsys, words, asked):
    assert shown(capsys, words) == shown(capsys, asked)

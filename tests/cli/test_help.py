"""The help of every command: its width, what it says of each option, and that its examples work."""

import argparse
import contextlib
import re
import shlex

import pytest

from flatprop.__main__ import main
from flatprop.commands_page import parsers

PARSERS = {parser.prog.removeprefix("flatprop "): parser for parser in parsers()}
PLACEHOLDER = re.compile(r"\b(DIR|FILE|NAME|COLUMN)\b")


def examples(command):
    """The examples in a command's help, each as the words behind flatprop."""
    block = PARSERS[command].epilog.partition("examples:\n")[2].partition("\n\n")[0]
    return [shlex.split(re.search(r"flatprop ([^|>]*)", line)[1]) for line in block.splitlines()]


@pytest.mark.parametrize("columns", [60, 80, 120])
@pytest.mark.parametrize("started", ["flatprop", "/src/flatprop/__main__.py", "train.py"])
def test_help_fits_the_terminal(monkeypatch, capsys, started, columns):
    monkeypatch.setenv("COLUMNS", str(columns))
    monkeypatch.setattr("sys.argv", [started])
    for command in ["", *PARSERS]:
        with contextlib.suppress(SystemExit):
            main([*command.split(), "--help"])
        lines = capsys.readouterr().out.splitlines()
        if columns < 80:        # what can be typed is not folded
            lines = lines[:lines.index("examples:")]
        assert lines and not [line for line in lines if len(line) > columns], command


@pytest.mark.parametrize("command", PARSERS)
def test_every_option_is_explained_with_its_default_and_its_choices(command):
    for action in PARSERS[command]._actions:
        assert action.help and "%" not in action.help, action   # argparse would fill in a %
        if action.option_strings and action.required:
            assert "(must be given)" in action.help
        elif action.nargs != 0 and not action.required:
            assert re.search(r"\(default: .+\)", action.help), action
        number = re.search(r"\(default: ([\d.]+)\)", action.help)
        if number and action.default is not None:
            default = action.default
            assert float(number[1]) == (default[0] if isinstance(default, list) else default)
        try:
            action.type("no such name") if action.type else None
        except argparse.ArgumentTypeError as error:
            choices = str(error).partition("Choose from ")[2]
            assert all(re.search(rf"\b{each}\b", action.help)
                       for each in filter(None, choices.split(", "))), action


@pytest.mark.parametrize("command", PARSERS)
def test_help_has_examples_that_the_command_takes(command):
    assert 2 <= len(examples(command)) <= 3
    for words in examples(command):
        name, = (each for each in PARSERS if words[:len(each.split())] == each.split()
                 and each != "exercises")
        with contextlib.suppress(SystemExit):       # --help
            PARSERS[name].parse_args(words[len(name.split()):])


@pytest.mark.slow
def test_examples_can_be_typed_one_after_the_other(monkeypatch, tmp_path, capsys):
    monkeypatch.chdir(tmp_path)
    for command in PARSERS:
        for words in examples(command):
            typed = " ".join(words)
            if PLACEHOLDER.search(typed) or command.endswith((" watch", " gradescope")):
                continue        # these need files, a terminal, or the machines of Gradescope
            try:
                code = main(words)
            except SystemExit as stop:      # of --help
                code = stop.code
            errors = capsys.readouterr().err
            # A solution is shown after passing; without an extra, its name is said.
            expected = 2 if typed == "exercises solution relu" or "pip install" in errors else 0
            assert code in (expected, 1 if command == "exercises check" else expected), typed

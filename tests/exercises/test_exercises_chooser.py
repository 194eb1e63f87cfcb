"""The list to move in, and the list that is printed: filter and search."""

import pytest

from flatprop.exercises import workspace
from flatprop.exercises.__main__ import main
from flatprop.exercises.catalogue import EXERCISES, find
from flatprop.exercises.chooser import Chooser


@pytest.fixture
def state():
    """relu and tanh have passed."""
    passed = {"status": "passed"}
    return {each.id: workspace.AT_FIRST | (passed if each.id in ("relu", "tanh") else {})
            for each in EXERCISES}


def ids(chooser):
    return [each.id for each in chooser.rows()]


def typed(chooser, *keys):
    return [chooser.press(key) for key in keys][-1]


def test_it_moves_and_stops_at_both_ends(state):
    chooser = Chooser(state, EXERCISES[1])
    assert typed(chooser, "up", "k", "up", "enter") == ("continue", EXERCISES[0])
    assert typed(chooser, "down", "j", "c") == ("continue", EXERCISES[2])
    assert typed(chooser, "pagedown", "pageup", "r") == ("reset", EXERCISES[2])
    assert typed(chooser, "end", "down", "enter") == ("continue", EXERCISES[-1])
    assert typed(chooser, "home", "enter") == ("continue", EXERCISES[0])
    assert typed(chooser, "left", "", "q") == ("back", None)


def test_its_filters(state):
    chooser = Chooser(state, None)
    typed(chooser, "d")
    assert ids(chooser) == ["relu", "tanh"] and chooser.selected is find("relu")
    typed(chooser, "p")
    assert len(ids(chooser)) == len(EXERCISES) - 2 and "relu" not in ids(chooser)
    typed(chooser, "p")
    assert len(ids(chooser)) == len(EXERCISES)


def test_its_search_takes_letters_that_are_keys_elsewhere(state):
    chooser = Chooser(state, None)
    typed(chooser, "/", *"sqd", "backspace", "backspace", *"oftmax-", "enter")
    assert ids(chooser) == ["softmax-loss"]
    assert typed(chooser, "c") == ("continue", find("softmax-loss"))
    typed(chooser, "s", *"no such", "enter")
    assert ids(chooser) == [] and typed(chooser, "c", "down", "r") is None
    assert "0 of" in chooser.text(24, 80)
    typed(chooser, "s", "escape")
    assert len(ids(chooser)) == len(EXERCISES)


def test_escape_ends_a_search_that_was_kept_before_it_leads_back(state):
    chooser = Chooser(state, None)
    assert typed(chooser, "s", *"soft", "enter", "escape") is None
    assert len(ids(chooser)) == len(EXERCISES)
    assert chooser.press("escape") == ("back", None)


def test_it_says_which_of_them_are_on_the_screen(state):
    assert "38 of 38, 1 to 18 on the screen" in Chooser(state, None).text(24, 80)
    assert "38 of 38 shown" in Chooser(state, None).text(60, 80)


@pytest.mark.parametrize("lines, columns", [(24, 80), (12, 40), (60, 100)])
def test_what_is_selected_is_on_the_screen(state, lines, columns):
    chooser = Chooser(state, None)
    for _ in EXERCISES:
        shown = chooser.text(lines, columns).splitlines()
        marked = [line for line in shown if line.startswith(">")]
        assert len(shown) < lines and len(marked) == 1 and chooser.selected.id in marked[0]
        assert all(len(line) < columns for line in shown[2:-3])
        typed(chooser, "down")


def test_list_prints_some_of_them(folder, capsys):
    saved = workspace.load_state(folder)
    saved["relu"] |= {"status": "passed", "reference": workspace.hash_of(find("relu"))}
    workspace.save_state(folder, saved)

    def listed(*words):
        assert main(["list", "--dir", str(folder), *words]) == 0
        rows = capsys.readouterr().out.split("\n\n")[1].splitlines()
        return {each.id for each in EXERCISES if any(f" {each.id} " in row for row in rows)}
    assert listed("--done") == {"relu"} == listed("--done", "RELU")
    assert listed("--pending") == {each.id for each in EXERCISES} - {"relu"}
    assert listed("relu") == {"relu", "relu-jacobian"} | {
        each.id for each in EXERCISES if "relu" in (each.title + each.section).lower()}
    assert listed("--pending", "softmax-") == {"softmax-loss"}
    assert main(["list", "--dir", str(folder), "maxsoft"]) == 2
    assert "no exercise has 'maxsoft'" in capsys.readouterr().err

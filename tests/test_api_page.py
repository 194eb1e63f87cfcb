"""docs/api.md: what it calls stable is there, and each layer, rule and schedule is what it says."""

import inspect
import re
from importlib import import_module
from pathlib import Path

import pytest

from solvers import schedules
from solvers.by_name import UPDATE_RULES

PAGE = Path(__file__).resolve().parents[1] / "docs" / "api.md"
NAMES = sorted(set(re.findall(
    r"`((?:layers|models|solvers|data|flatprop|gradient_check)\.[\w.]+?)(?:\(\))?`",
    PAGE.read_text("utf-8"))))


def find(name):
    """What a dotted name means: a module, or something in one."""
    try:
        return import_module(name)
    except ModuleNotFoundError as error:
        module, _, last = name.rpartition(".")
        if not module or error.name not in (name, module):
            raise
        return getattr(find(module), last)


def test_the_page_names_much():
    assert len(NAMES) > 25 and "solvers.solver.Solver" in NAMES


@pytest.mark.parametrize("name", NAMES)
def test_a_name_of_the_page_is_there(name):
    if name.startswith("flatprop.estimators"):
        pytest.importorskip("sklearn")
    assert find(name) is not None


def test_rules_and_schedules_are_called_as_the_page_says():
    for rule in UPDATE_RULES.values():
        taken = [*inspect.signature(rule.step).parameters]
        assert taken == ["self", "theta", "dtheta", "rate", "t", *rule.slots]
    assert schedules.cosine(0.5, total=10)(0) == 0.5

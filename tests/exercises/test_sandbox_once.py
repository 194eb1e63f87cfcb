"""A child where a system cannot fork one: a new Python each time, the same answers and limits."""

import pytest
from sandbox_cases import folder

from flatprop.exercises.sandbox import processes
from flatprop.exercises.sandbox.parent import Child, Limits, StudentError

pytestmark = pytest.mark.processes

SOURCE = """
import numpy as np


def double(x):
    print("seen", flush=True)
    return 2 * x


def forever():
    while True:
        pass


def leave():
    raise SystemExit(3)
"""


@pytest.fixture(autouse=True)
def no_fork(monkeypatch):
    monkeypatch.setattr(processes, "FORKS", False)


def test_it_answers_and_what_it_prints_is_kept(tmp_path):
    with Child(folder(tmp_path, SOURCE)) as child:
        assert child.call("mine.py", "double", 2.5) == 5.0
        child.call("mine.py", "double", 1.0)
        child.end()
        assert child.output() == "seen\nseen\n"


@pytest.mark.slow
@pytest.mark.parametrize("name, kind", [("forever", "time"), ("leave", "raised")])
def test_what_goes_wrong_is_told_and_the_next_call_works(tmp_path, name, kind):
    with Child(folder(tmp_path, SOURCE), Limits(seconds=3.0)) as child:
        with pytest.raises(StudentError) as caught:
            child.call("mine.py", name)
        assert caught.value.kind == kind
        assert child.call("mine.py", "double", 2.0) == 4.0

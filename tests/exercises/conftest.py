"""What the tests of the exercises share: a student's folder as it begins, and one that is done."""

import sys

import pytest

from flatprop.exercises import workspace

if sys.platform == "win32":
    collect_ignore_glob = ["test_grading*"]     # grading needs fork


@pytest.fixture
def folder(tmp_path):
    """A student's folder in which nothing is written."""
    workspace.init(tmp_path / "mine")
    return tmp_path / "mine"


@pytest.fixture(scope="session")
def solved(tmp_path_factory):
    """A folder in which everything is written as the project has it."""
    folder = tmp_path_factory.mktemp("solved")
    for file in workspace.targets():
        workspace.write(folder / file, workspace.solution(file))
    return folder

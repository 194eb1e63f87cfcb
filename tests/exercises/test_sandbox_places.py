"""Folders that only their owner may enter: the child, another user, is to start all the same.

Python, NumPy and the project may lie in such a folder (so does a venv that mktemp -d made), and
TMPDIR may be one.
"""

import os
import stat
import sys
import tempfile

import pytest
from sandbox_cases import LAYER, folder

from flatprop.exercises.grading import grade
from flatprop.exercises.sandbox import processes
from flatprop.exercises.sandbox.parent import Child, NotStarted

pytestmark = pytest.mark.processes

if sys.platform != "linux" or os.geteuid() != 0:
    pytest.skip("of root's child on Linux", allow_module_level=True)


@pytest.fixture
def roots_alone(tmp_path, monkeypatch):
    """A TMPDIR that is root's alone."""
    private = tmp_path / "private"
    private.mkdir(mode=0o700)
    monkeypatch.setattr(tempfile, "tempdir", str(private))
    return private


def test_a_temporary_folder_of_roots_alone(roots_alone, tmp_path):
    assert not processes.reachable(roots_alone)
    with Child(folder(tmp_path, LAYER)) as child:
        assert child.call("mine.py", "count") == 1
        assert "another user" in child.standing


def test_numpy_in_a_folder_of_roots_alone(roots_alone, tmp_path, monkeypatch):
    os.symlink(os.path.join(processes.NUMPY, "numpy"), roots_alone / "numpy")
    monkeypatch.setattr(processes, "NUMPY", str(roots_alone))
    monkeypatch.setattr(processes, "FORKER", [])
    source = "import numpy as np\n\ndef f():\n    return np.ma.sum(np.fft.fft([1.0]).real)\n"
    with Child(folder(tmp_path, source)) as child:
        assert child.call("mine.py", "f") == 1
    processes.close_forker()


def test_where_no_child_can_start_that_is_what_is_told(roots_alone, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(processes, "OTHERS", ())
    (tmp_path / "submissions" / "ann").mkdir(parents=True)
    mine = folder(tmp_path / "submissions" / "ann", LAYER)
    with Child(mine) as child, pytest.raises(NotStarted, match="Permission"):
        child.call("mine.py", "count")
    assert grade.main([str(tmp_path / "submissions")]) == 2
    assert "no process for students' code" in capsys.readouterr().err


def test_a_childs_files_are_no_other_childs_to_read(tmp_path):
    with Child(folder(tmp_path, LAYER)) as child:
        assert child.call("mine.py", "count") == 1
        modes = {path: os.stat(path) for path in (child.base, child.tree, child.scratch)}
        assert [stat.S_IMODE(each.st_mode) for each in modes.values()] == [0o711, 0o750, 0o700]
        assert modes[child.tree].st_uid == 0
        assert modes[child.tree].st_gid == modes[child.scratch].st_uid > 0
        assert sorted(os.listdir(child.base)) == ["scratch", "tree"]

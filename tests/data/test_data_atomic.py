"""data/atomic.py: files that are whole or not there."""

import ast
import contextlib
import errno
import os
import stat
from pathlib import Path

import pytest

from data import atomic


def test_a_write_that_fails_leaves_the_old_file(tmp_path):
    path = tmp_path / "file"
    atomic.write_text(path, "old")

    def breaks(file):
        file.write(b"half")
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space"):
        atomic.write_with(path, breaks)
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_a_pipe_is_written_to_and_not_replaced(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    atomic.write_text(pipe, "through")
    assert os.read(reader, 100) == b"through"
    os.close(reader)
    assert pipe.is_fifo()


@pytest.mark.parametrize("path", [".", "folder"])
def test_a_folder_is_left_as_it_is(tmp_path, monkeypatch, path):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder").mkdir()
    with pytest.raises(IsADirectoryError):
        atomic.write_text(path, "text")
    assert [each.name for each in tmp_path.iterdir()] == ["folder"]


@pytest.mark.parametrize("number, told", [(errno.EIO, True), (errno.ENOSPC, True),
                                          (errno.EINVAL, False), (errno.ENOTSUP, False)])
def test_a_folder_that_cannot_be_flushed_is_told_where_the_disk_could(tmp_path, monkeypatch,
                                                                       number, told):
    flush = os.fsync

    def fsync(descriptor):
        if stat.S_ISDIR(os.fstat(descriptor).st_mode):
            raise OSError(number, os.strerror(number))
        flush(descriptor)
    monkeypatch.setattr(os, "fsync", fsync)
    with pytest.raises(OSError, match=os.strerror(number)) if told else contextlib.nullcontext():
        atomic.write_text(tmp_path / "file", "text")
    with pytest.raises(OSError, match=os.strerror(number)) if told else contextlib.nullcontext():
        atomic.make_folder(tmp_path / "folder")
    monkeypatch.setattr(atomic, "flush_files", False)
    atomic.write_text(tmp_path / "file", "text")


def test_new_folders_are_flushed_into_those_that_hold_them(tmp_path, monkeypatch):
    flushed = []
    monkeypatch.setattr(os, "fsync", lambda descriptor: flushed.append(os.fstat(descriptor)))
    atomic.make_folder(tmp_path / "a" / "b")
    assert len(flushed) == 2
    assert os.path.samestat(flushed[0], os.stat(tmp_path))
    assert os.path.samestat(flushed[1], os.stat(tmp_path / "a"))
    with pytest.raises(FileExistsError):
        atomic.make_folder(tmp_path / "a" / "b", exist_ok=False)


def test_an_append_that_fails_half_way_leaves_the_file_as_it_was(tmp_path, monkeypatch):
    path, write = tmp_path / "log", os.write
    atomic.append(path, b"first\n")
    room = [3, 2, 0]        # bytes that the disk still takes, write by write

    def full(descriptor, data):
        taken = room.pop(0)
        if taken == 0:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return write(descriptor, data[:taken])
    monkeypatch.setattr(os, "write", full)
    with pytest.raises(OSError, match="No space") as caught:
        atomic.append(path, b"second\n")
    assert caught.value.filename == str(path)
    assert path.read_bytes() == b"first\n"
    room[:] = [3, 99]       # a short write alone is no error: the rest is written after it
    atomic.append(path, b"second\n")
    assert path.read_bytes() == b"first\nsecond\n"


def test_lines_are_added_behind_what_is_known_to_be_whole(tmp_path):
    path = tmp_path / "lines"
    assert not atomic.append_behind(path, 0, b"a\n") and not path.exists()
    path.write_bytes(b"a\nhal")
    assert atomic.append_behind(path, 2, b"b\n")
    assert path.read_bytes() == b"a\nb\n"
    assert not atomic.append_behind(path, 5, b"c\n")     # it has lost some
    assert path.read_bytes() == b"a\nb\n"


@pytest.mark.parametrize("is_flushed, error, told", [
    (True, errno.EIO, False), (True, errno.EINTR, False), (False, errno.EINTR, False),
    (False, errno.EDQUOT, True)])
def test_closing_loses_nothing_that_was_flushed(tmp_path, monkeypatch, is_flushed, error, told):
    class File:
        """An open file whose closing fails, as on a disk of a network."""

        def __init__(self, path):
            self.file = opened(path, "wb")
            self.write, self.flush, self.fileno = (
                self.file.write, self.file.flush, self.file.fileno)

        def close(self):
            self.file.close()
            raise OSError(error, os.strerror(error))
    opened = open
    monkeypatch.setattr("builtins.open", lambda path, mode: File(path))
    monkeypatch.setattr(atomic, "flush_files", is_flushed)
    with pytest.raises(OSError, match="quota") if told else contextlib.nullcontext():
        atomic.write_text(tmp_path / "file", "text")
    monkeypatch.undo()
    assert [path.name for path in tmp_path.iterdir()] == ([] if told else ["file"])


def test_errors_of_the_disk_name_the_file_that_was_to_be_written(tmp_path, monkeypatch):
    def fsync(descriptor):
        raise OSError(errno.EIO, os.strerror(errno.EIO))
    monkeypatch.setattr(os, "fsync", fsync)
    for write in (lambda path: atomic.write_text(path, "text"), atomic.make_folder):
        with pytest.raises(OSError, match="Input/output") as caught:
            write(tmp_path / "name")
        assert caught.value.filename == str(tmp_path / "name")


# Who writes files past data/atomic.py: what is thrown away when the command ends, walls round a
# student's code, the lock, and streams that are no files.
OTHER_WRITERS = {
    "data/atomic.py", "flatprop/cli/own_layers.py", "flatprop/cli/train_fold.py",
    "flatprop/cli/workers.py", "flatprop/ending.py", "flatprop/exercises/grading/receive.py",
    "flatprop/exercises/grading/submission.py", "flatprop/exercises/sandbox/child.py",
    "flatprop/exercises/sandbox/processes.py", "flatprop/exercises/sandbox/serve.py",
    "flatprop/exercises/workspace.py", "flatprop/runs/checkpoint.py", "flatprop/runs/lock.py"}
WRITES = {"write_text", "write_bytes", "tofile", "savez", "savez_compressed", "savetxt", "touch",
          "copyfile", "copy2", "rename"}


@pytest.mark.slow
def test_all_that_is_to_be_kept_is_written_here():
    root = Path(atomic.__file__).resolve().parents[1]
    found = {path.relative_to(root).as_posix() for folder in ("data", "flatprop", "solvers")
             for path in (root / folder).rglob("*.py")
             if any(map(writes, ast.walk(ast.parse(path.read_text(encoding="utf-8")))))}
    assert found == OTHER_WRITERS


def writes(node):
    """Whether a node of a syntax tree is a call that writes a file, by its looks."""
    if not isinstance(node, ast.Call):
        return False
    owner = getattr(node.func, "value", None)
    owner = owner.id if isinstance(owner, ast.Name) else ""
    name = getattr(node.func, "attr", getattr(node.func, "id", ""))
    words = [each.value for each in node.args
             if isinstance(each, ast.Constant) and isinstance(each.value, str)]
    if name in ("open", "fdopen"):
        return any(set(word) <= set("rwaxbt+") and set(word) & set("wax+") for word in words)
    if name == "move":
        return owner == "shutil"        # an array is moved to a device, too
    if owner == "os":
        return name in ("replace", "rename", "write", "truncate", "ftruncate")
    return name in WRITES and owner not in ("atomic", "self")

"""data/atomic.py: files that are whole or not there."""

import contextlib
import errno
import os
import stat

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

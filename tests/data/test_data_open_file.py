"""Every reader of a file refuses what is none in the same way: one DataError that names it."""

import errno
import os

import pytest
from data_errors import expect_data_error

from data import cifar, mnist, npy_file, npz_file, open_file, table, text_file

READERS = {
    "idx": mnist.read, "npy": npy_file.open_mapped, "npz": npz_file.read, "cifar": cifar.read,
    "text": lambda path: list(text_file.read(path)), "table": table.read,
}
every_reader = pytest.mark.parametrize("read", READERS.values(), ids=READERS)


@every_reader
def test_paths_that_are_not_files(read, tmp_path):
    (tmp_path / "file").write_bytes(b"")
    for path, words in (
        (tmp_path / "nowhere", "does not exist; give"), (tmp_path, "but a folder; give"),
        (tmp_path / "nowhere" / "deeper", "does not exist"), (tmp_path / ("long" * 100), ""),
        (tmp_path / "file" / "inside", "does not exist"), (f"{tmp_path}/nul\0", "does not exist"),
    ):
        error = expect_data_error(lambda path=path: read(path), f"{path}: ", words)
        assert error.file == str(path)


@every_reader
@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_a_pipe_is_refused_rather_than_waited_for(read, tmp_path):
    os.mkfifo(tmp_path / "pipe")
    expect_data_error(lambda: read(tmp_path / "pipe"), f"{tmp_path / 'pipe'}: is not a file")


@every_reader
def test_a_file_that_may_not_be_read(read, tmp_path, monkeypatch):
    path = tmp_path / "secret"
    path.write_bytes(b"content")

    def refuse(*arguments, **more):
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr("builtins.open", refuse)                    # a superuser may read anything
    expect_data_error(lambda: read(path), f"{path}: cannot be read (Permission denied); check")


@every_reader
def test_what_cannot_be_looked_at_is_not_called_missing(read, tmp_path, monkeypatch):
    path = tmp_path / "file"
    path.write_bytes(b"content")

    def fail(*arguments, **more):
        raise OSError(errno.EIO, os.strerror(errno.EIO), str(path))
    monkeypatch.setattr(os, "stat", fail)
    error = expect_data_error(lambda: read(path), f"{path}: cannot be read (Input/output error)")
    assert error.file == str(path)
    expect_data_error(lambda: open_file.is_there(path), f"{path}: cannot be read (Input/output")


def test_what_is_there(tmp_path):
    (tmp_path / "file").write_bytes(b"")
    assert open_file.is_there(tmp_path) and open_file.is_there(tmp_path / "file")
    for nothing in ("other", "file/inside", "a/b", "long" * 100, "zero\0"):
        assert not open_file.is_there(tmp_path / nothing)

"""NPY files: mapped read-only and as numpy reads them, or one DataError; and their headers."""


import numpy as np
import pytest
from data_errors import expect_data_error
from fuzz_hostile import HOSTILE, npy_header
from peak_memory import peak_below

from data import npy_file

ARRAYS = [
    np.arange(12.0).reshape(3, 4), np.asfortranarray(np.arange(12).reshape(3, 4)),
    np.arange(24, dtype=np.uint8).reshape(2, 3, 4), np.arange(5, dtype=">f4"), np.array(3),
    np.array([True, False]), np.array(["é", "two"]), np.float16([1, 2]),
]


def expect_error(path, *parts):
    """Check that opening fails with one line that names the path and says these things."""
    return expect_data_error(lambda: npy_file.open_mapped(path), f"{path}: ", *parts)


@pytest.mark.parametrize("array", ARRAYS)
def test_maps_what_numpy_wrote(array, tmp_path):
    path = tmp_path / "a.npy"
    np.save(path, array)
    for given in (path, str(path)):
        mapped = npy_file.open_mapped(given)
        assert isinstance(mapped, np.memmap)
        assert not mapped.flags.writeable
        assert (mapped.dtype, mapped.shape) == (array.dtype, array.shape)
        np.testing.assert_array_equal(mapped, array)
    assert str(mapped.filename) == str(path)


@pytest.mark.parametrize("version", [(1, 0), (2, 0), (3, 0)])
def test_reads_every_version(version, tmp_path):
    array = np.arange(6).reshape(2, 3)
    with open(tmp_path / "a.npy", "wb") as file:
        np.lib.format.write_array(file, array, version)
    np.testing.assert_array_equal(npy_file.open_mapped(tmp_path / "a.npy"), array)


@pytest.mark.parametrize("header", [
    b"{'shape': (2,), 'fortran_order': False, 'descr': '|u1'}\n",
    b'{"descr":"|u1","fortran_order":False,"shape":(2,)}',
    b"{'descr': '|u1', 'fortran_order': True, 'shape': (2L,), }   \n",
    b"  {'fortran_order' : False , 'descr' : 'u1' , 'shape' : ( 2 , ) , } ",
])
def test_headers_as_other_programs_write_them(header, tmp_path):
    content = b"\x93NUMPY\1\0" + len(header).to_bytes(2, "little") + header + b"\5\6"
    (tmp_path / "a.npy").write_bytes(content)
    assert npy_file.open_mapped(tmp_path / "a.npy").tolist() == [5, 6]


@pytest.mark.parametrize("text", [
    "", "{}", "[1]", "{'descr': '<f8'}", "__import__('os').mkdir('ran')",
    "{'descr': '|u1', 'fortran_order': False, 'shape': (2,), 'more': 1}",
    "{'descr': '|u1', 'descr': '|u1', 'shape': (2,)}",
    "{'descr': '|u1', 'fortran_order': 0, 'shape': (2,)}",
    "{'descr': '|u1', 'fortran_order': False, 'shape': (2)x}",
    "{'descr': '|u1', 'fortran_order': False, 'shape': (,)}",
    "{'descr': '|u1', 'fortran_order': False, 'shape': (2,,)}",
    "{'descr': '|u1', 'fortran_order': False, 'shape': (-2,)}",
    "{'descr': True, 'fortran_order': False, 'shape': (2,)}",
])
def test_other_headers_are_refused_and_run_nothing(text, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "a.npy"
    header = text.encode()
    path.write_bytes(b"\x93NUMPY\1\0" + len(header).to_bytes(2, "little") + header + b"\5\6")
    expect_error(path)
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize("dtype, words", [
    ("|O", "Python objects"), ("O", "Python objects"), ("<c8", "'<c8'"), ("|V8", "'|V8'"),
    ("<M8[s]", "'<M8[s]'"), ("<f3", "'<f3'"), ("<U99999999999", "'<U99999999999'"), ("", "''"),
    ("<f", "'<f'"), ("float", "'float'"), ("<M8[D]", "'<M8[D]'"),
])
def test_other_elements_are_refused(dtype, words, tmp_path):
    (tmp_path / "a.npy").write_bytes(npy_header("(2,)", dtype) + bytes(64))
    expect_error(tmp_path / "a.npy", words)


def test_every_truncation_and_every_trailing_byte_is_an_error(tmp_path):
    path = tmp_path / "a.npy"
    np.save(path, np.arange(3))
    content = path.read_bytes()
    for length in range(len(content)):
        path.write_bytes(content[:length])
        expect_error(path)
    path.write_bytes(content + b"x")
    expect_error(path, "int64 of shape (3,) takes 24 bytes, 25 are there", "save it again")
    path.write_bytes(b"<!DOCTYPE html>")
    expect_error(path, "not in NPY format")


@pytest.mark.parametrize("shape", [(0,), (0, 5), (5, 0)])
def test_empty_arrays_are_refused(shape, tmp_path):
    np.save(tmp_path / "a.npy", np.zeros(shape))
    expect_error(tmp_path / "a.npy", "is empty", str(shape))


def test_hostile_files_take_no_memory(tmp_path):
    path = tmp_path / "a.npy"
    for make in HOSTILE["npy"]:
        path.write_bytes(make())
        with peak_below(2**21):     # 2**17 of it are the buffer of an open file, from Python 3.14
            expect_error(path)


def test_a_file_larger_than_memory_is_mapped(tmp_path):
    path = tmp_path / "large.npy"
    header = npy_header("(1099511627, 1024)")
    with open(path, "wb") as file:
        file.write(header)
        try:
            file.truncate(len(header) + 1099511627 * 1024)
        except OSError:
            pytest.skip("this file system has no sparse files of a terabyte")
    mapped = npy_file.open_mapped(path)
    assert mapped.shape == (1099511627, 1024)
    assert not mapped[1_000_000_000].any()

"""NPZ files: what numpy.savez wrote is read, what is wrong is one DataError in little memory."""

import io
import os
import struct
import zipfile

import numpy as np
import pytest
from data_errors import expect_data_error
from fuzz_hostile import HOSTILE, npy_header, npz_bomb, zeros, zip_of
from peak_memory import peak_below

from data import npz_file
from data.errors import DataError

ARRAYS = {
    "plain": np.arange(6.0).reshape(2, 3), "single": np.float32([1.5]), "number": np.array(7),
    "fortran": np.asfortranarray(np.arange(24).reshape(2, 3, 4)), "empty": np.zeros((0,)),
    "hollow": np.zeros((3, 0, 2), np.float32), "flags": np.array([True, False]),
    "bytes": np.arange(255, dtype=np.uint8), "half": np.float16([0.5, 2]),
    "text": np.array(["é", "two", ""]), "ascii": np.array([b"a", b"bc"]),
    "swapped": np.arange(5, dtype=">i4"), "swapped_text": np.array(["ab", "é"], ">U2"),
}


def expect_error(path, *parts):
    """Check that reading fails with one line that names the path and says these things."""
    return expect_data_error(lambda: npz_file.read(path), f"{path}: ", *parts)


def zipped(path, members, method=zipfile.ZIP_STORED):
    """Write an archive of these (name, bytes), its checksums right."""
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, content in members:
            archive.writestr(name, content)


def npy(array):
    """The bytes of an array's NPY file."""
    file = io.BytesIO()
    np.save(file, array)
    return file.getvalue()


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
def test_reads_what_numpy_wrote(save, tmp_path):
    path = tmp_path / "a.npz"
    save(path, **ARRAYS)
    for given in (path, str(path)):
        read = npz_file.read(given)
        assert list(read) == list(ARRAYS)
        for name, array in ARRAYS.items():
            np.testing.assert_array_equal(read[name], array)
            assert read[name].shape == array.shape
            assert read[name].dtype == array.dtype.newbyteorder("=")
            assert read[name].dtype.isnative
            assert read[name].flags.writeable


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
def test_reads_members_of_more_than_one_chunk(save, tmp_path, monkeypatch):
    monkeypatch.setattr(npz_file, "CHUNK", 100)
    array = np.random.default_rng(0).standard_normal(1234)
    save(tmp_path / "a.npz", array=array)
    np.testing.assert_array_equal(npz_file.read(tmp_path / "a.npz")["array"], array)


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
def test_every_truncation_is_an_error(save, tmp_path):
    path = tmp_path / "a.npz"
    save(path, x=np.arange(5), y=np.array(["a"]))
    content = path.read_bytes()
    for length in range(len(content)):
        path.write_bytes(content[:length])
        expect_error(path)


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
def test_every_changed_byte_is_right_or_an_error(save, tmp_path):
    path = tmp_path / "a.npz"
    save(path, x=np.arange(5))
    content = path.read_bytes()
    for position in range(len(content)):
        for change in (1, 16, 128, 255):
            changed = bytearray(content)
            changed[position] ^= change
            path.write_bytes(changed)
            try:
                arrays = npz_file.read(path)
            except DataError:
                expect_error(path)
            else:                               # of no consequence: a time, a name
                (array,) = arrays.values()
                np.testing.assert_array_equal(array, np.arange(5))


def test_objects_are_refused_and_run_nothing(tmp_path):
    class Evil:
        def __reduce__(self):
            return os.mkdir, (str(tmp_path / "ran"),)

    path = tmp_path / "a.npz"
    np.savez(path, x=np.array([Evil()], dtype=object))
    expect_error(path, "'x.npy'", "holds Python objects", "astype")
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize("codes", [[0x110000], [0xD800], [97, 0xDFFF], [2**32 - 1]])
def test_text_that_is_none_is_refused(codes, tmp_path):
    content = npy_header("(1,)", f"<U{len(codes)}") + struct.pack(f"<{len(codes)}I", *codes)
    zipped(tmp_path / "a.npz", [("x.npy", content)])
    expect_error(tmp_path / "a.npz", "'x.npy'", "not Unicode")


@pytest.mark.parametrize("change, words", [
    (lambda content: content[:-1], "takes 40 bytes, 39 are there"),
    (lambda content: content + b"x", "takes 40 bytes, 41 are there"),
    (lambda content: content[:20], "ends inside its NPY header"),
    (lambda content: npy(np.zeros(2, [("a", int)])), "structured"),
    (lambda content: b"", "not in NPY format"),
    (lambda content: b"\x93NUMPY\4\0" + content[8:], "version [4, 0]"),
    (lambda content: content.replace(b"(5,)", b"(9,)"), "takes 72 bytes, 40 are there"),
    (lambda content: content.replace(b"(5,)", b"(5;)"), "damaged NPY header"),
    (lambda content: content.replace(b"(5,)", b"5,  "), "damaged NPY header"),
    (lambda content: content.replace(b"'descr'", b"'shape'"), "damaged NPY header"),
    (lambda content: content.replace(b"False", b"[]   "), "damaged NPY header"),
])
def test_a_member_that_lies_is_refused(change, words, tmp_path):
    path = tmp_path / "a.npz"
    zipped(path, [("ok.npy", npy(np.ones(3))), ("x.npy", change(npy(np.arange(5))))])
    expect_error(path, "'x.npy'", words)


def test_archives_that_are_no_npz_files_are_refused(tmp_path):
    path = tmp_path / "a.npz"
    zipped(path, [("x.npy", npy(np.ones(3))), ("readme.txt", b"hello")])
    expect_error(path, "'readme.txt' in it is no array")
    zipped(path, [])
    expect_error(path, "holds no arrays")
    with pytest.warns(UserWarning, match="Duplicate"):
        zipped(path, [("x.npy", npy(np.ones(3))), ("x.npy", npy(np.zeros(3)))])
    expect_error(path, "'x.npy' is in it twice")
    for method in (zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA):
        zipped(path, [("x.npy", npy(np.ones(3)))], method)
        expect_error(path, "compressed in a way", f"method {method}")
    content = bytearray(zip_of(b"x.npy", npy(np.ones(3)), 152, method=0))
    content[content.index(b"PK\1\2") + 8] |= 1
    path.write_bytes(content)
    expect_error(path, "'x.npy' is encrypted")
    path.write_bytes(npy(np.ones(3)))
    expect_error(path, "is no NPZ file")
    path.write_bytes(b"")
    expect_error(path, "is no NPZ file")


@pytest.mark.slow
def test_hostile_files_take_no_memory(tmp_path):
    path = tmp_path / "a.npz"
    for i, make in enumerate(HOSTILE["npz"]):
        if i == 1:                      # it unpacks a third of what is allowed, only to be damaged
            continue
        path.write_bytes(make())
        with peak_below(16 * 2**20):
            expect_error(path)


def test_what_unpacks_to_more_than_the_limit_is_refused(tmp_path, monkeypatch):
    assert npz_file.LIMIT == 2**30
    path = tmp_path / "a.npz"
    np.savez_compressed(path, x=np.zeros(1000), y=np.zeros(1000))
    total = 2 * (128 + 8000)
    monkeypatch.setattr(npz_file, "LIMIT", total)
    assert len(npz_file.read(path)) == 2
    monkeypatch.setattr(npz_file, "LIMIT", total - 1)
    expect_error(path, f"takes {total} bytes unpacked, at most {total - 1}")
    np.savez(path, x=np.zeros(1000), y=np.zeros(1000))      # the file itself is as large
    assert len(npz_file.read(path)) == 2


def test_what_was_deflated_further_than_possible_is_refused(tmp_path):
    path = tmp_path / "a.npz"
    path.write_bytes(npz_bomb(1, 2**30 - 500))
    expect_error(path, "'x.npy' claims", "cut short or damaged")
    path.write_bytes(zip_of(b"x.npy", zeros(1), 10**6))
    expect_error(path, "'x.npy'", "not in NPY format")

"""Known sets: fetched from a server on this machine, checked by hash, or one line of what to do.

What needs pooch is skipped without it.
"""

import contextlib
import functools
import gc
import gzip
import hashlib
import http.server
import io
import sys
import tarfile
import threading

import numpy as np
import pytest
from data_errors import expect_data_error
from idx_cases import encode

from data import cifar, downloads, mnist

pytestmark = pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")
NAMES = ["train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz", "t10k-images-idx3-ubyte.gz",
         "t10k-labels-idx1-ubyte.gz"]


class Handler(http.server.SimpleHTTPRequestHandler):
    """Serves files, counts requests, prints nothing."""

    asked = []

    def log_message(self, *args):
        pass

    def do_GET(self):
        self.asked.append(self.path)
        super().do_GET()


@contextlib.contextmanager
def served(folder):
    """The address of a server of the folder's files."""
    Handler.asked.clear()
    handler = functools.partial(Handler, directory=str(folder))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
        gc.collect()                    # of a failed request pooch leaves the socket open


def md5(content):
    return hashlib.md5(content, usedforsecurity=False).hexdigest()


@pytest.fixture
def published(tmp_path):
    """A folder with a tiny set like MNIST's, and its hashes."""
    folder = tmp_path / "published"
    folder.mkdir()
    arrays = [np.zeros((3, 2, 2), np.uint8), np.array([1, 2, 3], np.uint8)] * 2
    files = {}
    for name, array in zip(NAMES, arrays, strict=True):
        content = gzip.compress(encode(array), mtime=0)
        (folder / name).write_bytes(content)
        files[name] = md5(content)
    return folder, files


def use(monkeypatch, name, bases, files):
    """Let a known set be this one."""
    monkeypatch.setitem(downloads.SETS, name, (bases, files))


def expect_error(name, folder, *parts):
    """Check that fetching fails with one line that says these things."""
    return expect_data_error(lambda: downloads.fetch(name, folder), "", *parts)


def archive(folder, size, names=cifar.NAMES, inside="cifar-10-batches-bin/"):
    """A CIFAR-10 archive in the folder, of records of zeros; gives its hash."""
    path = folder / "cifar-10-binary.tar.gz"
    with tarfile.open(path, "w:gz", compresslevel=1) as tar:
        for name in names:
            member = tarfile.TarInfo(inside + name)
            member.size = size
            tar.addfile(member, io.BytesIO(bytes(size)))
    return md5(path.read_bytes())


def test_the_hashes_are_those_that_are_published():
    sets = downloads.SETS
    assert list(sets) == ["mnist", "fashion_mnist", "cifar10"]
    assert [list(sets[name][1]) for name in ("mnist", "fashion_mnist")] == [NAMES, NAMES]
    digests = [digest for _, files in sets.values() for digest in files.values()]
    assert hashlib.sha256(" ".join(digests).encode()).hexdigest() == (
        "3d34d97bd1d47ef249e1a2b4411be376fc536dea7e5cf1ce03855a4057342971")
    assert all(base.endswith("/") for bases, _ in sets.values() for base in bases)


def test_fetches_what_is_missing_and_nothing_twice(published, tmp_path, monkeypatch):
    pytest.importorskip("pooch")
    folder, files = published
    target = tmp_path / "made" / "here"
    with served(folder) as address:
        use(monkeypatch, "mnist", (address,), files)
        assert downloads.fetch("mnist", str(target)) == target
        assert Handler.asked == [f"/{name}" for name in NAMES]
        assert mnist.load(target)[1].tolist() == [1, 2, 3]
        downloads.fetch("mnist", target)
        assert len(Handler.asked) == 4
        (target / NAMES[2]).write_bytes(b"damaged")
        downloads.fetch("mnist", target)
        assert Handler.asked[4:] == [f"/{NAMES[2]}"]
    assert (target / NAMES[2]).read_bytes() == (folder / NAMES[2]).read_bytes()
    assert sorted(path.name for path in target.iterdir()) == sorted(NAMES)


def test_a_second_address_is_tried(published, tmp_path, monkeypatch):
    pytest.importorskip("pooch")
    folder, files = published
    with served(folder) as address:
        use(monkeypatch, "mnist", (address + "gone/", address), files)
        downloads.fetch("mnist", tmp_path / "here")
    assert mnist.load(tmp_path / "here")[1].tolist() == [1, 2, 3]


def test_a_file_of_another_hash_is_not_kept(published, tmp_path, monkeypatch):
    pytest.importorskip("pooch")
    folder, files = published
    (folder / NAMES[1]).write_bytes(b"<!DOCTYPE html>")
    with served(folder) as address:
        use(monkeypatch, "mnist", (address,), files)
        expect_error("mnist", tmp_path / "here", NAMES[1], "could not be fetched", "put", NAMES[0],
                     "give that folder")
    assert [path.name for path in (tmp_path / "here").iterdir()] == [NAMES[0]]


def test_without_a_network_it_says_which_files_to_put_where(published, tmp_path, monkeypatch):
    pytest.importorskip("pooch")
    with served(tmp_path) as address:
        pass
    use(monkeypatch, "fashion_mnist", (address,), published[1])     # nobody listens there now
    expect_error("fashion_mnist", tmp_path / "here", *NAMES, str(tmp_path / "here"), address)


def test_files_put_there_by_hand_need_no_pooch(published, monkeypatch):
    folder, files = published
    monkeypatch.setitem(sys.modules, "pooch", None)
    use(monkeypatch, "mnist", ("http://127.0.0.1:9/",), files)
    assert downloads.fetch("mnist", folder) == folder
    (folder / NAMES[3]).unlink()
    expect_error("mnist", folder, NAMES[3], '[download]"', "give the folder")
    expect_error("mnist", None, "mnist", '[download]"', "give the folder")


def test_the_folder_is_in_the_cache_unless_it_is_given(published, tmp_path, monkeypatch):
    pooch = pytest.importorskip("pooch")
    folder, files = published
    folder.rename(tmp_path / "mnist")
    monkeypatch.setattr(pooch, "os_cache", lambda project: tmp_path / project / "..")
    (tmp_path / "flatprop").mkdir()
    use(monkeypatch, "mnist", ("http://127.0.0.1:9/",), files)
    assert downloads.fetch("mnist").samefile(tmp_path / "mnist")


def test_cifar_is_unpacked_once(tmp_path, monkeypatch):
    monkeypatch.setattr(downloads, "CIFAR_SIZE", 2 * 3073)
    digest = archive(tmp_path, 2 * 3073)
    use(monkeypatch, "cifar10", ("http://127.0.0.1:9/",), {"cifar-10-binary.tar.gz": digest})
    assert downloads.fetch("cifar10", tmp_path) == tmp_path
    x, y, x_test, y_test = cifar.load(tmp_path)
    assert (x.shape, y.shape, x_test.shape, y_test.shape) == ((10, 3072), (10,), (2, 3072), (2,))
    names = sorted(path.name for path in (tmp_path / "cifar-10-batches-bin").iterdir())
    assert names == sorted(cifar.NAMES)
    (tmp_path / "cifar-10-binary.tar.gz").unlink()
    assert downloads.fetch("cifar10", tmp_path) == tmp_path


def test_an_archive_of_something_else_is_refused(tmp_path, monkeypatch):
    for size, names, inside, words in (
        (3073, cifar.NAMES, "cifar-10-batches-bin/", "takes 3073 bytes, 30730000 are right"),
        (9, cifar.NAMES[:2], "../", "is not CIFAR-10's archive"),
    ):
        digest = archive(tmp_path, size, names, inside)
        use(monkeypatch, "cifar10", ("http://127.0.0.1:9/",), {"cifar-10-binary.tar.gz": digest})
        expect_error("cifar10", tmp_path, words, "put cifar-10-binary.tar.gz")
    (tmp_path / "cifar-10-binary.tar.gz").write_bytes(b"no archive")
    use(monkeypatch, "cifar10", ("http://127.0.0.1:9/",),
        {"cifar-10-binary.tar.gz": md5(b"no archive")})
    expect_error("cifar10", tmp_path, "is not CIFAR-10's archive")


def test_a_folder_that_cannot_be(tmp_path):
    (tmp_path / "file").write_bytes(b"")
    pytest.importorskip("pooch")
    expect_error("mnist", tmp_path / "file", "cannot be used")

"""The number of threads of every BLAS in the process is set, and nothing else changes."""

import contextlib
import importlib.util
import json
import subprocess
import sys
from pathlib import Path

import pytest

from solvers.compiled import blas_threads

ROOT = Path(__file__).resolve().parents[2]
told = pytest.mark.skipif(not blas_threads.libraries(), reason="NumPy's BLAS cannot be told")


@pytest.fixture(autouse=True)
def as_before(monkeypatch):
    before, chosen = blas_threads.now(), blas_threads.chosen
    yield
    monkeypatch.undo()      # a test may have hidden the libraries that are told here
    if before is not None:
        blas_threads.put_back(before, chosen)
        assert blas_threads.now() == before, "all later tests would have these threads"


@told
def test_the_library_itself_says_the_number():
    assert [blas_threads.use(count) for count in (2, 1, 3)] == [2, 1, 3]
    assert blas_threads.now() == 3 and {each.get() for each in blas_threads.libraries()} == {3}
    blas_threads.put_back(1, None)
    assert blas_threads.now() == 1 and blas_threads.follow() is None


@told
def test_more_than_the_library_takes_is_told():
    for count in (100_000, 2**32 + 1, 10**30):
        most = blas_threads.use(count)
        assert 1 < most < 100_000 and most == blas_threads.now()


@pytest.mark.parametrize("count", [0, -1])
def test_no_threads_are_refused(count):
    with pytest.raises(ValueError, match=f"count {count} must be 1 or more"):
        blas_threads.use(count)


def test_what_is_no_such_library_is_passed_over(tmp_path, monkeypatch):
    file = tmp_path / "libopenblas.so"
    file.write_bytes(b"not a library")
    maps = tmp_path / "maps"
    maps.write_text(f"7f00-7f01 r-xp 0000 08:01 12   {file}\n7f02-7f03 rw-p 0000 00:00 0\n"
                    "7f04-7f05 r-xp 0000 08:01 13   /nowhere/libblis.so.4 (deleted)\n"
                    "7f06-7f07 r-xp 0000 08:01 14   /openblas/libm.so\n")
    monkeypatch.setattr(blas_threads, "MAPS", str(maps))
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)     # no threadpoolctl
    assert blas_threads.loaded_files() == sorted([str(file), "/nowhere/libblis.so.4 (deleted)"])
    assert blas_threads.libraries() == [] and blas_threads.now() is None
    assert blas_threads.use(2) is None


@told
def test_without_the_list_of_linux_the_wheels_are_searched(monkeypatch):
    listed = blas_threads.loaded_files()
    monkeypatch.setattr(blas_threads, "MAPS", "/nowhere")
    here = [path for path in listed if Path(path).parent.name == "numpy.libs"]
    assert [path for path in blas_threads.loaded_files() if "numpy" in path] == here


CODE = """
import json, sys, hashlib
import numpy as np
from solvers.compiled import blas_threads
count, later = int(sys.argv[1]), "scipy" in sys.argv
if count:
    blas_threads.use(count)
if later:
    import scipy.linalg
    blas_threads.follow()
rng, found = np.random.default_rng(0), hashlib.sha256()
for rows, width in ((64, 256), (100, 784), (57, 333)):
    x = rng.standard_normal((rows, width), dtype=np.float32)
    found.update((x @ rng.standard_normal((width, 512), dtype=np.float32)).tobytes())
print(json.dumps([[each.get() for each in blas_threads.libraries()], found.hexdigest()]))
"""


def product(count, variable, *more):
    """[threads of each library], hash of some products in a process of its own."""
    with contextlib.ExitStack() as until:
        environment = until.enter_context(pytest.MonkeyPatch.context())
        environment.setenv("OPENBLAS_NUM_THREADS", variable)
        done = subprocess.run([sys.executable, "-c", CODE, str(count), *more], cwd=ROOT,
                              capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


@pytest.mark.slow
@told
@pytest.mark.processes
def test_the_call_gives_the_bits_that_the_variable_gives():
    assert product(1, "2") == product(0, "1")
    assert product(2, "1") == product(0, "2")


@told
@pytest.mark.processes
@pytest.mark.skipif(importlib.util.find_spec("scipy") is None, reason="SciPy is not there")
def test_a_library_that_is_loaded_later_follows():
    assert product(1, "2", "scipy")[0] == [1, 1]


@pytest.mark.skipif(importlib.util.find_spec("threadpoolctl") is None,
                    reason="threadpoolctl is not there")
def test_threadpoolctl_says_the_same():
    import threadpoolctl
    assert blas_threads.use_threadpoolctl(2) == 2
    blas_threads.use(1)
    assert {each["num_threads"] for each in threadpoolctl.threadpool_info()
            if each["user_api"] == "blas"} == {1}

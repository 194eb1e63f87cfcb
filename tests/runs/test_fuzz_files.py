"""A few hundred cases of the fuzzer, in this process; tests/runs/fuzz_files.py runs thousands."""

import random
import subprocess
import sys

import fuzz_files
import pytest

from data.errors import DataError


@pytest.mark.parametrize("kind", fuzz_files.KINDS)
def test_files_are_read_or_a_data_error(kind, tmp_path, monkeypatch):
    monkeypatch.setattr(fuzz_files, "HOSTILE", {})                  # they have tests of their own
    results = set()
    for i in range(60):
        content = fuzz_files.case(kind, random.Random(f"test {i} {kind}"))
        results.add(fuzz_files.outcome(kind, content, tmp_path))
    assert results <= {"success", "DataError"}
    assert "DataError" in results


@pytest.mark.parametrize("kind", fuzz_files.KINDS)
def test_what_is_mutated_is_valid_before(kind, tmp_path):
    make, read = fuzz_files.KINDS[kind]
    assert fuzz_files.outcome(kind, make(), tmp_path) == "success"
    assert read(tmp_path / f"case.{kind}") is not None


@pytest.mark.parametrize(("error", "cause", "words"), [
    (lambda path: KeyError("x"), None, "KeyError: 'x' at "),
    (lambda path: DataError("wrong"), None, "without a path"),
    (lambda path: DataError(f"{path}: a\nb"), None, "several lines"),
    (lambda path: DataError(f"{path}: large"), MemoryError(), "want of memory"),
])
def test_anything_but_a_data_error_with_a_path_is_an_offence(
        tmp_path, monkeypatch, error, cause, words):
    def read(path):
        raise error(path) from cause

    monkeypatch.setitem(fuzz_files.KINDS, "csv", (bytes, read))
    result = fuzz_files.outcome("csv", b"", tmp_path)
    assert words in result
    assert "\n" not in result


@pytest.mark.processes
def test_the_command_runs_a_child_under_limits():
    pytest.importorskip("resource")
    command = [sys.executable, fuzz_files.__file__, "--count", "22", "--seed", "5"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=600)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.endswith(" DataError, 0 anything else\n")

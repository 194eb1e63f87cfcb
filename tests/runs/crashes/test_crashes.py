"""After a power cut at any call a run goes on, or says in one line what is missing."""

import calls
import crash_runs
import numpy as np
import pytest
import replay

from data import atomic

needs_calls = [pytest.mark.processes,
               pytest.mark.skipif(calls.missing() is not None, reason=str(calls.missing()))]


def replayed(tmp_path, *lines, start=None, written=b""):
    """The Disk after the calls of a record in /r, which is given as lines with spaces for tabs."""
    (tmp_path / "record").write_text("".join(line.replace(" ", "\t") + "\n" for line in lines))
    (tmp_path / "record.bytes").write_bytes(written)
    disk = replay.Disk("/r", start or replay.Folder())
    for call in replay.read_record(tmp_path / "record"):
        disk.replay(call)
    return disk


def old(**contents):
    """A Folder with files of these names, which are safe."""
    found = replay.Folder({name: replay.File(bytearray(content), content)
                           for name, content in contents.items()})
    found.synced = dict(found.now)
    return found


def every(disk, kind, times=200):
    """All states of a kind that so many draws give."""
    rng = np.random.default_rng(0)
    found = [disk.state(kind, rng) for _ in range(times)]
    return [state for i, state in enumerate(found) if state not in found[:i]]


ASIDE = ("open /r/.a.tmp WRONLY|CREAT|TRUNC 7.1", "write 7.1 0 3 0")     # writes "new" aside
RENAME = ("close 7.1", "rename /r/.a.tmp /r/a")
FOLDER = ("open /r RDONLY 7.2", "fsync 7.2", "close 7.2")


def test_a_name_is_safe_once_its_folder_and_data_once_its_file_is_synced(tmp_path):
    disk = replayed(tmp_path, *ASIDE, "fsync 7.1", *RENAME, *FOLDER, written=b"new",
                    start=old(a=b"old"))
    assert all(every(disk, kind) == [{"a": b"new"}] for kind in replay.KINDS)
    disk = replayed(tmp_path, *ASIDE, "fsync 7.1", *RENAME, written=b"new", start=old(a=b"old"))
    assert every(disk, "synced") == [{"a": b"old"}]
    assert every(disk, "all") == every(disk, "names") == [{"a": b"new"}]
    both = every(disk, "mixed")         # what was written aside may be there by that name too
    assert len(both) == 3 and {"a": b"old", ".a.tmp": b"new"} in both
    disk = replayed(tmp_path, *ASIDE, *RENAME, *FOLDER, written=b"new", start=old(a=b"old"))
    assert every(disk, "synced") == every(disk, "names") == [{"a": b""}]
    assert every(disk, "zeros") == [{"a": bytes(3)}]
    assert {state["a"] for state in every(disk, "part")} == {b"", b"n", b"ne", b"new"}


def test_what_is_added_to_a_file_leaves_what_was_safe(tmp_path):
    disk = replayed(tmp_path, "open /r/a WRONLY|CREAT|APPEND 7.1", "write 7.1 3 2 0", written=b"+1",
                    start=old(a=b"old"))
    assert every(disk, "zeros") == [{"a": b"old\0\0"}]
    assert {state["a"] for state in every(disk, "mixed")} == {
        b"old", b"old+", b"old+1", b"old\0\0"}
    disk = replayed(tmp_path, "open /r/a RDWR 7.1", "truncate 7.1 1", start=old(a=b"old"))
    assert {state["a"] for state in every(disk, "mixed")} == {b"o", b"old"}
    assert every(replayed(tmp_path, "unlink /r/a", start=old(a=b"old")), "mixed") == [
        {"a": b"old"}, {}]


def test_what_was_not_synced_comes_in_any_order(tmp_path):
    disk = replayed(tmp_path, "mkdir /r/f", "open /r RDONLY 7.9", "fsync 7.9",
                    "open /r/f/a WRONLY|CREAT 7.1", "open /r/b WRONLY|CREAT 7.2")
    assert sorted(map(sorted, every(disk, "mixed"))) == [
        ["b", "f"], ["b", "f", "f/a"], ["f"], ["f", "f/a"]]
    disk = replayed(tmp_path, "mkdir /r/f", "open /r/f/a WRONLY|CREAT 7.1", "write 7.1 0 1 0",
                    "fsync 7.1", "open /r/f RDONLY 7.2", "fsync 7.2", written=b"1")
    assert every(disk, "synced") == [{}]       # what is safe is in a folder that is not


@pytest.fixture(scope="module")
def library(tmp_path_factory):
    return calls.build(tmp_path_factory.mktemp("library"))


@pytest.fixture(autouse=True)
def unsynced(monkeypatch):
    """What goes on in this process need not be synced: that was recorded in another one."""
    monkeypatch.setattr(atomic, "flush_files", False)


class TestRuns:
    pytestmark = needs_calls

    @pytest.mark.parametrize("case, count", [
        ("plain", 4), *(pytest.param(case, count, marks=pytest.mark.slow)
                        for case, count in (("overwrite", 3), ("folds", 2), ("refit", 2))),
        *(pytest.param(case, 50, marks=[pytest.mark.slow, pytest.mark.exhaustive])
          for case in crash_runs.CASES)])
    def test_a_run_goes_on_after_a_power_cut_at_any_call(self, case, count, library):
        assert crash_runs.try_case(case, library, count, seed=count) == (count, [])

    @pytest.mark.slow
    def test_a_run_that_is_not_synced_is_found_out(self, library, monkeypatch):
        recorded = crash_runs.record

        def unsynced(*words):
            found = recorded(*words)
            return found._replace(calls=[call for call in found.calls if call[0] != "fsync"])

        monkeypatch.setattr(crash_runs, "record", unsynced)
        tried, faults = crash_runs.try_case("plain", library, 12, seed=0)
        assert tried == 12 and any("were saved" in fault for fault in faults)

"""History stands beside the checkpoints, and each of them names how much of it it goes on from."""

import copy
import errno
import json
import math
import os
import shutil

import numpy as np
import pytest
from run_cases import Enough, forge_checkpoint, solver_with, train_until
from test_resume import ENTRY, forge, outcome

from data import atomic
from data.errors import DataError
from flatprop.runs import checkpoint, metrics
from flatprop.runs.autosave import Autosave, Log
from flatprop.runs.errors import ChangedFile

NEVER = (10**9, None)       # steps between two checkpoints


def without_seconds(text):
    """The entries of a metrics.jsonl, but for what the clock says."""
    return [json.loads(line) | {"seconds": None} for line in text.splitlines()]


def whole(history):
    """What metrics.jsonl is to hold of it."""
    return "".join(json.dumps(entry) + "\n" for entry in history)


def longer(solver, epochs):
    """Let a Solver have so many epochs behind it."""
    solver.history[:] = [ENTRY | {"epoch": i} for i in range(1, epochs + 1)]
    solver.steps = 7 * epochs
    return solver


def test_a_checkpoint_costs_the_same_after_any_number_of_epochs(tmp_path, monkeypatch):
    path, sizes, written = tmp_path / "last.npz", [], []
    solver, lines, append = solver_with(), metrics.json_lines(tmp_path), atomic.append_behind

    def note(path, size, data):
        written.append(len(data))
        return append(path, size, data)

    for epochs in (1, 1000, 1001, 1002):
        checkpoint.save(path, longer(solver, epochs), lines)
        sizes.append(path.stat().st_size)
        if epochs == 1:
            monkeypatch.setattr(atomic, "append_behind", note)
            monkeypatch.setattr(lines, "write_anew", None)      # no save after the first does
    assert max(sizes) - min(sizes) <= 64        # the digits of the numbers
    assert written[1:] == [len(whole(solver.history[-1:]))] * 2
    assert (tmp_path / "metrics.jsonl").read_text() == whole(solver.history)


def test_numbers_come_back_to_the_bit(tmp_path):
    values = [0.1, 1e-310, -0.0, math.nan, math.inf, -math.inf, 1 / 3, 5e-324, None,
              float(np.float32(0.1))]
    solver = longer(solver_with(), len(values))
    for entry, value in zip(solver.history, values, strict=True):
        entry["val_metric"], entry["ratios"] = value, {"W1": value}
    checkpoint.save(tmp_path / "last.npz", solver)
    other = solver_with()
    checkpoint.restore(tmp_path / "last.npz", other)
    assert repr(other.history) == repr(solver.history)


@pytest.fixture
def saved(tmp_path):
    """The path of a checkpoint in the third epoch, whose history is of the two before."""
    train_until(18, tmp_path / "last.npz")
    return tmp_path / "last.npz"


def test_every_cut_and_every_changed_byte_of_history_is_told(saved):
    path, lines = saved.parent / "metrics.jsonl", metrics.json_lines(saved.parent)
    with np.load(saved) as file:
        named = json.loads(file["about"].tobytes())["history"]
    content, entries = path.read_bytes(), lines.read(named)
    assert [entry["epoch"] for entry in entries] == [1, 2]
    for i in range(len(content)):
        for each in (content[:i], content[:i] + bytes([content[i] ^ 1]) + content[i + 1 :]):
            path.write_bytes(each)
            with pytest.raises(ChangedFile, match=r"metrics\.jsonl: is (shorter|not what)"):
                lines.read(named)
    other = solver_with()
    before = outcome(other)
    with pytest.raises(ChangedFile, match="is not what it was when the checkpoint was saved"):
        checkpoint.restore(saved, other)
    path.unlink()
    with pytest.raises(DataError, match=r"metrics\.jsonl: is missing"):
        checkpoint.restore(saved, other)
    assert outcome(other) == before


@pytest.mark.parametrize("more", [b'{"epoch": 3, "tr', b"\0" * 5000, b"\n", b'{"epoch": 3}\n'])
def test_what_is_behind_the_checkpoint_is_cut_off(saved, more):
    path, second = saved.parent / "metrics.jsonl", solver_with()
    content = path.read_bytes()
    path.write_bytes(content + more)
    lines = checkpoint.restore(saved, second)
    assert path.read_bytes() == content + more      # reading changes nothing
    second.train()
    checkpoint.save(saved, second, lines)
    assert path.read_text() == whole(second.history)
    assert path.read_bytes().startswith(content)    # its seconds too
    checkpoint.restore(saved, solver_with())


def test_killed_between_its_epochs_and_a_checkpoint_a_run_ends_as_one_left_alone(tmp_path):
    def run(folder, solver, stop_at=None, resumed=False):
        """What train does, but that it is stopped without a word after a step."""
        autosave = Autosave(folder, NEVER, Log(None))
        if resumed:
            autosave.resume(solver)
        else:
            autosave.save(solver)

        def after_step(solver):
            if solver.steps in (10, 24):
                autosave.save(solver)
            if solver.steps == stop_at:
                raise Enough

        solver.on_step, solver.on_epoch = after_step, lambda entry: autosave.epoch(solver)
        try:
            solver.train()
        except Enough:
            return
        autosave.end(solver)

    for name in ("alone", "killed"):
        (tmp_path / name).mkdir()
    alone, last = solver_with(), solver_with()
    run(tmp_path / "alone", alone)
    run(tmp_path / "killed", solver_with(), stop_at=23)     # at step 10 it was saved, in epoch 2
    text = (tmp_path / "killed/metrics.jsonl").read_text()
    assert text.count("\n") == 3
    (tmp_path / "killed/metrics.jsonl").write_text(text + text[:50])
    run(tmp_path / "killed", solver_with(), stop_at=30, resumed=True)   # and now at 24
    run(tmp_path / "killed", last, resumed=True)
    assert outcome(last) == outcome(alone)
    found, wanted = ((tmp_path / name / "metrics.jsonl").read_text() for name in
                     ("killed", "alone"))
    assert without_seconds(found) == without_seconds(wanted) and found.endswith("\n")
    table = (tmp_path / "killed/metrics.csv").read_text().splitlines()
    assert [line.split(",")[0] for line in table] == ["epoch", "1", "2", "3", "4", "5"]
    assert table[4].split(",")[1] == str(alone.history[3]["train_loss"])


def test_a_checkpoint_that_holds_its_history_goes_on_and_is_of_the_new_form_then(saved):
    alone, second = solver_with(), solver_with()
    alone.train()
    history = metrics.read(saved.parent / "metrics.jsonl")
    forge(saved, {"version": 1, "history": history})
    (saved.parent / "metrics.jsonl").write_text("what an older version had, or has not")
    lines = checkpoint.restore(saved, second)
    assert second.history == history
    checkpoint.save(saved, second, lines)
    assert (saved.parent / "metrics.jsonl").read_text() == whole(history)
    third = solver_with()
    checkpoint.restore(saved, third)
    third.train()
    assert outcome(third) == outcome(alone)


@pytest.mark.parametrize("change", [
    {"epochs": -1}, {"epochs": 1.5}, {"epochs": "2"}, {"epochs": 10**15}, {"epochs": 3},
    {"bytes": -1}, {"bytes": 2**40}, {"bytes": 1}, {"bytes": math.inf}, {"sha256": None},
    {"sha256": 5}, {"sha256": "0" * 64}, {"sha256": "x" * 10**6}, {"epochs": 0, "bytes": 0},
    {"epochs": None}, {"bytes": None}, [], None, 2, "text",
])
def test_a_forged_name_of_history_is_a_data_error(saved, change):
    with np.load(saved) as file:
        about = json.loads(file["about"].tobytes())
    assert about["history"]["epochs"] == 2
    named = about["history"] | change if isinstance(change, dict) else change
    forge_checkpoint(saved, about={"history": named})
    other = solver_with()
    before = outcome(other)
    with pytest.raises(DataError, match=r"(last\.npz|metrics\.jsonl): "):
        checkpoint.restore(saved, other)
    assert outcome(other) == before


def test_an_enormous_history_is_not_read(saved):
    path = saved.parent / "metrics.jsonl"
    os.truncate(path, 2**42)            # which takes no room on the disk
    checkpoint.restore(saved, solver_with())        # what is behind is nothing to it
    forge_checkpoint(saved, about={"history": {"epochs": 2, "bytes": 2**42, "sha256": ""}})
    with pytest.raises(DataError, match="a damaged checkpoint"):
        checkpoint.restore(saved, solver_with())


def test_lines_of_other_epochs_are_refused(saved):
    entries = [ENTRY, ENTRY]            # with the right hash
    forge(saved, {"version": 2, "steps": 16, "history": entries})
    with pytest.raises(DataError, match=r"metrics\.jsonl: line 2 is damaged"):
        checkpoint.restore(saved, solver_with())


def test_a_changed_history_is_gone_on_with_where_that_is_asked_for(saved):
    path, second, told = saved.parent / "metrics.jsonl", solver_with(), []

    def accept(problem, remedy):
        told.append(problem)

    entries = [json.loads(line) for line in path.read_text().splitlines()]
    entries[0]["val_loss"] = 12345.5
    path.write_text(whole(entries) + "half a line" * 9)
    with pytest.raises(ChangedFile):
        checkpoint.restore(saved, second)
    lines = checkpoint.restore(saved, second, accept)
    assert len(told) == 1 and "metrics.jsonl: is not what it was" in told[0]
    assert second.history == entries
    checkpoint.save(saved, second, lines)           # from now on it is as it is to be
    checkpoint.restore(saved, solver_with())
    path.write_text(whole(entries[:1]))
    with pytest.raises(DataError, match="1 of the 2 epochs of the checkpoint are missing"):
        checkpoint.restore(saved, second, accept)


def test_half_a_line_of_a_full_disk_is_cut_off_before_the_next(tmp_path):
    resource = pytest.importorskip("resource")
    history = [ENTRY | {"epoch": i} for i in range(1, 5)]
    lines = metrics.json_lines(tmp_path)
    lines.catch_up(history[:2])
    full = lines.size + 50              # half of the next line
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (full, limits[1]))    # as the kernel does it
    try:
        for epochs in (3, 4):
            with pytest.raises(OSError, match=os.strerror(errno.EFBIG)):
                lines.catch_up(history[:epochs])
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    with lines.path.open("a") as file:      # where it could not be cut off at once
        file.write(whole(history[2:])[: full - lines.path.stat().st_size])
    assert [each["epoch"] for each in metrics.read(lines.path)] == [1, 2]
    lines.catch_up(history)
    assert lines.path.read_text() == whole(history)


@pytest.mark.parametrize("harm", [
    lambda path: path.unlink(), lambda path: os.truncate(path, 10),
    lambda path: path.write_text(path.read_text() + "more")])
def test_what_others_did_to_the_file_meanwhile_is_undone(tmp_path, harm):
    history = [ENTRY | {"epoch": i} for i in range(1, 4)]
    lines = metrics.json_lines(tmp_path)
    lines.catch_up(history[:2])
    harm(lines.path)
    lines.catch_up(history)
    assert lines.path.read_text() == whole(history)
    shutil.rmtree(tmp_path)
    with pytest.raises(FileNotFoundError):
        lines.catch_up(history)
    assert not tmp_path.exists()


def test_after_a_flush_that_failed_nothing_of_the_file_is_trusted(saved, monkeypatch):
    second, real = solver_with(), os.fsync
    lines = checkpoint.restore(saved, second)
    second.train()
    before = saved.read_bytes()

    def fail(descriptor):
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(OSError, match="Input/output"):
        checkpoint.save(saved, second, lines)
    assert saved.read_bytes() == before
    monkeypatch.setattr(os, "fsync", real)
    lines.path.write_text("")           # what is on the disk after all
    checkpoint.save(saved, second, lines)
    assert lines.path.read_text() == whole(second.history)


def test_history_is_flushed_before_a_checkpoint_names_it(tmp_path, monkeypatch):
    events, real = [], atomic.replace
    monkeypatch.setattr(atomic, "flush_file", lambda path: events.append(path.name))
    monkeypatch.setattr(atomic, "replace", lambda aside, path: (
        events.append(path.name), real(aside, path)))
    solver, lines = solver_with(), metrics.json_lines(tmp_path)
    for epochs in (0, 1, 1):            # the last has nothing new to flush
        checkpoint.save(tmp_path / "last.npz", longer(solver, epochs), lines)
    assert events == ["metrics.jsonl", "last.npz", "metrics.jsonl", "last.npz", "last.npz"]


def test_a_table_that_cannot_be_written_keeps_no_checkpoint_from_being(tmp_path):
    (tmp_path / "metrics.csv").mkdir()
    told = []
    autosave = Autosave(tmp_path, NEVER, Log(None, tell=told.append))
    solver = longer(solver_with(), 1)
    autosave.epoch(solver)
    autosave.save(solver)
    assert autosave.failed and "could not save" in told[0]
    assert checkpoint.saved_step(tmp_path / "last.npz") == solver.steps
    second = copy.copy(solver_with())
    checkpoint.restore(tmp_path / "last.npz", second)
    assert second.history == solver.history

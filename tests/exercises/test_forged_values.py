"""Forged answers: ones that would cost the parent much, and numbers equal to anything."""

import json
import os

import numpy as np
import pytest

from flatprop.exercises.checks import feedback
from flatprop.exercises.sandbox import processes, wire


def test_a_thousand_arrays_of_the_same_bytes_are_refused():
    one = {"array": ["<f8", [1000], 0]}
    assert wire.unpack(json.dumps([one]), bytes(8000))[0].nbytes == 8000
    with pytest.raises(wire.NotPlain):
        wire.unpack(json.dumps([one] * 1000), bytes(8000))


def test_arrays_one_after_another_are_no_forgery():
    value = [np.arange(3.0), {"a": np.float32(2)}, (np.zeros((0, 4)), np.ones(2, bool))]
    packed = wire.pack(value)
    length, _ = wire.HEAD.unpack(packed[: wire.HEAD.size])
    back = wire.unpack(packed[wire.HEAD.size :][:length], packed[wire.HEAD.size + length :])
    assert wire.pack(back) == packed


def test_numbers_in_lists_without_end_are_told_as_that():
    with pytest.raises(wire.NotPlain, match="lists"):
        wire.pack([0.5] * 600_000)


@pytest.mark.parametrize("length, size", [
    (wire.TEXT_BYTES + 1, 0), (10, processes.ANSWER_BYTES), (2**64 - 1, 0), (0, 2**64 - 1),
])
def test_more_than_an_answer_may_have_is_not_read(length, size):
    process = object.__new__(processes.Process)
    process.rest = wire.HEAD.pack(length, size)
    with open(os.devnull, "wb") as requests:
        process.requests = requests.fileno()
        with pytest.raises(wire.NotPlain, match="measure"):
            process.ask(b"", 0.0)


@pytest.mark.parametrize("found, expected", [
    (1.0, np.inf), (-np.inf, np.inf), (1.0, np.nan), (np.nan, np.inf), (2.0, 1.0),
])
def test_what_differs_is_told(found, expected):
    for one, other in ((found, expected), ([found, 0.0], [expected, 0.0])):
        assert feedback.compare("x", np.array(one), np.array(other))


@pytest.mark.parametrize("value", [0.0, -0.0, np.inf, -np.inf, np.nan, 1e-300])
def test_what_is_the_same_is_not(value):
    assert feedback.compare("x", np.array([value, 1.0]), np.array([value, 1.0])) is None

"""The options that train otherwise than step by step of one rule and rate: what they compute, and
that a run with them goes on to the same bits wherever it was stopped."""

import pytest

from flatprop.cli import build, config

DATA = ["--data", "blobs", "--examples", "120", "--hidden", "8"]


def options(words):
    """The options of a command line, as train settles them."""
    return config.parse([*DATA, *words.split()])


def test_a_rate_is_held_after_the_warm_up_and_before_it_falls():
    args = options("--lr 0.6 --lr-schedule polynomial --epochs 3 --warmup 0.5 --lr-hold 1")
    schedule = build.schedule(args, 4)      # up in 2 steps, 4 steps of 0.6, to 0 in the last 6
    assert [schedule(t) for t in range(13)] == pytest.approx(
        [0.3, *[0.6] * 6, 0.5, 0.4, 0.3, 0.2, 0.1, 0])

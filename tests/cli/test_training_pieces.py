"""The options that train otherwise than step by step of one rule and rate: what they compute, and
that a run with them goes on to the same bits wherever it was stopped."""

import contextlib

import pytest
from run_cases import Enough, outcome

from flatprop.cli import command_line, reading, train
from flatprop.runs import checkpoint
from flatprop.training import build

DATA = ["--data", "blobs", "--examples", "120", "--hidden", "8"]


def options(words):
    """The options of a command line, as train settles them."""
    return command_line.parse([*DATA, *words.split()])


def solver_of(args):
    """(Solver, examples) as train makes them."""
    for_split, _, _ = build.generators(args)
    examples = reading.load_data(args, for_split)
    return train.make_solver(args, build.describe_network(args, examples), examples), examples


def stop_after(steps):
    """An on_step that ends a training."""
    def look(solver):
        if solver.steps == steps:
            raise Enough
    return look


@pytest.mark.parametrize("words", [
    "--lr-hold 1 --warmup 0.5", "--update-rule momentum --momentum-final 0.99 --momentum-epochs 2",
])
def test_stopped_within_an_epoch_a_run_ends_with_the_same_bits(tmp_path, words):
    args = options(f"{words} --epochs 4 --batch-size 16 --dropout 0.2 --norm batch --lr 0.01")
    (whole, _), (second, _), (other, _) = (solver_of(args) for _ in range(3))
    whole.train()
    second.on_step = stop_after(9)          # of 6 an epoch
    with contextlib.suppress(Enough):
        second.train()
    checkpoint.save(tmp_path / "last.npz", second)
    checkpoint.restore(tmp_path / "last.npz", other)
    other.train()
    assert outcome(other) == outcome(whole)


def test_a_rate_is_held_after_the_warm_up_and_before_it_falls():
    args = options("--lr 0.6 --lr-schedule polynomial --epochs 3 --warmup 0.5 --lr-hold 1")
    schedule = build.schedule(args, 4)      # up in 2 steps, 4 steps of 0.6, to 0 in the last 6
    assert [schedule(t) for t in range(13)] == pytest.approx(
        [0.3, *[0.6] * 6, 0.5, 0.4, 0.3, 0.2, 0.1, 0])


def test_momentum_climbs_in_its_epochs_or_in_all():
    rule = "--update-rule nesterov --momentum 0.5 --momentum-final 0.9 --epochs 4"
    for words, steps in (("", 16), ("--momentum-epochs 2", 8), ("--momentum-epochs 100", 400)):
        momentum = build.momentum_schedule(options(f"{rule} {words}"), 4)
        assert [momentum(t) for t in (0, steps // 4, steps, steps + 9)] == pytest.approx(
            [0.5, 0.6, 0.9, 0.9])
    assert build.momentum_schedule(options("--update-rule nesterov"), 4) is None

"""The options that train otherwise than step by step of one rule and rate: what they compute, and
that a run with them goes on to the same bits wherever it was stopped."""

import contextlib
import copy

import numpy as np
import pytest
from command_cases import refused
from run_cases import Enough, outcome

from data import augment
from flatprop.cli import command_line, reading, train
from flatprop.runs import checkpoint
from flatprop.training import build

DATA = ["--data", "blobs", "--examples", "120", "--hidden", "8"]
CHANGES = "--data digits --hidden 8 --augment shift=1 rotate=20 scale=0.1 elastic=8,2"


def options(words):
    """The options of a command line, as train settles them."""
    return command_line.parse([*([] if "--data" in words else DATA), *words.split()])


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
    CHANGES, f"{CHANGES} --folds 3 --fold 2",
])
def test_stopped_within_an_epoch_a_run_ends_with_the_same_bits(tmp_path, words):
    args = options(f"{words} --epochs 4 --batch-size 16 --dropout 0.2 --norm batch --lr 0.01")
    (whole, _), (second, _), (other, _) = (solver_of(args) for _ in range(3))
    whole.train()
    steps = -(-len(whole.x) // 16)
    second.on_step = stop_after(2 * steps - 3)
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


def test_batches_are_changed_and_nothing_else(capsys):
    args = options("--data digits --augment shift=1 rotate=20 --epochs 1 --norm none --dropout 0")
    solver, examples = solver_of(args)
    plain, _ = solver_of(options("--data digits --epochs 1 --norm none --dropout 0"))
    index = np.arange(5)
    before = solver.x.copy()
    rng = copy.deepcopy(solver.rng)
    x, y = solver.take(index)
    fitted = examples["preprocessing"]
    raw = fitted.undo(plain.take(index)[0]).reshape(5, 8, 8)
    expected = augment.distort(raw, rng, shift=1, rotate=20)       # around it is 0, the background
    np.testing.assert_allclose(fitted.undo(x).reshape(5, 8, 8), expected, atol=1e-4)
    assert np.array_equal(solver.x, before) and np.array_equal(y, plain.take(index)[1])
    assert np.array_equal(solver.val[0], plain.val[0])
    assert solver.plain is None
    assert command_line.parse(["--augment", "shift=1"]).augment == ["shift=1"]


@pytest.mark.parametrize("words, says", [
    ("--augment shift", "'shift' must be such as shift=2"),
    ("--augment elastic=34", "elastic=34,4: needs alpha, a comma and sigma"),
    ("--augment scale=1.5", "scale must lie in [0, 1), got 1.5"),
    ("--augment rotat=3", "Did you mean rotate?"),
    ("--augment shift=nan", "shift must be 0 or more"),
    ("--augment shift=1 shift=2", "names one twice"), ("--augment", "as in --augment WORD=VALUE"),
    ("--data moons --augment shift=1", "images of known sizes, --data digits or mnist"),
    ("--data a.csv --augment shift=1", "images of known sizes"),
    ("--standardize feature --augment shift=1", "--standardize dataset or none"),
    ("--bins 4 --augment shift=1", "--bins 0, not with --bins 4"),
    ("--device cuda --augment shift=1", "--device cpu"),
    ("--processes mpi --augment shift=1", "one process"),
    ("--compiled yes --augment shift=1", "changed for every batch have no compiled form"),
])
def test_what_cannot_be_augmented_is_refused(capsys, words, says):
    assert says in refused(capsys, "train", *words.split(), "--out", "none")

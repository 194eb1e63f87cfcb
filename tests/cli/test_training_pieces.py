"""The options that train otherwise than step by step of one rule and rate: what they compute, and
that a run with them goes on to the same bits wherever it was stopped."""

import contextlib
import copy

import numpy as np
import pytest
from command_cases import refused
from run_cases import Enough, forge_checkpoint, outcome

from data import augment
from flatprop.cli import command_line, reading, train
from flatprop.runs import checkpoint, saved_model
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
    "--average 0.95", "--average 0.95 --val 0", "--fresh-statistics", "--fresh-statistics --val 0",
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
    assert args.augment == ["shift=1", "rotate=20"]


@pytest.mark.parametrize("words, says", [
    ("--augment shift", "'shift' must be such as shift=2"),
    ("--augment elastic=34", "elastic=34,4: needs alpha, a comma and sigma"),
    ("--augment scale=1.5", "scale must lie in [0, 1), got 1.5"),
    ("--augment rotat=3", "Did you mean rotate?"),
    ("--augment shift=nan", "shift must be 0 or more"),
    ("--augment shift=1 shift=2", "names one twice"), ("--augment", "as in --augment WORD=VALUE"),
    ("--data moons --augment shift=1", "images of known sizes, --data digits or mnist"),
    ("--data a.csv --augment shift=1", "images of known sizes"),
    ("--standardize feature --augment shift=1", "--standardize dataset, range or none"),
    ("--bins 4 --augment shift=1", "--bins 0, not with --bins 4"),
    ("--device cuda --augment shift=1", "--device cpu"),
    ("--processes mpi --augment shift=1", "one process"),
    ("--compiled yes --augment shift=1", "changed for every batch have no compiled form"),
])
def test_what_cannot_be_augmented_is_refused(capsys, words, says):
    assert says in refused(capsys, "train", *words.split(), "--out", "none")


def test_the_average_is_what_a_run_keeps_as_best_and_as_last(tmp_path):
    run = str(tmp_path / "run")
    words = ["--average", "0.95", "--lr-schedule", "constant", "--epochs", "4", "--quiet"]
    assert train.main([*DATA, *words, "--out", run]) == 0
    held = dict(np.load(tmp_path / "run" / "last.npz"))
    best, last = (saved_model.load(run, which).model.theta for which in ("best", "last"))
    assert np.array_equal(best, held["best_theta"])
    assert np.array_equal(last, held["average_theta"])
    assert not np.allclose(last, held["theta"], atol=1e-3)
    for name in ("average_theta", "average_statistics"):
        forge_checkpoint(tmp_path / "run" / "last.npz", {name: np.zeros(3)})
        assert train.main(["--resume", run, "--epochs", "6", "--quiet"]) == 2


@pytest.mark.parametrize("words", ["", "--refit", "--folds 2 --jobs 1"])
def test_fresh_statistics_are_in_the_weights_that_are_kept(tmp_path, capsys, words):
    run = tmp_path / "run"
    words = ["--norm", "batch", "--fresh-statistics", "--epochs", "4", *words.split()]
    assert train.main([*DATA, *words, "--out", str(run)]) == 0
    said = capsys.readouterr().out
    assert "with fresh statistics" in said or "--refit" in words or "--folds" in words
    run = run / "fold-1" if "--folds" in words else run
    best, last = (dict(np.load(run / f"{which}.npz")) for which in ("best", "last"))
    name = "statistics" if "--refit" in words else "best_statistics"    # which has no validation
    assert np.array_equal(best["statistics"], last[name])
    if len(words) == 5:
        solver, _ = solver_of(options(" ".join(words)))
        solver.train(), solver.use_best()
        assert np.array_equal(solver.model.statistics, best["statistics"])


def test_fresh_statistics_without_batch_normalization_are_refused(capsys):
    words = [*DATA, "--norm", "none", "--fresh-statistics", "--out", "none"]
    assert "--norm batch" in refused(capsys, "train", *words)

"""Options that published results ask for, through the commands: train, go on, score, predict."""

import numpy as np
import pytest

from flatprop.cli import command_line, evaluate, predict, train
from flatprop.training import build

RUN = ["--data", "spiral", "--examples", "200", "--hidden", "12", "10", "--batch-size", "50",
       "--lr-schedule", "constant", "--lr", "0.02", "--threads", "1", "--quiet", "--compiled", "no"]
PIECES = {
    "dropout of inputs and layers": "--dropout 0.2 0.4 0.3",
    "Gaussian dropout": "--dropout 0.1 0.4 0.3 --dropout-kind gaussian",
    "pieces of maxout": "--activation maxout --maxout-pieces 5",
    "squared hinge": "--loss squared_hinge",
    "noise": "--noise 0.2",
    "noise of layers": "--norm batch --noise 0.2 0.5 0.4",
    "max-norm": "--max-norm 0.9",
}


def weights(run):
    """The last weights of a run, as bytes."""
    return np.load(run / "last.npz")["theta"].tobytes()


@pytest.mark.parametrize("options", PIECES.values(), ids=PIECES)
def test_a_run_goes_on_to_the_bit_and_is_used(tmp_path, options):
    words = [*RUN, *options.split()]
    whole, halves, other = (tmp_path / name for name in ("whole", "halves", "other"))
    assert train.main([*words, "--epochs", "3", "--out", str(whole)]) == 0
    assert train.main([*words, "--epochs", "1", "--out", str(halves)]) == 0
    assert train.main(["--resume", str(halves), "--epochs", "3", "--quiet"]) == 0
    assert train.main([*RUN, "--epochs", "3", "--out", str(other)]) == 0
    assert weights(whole) == weights(halves) != weights(other)
    assert evaluate.main([str(whole)]) == 0
    np.save(tmp_path / "x.npy", np.zeros((3, 2), np.float32))
    out = tmp_path / "predicted.csv"
    assert predict.main([str(whole), str(tmp_path / "x.npy"), "-o", str(out)]) == 0
    assert len(out.read_text().splitlines()) == 4


def test_noise_falls_along_a_straight_line(tmp_path):
    words = [*RUN, "--noise", "0.2", "--epochs", "3"]
    ends = []
    for name, final in (("one", "1"), ("falling", "0.1")):
        assert train.main([*words, "--noise-final", final, "--out", str(tmp_path / name)]) == 0
        ends.append(weights(tmp_path / name))
    assert train.main([*words, "--out", str(tmp_path / "constant")]) == 0
    assert ends[0] == weights(tmp_path / "constant") != ends[1]
    share = build.noise_schedule(command_line.parse([*words, "--noise-final", "0.1"]), 10)
    assert [share(t) for t in (0, 15, 30, 40)] == pytest.approx([1, 0.55, 0.1, 0.1])

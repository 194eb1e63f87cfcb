"""Options that published results ask for, through the commands: train, go on, score, predict."""

import numpy as np
import pytest

from flatprop.cli import evaluate, predict, report, train

RUN = ["--data", "spiral", "--examples", "200", "--hidden", "12", "10", "--batch-size", "50",
       "--lr-schedule", "constant", "--lr", "0.02", "--threads", "1", "--quiet", "--compiled", "no"]
PIECES = {
    "dropout of inputs and layers": "--dropout 0.2 0.4 0.3",
    "pieces of maxout": "--activation maxout --maxout-pieces 5",
    "squared hinge": "--loss squared_hinge",
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
    assert report.main([str(whole), "-o", str(tmp_path / "report.html")]) == 0
    np.save(tmp_path / "x.npy", np.zeros((3, 2), np.float32))
    out = tmp_path / "predicted.csv"
    assert predict.main([str(whole), str(tmp_path / "x.npy"), "-o", str(out)]) == 0
    assert len(out.read_text().splitlines()) == 4

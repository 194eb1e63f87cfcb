"""No false alarm: every layer and model of the project passes, without a finding of any kind."""

import numpy as np
import pytest

from flatprop.gradcheck.differences import AGREES, KINK, NOISE
from flatprop.gradcheck.model_subjects import MODELS
from flatprop.gradcheck.subjects import LAYERS
from gradient_check import check, check_model
from models.fully_connected_net import FullyConnectedNet

SEEDS = [0, pytest.param(range(1, 20), marks=pytest.mark.slow)]


def seeds_of(seed):
    return seed if isinstance(seed, range) else [seed]


@pytest.mark.parametrize("seed", SEEDS, ids=str)
@pytest.mark.parametrize("subject", LAYERS, ids=lambda subject: subject.name)
def test_a_right_layer_has_no_findings(subject, seed):
    for each in seeds_of(seed):
        rng = np.random.default_rng(each)
        report = check(subject.forward, subject.backward, *subject.inputs(rng), rng=rng,
                       wrt=subject.wrt, rows=subject.rows, contract=True, name=subject.name)
        assert not report.wrong, report.text()
        assert report.found == []
        assert len(report.lines) == len(subject.wrt)


@pytest.mark.parametrize("seed", SEEDS, ids=str)
@pytest.mark.parametrize("name", MODELS)
def test_a_right_model_has_no_findings(name, seed):
    for each in seeds_of(seed):
        rng = np.random.default_rng(each)
        model, x, y = MODELS[name](rng)
        report = check_model(model, x, y, rng=rng, contract=True, name=name)
        assert not report.wrong, report.text()
        assert report.found == []
        assert sum(len(line.verdicts) for line in report.lines) == model.theta.size


def three_hidden_layers(seed):
    """A ReLU net and a batch, by the seed: ordinary, or with kinks at or beside the very point."""
    rng = np.random.default_rng(seed)
    model = FullyConnectedNet([7, 30, 30, 30, 4], rng=rng, dtype=np.float64)
    x, y = rng.standard_normal((16, 7)), rng.integers(0, 4, 16)
    if seed % 4 == 1:
        x[:2] = 0       # biases of zero then put every unit at its kink
        return model, x, y, rng
    model.theta[model.theta == 0] = rng.normal(0, 0.1, int((model.theta == 0).sum()))
    if seed % 4 == 2:
        x[:3] = 0       # and tiny ones put it within the step
        model.params["b1"][:] = rng.uniform(-1e-6, 1e-6, 30)
    if seed % 4 == 3:
        model.theta *= 3        # large scores, a saturated softmax: gradients near the noise
    return model, x, y, rng


def counted(seeds):
    counts = dict.fromkeys((AGREES, KINK, NOISE), 0)
    for seed in seeds:
        model, x, y, rng = three_hidden_layers(seed)
        report = check_model(model, x, y, rng=rng)
        assert not report.wrong, report.text()
        for verdict in counts:
            counts[verdict] += report.count(verdict)
    return counts


@pytest.mark.slow
def test_kinks_beside_the_point_are_no_ties():
    assert counted([46])[KINK] > 0      # moved all together their slopes look like one


@pytest.mark.slow
def test_kinks_and_noise_in_relu_nets_are_told_apart():
    at_kinks, saturated = counted([1]), counted([3])
    assert at_kinks[KINK] == 90         # the biases of three layers of 30
    assert saturated[NOISE] > 0
    assert saturated[KINK] == 0


@pytest.mark.slow
def test_no_false_alarm_in_a_hundred_thousand_entries_of_relu_nets():
    counts = counted(range(48))
    print(counts)
    assert sum(counts.values()) >= 100_000
    assert counts[KINK] >= 90 * 12
    assert counts[NOISE] < 0.05 * counts[AGREES]

"""The four verdicts of a gradient check, on functions whose derivatives are known in closed form."""

import numpy as np
import pytest

from checking.differences import AGREES, KINK, NOISE, STEP3, WRONG
from gradient_check import check
from layers import affine, batchnorm, relu
from layers.gates import maximum

SMOOTH = {
    "log": (np.log, lambda x: 1 / x),
    "sqrt": (np.sqrt, lambda x: 0.5 / np.sqrt(x)),
    "exp": (np.exp, np.exp),
    "cube": (lambda x: x**3, lambda x: 3 * x**2),
    "reciprocal": (lambda x: 1 / x, lambda x: -1 / x**2),
}
POINTS = [10.0**e for e in range(-6, 7)]
MAGNITUDES = [(name, x) for name in SMOOTH for x in POINTS if name != "exp" or x < 600]
# Other numbers beside the one in question: they set the size of an ordinary step.
BESIDE = np.array([1.0, -1.0, 0.5])


def elementwise(f, slope):
    """A layer of f, entry by entry, whose backward multiplies by slope(x)."""
    def forward(x):
        return f(x), (x,)

    def backward(dout, cache):
        return dout * slope(cache[0])
    return forward, backward


def line_of(f, slope, x, seed=0, **options):
    """What the check says of dx."""
    report = check(*elementwise(f, slope), x, rng=np.random.default_rng(seed), **options)
    return report.lines[0]


def first(f, slope, x, seed=0):
    """The verdict on the first entry of x."""
    return line_of(f, slope, x, seed).verdicts[(0,)]


def real_only(f):
    """f, refusing complex numbers: differences alone must do."""
    def g(x):
        if np.iscomplexobj(x):
            raise TypeError("real numbers only")
        return f(x)
    return g


# Smooth functions.

@pytest.mark.parametrize("refuse", [False, True], ids=["complex", "real"])
@pytest.mark.parametrize("name, x", MAGNITUDES)
def test_smooth_functions_agree_at_every_magnitude(name, x, refuse):
    f, slope = SMOOTH[name]
    f = real_only(f) if refuse else f
    line = line_of(f, slope, x)
    assert line.verdicts == {(): AGREES}
    assert line.max_error < 1e-6
    assert line.numeric == pytest.approx(line.analytic, rel=1e-6)
    array = line_of(f, slope, np.array([x, x]), seed=1)
    assert set(array.verdicts.values()) == {AGREES}


@pytest.mark.parametrize("factor", [1.001, -1.0, 0.5])
@pytest.mark.parametrize("name, x", MAGNITUDES)
def test_a_wrong_factor_is_wrong_at_every_magnitude(name, x, factor):
    f, slope = SMOOTH[name]
    line = line_of(f, lambda x: factor * slope(x), np.array([x]))
    assert line.verdicts == {(0,): WRONG}
    # A wrong entry is shown beside what differences say it should be.
    assert line.numeric * factor == pytest.approx(line.analytic, rel=1e-4)


@pytest.mark.parametrize("spread", [1e2, 1e3, 1e4, 1e6])
@pytest.mark.parametrize("name", ["log", "sqrt", "cube", "reciprocal"])
def test_entries_of_unequal_magnitude_are_no_false_alarm(name, spread):
    f, slope = SMOOTH[name]
    line = line_of(f, slope, np.array([1 / spread, 1.0, spread]))
    assert WRONG not in line.verdicts.values()


def test_ordinary_numbers_agree_to_nine_digits():
    x = np.random.default_rng(0).uniform(0.3, 1.0, (5, 6))
    line = line_of(np.exp, np.exp, x)
    assert set(line.verdicts.values()) == {AGREES}
    assert len(line.verdicts) == 30
    assert line.max_error < 1e-9


# Kinks.

@pytest.mark.parametrize("seed", [0, 1, 2])
@pytest.mark.parametrize("value, verdict", [
    (0.0, KINK), (0.3, KINK), (1.0, KINK),
    (-0.05, WRONG), (1.05, WRONG), (2.0, WRONG), (-1.0, WRONG),
])
def test_relu_at_its_kink_may_have_any_slope_from_left_to_right(value, verdict, seed):
    def slope(x):
        return np.where(x == 0, value, (x > 0) * 1.0)
    assert first(lambda x: np.maximum(x, 0), slope, np.append(0.0, BESIDE), seed) == verdict


@pytest.mark.parametrize("value, verdict", [
    (-1.0, KINK), (1.0, KINK), (0.4, KINK), (1.1, WRONG), (-1.1, WRONG), (3.0, WRONG),
])
def test_abs_at_its_kink_may_have_any_slope_from_left_to_right(value, verdict):
    def slope(x):
        return np.where(x == 0, value, np.sign(x))
    assert first(np.abs, slope, np.append(0.0, BESIDE)) == verdict


@pytest.mark.parametrize("shares, verdicts", [
    ((1.0, 0.0), (KINK, KINK)), ((0.0, 1.0), (KINK, KINK)), ((0.3, 0.7), (KINK, KINK)),
    ((0.0, 2.0), (KINK, WRONG)), ((-0.5, 1.5), (WRONG, WRONG)),
])
def test_a_tie_of_a_maximum(shares, verdicts):
    def backward(dout, cache):
        return shares[0] * dout, shares[1] * dout
    lines = check(maximum.forward, backward, 0.8, 0.8).lines
    assert tuple(line.verdicts[()] for line in lines) == verdicts


BESIDE_A_KINK = [1e-9, 1e-8, 1e-7, 1e-6, 2e-6]       # all within the step, about 4e-6 here


@pytest.mark.parametrize("side", [-1, 1])
@pytest.mark.parametrize("distance", BESIDE_A_KINK)
@pytest.mark.parametrize("leak", [0.0, 0.1])
def test_a_right_slope_beside_a_kink_is_no_false_alarm(distance, side, leak):
    assert STEP3 * 0.6 > max(BESIDE_A_KINK)
    x = np.append(side * distance, BESIDE)
    verdict = first(lambda x: np.maximum(x, leak * x), lambda x: np.where(x > 0, 1.0, leak), x)
    assert verdict == KINK


@pytest.mark.parametrize("side", [-1, 1])
@pytest.mark.parametrize("distance", BESIDE_A_KINK)
@pytest.mark.parametrize("value", [-1.0, 2.0, 5.0])
def test_a_slope_that_neither_side_of_a_near_kink_has_is_wrong(distance, side, value):
    x = np.append(side * distance, BESIDE)

    def slope(x):
        return np.where(np.abs(x) < 1e-4, value, (x > 0) * 1.0)
    assert first(lambda x: np.maximum(x, 0), slope, x) == WRONG


@pytest.mark.parametrize("distance", [2e-5, 1e-4, 1e-2])
def test_a_kink_out_of_the_steps_reach_forgives_nothing(distance):
    x = np.append(-distance, BESIDE)
    assert first(lambda x: np.maximum(x, 0), lambda x: (x > 0) * 1.0, x) == AGREES
    assert first(lambda x: np.maximum(x, 0), lambda x: (x > -1e-1) * 1.0, x) == WRONG


# The noise floor.

def bias_before_batchnorm(error):
    """The layer b -> batchnorm(x W + b), whose gradient is 0 but for rounding; plus an error."""
    rng = np.random.default_rng(0)
    x, W = rng.standard_normal((8, 5)), rng.standard_normal((5, 4))
    gamma, beta = rng.uniform(0.5, 1.5, 4), rng.standard_normal(4)

    def forward(b):
        z, affine_cache = affine.forward(x, W, b)
        out, norm_cache = batchnorm.forward(z, gamma, beta)
        return out, (affine_cache, norm_cache)

    def backward(dout, cache):
        dz, _, _ = batchnorm.backward(dout, cache[1])
        return affine.backward(dz, cache[0])[2] + error
    return forward, backward


@pytest.mark.parametrize("seed", range(5))
def test_a_bias_before_batchnorm_is_below_the_noise_floor(seed):
    b = np.random.default_rng(seed).standard_normal(4)
    right = check(*bias_before_batchnorm(0.0), b, rng=np.random.default_rng(seed)).lines[0]
    assert set(right.verdicts.values()) <= {NOISE, AGREES}
    assert right.count(NOISE) > 0
    off = check(*bias_before_batchnorm(1e-3), b, rng=np.random.default_rng(seed)).lines[0]
    assert off.count(WRONG) == 4


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("size", [1e-3, 1.0, 1e3])
def test_sums_that_cancel_are_below_the_noise_floor(size, seed):
    def forward(x):
        return float(np.sum(x - x.mean())), (x,)

    x = size * np.random.default_rng(seed).standard_normal(10)
    # 0 in exact arithmetic; a backward that adds up in another order leaves some rounding.
    for value, verdicts in ((0.0, {NOISE, AGREES}), (1e-16, {NOISE, AGREES}), (1e-2, {WRONG})):
        report = check(forward, lambda dout, cache, value=value: np.full(10, dout * value), x)
        assert set(report.lines[0].verdicts.values()) <= verdicts, value


def test_a_verdict_of_noise_or_kink_does_not_fail_and_wrong_does():
    assert not line_of(lambda x: np.maximum(x, 0), lambda x: (x > 0) * 1.0, np.zeros(3)).wrong
    assert not check(*bias_before_batchnorm(0.0), np.zeros(4)).lines[0].wrong
    assert line_of(np.exp, np.sin, np.ones(3)).wrong


def test_relu_of_the_project_at_zero_is_a_kink():
    line = check(relu.forward, relu.backward, np.array([0.0, 1.0, -1.0])).lines[0]
    assert line.verdicts == {(0,): KINK, (1,): AGREES, (2,): AGREES}
    assert line.count(KINK) == 1 and line.count(WRONG) == 0

"""The four verdicts of a gradient check, on functions with derivatives in closed form."""

import numpy as np
import pytest

from flatprop.gradcheck.differences import AGREES, KINK, NOISE, WRONG
from gradient_check import check
from layers import affine, batchnorm
from layers.gates import maximum

SMOOTH = {
    "log": (np.log, lambda x: 1 / x),
    "sqrt": (np.sqrt, lambda x: 0.5 / np.sqrt(x)),
    "exp": (np.exp, np.exp),
    "cube": (lambda x: x**3, lambda x: 3 * x**2),
    "reciprocal": (lambda x: 1 / x, lambda x: -1 / x**2),
}
MAGNITUDES = [(name, 10.0**e) for name in SMOOTH for e in range(-6, 7) if name != "exp" or e < 3]
# Other numbers beside the one in question: they set the size of an ordinary step.
BESIDE = np.array([1.0, -1.0, 0.5])


def line_of(f, slope, x, seed=0, **options):
    """What the check says of dx, of a layer of f whose backward multiplies by slope(x)."""
    def forward(x):
        return f(x), (x,)

    def backward(dout, cache):
        return dout * slope(cache[0])
    return check(forward, backward, x, rng=np.random.default_rng(seed), **options).lines[0]


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

@pytest.mark.parametrize("name, x", MAGNITUDES)
def test_smooth_functions_agree_at_every_magnitude_and_a_wrong_factor_does_not(name, x):
    formula, slope = SMOOTH[name]
    for f in (formula, real_only(formula)):
        line = line_of(f, slope, x)
        assert line.verdicts == {(): AGREES}
        assert line.max_error < 1e-6
        assert line.numeric == pytest.approx(line.analytic, rel=1e-6)
        for factor in (1.001, -1.0):
            assert first(f, lambda x, c=factor: c * slope(x), np.array([x, x]), seed=1) == WRONG


@pytest.mark.parametrize("x", [1e-5, 1e-3, 1.0, 1e3])
@pytest.mark.parametrize("name", ["log", "sqrt", "cube", "reciprocal"])
def test_a_wrong_entry_is_shown_beside_the_true_derivative(name, x):
    f, slope = SMOOTH[name]
    line = line_of(f, lambda x: -slope(x), x)
    assert -line.numeric == pytest.approx(line.analytic, rel=1e-3)


@pytest.mark.parametrize("spread", [1e2, 1e4])
@pytest.mark.parametrize("name", ["log", "sqrt", "cube", "reciprocal"])
def test_entries_of_unequal_magnitude_are_no_false_alarm(name, spread):
    assert line_of(*SMOOTH[name], np.array([1 / spread, 1.0, spread])).count(WRONG) == 0


@pytest.mark.parametrize("k", range(24))
def test_where_a_stencil_reaches_the_pole_of_a_logarithm(k):
    x = np.array([2.0**-k, 1.0])        # steps are powers of two: some end at 0 exactly
    assert first(np.log, lambda x: 1 / x, x) not in (WRONG, KINK)
    assert first(np.log, lambda x: 3 / x, x) == WRONG


# Kinks.

@pytest.mark.parametrize("value, verdict", [
    (0.0, KINK), (0.3, KINK), (1.0, KINK),
    (-0.05, WRONG), (1.05, WRONG), (2.0, WRONG), (-1.0, WRONG),
])
def test_at_a_kink_any_slope_from_left_to_right_will_do(value, verdict):
    def slope(x):
        return np.where(x == 0, value, (x > 0) * 1.0)

    def slope_of_abs(x):
        return np.where(x == 0, 2 * value - 1, np.sign(x))
    for seed in range(3):
        x = np.append(0.0, BESIDE)
        assert first(lambda x: np.maximum(x, 0), slope, x, seed) == verdict
        assert first(np.abs, slope_of_abs, x, seed) == verdict


@pytest.mark.parametrize("shares, verdicts", [
    ((1.0, 0.0), (KINK, KINK)), ((0.0, 1.0), (KINK, KINK)), ((0.3, 0.7), (KINK, KINK)),
    ((0.0, 2.0), (KINK, WRONG)), ((-0.5, 1.5), (WRONG, WRONG)),
])
def test_a_tie_of_a_maximum(shares, verdicts):
    def backward(dout, cache):
        return shares[0] * dout, shares[1] * dout
    lines = check(maximum.forward, backward, 0.8, 0.8).lines
    assert tuple(line.verdicts[()] for line in lines) == verdicts


BESIDE_A_KINK = [1e-9, 1e-8, 1e-7, 4e-7]     # all within the step, which is 5e-7 or more


@pytest.mark.parametrize("distance", BESIDE_A_KINK)
def test_beside_a_kink_a_right_slope_is_no_false_alarm_and_one_of_neither_side_is_wrong(distance):
    for x in (np.append(distance, BESIDE), np.append(-distance, BESIDE)):
        for leak in (0.0, 0.1):
            def f(x, leak=leak):
                return np.maximum(x, leak * x)
            assert first(f, lambda x, leak=leak: np.where(x > 0, 1.0, leak), x) == KINK
            for value in (-1.0, 2.0):
                assert first(f, lambda x, v=value, leak=leak: np.where(
                    np.abs(x) < 1e-4, v, np.where(x > 0, 1.0, leak)), x) == WRONG


def test_a_kink_out_of_the_steps_reach_forgives_nothing():
    for distance in (2e-5, 1e-3):
        x = np.append(-distance, BESIDE)
        assert first(lambda x: np.maximum(x, 0), lambda x: (x > 0) * 1.0, x) == AGREES
        assert first(lambda x: np.maximum(x, 0), lambda x: (x > -0.1) * 1.0, x) == WRONG


# The noise floor.

def bias_before_batchnorm(error):
    """The layer b -> batchnorm(x W + b), whose gradient is 0 but for rounding; plus an error."""
    x, W = np.random.default_rng(0).standard_normal((2, 5, 5))

    def forward(b):
        z, affine_cache = affine.forward(x, W, b)
        out, norm_cache = batchnorm.forward(z, np.full(5, 1.3), np.ones(5))
        return out, (affine_cache, norm_cache)

    def backward(dout, cache):
        dz, _, _ = batchnorm.backward(dout, cache[1])
        return affine.backward(dz, cache[0])[2] + error
    return forward, backward


@pytest.mark.parametrize("seed", range(3))
def test_a_bias_before_batchnorm_is_below_the_noise_floor(seed):
    b = np.random.default_rng(seed).standard_normal(5)
    right = check(*bias_before_batchnorm(0.0), b).lines[0]
    assert set(right.verdicts.values()) <= {NOISE, AGREES}
    assert right.count(NOISE) > 0 and not right.wrong
    assert check(*bias_before_batchnorm(1e-3), b).lines[0].count(WRONG) == 5


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("size", [1e-3, 1.0, 1e3])
def test_sums_that_cancel_are_below_the_noise_floor(size, seed):
    def forward(x):
        return float(np.sum(x - x.mean())), (x,)

    x = size * np.random.default_rng(seed).standard_normal(10)
    # 0 in exact arithmetic; a backward that adds up in another order leaves some rounding.
    for value, verdicts in ((0.0, {NOISE, AGREES}), (1e-16, {NOISE, AGREES}), (1e-2, {WRONG})):
        line = check(forward, lambda dout, cache, v=value: np.full(10, dout * v), x).lines[0]
        assert set(line.verdicts.values()) <= verdicts, value


@pytest.mark.parametrize("index", [(0, 0), (9, 11)])
def test_a_single_wrong_entry_is_found(index):
    x, error = np.random.default_rng(0).standard_normal((10, 12)), np.zeros((10, 12))
    error[index] = 1e-3
    line = line_of(np.sin, lambda x: np.cos(x) + error, x)
    assert [each for each, verdict in line.verdicts.items() if verdict == WRONG] == [index]
    assert line.count(AGREES) == 119 and line.wrong
    assert line_of(np.exp, np.exp, x).max_error < 1e-6


def large(seed, spoilt=None):
    """An affine layer's dx, dW (60, 200), db as measured, and the number of forward calls."""
    rng, calls = np.random.default_rng(seed), []

    def forward(x, W, b):
        calls.append(1)
        return affine.forward(x, W, b)

    def backward(dout, cache):
        dx, dW, db = affine.backward(dout, cache)
        if spoilt is not None:
            dW[spoilt] *= -1
        return dx, dW, db
    inputs = rng.standard_normal((8, 60)), rng.standard_normal((60, 200)), np.zeros(200)
    return check(forward, backward, *inputs, rng=rng).lines, len(calls)


@pytest.mark.parametrize("seed", range(2))
def test_a_large_layer_takes_few_calls_and_a_wrong_row_is_found(seed):
    (dx, dW, db), calls = large(seed=seed)
    assert not dx.wrong and not db.wrong and len(dW.directions) == 6
    assert dW.count(AGREES) == 100 and not dW.wrong
    assert calls < 3000         # where one call for each entry would be twelve thousand
    (dx, dW, db), _ = large(seed=seed, spoilt=31)
    assert dW.wrong and not dx.wrong and not db.wrong
    assert {index[0] for index, verdict in dW.verdicts.items() if verdict == WRONG} == {31}


@pytest.mark.parametrize("seed", range(4))
def test_an_entry_off_by_two_percent_among_many_is_found_and_named(seed):
    rng = np.random.default_rng(seed)
    inputs = rng.standard_normal((8, 300)), rng.standard_normal((300, 300)) / 17, np.zeros(300)
    spoilt = []

    def backward(dout, cache):
        dx, dW, db = affine.backward(dout, cache)
        at_least = np.argwhere(np.abs(dW) >= np.median(np.abs(dW)))
        spoilt[:] = spoilt or [tuple(map(int, rng.choice(at_least)))]
        dW[spoilt[0]] *= 1.02
        return dx, dW, db
    report = check(affine.forward, backward, *inputs)
    found = [index for index, verdict in report.line_of("dW").verdicts.items() if verdict == WRONG]
    assert found == spoilt
    assert f"dW{list(spoilt[0])} is 1.02 times what it should be" in report.found[0].says
    assert not check(affine.forward, affine.backward, *inputs).wrong


@pytest.mark.parametrize("entries, looked_at", [(0, 0), (7, 7), (24, 24), (99, 24)])
def test_entries_says_how_many_are_looked_at(entries, looked_at):
    x = np.random.default_rng(0).standard_normal((4, 6))
    line = line_of(np.sin, np.cos, x, entries=entries)
    assert len(line.verdicts) == looked_at == np.isfinite(line.numeric).sum()
    assert bool(line.directions) == (looked_at < 24)
    assert line_of(np.sin, np.sin, x, entries=entries).wrong


# The complex step, and the edge of a domain.

@pytest.mark.parametrize("added", [1e6, 1e7, 1e9])
def test_the_complex_step_sees_what_rounding_hides_from_differences(added):
    def f(x):
        return np.sin(x) + added
    x = np.random.default_rng(0).uniform(0.2, 1.0, 4)
    assert not line_of(real_only(f), np.cos, x).wrong       # differences alone: no false alarm
    assert line_of(f, np.cos, x).count(AGREES) == 4
    assert line_of(f, lambda x: 1.01 * np.cos(x), x).count(WRONG) == 4


def test_a_forward_that_drops_the_imaginary_part_is_not_asked_for_it():
    x = np.random.default_rng(0).uniform(0.2, 1.0, 4)
    assert line_of(lambda x: x * np.abs(x), lambda x: 2 * np.abs(x), x).count(AGREES) == 4
    # What a complex step would say, for |x| is real and drops a half of it.
    assert line_of(lambda x: x * np.abs(x), np.abs, x).count(WRONG) == 4
    assert line_of(lambda x: np.sin(x.real), np.cos, x).count(AGREES) == 4
    # Nor where rounding hides from a difference of an ordinary step that the half is missing.
    assert not line_of(lambda x: x * np.abs(x) + 1e9, lambda x: 2 * np.abs(x), x).wrong


@pytest.mark.parametrize("f, slope", [(np.expm1, np.exp), (np.cos, lambda x: -np.sin(x))])
def test_at_the_edge_of_its_domain_a_function_is_judged_from_inside(f, slope):
    def refusing(x):
        if np.any(np.real(x) < 0):
            raise ValueError("x must not be negative")
        return f(x)
    x = np.array([0.0, 1.0, 2.0])
    for inside in (refusing, lambda x: np.where(np.real(x) < 0, np.nan, f(x))):
        assert first(inside, lambda x: slope(x) + 0.01, x) == WRONG
        assert first(inside, slope, x) != WRONG

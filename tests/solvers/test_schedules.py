"""Schedules against tables worked by hand."""

import math

import pytest

from solvers.schedules import (
    climb,
    constant,
    cosine,
    exponential,
    hold,
    inverse_time,
    polynomial,
    step,
    warm_up,
)

ROOT = math.sqrt(0.5)       # a quarter in every four steps is this much in one


@pytest.mark.parametrize("schedule, steps, rates", [
    (constant(0.3), [0, 1, 1000], [0.3, 0.3, 0.3]),
    (step(0.8, every=3, factor=0.5), range(8), [0.8, 0.8, 0.8, 0.4, 0.4, 0.4, 0.2, 0.2]),
    (step(1.0, 5), [4, 5, 9, 10], [1.0, 0.1, 0.1, 0.01]),
    (exponential(0.8, 0.25, every=4), [0, 1, 2, 3, 4, 12],
     [0.8, 0.8 * ROOT, 0.4, 0.4 * ROOT, 0.2, 0.0125]),
    (exponential(1.0, 0.5), [0, 1, 2, 10], [1, 0.5, 0.25, 1 / 1024]),
    # 0.6 / (1 + t / 20)
    (inverse_time(0.6, 0.5, every=10), [0, 5, 10, 20, 40, 100], [0.6, 0.48, 0.4, 0.3, 0.2, 0.1]),
    (inverse_time(1.0, 1.0), [0, 1, 2, 3], [1, 1 / 2, 1 / 3, 1 / 4]),
    (polynomial(0.5, 5), range(8), [0.5, 0.4, 0.3, 0.2, 0.1, 0, 0, 0]),
    # 0.1 + 0.8 (1 - t/4)^2
    (polynomial(0.9, 4, power=2, final=0.1), range(6), [0.9, 0.55, 0.3, 0.15, 0.1, 0.1]),
    # cos of 0, 60, 90, 120 and 180 degrees is 1, 1/2, 0, -1/2 and -1
    (cosine(0.8, 6), [0, 2, 3, 4, 6, 7, 60], [0.8, 0.6, 0.4, 0.2, 0, 0, 0]),
    (cosine(0.9, 6, final=0.1), [0, 2, 3, 4, 6, 7], [0.9, 0.7, 0.5, 0.3, 0.1, 0.1]),
    (warm_up(constant(0.8), 4), range(6), [0.2, 0.4, 0.6, 0.8, 0.8, 0.8]),
    (warm_up(polynomial(0.6, 3), 2), range(7), [0.3, 0.6, 0.6, 0.4, 0.2, 0, 0]),
    (warm_up(step(0.8, 2, 0.5), 0), range(4), [0.8, 0.8, 0.4, 0.4]),
    (climb(0.5, 0.9, 4), range(6), [0.5, 0.6, 0.7, 0.8, 0.9, 0.9]),
    (hold(polynomial(0.6, 3), 2), range(7), [0.6, 0.6, 0.6, 0.4, 0.2, 0, 0]),
    (hold(step(0.8, 2, 0.5), 0), range(4), [0.8, 0.8, 0.4, 0.4]),
    # up in 2 steps, at the top for 3 more, and the straight line from step 5 on
    (warm_up(hold(polynomial(0.6, 3), 3), 2), range(9),
     [0.3, 0.6, 0.6, 0.6, 0.6, 0.6, 0.4, 0.2, 0]),
])
def test_rates_by_hand(schedule, steps, rates):
    found = [schedule(t) for t in steps]
    assert found == pytest.approx(rates, rel=1e-13, abs=1e-16)
    assert all(type(rate) is float for rate in found)


@pytest.mark.parametrize("make", [polynomial, cosine])
def test_both_ends_are_exact(make):
    # 0.1 + (0.3 - 0.1) is not 0.3 in floating point
    schedule = make(0.3, 7, final=0.1)
    assert (schedule(0), schedule(7), schedule(8)) == (0.3, 0.1, 0.1)


NOT_POSITIVE, GROWING = [0, -1, math.inf, math.nan], [0, -0.5, 1.5, math.nan]
NOT_BELOW_THE_RATE = [-0.01, 0.2, math.nan]


@pytest.mark.parametrize("make, good, bad", [
    (constant, {"rate": 0.1}, {"rate": NOT_POSITIVE}),
    (step, {"rate": 0.1, "every": 5},
     {"rate": NOT_POSITIVE, "every": NOT_POSITIVE, "factor": GROWING}),
    (exponential, {"rate": 0.1, "factor": 0.5},
     {"rate": NOT_POSITIVE, "every": NOT_POSITIVE, "factor": GROWING}),
    (inverse_time, {"rate": 0.1, "factor": 0.5},
     {"rate": NOT_POSITIVE, "every": NOT_POSITIVE, "factor": NOT_POSITIVE}),
    (polynomial, {"rate": 0.1, "total": 5},
     {"rate": NOT_POSITIVE, "total": NOT_POSITIVE, "power": NOT_POSITIVE,
      "final": NOT_BELOW_THE_RATE}),
    (cosine, {"rate": 0.1, "total": 5},
     {"rate": NOT_POSITIVE, "total": NOT_POSITIVE, "final": NOT_BELOW_THE_RATE}),
    (warm_up, {"schedule": constant(0.1), "steps": 5}, {"steps": [-1, math.inf, math.nan]}),
    (climb, {"momentum": 0.5, "final": 0.9, "steps": 5},
     {"momentum": [-0.1, 1.0, math.nan], "final": [-0.1, 1.0, math.nan], "steps": NOT_POSITIVE}),
    (hold, {"schedule": constant(0.1), "steps": 5}, {"steps": [-1, math.inf, math.nan]}),
])
def test_what_cannot_be_a_schedule_is_refused_by_name(make, good, bad):
    make(**good)
    for name, values in bad.items():
        for value in values:
            with pytest.raises(ValueError, match=f"^{name} must .* got {value}"):
                make(**good | {name: value})

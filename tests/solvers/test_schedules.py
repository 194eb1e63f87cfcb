"""Schedules against tables worked by hand."""

import math

import pytest

from solvers import schedules


def table(schedule, steps):
    return [schedule(t) for t in steps]


def approx(values):
    return pytest.approx(values, rel=1e-13, abs=1e-16)


def test_constant():
    assert table(schedules.constant(0.3), [0, 1, 1000]) == [0.3, 0.3, 0.3]


def test_step():
    schedule = schedules.step(0.8, every=3, factor=0.5)
    assert table(schedule, range(8)) == approx([0.8, 0.8, 0.8, 0.4, 0.4, 0.4, 0.2, 0.2])


def test_step_divides_by_ten_unless_told():
    assert table(schedules.step(1.0, 5), [4, 5, 9, 10]) == approx([1.0, 0.1, 0.1, 0.01])


def test_exponential():
    # a quarter in every four steps is sqrt(1/2) in one
    schedule = schedules.exponential(0.8, 0.25, every=4)
    root = math.sqrt(0.5)
    assert table(schedule, range(5)) == approx([0.8, 0.8 * root, 0.4, 0.4 * root, 0.2])
    assert schedule(12) == approx(0.0125)


def test_exponential_by_the_step_unless_told():
    assert table(schedules.exponential(1.0, 0.5), [0, 1, 2, 10]) == approx([1, 0.5, 0.25, 1 / 1024])


def test_inverse_time():
    schedule = schedules.inverse_time(0.6, 0.5, every=10)
    # 0.6 / (1 + t / 20)
    assert table(schedule, [0, 5, 10, 20, 40, 100]) == approx([0.6, 0.48, 0.4, 0.3, 0.2, 0.1])


def test_inverse_time_by_the_step_unless_told():
    assert table(schedules.inverse_time(1.0, 1.0), [0, 1, 2, 3]) == approx([1, 1 / 2, 1 / 3, 1 / 4])


def test_polynomial_is_a_line_unless_told():
    schedule = schedules.polynomial(0.5, 5)
    assert table(schedule, range(8)) == approx([0.5, 0.4, 0.3, 0.2, 0.1, 0, 0, 0])


def test_polynomial_with_power_and_final():
    # 0.1 + 0.8 (1 - t/4)^2
    schedule = schedules.polynomial(0.9, 4, power=2, final=0.1)
    assert table(schedule, range(6)) == approx([0.9, 0.55, 0.3, 0.15, 0.1, 0.1])


def test_cosine():
    # cos of 0, 60, 90, 120 and 180 degrees is 1, 1/2, 0, -1/2 and -1
    schedule = schedules.cosine(0.8, 6)
    assert table(schedule, [0, 2, 3, 4, 6, 7, 60]) == approx([0.8, 0.6, 0.4, 0.2, 0, 0, 0])


def test_cosine_with_final():
    schedule = schedules.cosine(0.9, 6, final=0.1)
    assert table(schedule, [0, 2, 3, 4, 6, 7]) == approx([0.9, 0.7, 0.5, 0.3, 0.1, 0.1])


@pytest.mark.parametrize("make", [schedules.polynomial, schedules.cosine])
def test_both_ends_are_exact(make):
    # 0.1 + (0.3 - 0.1) is not 0.3 in floating point
    schedule = make(0.3, 7, final=0.1)
    assert (schedule(0), schedule(7), schedule(8)) == (0.3, 0.1, 0.1)


def test_warm_up():
    schedule = schedules.warm_up(schedules.constant(0.8), 4)
    assert table(schedule, range(6)) == approx([0.2, 0.4, 0.6, 0.8, 0.8, 0.8])


def test_warm_up_starts_the_schedule_late():
    schedule = schedules.warm_up(schedules.polynomial(0.6, 3), 2)
    assert table(schedule, range(7)) == approx([0.3, 0.6, 0.6, 0.4, 0.2, 0, 0])


def test_warm_up_in_no_steps_is_none():
    schedule = schedules.warm_up(schedules.step(0.8, 2, 0.5), 0)
    assert table(schedule, range(4)) == approx([0.8, 0.8, 0.4, 0.4])


@pytest.mark.parametrize(
    "schedule",
    [
        schedules.step(0.3, 7),
        schedules.exponential(0.3, 0.9, 5),
        schedules.inverse_time(0.3, 0.1, 5),
        schedules.polynomial(0.3, 50, 1.5, 0.01),
        schedules.cosine(0.3, 50, 0.01),
    ],
)
def test_rates_never_grow_nor_go_below_zero(schedule):
    rates = table(schedule, range(100))
    assert rates[0] == 0.3
    assert all(a >= b > 0 for a, b in zip(rates, rates[1:], strict=False))
    assert all(type(rate) is float for rate in rates)


BAD_POSITIVE = [0, -1, math.inf, math.nan]


@pytest.mark.parametrize("bad", BAD_POSITIVE)
@pytest.mark.parametrize(
    ("make", "rest"),
    [
        (schedules.constant, ()),
        (schedules.step, (5,)),
        (schedules.exponential, (0.5,)),
        (schedules.inverse_time, (0.5,)),
        (schedules.polynomial, (5,)),
        (schedules.cosine, (5,)),
    ],
)
def test_rate_must_be_positive_and_finite(make, rest, bad):
    with pytest.raises(ValueError, match=f"^rate must .* got {bad}"):
        make(bad, *rest)


@pytest.mark.parametrize("bad", BAD_POSITIVE)
@pytest.mark.parametrize(
    ("make", "arguments", "name"),
    [
        (schedules.step, {}, "every"),
        (schedules.exponential, {"factor": 0.5}, "every"),
        (schedules.inverse_time, {"factor": 0.5}, "every"),
        (schedules.inverse_time, {}, "factor"),
        (schedules.polynomial, {}, "total"),
        (schedules.polynomial, {"total": 5}, "power"),
        (schedules.cosine, {}, "total"),
    ],
)
def test_lengths_and_powers_must_be_positive_and_finite(make, arguments, name, bad):
    with pytest.raises(ValueError, match=f"^{name} must .* got {bad}"):
        make(0.1, **arguments, **{name: bad})


@pytest.mark.parametrize("bad", [0, -0.5, 1.5, math.nan])
def test_factors_must_not_let_the_rate_grow(bad):
    with pytest.raises(ValueError, match=f"^factor must .* got {bad}"):
        schedules.step(0.1, 5, factor=bad)
    with pytest.raises(ValueError, match=f"^factor must .* got {bad}"):
        schedules.exponential(0.1, factor=bad)


@pytest.mark.parametrize("bad", [-0.01, 0.2, math.nan])
@pytest.mark.parametrize("make", [schedules.polynomial, schedules.cosine])
def test_final_must_lie_below_the_rate(make, bad):
    with pytest.raises(ValueError, match=f"^final must .* got {bad}"):
        make(0.1, 5, final=bad)


@pytest.mark.parametrize("bad", [-1, math.inf, math.nan])
def test_warm_up_steps_must_not_be_negative(bad):
    with pytest.raises(ValueError, match=f"^steps must .* got {bad}"):
        schedules.warm_up(schedules.constant(0.1), bad)

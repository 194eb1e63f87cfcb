"""The toy data sets: their geometry without noise, the size of the noise, balance, arguments."""

import numpy as np
import pytest

from data import toys

LABELLED = [toys.blobs, toys.moons, toys.spiral, toys.xor]


@pytest.mark.parametrize("make", LABELLED)
@pytest.mark.parametrize("examples", [4, 5, 6, 7, 100, 101])
def test_shapes_types_and_balance(make, examples):
    x, y = make(examples, np.random.default_rng(0))
    assert (x.shape, x.dtype) == ((examples, 2), np.float64)
    assert (y.shape, y.dtype) == ((examples,), np.int64)
    assert np.isfinite(x).all()
    counts = np.bincount(y)
    assert len(counts) == (3 if make in (toys.blobs, toys.spiral) else 2)
    assert counts.max() - counts.min() <= 1


@pytest.mark.parametrize("make", [*LABELLED, toys.wave])
def test_the_generator_decides_everything(make):
    first, again, other = (make(50, np.random.default_rng(seed)) for seed in (1, 1, 2))
    for a, b, c in zip(first, again, other, strict=True):
        np.testing.assert_array_equal(a, b)
        assert (a != c).any()


@pytest.mark.parametrize("make", LABELLED)
def test_the_order_is_random(make):
    _, y = make(300, np.random.default_rng(3))
    changes = np.count_nonzero(y[1:] != y[:-1])                     # sorted labels change twice
    assert 90 < changes < 250                                       # repeating ones 299 times


@pytest.mark.parametrize("make", [*LABELLED, toys.wave])
def test_arguments_that_make_no_sense_are_refused(make):
    noise = "spread" if make is toys.blobs else "noise"
    wrong = [("examples", n, "be an integer of at least") for n in (0, -1, 2.5, "10")]
    wrong += [(noise, size, "be a finite number") for size in (-0.1, np.nan, np.inf)]
    if make in (toys.blobs, toys.spiral):
        wrong += [("classes", n, "be an integer of at least 2") for n in (1, 0, -3, 2.0)]
    for name, value, message in wrong:
        with pytest.raises(ValueError, match=f"^{name} must {message}"):
            make(rng=np.random.default_rng(0), **{"examples": 10, name: value})


@pytest.mark.parametrize("make", [toys.blobs, toys.spiral])
def test_every_class_needs_an_example(make):
    with pytest.raises(ValueError, match="^examples must be an integer of at least 7, got 6"):
        make(6, np.random.default_rng(0), classes=7)


def test_a_spiral_without_noise_is_its_formula():
    x, y = toys.spiral(12, np.random.default_rng(0), classes=3, noise=0)
    for j in range(3):
        arm = x[y == j]
        arm = arm[np.argsort(np.hypot(*arm.T))]
        r = np.array([0, 1 / 3, 2 / 3, 1])
        turn = 2 * np.pi * j / 3 + 4 * r
        np.testing.assert_allclose(arm[:, 0], r * np.sin(turn), atol=1e-15)
        np.testing.assert_allclose(arm[:, 1], r * np.cos(turn), atol=1e-15)


def test_spiral_noise_turns_points_and_keeps_their_distance():
    noisy, y = toys.spiral(3000, np.random.default_rng(0), noise=0.2)
    r = np.hypot(*noisy.T)
    for j in range(3):
        np.testing.assert_allclose(np.sort(r[y == j]), np.linspace(0, 1, 1000), atol=1e-12)
    turn = np.arctan2(noisy[:, 0], noisy[:, 1]) - 2 * np.pi * y / 3 - 4 * r
    turn = (turn[r > 0] + np.pi) % (2 * np.pi) - np.pi
    assert abs(turn.mean()) < 0.02
    assert 0.19 < turn.std() < 0.21


def test_moons_without_noise_lie_on_two_half_circles():
    x, y = toys.moons(101, np.random.default_rng(0), noise=0)
    upper, lower = x[y == 0], x[y == 1]
    np.testing.assert_allclose(np.hypot(upper[:, 0], upper[:, 1]), 1)
    np.testing.assert_allclose(np.hypot(lower[:, 0] - 1, lower[:, 1] - 0.5), 1)
    assert upper[:, 1].min() > -1e-12
    assert lower[:, 1].max() < 0.5 + 1e-12
    for half in (upper, lower):                                     # both ends, and evenly between
        assert np.ptp(half[:, 0]) == pytest.approx(2)
        half = half[np.argsort(half[:, 0])]
        gaps = np.hypot(*np.diff(half, axis=0).T)
        np.testing.assert_allclose(gaps, gaps[0])


def test_xor_labels_are_the_truth_table():
    x, y = toys.xor(103, np.random.default_rng(0), noise=0.1)
    np.testing.assert_array_equal(y, (x[:, 0] > 0) ^ (x[:, 1] > 0))
    corner = 2 * (x[:, 0] > 0) + (x[:, 1] > 0)
    assert sorted(np.bincount(corner, minlength=4)) == [25, 26, 26, 26]
    x, _ = toys.xor(4, np.random.default_rng(0), noise=0)
    assert sorted(map(tuple, x)) == [(-1, -1), (-1, 1), (1, -1), (1, 1)]


@pytest.mark.parametrize("make, name", [
    (toys.moons, "noise"), (toys.xor, "noise"), (toys.blobs, "spread"),
])
def test_noise_is_a_standard_deviation(make, name):
    noisy, _ = make(20_000, np.random.default_rng(0), **{name: 0.3})
    clean, _ = make(20_000, np.random.default_rng(0), **{name: 0})  # the same draws
    noise = noisy - clean
    np.testing.assert_allclose(noise.std(axis=0), 0.3, rtol=0.03)
    np.testing.assert_allclose(noise.mean(axis=0), 0, atol=0.01)


@pytest.mark.parametrize("classes", [2, 3, 4, 10, 25])
def test_neighbouring_blobs_are_two_apart(classes):
    x, y = toys.blobs(classes, np.random.default_rng(0), classes=classes, spread=0)
    centres = x[np.argsort(y)]
    gaps = np.hypot(*(centres - np.roll(centres, 1, axis=0)).T)
    np.testing.assert_allclose(gaps, 2)
    assert np.allclose(np.hypot(*centres.T), centres[0, 0])
    assert centres[0, 1] == 0


def test_a_wave_is_a_noisy_sine():
    x, y = toys.wave(20_000, np.random.default_rng(0), noise=0.1)
    assert x.shape == y.shape == (20_000, 1)
    assert x.dtype == y.dtype == np.float64
    assert -1 <= x.min() < -0.99
    assert 0.99 < x.max() < 1
    rest = y - np.sin(np.pi * x)
    assert rest.std() == pytest.approx(0.1, rel=0.03)
    assert abs(rest.mean()) < 0.005
    x, y = toys.wave(1, np.random.default_rng(0), noise=0)
    np.testing.assert_array_equal(y, np.sin(np.pi * x))

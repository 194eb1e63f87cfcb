"""Augmentation against maps worked by hand and a sum written out in loops."""

import math

import numpy as np
import pytest

from data import augment


@pytest.fixture
def images():
    return np.random.default_rng(0).random((3, 6, 5))


def moved(images, matrix, dtype=np.float64):
    """Images sampled by one affine map (2, 3) of places from the middle."""
    height, width = images.shape[-2:]
    places = np.asarray(matrix, dtype) @ augment.grid(height, width, dtype)
    middle = np.array([height - 1, width - 1]).reshape(2, 1, 1) / 2
    places = places.reshape(2, height, width) + middle
    return augment.sample(images, np.broadcast_to(places, (len(images), *places.shape)), -7.0)


def test_whole_and_half_pixels_and_quarter_turns(images):
    same = moved(images, [[1, 0, 0], [0, 1, 0]])
    np.testing.assert_array_equal(same, images)
    # Read one row below and two columns to the left: shifted up by 1 and right by 2.
    shifted = moved(images, [[1, 0, 1], [0, 1, -2]])
    np.testing.assert_array_equal(shifted[:, :-1, 2:], images[:, 1:, :-2])
    assert (shifted[:, -1] == -7).all() and (shifted[:, :, :2] == -7).all()
    between = moved(images, [[1, 0, 0], [0, 1, 0.5]])
    np.testing.assert_allclose(between[:, :, :-1], (images[:, :, 1:] + images[:, :, :-1]) / 2)
    np.testing.assert_allclose(between[:, :, -1], (images[:, :, -1] - 7) / 2)
    square = images[:, :5]
    turned = moved(square, [[0, 1, 0], [-1, 0, 0]])
    np.testing.assert_array_equal(turned, np.rot90(square, 1, (1, 2)))


def test_maps_undo_what_is_drawn():
    class Drawn:
        """Gives what numpy's Generator would draw, in its place."""
        numbers = iter([np.array([90.0]), np.array([[2.0], [0.5]]), np.array([[3.0], [-1.0]])])

        def uniform(self, low, high, size):
            return next(self.numbers)

    (found,) = augment.affine_maps(1, Drawn(), 3, 90, 1)
    # A point (r, c) of the old image is made twice as tall and half as wide, turned by a quarter,
    # and moved by (3, -1): the map takes what comes of it back to (r, c).
    quarter = np.array([[0, 1], [-1, 0]])
    for point in ([1.0, 0.0], [0.0, 1.0], [2.0, -3.0]):
        new = quarter @ (np.array([2.0, 0.5]) * point) + [3, -1]
        np.testing.assert_allclose(found @ [*new, 1], point, atol=1e-12)


def test_what_is_drawn_keeps_to_its_limits_and_fills_them():
    maps = augment.affine_maps(4000, np.random.default_rng(1), shift=2, rotate=30, scale=0.2)
    back = np.linalg.inv(maps[:, :, :2])            # from the old image to the new
    angle = np.rad2deg(np.arctan2(-back[:, 1, 0], back[:, 0, 0]))
    sides = np.linalg.norm(back, axis=1)            # of the squares that were 1 by 1
    shifts = -(back @ maps[:, :, 2:])[:, :, 0]
    for values, low, high in ((angle, -30, 30), (sides, 0.8, 1.2), (shifts, -2, 2)):
        room = (high - low) / 200
        assert low <= values.min() < low + room and high - room < values.max() <= high
        assert abs(values.mean() - (low + high) / 2) < 5 * room


def test_elastic_fields_by_loops():
    alpha, sigma, height, width = 5.0, 1.3, 4, 6
    fields = augment.elastic_fields(2, height, width, np.random.default_rng(2), alpha, sigma,
                                    np.float64)
    drawn = 2 * np.random.default_rng(2).random((2, 2, height, width)) - 1
    total = sum(math.exp(-(i * i) / (2 * sigma**2)) for i in range(-40, 41))
    for at in np.ndindex(fields.shape):
        image, axis, r, c = at
        smooth = sum(math.exp(-((r - i) ** 2 + (c - j) ** 2) / (2 * sigma**2)) / total**2
                     * drawn[image, axis, i, j] for i in range(height) for j in range(width))
        assert fields[at] == pytest.approx(alpha * smooth, rel=1e-12)


def test_all_changes_are_one_map_and_planes_of_colour_go_together(images):
    settings = {"shift": 2, "rotate": 20, "scale": 0.3, "elastic": (6.0, 1.5)}
    found = augment.distort(images, np.random.default_rng(3), outside=0.5, **settings)
    rng = np.random.default_rng(3)
    maps = augment.affine_maps(3, rng, 2, 20, 0.3)
    fields = augment.elastic_fields(3, 6, 5, rng, 6.0, 1.5, np.float64)
    for image, n in zip(images, range(3), strict=True):
        padded = np.full((60, 60), 0.5)
        padded[20:26, 20:25] = image
        for r in range(6):
            for c in range(5):
                row, column = maps[n] @ [r - 2.5, c - 2, 1] + fields[n, :, r, c] + [22.5, 22]
                i, j = math.floor(row), math.floor(column)
                a, b = row - i, column - j
                value = ((1 - a) * (1 - b) * padded[i, j] + (1 - a) * b * padded[i, j + 1]
                         + a * (1 - b) * padded[i + 1, j] + a * b * padded[i + 1, j + 1])
                assert found[n, r, c] == pytest.approx(value, rel=1e-9)
    colour = np.stack([images, 2 * images, 1 - images], axis=1)
    apart = augment.distort(colour, np.random.default_rng(3), outside=0.5, **settings)
    np.testing.assert_allclose(apart[:, 0], found, rtol=1e-12)
    assert apart.shape == colour.shape


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_same_generator_gives_the_same_and_inputs_stay(images, dtype):
    images = images.astype(dtype)
    before = images.copy()
    settings = {"shift": 1, "rotate": 10, "elastic": (8.0, 2.0)}
    first, again, other = (augment.distort(images, np.random.default_rng(seed), **settings)
                           for seed in (4, 4, 5))
    assert first.dtype == dtype and np.array_equal(first, again)
    assert not np.array_equal(first, other) and np.array_equal(images, before)
    still = augment.distort(images, np.random.default_rng(6))
    np.testing.assert_allclose(still, images, rtol=1e-6)


@pytest.mark.parametrize("name, value", [("shift", -1), ("rotate", math.nan), ("scale", 1.0),
                                         ("alpha", math.inf), ("sigma", 0.0)])
def test_what_cannot_be_is_refused_by_name(name, value):
    usual = {"shift": 0, "rotate": 0, "scale": 0, "alpha": 1, "sigma": 4} | {name: value}
    elastic = usual.pop("alpha"), usual.pop("sigma")
    with pytest.raises(ValueError, match=f"^{name} must .* got"):
        augment.check(**usual, elastic=elastic)

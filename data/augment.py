"""Images, moved and bent at random: more training images than there are, of the same labels.

    new = augment.distort(images, rng, shift=2, rotate=15, scale=0.15, elastic=(34, 4))

All changes are one map, from each pixel of the new image to the place in the old one that it shows;
so the image is read once, and blurred by one interpolation however much is asked for. Functions of
arrays and a numpy Generator; the same state of that gives the same images, bit for bit.
"""

import math

import numpy as np


def distort(images, rng, *, shift=0.0, rotate=0.0, scale=0.0, elastic=(0.0, 1.0), outside=0.0):
    """Move, turn, stretch and bend each image on its own.

    images (N, H, W) or (N, C, H, W) float32 or float64 -> the same shape and dtype

    shift    pixels: across and down by up to so many either way
    rotate   degrees, around the middle, by up to so many either way
    scale    each side to 1 - scale to 1 + scale of its length
    elastic  (alpha, sigma): see elastic_fields
    outside  the value around the image
    All are drawn uniformly. Ciresan et al. 2010 and Simard et al. 2003 train so.
    """
    check(shift, rotate, scale, elastic)
    (count, *_, height, width), dtype = images.shape, images.dtype
    maps = affine_maps(count, rng, shift, rotate, scale).astype(dtype)
    places = maps @ grid(height, width, dtype)
    alpha, sigma = elastic
    if alpha:
        places += elastic_fields(count, height, width, rng, alpha, sigma, dtype).reshape(
            places.shape)
    middle = np.array([[height - 1], [width - 1]], dtype) / 2
    return sample(images, (places + middle).reshape(count, 2, height, width), outside)


def check(shift, rotate, scale, elastic):
    """Raise ValueError unless images can be changed so much."""
    for name, value in (("shift", shift), ("rotate", rotate), ("alpha", elastic[0])):
        if not 0 <= value < math.inf:
            raise ValueError(f"{name} must be 0 or more, and finite, got {value}")
    if not 0 <= scale < 1:
        raise ValueError(f"scale must lie in [0, 1), got {scale}")
    if not 0 < elastic[1] < math.inf:
        raise ValueError(f"sigma must be positive and finite, got {elastic[1]}")


def grid(height, width, dtype):
    """The place of each pixel from the middle: row, column and 1, of dtype (3, H W)."""
    rows, columns = np.indices((height, width)).reshape(2, -1)
    return np.stack([rows - (height - 1) / 2, columns - (width - 1) / 2,
                     np.ones(height * width)]).astype(dtype)


def affine_maps(count, rng, shift, rotate, scale):
    """A map for each image, from a place in the new one to that in the old: float64 (N, 2, 3).

    Places are (row, column, 1), from the middle. An image that is turned left, made larger and
    moved right is read on the right, closer together and on the left.
    """
    angle = np.deg2rad(rng.uniform(-rotate, rotate, count))
    tall, wide = rng.uniform(1 - scale, 1 + scale, (2, count))
    down, right = rng.uniform(-shift, shift, (2, count))
    cos, sin = np.cos(angle), np.sin(angle)
    turn = np.array([[cos / tall, -sin / tall], [sin / wide, cos / wide]])      # (2, 2, N)
    move = -np.einsum("ijn,jn->in", turn, np.array([down, right]))[:, None]
    return np.concatenate([turn, move], axis=1).transpose(2, 0, 1)


def elastic_fields(count, height, width, rng, alpha, sigma, dtype):
    """How far each pixel is read from its place, down and across: dtype (N, 2, H, W), in pixels.

    Numbers of -1 to 1 for every pixel, drawn uniformly, smoothed by a Gaussian of sigma pixels, so
    that neighbours go together, and multiplied by alpha. The Gaussian of a plane is one of its rows
    and one of its columns, each a product with a small matrix; beyond the image there is nothing.
    Simard, Steinkraus & Platt 2003, who have alpha 34 and sigma 4 for digits of 29 by 29.
    """
    fields = rng.random((count, 2, height, width), dtype)
    fields *= 2
    fields -= 1
    along = fields.reshape(-1, width) @ gaussian(width, sigma).astype(dtype)
    return (alpha * gaussian(height, sigma)).astype(dtype) @ along.reshape(fields.shape)


def gaussian(size, sigma):
    """The matrix (size, size) whose product smooths `size` numbers; its sums, far from the ends,
    are 1."""
    apart = np.subtract.outer(np.arange(size), np.arange(size))
    reach = np.arange(-math.ceil(9 * sigma), math.ceil(9 * sigma) + 1)
    return np.exp(-(apart / sigma) ** 2 / 2) / np.exp(-(reach / sigma) ** 2 / 2).sum()


def sample(images, places, outside=0.0):
    """What images show at places between their pixels, by bilinear interpolation.

    images (N, H, W) or (N, C, H, W), places (N, 2, H', W'), rows and columns from 0 -> new images
    (N, H', W') or (N, C, H', W'). Around an image is `outside`.
    """
    count, *channels, height, width = images.shape
    planes = math.prod(channels)
    # A border of one pixel before and two behind, where places that are farther away are put.
    padded = np.full((count, planes, height + 3, width + 3), outside, images.dtype)
    padded[:, :, 1:-2, 1:-2] = images.reshape(count, planes, height, width)
    down = np.clip(places[:, :1] + 1, 0, height + 1)
    right = np.clip(places[:, 1:] + 1, 0, width + 1)
    top, left = down.astype(np.intp), right.astype(np.intp)
    down -= top
    right -= left
    first = np.arange(0, padded.size, padded[0, 0].size).reshape(count, planes, 1, 1)
    at, pixels = first + (top * (width + 3) + left), padded.reshape(-1)

    def row(at):
        """Between two pixels of a row."""
        start = pixels.take(at, mode="clip")        # none is outside: faster than to look
        return start + right * (pixels.take(at + 1, mode="clip") - start)

    above = row(at)
    out = above + down * (row(at + (width + 3)) - above)
    return out.reshape(*images.shape[:-2], *places.shape[-2:])

"""Inputs that are images, and weights for them, as pictures: arrays of colours, PNG as text."""

import base64
import io
import math

import numpy as np

from flatprop.cli.build_data import IMAGES

UPWARD, DOWNWARD = (31, 111, 235), (219, 98, 20)    # colours of weights above and below zero
FRAME = (128, 128, 128, 70)
MOST_TILES = 64
PIXELS = 1200       # about the width of a mosaic


def shape_of(record):
    """The shape of the images that a run's inputs are, (8, 8) or (3, 32, 32); None for others."""
    inputs = record.saved.description["sizes"][0]
    if record.saved.preprocessing.columns is not None:
        return None
    data = record.options.get("data")
    known = isinstance(data, list) and str(data[:1]) in {str([name]) for name in IMAGES}
    if inputs == 3072:
        return (3, 32, 32)
    side = math.isqrt(inputs)
    square = side * side == inputs and (inputs in (64, 784) or known)
    return (side, side) if square else None


def strongest(W, count):
    """The columns of W (D, M) with the largest norm, largest first: at most count indices."""
    return np.argsort(-np.linalg.norm(W, axis=0), kind="stable")[:count]


def weights_mosaic(W, shape, across):
    """The columns of W (D, M), each a picture of an image's shape, as one picture.

    -> (height, width, 4) uint8, rows of tiles, columns of tiles
    Of grey images blue is above zero, orange below, and the strength of the colour the size, on one
    scale for all; of colour images grey is zero.
    """
    largest = max(float(np.quantile(np.abs(W), 0.995)), 1e-12)
    scaled = np.clip(W / largest, -1, 1)
    rows = -(-W.shape[1] // across)
    height, width = shape[-2:]
    zoom = max(1, PIXELS // (across * (width + 2)))
    tile_height, tile_width = height * zoom + 2, width * zoom + 2
    gap = max(2, zoom // 2)
    canvas = np.zeros((rows * (tile_height + gap), across * (tile_width + gap), 4), np.uint8)
    for i in range(W.shape[1]):
        tile = colours(scaled[:, i].reshape(shape))
        framed = np.empty((tile_height, tile_width, 4), np.uint8)
        framed[:] = FRAME
        framed[1:-1, 1:-1] = tile.repeat(zoom, axis=0).repeat(zoom, axis=1)
        top, left = i // across * (tile_height + gap), i % across * (tile_width + gap)
        canvas[top : top + tile_height, left : left + tile_width] = framed
    return canvas, rows, across


def colours(weights):
    """Weights in [-1, 1], (height, width) or (3, height, width) -> (height, width, 4) uint8."""
    if weights.ndim == 3:
        rgb = (weights.transpose(1, 2, 0) + 1) / 2
        alpha = np.ones((*rgb.shape[:2], 1))
        return np.round(np.concatenate([rgb, alpha], axis=2) * 255).astype(np.uint8)
    colour = np.where((weights > 0)[:, :, None], UPWARD, DOWNWARD)
    alpha = np.round(255 * np.abs(weights))[:, :, None]
    return np.concatenate([colour, alpha], axis=2).astype(np.uint8)


def images(rows, shape, preprocessing):
    """Standardized inputs (n, D) as pictures on one scale: (n, height, width[, 3]) in [0, 1]."""
    raw = rows * preprocessing.scale + preprocessing.mean
    low, high = raw.min(), raw.max()
    grey = ((raw - low) / ((high - low) or 1)).reshape(-1, *shape)
    return grey.transpose(0, 2, 3, 1) if len(shape) == 3 else grey


def data_uri(picture):
    """A picture in [0, 1], (height, width[, 3]), as the text of an address that holds it."""
    from matplotlib.image import imsave

    held = io.BytesIO()
    if picture.ndim == 2:
        picture = np.repeat(picture[:, :, None], 3, axis=2)
    pixels = np.round(255 * np.clip(picture, 0, 1)).astype(np.uint8)
    imsave(held, pixels, format="png", metadata={"Software": None})
    return "data:image/png;base64," + base64.b64encode(held.getvalue()).decode("ascii")

"""Inputs that are images, as pictures: PNG as text."""

import base64
import io

import numpy as np

SHAPES = {64: (8, 8), 784: (28, 28), 3072: (3, 32, 32)}     # of the images of the known data sets


def shape_of(record):
    """The shape of the images that a run's inputs are, by their number; None for others."""
    if record.saved.preprocessing.columns is not None:
        return None
    return SHAPES.get(record.saved.description["sizes"][0])


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

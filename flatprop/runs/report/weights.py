"""The weights of the first layer: as pictures where inputs are images, else a bar per column."""

import itertools

import numpy as np

from data import encode
from flatprop.runs.report import plots
from flatprop.runs.report.text import plural

MOST_BARS = 30
UPWARD, DOWNWARD = (31, 111, 235), (219, 98, 20)    # colours of weights above and below zero
FRAME = (128, 128, 128, 70)
MOST_TILES = 64
PIXELS = 1200       # about the width of a mosaic


def first_layer(record, draw):
    """The section on the first layer's weights, as HTML."""
    model = record.saved.model
    W = model.params[model.weights[0]]
    linear = len(model.weights) == 1
    shape = record.image_shape
    if not np.isfinite(W).all():
        return "<h2>First layer</h2><p>Some of its weights are not finite numbers.</p>\n"
    if shape is None:
        return bars(record, W, draw)
    strongest = np.argsort(-np.linalg.norm(W, axis=0), kind="stable")
    index = (np.arange(W.shape[1]) if linear else strongest)[:MOST_TILES]
    across = min(len(index), 10 if linear else 16)
    figure = plots.mosaic(lay_tiles(W[:, index], shape, across), -(-len(index) // across), across)
    if linear:
        text = "The weights of each output, in the order of the classes. "
    elif len(index) < W.shape[1]:
        text = (f"The weights of {len(index)} of {W.shape[1]:,} units, those with the largest "
                "norm, largest first. ")
    else:
        text = f"The weights of all {plural(len(index), 'unit')}, the largest norm first. "
    text += ("Grey is zero. " if len(shape) == 3 else "Blue is above zero, orange below. ")
    return (f"<h2>First layer</h2><p>{text}All are on one scale.</p>"
            + draw.figure(figure, "weights", "weights of the first layer as pictures") + "\n")


def lay_tiles(W, shape, across):
    """The columns of W (D, M), each a picture, as one picture on one scale (height, width, 4)."""
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
    return canvas


def colours(weights):
    """Weights in [-1, 1], ([3,] height, width) -> (height, width, 4) uint8; grey is coloured."""
    if weights.ndim == 3:
        rgb = (weights.transpose(1, 2, 0) + 1) / 2
        alpha = np.ones((*rgb.shape[:2], 1))
        return np.round(np.concatenate([rgb, alpha], axis=2) * 255).astype(np.uint8)
    colour = np.where((weights > 0)[:, :, None], UPWARD, DOWNWARD)
    alpha = np.round(255 * np.abs(weights))[:, :, None]
    return np.concatenate([colour, alpha], axis=2).astype(np.uint8)


def bars(record, W, draw):
    """A bar for each input column, those with the most weight on top."""
    names, norms = by_column(record, W)
    order = np.argsort(-norms, kind="stable")[:MOST_BARS]
    text = "How much the first layer listens to each input: the norm of the weights from it"
    text += ", over all values of a category" if record.saved.preprocessing.columns else ""
    text += ", its bins included" if record.saved.preprocessing.bins else ""
    text += ". Inputs are standardized, so the bars compare."
    if len(order) < len(norms):
        text += f" The {len(order)} largest of {len(norms):,} are shown."
    figure = plots.bars([names[i] for i in order], norms[order], "norm of the weights")
    return (f'<h2>First layer</h2><p>{text}</p>'
            + draw.figure(figure, "weights", "norm of the first layer's weights by input column")
            + "\n")


def by_column(record, W):
    """The names of the input columns, and the norm of the weights W (D, M) from each."""
    fitted, W = record.saved.preprocessing, W.astype(np.float64)
    if fitted.components is not None:       # of what they are made of, through them
        W, fitted = fitted.components @ W, fitted.without_components
    squares = np.square(W).sum(axis=1)
    columns, raw = fitted.columns, len(squares) - fitted.added
    squares = np.bincount(fitted.sources(raw), squares, minlength=raw)
    if columns is None:
        return [f"input {i}" for i in range(1, raw + 1)], np.sqrt(squares)
    ends = np.cumsum([0] + [encode.width([column]) for column in columns]).tolist()
    norms = [squares[start:end].sum() for start, end in itertools.pairwise(ends)]
    return [column["name"] for column in columns], np.sqrt(np.array(norms))

"""The weights of the first layer: as pictures where inputs are images, else a bar per column."""

import numpy as np

from data import table
from flatprop.runs.report import pictures, plots
from flatprop.runs.report.words import plural

MOST_BARS = 30


def first_layer(record, draw):
    """The section on the first layer's weights, as HTML."""
    W = record.saved.model.params["W1"]
    linear = len(record.saved.model.weights) == 1
    shape = pictures.shape_of(record)
    if not np.isfinite(W).all():
        return "<h2>First layer</h2><p>Some of its weights are not finite numbers.</p>\n"
    if shape is None:
        return bars(record, W, draw)
    index = np.arange(W.shape[1]) if linear else pictures.strongest(W, pictures.MOST_TILES)
    index = index[: pictures.MOST_TILES]
    across = min(len(index), 16 if not linear else 10)
    image, rows, columns = pictures.weights_mosaic(W[:, index], shape, across)
    figure = plots.mosaic(image, rows, columns)
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


def bars(record, W, draw):
    """A bar for each input column, those with the most weight on top."""
    names, norms = by_column(record, W)
    order = np.argsort(-norms, kind="stable")[:MOST_BARS]
    text = "How much the first layer listens to each input: the norm of the weights from it"
    text += ", over all values of a category" if record.saved.preprocessing.columns else ""
    text += ". Inputs are standardized, so the bars compare."
    if len(order) < len(norms):
        text += f" The {len(order)} largest of {len(norms):,} are shown."
    figure = plots.bars([names[i] for i in order], norms[order], "norm of the weights")
    return (f'<h2>First layer</h2><p>{text}</p>'
            + draw.figure(figure, "weights", "norm of the first layer's weights by input column")
            + "\n")


def by_column(record, W):
    """The names of the input columns, and the norm of the weights W (D, M) from each."""
    squares = np.square(W.astype(np.float64)).sum(axis=1)
    columns = record.saved.preprocessing.columns
    if columns is None:
        return [f"input {i}" for i in range(1, len(squares) + 1)], np.sqrt(squares)
    norms, start = [], 0
    for column in columns:
        end = start + table.width([column])
        norms.append(squares[start:end].sum())
        start = end
    return [column["name"] for column in columns], np.sqrt(np.array(norms))

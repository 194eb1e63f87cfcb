"""How far a step has moved the weights, as a share of how long they are."""

import numpy as np

from models import parameters


def update_ratios(model, before):
    """{weight: how long its update was, as a share of it}; before is theta before the update."""
    old, ratios = parameters.views(before, model.shapes), {}
    for name in model.weights:
        length = float(np.linalg.norm(old[name]))
        moved = float(np.linalg.norm(model.params[name] - old[name]))
        ratios[name] = moved / length if length else None
    return ratios

"""What the tests of exports share: run directories and the scores of their models."""

import numpy as np
from run_cases import save_run

from data.preprocessing import Preprocessing
from models.by_name import build

D, C = 5, 4
KINDS = [("none", "float32"), ("batch", "float32"), ("layer", "float32"), ("batch", "float64")]
MODELS = [      # kind, sizes, loss
    ("linear_classifier", [D, C], "svm"), ("linear_classifier", [D, C], "squared_hinge"),
    ("two_layer_net", [D, 8, C], "softmax"),
    ("two_layer_regressor", [D, 8, C], "square"), ("fully_connected_net", [D, C], "softmax"),
]
TOLERANCE = {"float32": 1e-5, "float64": 1e-9}      # ONNX keeps batchnorm's eps in float32
INPUTS = np.random.default_rng(3).uniform(0, 255, (9, D)).astype(np.float32)


def make_run(folder, classes=("a", "b", "c", "d"), columns=None, **description):
    """A run directory of an untrained network with scattered weights and statistics."""
    description = {"kind": "fully_connected_net", "sizes": [D, 6, 7, C], "activation": "relu",
                   "norm": "none", "dropout": 0.2, "loss": "softmax", "dtype": "float32",
                   **description}
    rng = np.random.default_rng(0)
    model = build(description, rng=rng)
    model.theta[:] = rng.normal(0, 0.8, model.theta.size)
    model.statistics[:] = rng.uniform(0.3, 2, model.statistics.size)
    fitted = Preprocessing(rng.uniform(80, 140, D), rng.uniform(30, 90, D), columns,
                           None if classes is None else list(classes), "kind")
    save_run(folder, description, model, fitted)
    return folder, model, fitted


def scores_of(model, fitted, raw=INPUTS):
    return model.scores(fitted.apply(raw, model.theta.dtype))

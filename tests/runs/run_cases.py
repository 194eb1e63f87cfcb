"""Run directories for tests: a small model with its weights, as training leaves them."""

import json

import numpy as np

from data.preprocessing import Preprocessing
from flatprop.runs import saved_model
from models.by_name import build

COLUMNS = [{"name": "age", "kind": "number"},
           {"name": "colour", "kind": "category", "values": ["blue", "red"]}]


def table_run(folder, **options):
    """A run of a table with the columns age, colour and bought: three inputs, two classes."""
    options = {"columns": COLUMNS, "target": "bought", "classes": ["no", "yes"]} | options
    sizes = (3, 1 if options.get("loss") == "square" else 2)
    return make_run(folder, sizes=sizes, mean=[40, 0, 0], scale=[10, 1, 1], **options)


def make_run(folder, *, sizes=(3, 4), loss="softmax", columns=None, classes=None, target="",
             mean=None, scale=None, dtype="float64", seed=0):
    """Write a run with a linear model into the folder; gives (model, preprocessing)."""
    description = {"kind": "linear_classifier", "sizes": list(sizes), "loss": loss, "dtype": dtype}
    model = build(description, rng=np.random.default_rng(seed))
    model.theta[:] = np.random.default_rng(seed).normal(size=model.theta.shape)
    mean = np.arange(1.0, sizes[0] + 1) if mean is None else np.asarray(mean, np.float64)
    scale = np.full(mean.shape, 2.0) if scale is None else np.asarray(scale, np.float64)
    fitted = Preprocessing(mean, scale, columns, classes, target)
    save_run(folder, description, model, fitted)
    np.savez(folder / "last.npz", theta=-model.theta, statistics=model.statistics)
    return model, fitted


def save_run(folder, description, model, fitted):
    """Write the files that a saved model is loaded from; best and last weights are the same."""
    folder.mkdir(exist_ok=True)
    (folder / "model.json").write_text(json.dumps(saved_model.describe(description, fitted)))
    for name in ("best", "last"):
        np.savez(folder / f"{name}.npz", theta=model.theta, statistics=model.statistics)


def scores(model, fitted, raw):
    """The scores of raw inputs, as plain matrix arithmetic."""
    x = (np.asarray(raw, np.float64) - fitted.mean) / fitted.scale
    return x @ model.params["W1"] + model.params["b1"]


def softmax(scores):
    """Probabilities (N, C)."""
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)

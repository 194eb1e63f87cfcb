"""The names that train.py's options take."""

from flatprop.cli import build_data
from layers.by_name import ACTIVATIONS, LOSSES, NORMS
from models.by_name import INITS, MODELS
from solvers.by_name import SCHEDULES, UPDATE_RULES

NAMES = {
    "--data": build_data.NAMES, "--standardize": ["dataset", "feature", "none"],
    "--task": ["classification", "regression"], "--model": list(MODELS),
    "--activation": list(ACTIVATIONS), "--norm": list(NORMS), "--loss": list(LOSSES),
    "--init": list(INITS), "--dtype": ["float32", "float64"],
    "--update-rule": list(UPDATE_RULES), "--lr-schedule": list(SCHEDULES),
}

"""The names that train.py's options take."""

from flatprop.cli import build_data, build_network
from layers.by_name import ACTIVATIONS, LOSSES, NORMS
from models.build import KINDS
from solvers.by_name import SCHEDULES, UPDATE_RULES

NAMES = {
    "--data": build_data.NAMES, "--standardize": ["dataset", "feature", "none"],
    "--task": ["classification", "regression"], "--model": list(KINDS),
    "--activation": list(ACTIVATIONS), "--norm": list(NORMS), "--loss": list(LOSSES),
    "--init": list(build_network.INITS), "--dtype": ["float32", "float64"],
    "--update-rule": list(UPDATE_RULES), "--lr-schedule": list(SCHEDULES),
}

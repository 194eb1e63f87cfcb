"""The names that train.py's options take."""

from flatprop.cli import build_data, build_solver
from layers.by_name import ACTIVATIONS, LOSSES, NORMS
from models.by_name import INITS, MODELS

NAMES = {
    "--data": build_data.NAMES, "--standardize": ["dataset", "feature", "none"],
    "--task": ["classification", "regression"], "--model": list(MODELS),
    "--activation": list(ACTIVATIONS), "--norm": list(NORMS), "--loss": list(LOSSES),
    "--init": list(INITS), "--dtype": ["float32", "float64"],
    "--update-rule": build_solver.UPDATE_RULES, "--lr-schedule": build_solver.SCHEDULES,
}

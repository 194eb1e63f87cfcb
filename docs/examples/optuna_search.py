"""Optuna chooses options of `flatprop train`, by validation over folds: 20 trials on the houses.

    pip install optuna
    python docs/examples/optuna_search.py
"""

import contextlib
import io
from pathlib import Path

import optuna

from flatprop.__main__ import main
from flatprop.runs import listing


def objective(trial):
    """The mean R^2 of the validation parts with the options that a trial suggests."""
    out = Path("optuna") / f"trial-{trial.number}"
    hidden = trial.suggest_categorical("hidden", ["32", "128 128"])
    words = ["train", "--data", "docs/examples/houses.csv", "--folds", "5", "--quiet",
             "--lr", str(trial.suggest_float("lr", 1e-3, 2e-2, log=True)),
             "--dropout", str(trial.suggest_float("dropout", 0.0, 0.4)),
             "--hidden", *hidden.split(), "--out", str(out), "--overwrite"]
    with contextlib.redirect_stdout(io.StringIO()):
        code = main(words)
    if code:                # it diverged, or was stopped
        raise optuna.TrialPruned
    return listing.row(out).val


study = optuna.create_study(direction="maximize", sampler=optuna.samplers.TPESampler(seed=0))
study.optimize(objective, n_trials=20)
print(study.best_trial.number, study.best_value, study.best_params)

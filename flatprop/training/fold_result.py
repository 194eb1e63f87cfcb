"""What folds.json has of a fold, whoever has trained it."""

import numpy as np

from flatprop.runs import evaluation


def of(solver, examples):
    """The best epoch of a fold and what its validation part says of it; for a regression R^2.

    The model holds the best weights.
    """
    best = solver.best
    result = {"best_epoch": best["epoch"], "epochs": len(solver.history)}
    if not solver.history:
        return result
    result["val_loss"] = best["val_loss"]
    if examples["classes"]:
        return result | {f"val_{solver.metric.__name__}": best["val_metric"]}
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):     # as in training
        scored = evaluation.score(solver.model, evaluation.batches(*examples["val"]))
        return result | {"val_r2": evaluation.regression(scored, examples["preprocessing"])["r2"]}

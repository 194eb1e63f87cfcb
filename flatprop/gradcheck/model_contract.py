"""What can be wrong with a model besides the numbers of one loss call."""

import numpy as np

from flatprop.gradcheck.contract import find_changes, on_fewer_rows, other_dtypes, other_gradients
from flatprop.gradcheck.finding import find, raising
from flatprop.gradcheck.model_case import copy_model, loss_case, rewinder
from solvers import contract


def breaches(model, x, y, nondeterminism):
    """Inputs changed in place, results that depend on earlier calls, dtypes. -> list of Finding

    nondeterminism: what two calls may differ by
    """
    trial, given_x, given_y = copy_model(model), x.copy(), y.copy()
    before = {name: np.array(value) for name, value in trial.params.items()}
    try:
        answer = trial.loss(given_x, given_y)
        contract.check_pair(model, answer)
    except Exception as error:
        return [raising("loss", error)]
    _, grads = answer
    found = [find("loss changes its argument", "loss", {"name": name})
             for name in find_changes("xy", (given_x, given_y), (x, y))]
    found += [find("loss changes a parameter", "loss", {"name": name}) for name in
              find_changes(before, trial.params.values(), before.values())[:1]]
    found += other_dtypes([(f"d{name}", grads[name], value.dtype) for name, value
                           in trial.params.items() if name in grads])
    return found if any(each.fails for each in found) else [
        *found, *stale_caches(model, x, y, nondeterminism)]


def stale_caches(model, x, y, nondeterminism):
    """Whether the gradients of a batch depend on the loss calls before."""
    used, alone = copy_model(model), copy_model(model).loss(x.copy(), y.copy())[1]
    rewind = rewinder(used)

    def after_another():
        used.loss(x[::-1] * x.dtype.type(0.5), y[::-1].copy())
        rewind()
        grads = used.loss(x.copy(), y.copy())[1]
        return [grads[name] for name in alone]
    return other_gradients(list(alone.values()), after_another, nondeterminism, "earlier calls",
                           "loss")


def last_batch(model, x, y, settings):
    """Whether the gradients of a shorter batch are wrong, after a loss call on the whole one."""
    used, rows = copy_model(model), len(x) // 3 + 1
    used.loss(x.copy(), y.copy())
    return [] if len(x) < 3 else on_fewer_rows(
        lambda: loss_case(used, x[:rows], y[:rows], np.random.default_rng(0)), rows, settings,
        "loss")

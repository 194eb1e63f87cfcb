"""What can be wrong with a model besides the numbers of one loss call."""

import numpy as np

from flatprop.gradcheck.case import equal
from flatprop.gradcheck.contract import find_changes
from flatprop.gradcheck.finding import find, raising
from flatprop.gradcheck.measure import measure
from flatprop.gradcheck.model_case import copy_model, generator_states, loss_case, set_back
from solvers import contract


def breaches(model, x, y, strict):
    """Inputs changed in place, results that depend on earlier calls, dtypes. -> list of Finding

    strict: whether another dtype counts
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
    found += [find("dtype", f"d{name}", {
        "has": np.asarray(grads[name]).dtype, "wanted": trial.params[name].dtype}, strict)
        for name in grads if name in trial.params
        and np.asarray(grads[name]).dtype != trial.params[name].dtype]
    return found if any(each.fails for each in found) else [*found, *stale_caches(model, x, y)]


def stale_caches(model, x, y):
    """Whether the gradients of a batch depend on the loss calls before."""
    used = copy_model(model)
    alone = copy_model(model).loss(x.copy(), y.copy())[1]
    states = generator_states(used)
    try:
        used.loss(x[::-1] * x.dtype.type(0.5), y[::-1].copy())
        set_back(states)
        after = used.loss(x.copy(), y.copy())[1]
    except Exception:
        after = None
    if after is not None and all(equal(alone[name], after.get(name)) for name in alone):
        return []
    rounding = after is not None and all(
        np.allclose(alone[name], after.get(name, np.nan), rtol=1e-12, atol=1e-12)
        for name in alone)
    return [find("earlier calls", "loss", {"by": ", by rounding" if rounding else ""},
                 not rounding)]


def last_batch(model, x, y, settings):
    """Whether the gradients of a shorter batch are wrong, after a loss call on the whole one."""
    if len(x) < 3:
        return []
    used = copy_model(model)
    used.loss(x.copy(), y.copy())
    short = len(x) // 3 + 1
    rng = np.random.default_rng(0)
    few = settings._replace(rng=rng, entries=20 if settings.entries is None else settings.entries)
    try:
        case = loss_case(used, x[:short], y[:short], rng)
        if not any(measure(case, position, gradient, few).wrong
                   for position, gradient in enumerate(case.gradients())):
            return []
        what = "gradients are wrong"
    except Exception as error:
        what = f"loss raises {type(error).__name__}: {error}"
    return [find("model's last batch", "loss", {"rows": short, "what": what})]

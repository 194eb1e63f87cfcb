"""The L2 penalty of a model: what the loss has of it, and what the gradient has.

On a batch of one row the data's part of a weight's gradient is u v^T, with v the gradient of the
bias. What is orthogonal to v is the penalty's alone, in the gradient and in differences alike.
"""

import numpy as np

from flatprop.gradcheck.diagnosis.evidence import close, multiple
from flatprop.gradcheck.finding import find
from flatprop.gradcheck.model_case import loss_case


def l2(evidence, reg, model, x, y):
    """The penalty's gradient missing, or another than that of the loss's penalty."""
    lacking, name, W = lacking_decay(evidence), evidence.name, evidence.name[1:]
    if lacking is None:
        return None
    if evidence.samples[0].x.ndim < 2:
        return find("bias in the loss", name, {"size": f"{lacking / 2:.4g}"}) if lacking > 0 else (
            find("bias decayed", name, {"size": f"{-lacking:.4g}"}))
    decays = decays_of(evidence, model, x, y)
    if decays is not None and abs(decays[1] - decays[0]) < 1e-3 * abs(lacking):
        decays = decays[1] - lacking, decays[1]     # equal on one row, so one of them has N in it
    if decays is None or not close(decays[1] - decays[0], lacking):
        return find("penalty", name, {"lacks": "lacks" if lacking > 0 else "has, too much,",
                                      "size": f"{abs(lacking):.4g}"})
    has, wanted = decays
    if abs(wanted) < 1e-3 * abs(has):
        return find("penalty not in the loss", name, {"size": f"{has:.4g}"})
    ratio, n, reg = has / wanted, len(x), reg or 0.0
    words = {
        "loss": f"the loss has {wanted / 2:.4g} sum({W}^2), whose gradient is {wanted:.4g} {W}",
        "has": f"{name} has {has:.4g} {W}, {ratio:.4g} times that", "reg": f"{reg:g}",
        "but": "1/N" if close(ratio * n, 1) else "N" if close(ratio, n) else
        ": it is without its 2" if close(ratio, 0.5) else ""}
    return find(
        "penalty lost" if abs(ratio) < 1e-3 else
        "penalty sign" if ratio < 0 and close(ratio, 1) else
        "penalty over N" if close(ratio * n, 1) or close(ratio, n) else
        "penalty halved" if close(has, 2 * reg) and close(wanted, reg) else
        "loss off" if close(has, 2 * reg) else "penalty factor", name, words)


def lacking_decay(evidence):
    """c where the gradient lacks c W on every sample, or None."""
    constants = []
    for sample in evidence.samples:
        missing = (sample.numeric - sample.analytic) / sample.case.dout
        constant = multiple(missing, np.where(np.isnan(missing), np.nan, sample.x))
        if not constant or sample.x.size < 3:
            return None
        constants.append(constant)
    steady = max(constants) - min(constants) <= 1e-3 * abs(constants[0])
    return constants[0] if steady else None


def decays_of(evidence, model, x, y):
    """(c, d): the gradient has c W of a penalty, and differences of the loss have d W; or None."""
    name = evidence.name[1:]
    bias = "b" + name[1:]
    try:
        case = loss_case(model, x[:1], y[:1], np.random.default_rng(0))
    except Exception:       # a model may need more than one row, as batch normalization does
        return None
    if bias not in case.names or name not in case.names:
        return None
    W, b = case.names.index(name), case.names.index(bias)
    grads = case.gradients()
    found = []
    for of_weight, of_bias in ((grads[W], grads[b]),
                               (case.numeric_gradient(W), case.numeric_gradient(b))):
        if np.ndim(of_bias) != 1 or np.ndim(of_weight) != 2 or not np.any(of_bias):
            return None
        v = np.asarray(of_bias, float) / np.linalg.norm(of_bias)
        beside = np.eye(v.size) - np.outer(v, v)
        left, full = of_weight / case.dout @ beside, case.inputs[W] @ beside
        c = float(np.sum(left * full) / np.sum(full * full))
        if np.abs(left - c * full).max() > 1e-4 * max(np.abs(full).max() * abs(c), 1e-3):
            return None
        found.append(c)
    return tuple(found)

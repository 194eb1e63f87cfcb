"""The L2 penalty of a model: what the loss has of it, and what the gradient has.

On a batch of one row the data's part of a weight's gradient is u v^T, with v the gradient of the
bias. What is orthogonal to v is the penalty's alone, in the gradient and in differences alike.
"""

import numpy as np

from flatprop.gradcheck.diagnosis.evidence import multiple
from flatprop.gradcheck.diagnosis.remedies import find
from flatprop.gradcheck.model_case import loss_case


def l2(evidence, reg, model, x, y):
    """The penalty's gradient missing, or another than that of the loss's penalty."""
    lacking = lacking_decay(evidence)
    if lacking is None:
        return None
    name, W = evidence.name, evidence.name[1:]
    if evidence.samples[0].x.ndim < 2:
        if lacking > 0:
            return find("bias in the loss", name, f"the loss penalizes {W} with {lacking / 2:.4g} "
                        f"sum({W}^2), and {{d}} has nothing of it")
        return find("bias decayed", name, f"{{d}} decays the bias, with {-lacking:.4g} {W}, and the "
                    "loss does not penalize it")
    decays = decays_of(evidence, model, x, y)
    if decays is not None and abs(decays[1] - decays[0]) < 1e-3 * abs(lacking):
        decays = decays[1] - lacking, decays[1]     # equal on one row, so one of them has N in it
    if decays is None or abs(decays[1] - decays[0] - lacking) > 1e-3 * abs(lacking):
        return find("penalty", name, f"{{d}} has {-lacking:.4g} {W} too much of the gradient of an "
                    "L2 penalty" if lacking < 0 else
                    f"{{d}} lacks {lacking:.4g} {W} of the gradient of an L2 penalty")
    has, wanted = decays
    loss = f"the loss has {wanted / 2:.4g} sum({W}^2), whose gradient is {wanted:.4g} {W}"
    if abs(wanted) < 1e-3 * abs(has):
        return find("penalty not in the loss", name, f"{{d}} has the gradient of a penalty, "
                    f"{has:.4g} {W}, and the loss penalizes {W} not at all")
    if abs(has) < 1e-3 * abs(wanted):
        return find("penalty lost", name, f"{loss}, and {{d}} has nothing of it: the gradient of "
                    "the penalty is missing")
    says = f"{loss}; {{d}} has {has:.4g} {W}, {has / wanted:.4g} times that"
    n = len(x)
    if abs(has / wanted + 1) < 1e-3:
        return find("penalty sign", name, says + ": its sign is flipped")
    if min(abs(has / wanted * n - 1), abs(has / wanted / n - 1)) < 1e-3:
        return find("penalty over N", name, says + f" ({'1/N' if abs(has) < abs(wanted) else 'N'})")
    of_loss = reg is not None and abs(has - 2 * reg) < 1e-3 * reg
    if of_loss and abs(wanted - reg) < 1e-3 * reg:
        return find("penalty halved", name, says + f": with lambda = {reg:g} the loss has 1/2 "
                    f"lambda sum({W}^2), the gradient is then lambda {W}")
    if of_loss:
        return find("loss off", name, says + f": with lambda = {reg:g} it is the loss that is off, "
                    f"as where one matrix is penalized twice and another one never")
    return find("penalty factor", name, says + (": it is without its 2" if abs(
        has / wanted - 0.5) < 1e-3 else ""))


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

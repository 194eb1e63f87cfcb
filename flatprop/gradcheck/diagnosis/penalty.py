"""The L2 penalty of a model: what the loss has of it, and what the gradient has."""

from flatprop.gradcheck.diagnosis.evidence import close
from flatprop.gradcheck.diagnosis.fit import fit
from flatprop.gradcheck.finding import find


def l2(evidence, reg, rows):
    """The penalty's gradient missing, or another than that of the loss's penalty.

    rows: None where the model takes no single row
    """
    name, W = evidence.name, evidence.name[1:]
    found = fit([(each.numeric - each.analytic) / each.case.dout for each in evidence.samples],
                [{W: each.x} for each in evidence.samples], most=1)
    if found is None:
        return None
    (lacking,) = found.coefficients
    if evidence.samples[0].x.ndim < 2 or rows and W in dict(rows.pairs).values():
        return find("bias in the loss", name, {"size": f"{lacking / 2:.4g}"}) if lacking > 0 else (
            find("bias decayed", name, {"size": f"{-lacking:.4g}"}))
    layer = rows and rows.layer(rows.numbers.get(W, 0))
    has, wanted = (layer.has, layer.decay) if layer else (None, None)
    if has is not None and abs(wanted - has) < 1e-3 * abs(lacking):
        has = wanted - lacking      # equal on one row, so one of them has N in it
    if has is None or not wanted or not close(wanted - has, lacking):
        return find("penalty", name, {"lacks": "lacks" if lacking > 0 else "has, too much,",
                                      "size": f"{abs(lacking):.4g}"})
    ratio, n, reg = has / wanted, rows.total, reg or 0.0
    words = {
        "loss": f"the loss has {wanted / 2:.4g} sum({W}^2), whose gradient is {wanted:.4g} {W}",
        "has": f"{name} has {has:.4g} {W}, {ratio:.4g} times that", "reg": f"{reg:g}",
        "size": f"{has:.4g}", "but": "1/N" if close(ratio * n, 1) else "N" if close(ratio, n) else
        ": it is without its 2" if close(ratio, 0.5) else ""}
    return find(
        "penalty not in the loss" if abs(wanted) < 1e-3 * abs(has) else
        "penalty lost" if abs(ratio) < 1e-3 else
        "penalty sign" if ratio < 0 and close(ratio, 1) else
        "penalty over N" if close(ratio * n, 1) or close(ratio, n) else
        "penalty halved" if close(has, 2 * reg) and close(wanted, reg) else
        "loss off" if close(has, 2 * reg) else "penalty factor", name, words)

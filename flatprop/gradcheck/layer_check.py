"""check: a layer's backward against differences of its forward, and against the contract."""

import numpy as np

from flatprop.gradcheck import contract, differences, finding
from flatprop.gradcheck.case import Case, as_tuple, differentiable, in_float64, is_float, shuffled
from flatprop.gradcheck.diagnosis.diagnosis import diagnose
from flatprop.gradcheck.finding import Finding
from flatprop.gradcheck.measure import measure
from flatprop.gradcheck.report import Report

OTHER_ORDERS = 2


def check(forward, backward, *inputs, wrt=None, rows=None, rng=None, entries=None,
          tolerance=differences.TOLERANCE, name=None):
    """Check backward(dout, cache) -> gradients against forward(*inputs) -> (out, cache).

    wrt      positions of the inputs that backward has gradients for, in its order; by default the
             first float inputs, as many as gradients come back
    rows     positions of the inputs whose first axis is the batch, for a trial with a shorter one;
             by default the first input, if it is an array, and its labels
    rng      the numpy Generator of the upstream gradient and the samples; by default seed 0
    entries  how many entries of each gradient to look at; by default all of a small one, and of
             a large one a sample, with random directions for the rest
    name     what to call it; by default forward's module
    -> Report. Floats are taken in float64. Nothing is raised for a wrong layer: what it raises
    itself is part of the report. TypeError if no input is a float or an array of floats.
    """
    rng = np.random.default_rng(0) if rng is None else rng
    name = getattr(forward, "__module__", "layer") if name is None else name
    if not any(is_float(value) for value in inputs):
        raise TypeError("check needs at least one input that is a float or an array of floats")
    with np.errstate(all="ignore"):
        return checked(forward, backward, inputs, wrt, rows, rng, entries, tolerance, name)


def checked(forward, backward, inputs, wrt, rows, rng, entries, tolerance, name):
    """check, with everything given."""
    try:
        forward(*[in_float64(value) for value in inputs])
    except Exception as error:
        return Report(name, [], [raised("forward", error)])
    case = Case(forward, backward, inputs, rng)
    try:
        grads = case.gradients()
    except Exception as error:
        return Report(name, [], [raised("backward", error)])
    case.positions = differentiable(case, grads, wrt)
    if len(grads) != len(case.positions):
        return Report(name, [], [wrong_number(case, grads)])

    try:
        found = contract.breaches(case)
    except Exception as error:
        found = [raised("a second call", error)]
    lines, mistakes = judged(case, grads, rng, entries, tolerance)
    if not mistakes:
        lines, mistakes = on_other_inputs(case, lines, rng, entries, tolerance)
    found += mistakes
    if not any(each.fails for each in found):
        found += contract.last_batch(case, rows, rng)
        found += contract.remarks(case)
    return Report(name, lines, found)


def judged(case, grads, rng, entries, tolerance):
    """Every gradient measured, and the mistakes behind the wrong ones. -> lines, findings"""
    lines, found = [], []
    for order, (position, gradient) in enumerate(zip(case.positions, grads, strict=True)):
        measured = None
        d = f"d{case.names[position]}"
        if gradient is None or not is_float(gradient):
            kind = "None" if gradient is None else f"a {type(gradient).__name__}, not floats"
            found.append(Finding(finding.SHAPE, d, f"{d} is {kind}",
                                 "return an array of the input's shape and dtype"))
            continue
        if np.shape(gradient) == np.shape(case.inputs[position]):
            measured = measure(case, position, gradient, rng, entries, tolerance)
            lines.append(measured)
            if not measured.wrong:
                continue
        found.append(diagnose(case, order, measured, rng))
    return lines, found


def on_other_inputs(case, lines, rng, entries, tolerance):
    """Try the same numbers in other orders, along random directions: a mistake may need certain
    inputs to show. -> the lines, or those of the inputs where it showed, and findings
    """
    for _ in range(OTHER_ORDERS):
        try:
            other = shuffled(case, rng)
            grads = other.gradients()
        except Exception:       # a layer may need its inputs in order
            break
        if any(measure(other, position, gradient, rng, 0, tolerance).wrong
               for position, gradient in zip(case.positions, grads, strict=True)
               if np.shape(gradient) == np.shape(other.inputs[position])):
            seen, found = judged(other, grads, rng, entries, tolerance)
            if found:
                return seen, [*found, Finding(
                    finding.REMARK, "inputs", "on the inputs given every gradient agrees; these "
                    "are the same numbers in another order")]
    return lines, []


def raised(where, error):
    """The finding that a function raised."""
    return Finding(finding.RAISED, where, f"{where} raises {type(error).__name__}: {error}",
                   "run it alone on these inputs to see the traceback")


def wrong_number(case, grads):
    """The finding that backward does not return as many gradients as it should."""
    wanted = [f"d{case.names[position]}" for position in case.positions]
    return Finding(finding.SHAPE, "backward", f"backward returns {len(as_tuple(grads))} gradients "
                   f"where {len(wanted)} are wanted: {', '.join(wanted)}",
                   "return one gradient for each input that has one, in forward's order")

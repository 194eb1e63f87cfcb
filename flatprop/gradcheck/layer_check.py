"""check: a layer's backward against differences of its forward, and against the contract."""

import numpy as np

from flatprop.gradcheck import contract, differences
from flatprop.gradcheck.case import Case, NoPair, is_float, shuffle
from flatprop.gradcheck.diagnosis import formulas, masks, parts, subsets, whole
from flatprop.gradcheck.diagnosis.evidence import explain, gather, no_explanation
from flatprop.gradcheck.finding import Finding, raising
from flatprop.gradcheck.measure import Settings, measure, measure_all
from flatprop.gradcheck.report import Report

OTHER_ORDERS = 2
SEED = 716_253      # not 0, the seed of many callers' inputs: dout would be equal to x
# Tried in turn on a wrong gradient; the first that explains every sample is named. Those that
# can hardly hold by chance come first: a wrong shape, or one factor for every entry.
EXPLANATIONS = (
    whole.not_summed, whole.order, whole.shape, whole.ZERO, whole.upstream, whole.factor,
    whole.TRANSPOSED, *whole.WRONG_AXES, subsets.labels, subsets.LABELS_ALONE, subsets.one_for_all,
    subsets.upstream_of_one_row, subsets.AT_OUTPUT, *masks.MASKS, subsets.array_factor,
    formulas.past_it, parts.explain_parts, *subsets.LOST_PATHS, subsets.overwritten,
    subsets.factor_of_some, subsets.ONE_FACTOR, formulas.explain_formula,
)


def check(forward, backward, *inputs, wrt=None, rows=None, rng=None, entries=None,
          tolerance=differences.TOLERANCE, name=None):
    """Check backward(dout, cache) -> gradients against forward(*inputs) -> (out, cache).

    wrt      positions of the inputs that backward has gradients for, in its order; by default the
             first float inputs, as many as gradients come back
    rows     positions of the inputs whose first axis is the batch, for a trial with a shorter one;
             by default the first input, if it is an array, and its labels
    rng      the numpy Generator of the upstream gradient and the samples; by default one of a fixed
             seed
    entries  how many entries of each gradient to look at; by default all of a small one, and of
             a large one a sample, with random directions for the rest
    name     what to call it; by default forward's module
    -> Report. Floats are taken in float64. Nothing is raised for a wrong layer: what it raises
    itself is part of the report. TypeError if no input is a float or an array of floats.
    """
    rng = np.random.default_rng(SEED) if rng is None else rng
    name = getattr(forward, "__module__", "layer") if name is None else name
    if not any(is_float(value) for value in inputs):
        raise TypeError("check needs at least one input that is a float or an array of floats")
    with np.errstate(all="ignore"):
        lines, found = run(forward, backward, inputs, wrt, rows, Settings(rng, entries, tolerance))
    return Report(name, lines, found)


def run(forward, backward, inputs, wrt, rows, settings):
    """All of a check, in order. -> a Measured for each gradient, findings"""
    try:
        case = Case(forward, backward, inputs, settings.rng)
    except NoPair as error:
        return [], [Finding("shape", "forward", str(error), "end it with return out, cache; the "
                            "cache is what backward needs, or ()")]
    except Exception as error:
        return [], [raising("forward", error)]
    try:
        grads = case.gradients()
    except Exception as error:
        return [], [raising("backward", error)]
    floats = [i for i, value in enumerate(case.inputs) if is_float(value)]
    case.positions = floats[: len(grads)] if wrt is None else list(wrt)
    if len(grads) != len(case.positions):
        wanted = [f"d{case.names[position]}" for position in case.positions]
        number = "one is" if len(wanted) == 1 else f"{len(wanted)} are"
        return [], [Finding(
            "shape", "backward", f"backward returns {in_words(grads)} where "
            f"{number} wanted: {', '.join(wanted)}",
            "return one gradient for each input that has one, in forward's order")]

    try:
        found = contract.breaches(case)
    except Exception as error:
        found = [raising("a second call", error)]
    lines, mistakes = examine(case, grads, settings)
    if not mistakes:
        lines, mistakes = try_other_orders(case, lines, settings)
    found += mistakes
    if not any(each.fails for each in found):
        found += contract.last_batch(case, rows, settings)
        found += contract.remarks(case)
    return lines, found


def in_words(grads):
    """What backward returns, where it is not what is wanted: "2 gradients"."""
    if len(grads) != 1:
        return f"{len(grads)} gradients"
    return "None" if grads[0] is None else (
        "a list, not a tuple," if isinstance(grads[0], list) else "1 gradient")


def examine(case, grads, settings):
    """Every gradient measured, and the mistakes behind the wrong ones. -> lines, findings"""
    lines, wrong, found = measure_all(case, grads, settings)
    for order, measured in wrong:
        evidence = gather(case, order, measured, settings.rng)
        found.append(explain(evidence, EXPLANATIONS) or no_explanation(evidence))
    return lines, found


def try_other_orders(case, lines, settings):
    """The same on the same numbers in another order: a mistake may need certain inputs to show."""
    for _ in range(OTHER_ORDERS):
        try:
            other = shuffle(case, settings.rng)
            grads = other.gradients()
        except Exception:       # a layer may need its inputs in order
            break
        along_directions = settings._replace(entries=0)
        if any(measure(other, position, gradient, along_directions).wrong
               for position, gradient in zip(case.positions, grads, strict=True)
               if np.shape(gradient) == np.shape(other.inputs[position])):
            seen, found = examine(other, grads, settings)
            if found:
                return seen, [*found, Finding(
                    "remark", "inputs", "on the inputs given every gradient agrees; these "
                    "are the same numbers in another order")]
    return lines, []

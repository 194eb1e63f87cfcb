"""check: a layer's backward against differences of its forward, and against the contract."""

import numpy as np

from flatprop.gradcheck import contract, differences
from flatprop.gradcheck.case import MANY, Case, in_short, is_float, shuffle
from flatprop.gradcheck.diagnosis import formulas, masks, parts, subsets, whole
from flatprop.gradcheck.diagnosis.evidence import explain, gather
from flatprop.gradcheck.differences import KINK, WRONG
from flatprop.gradcheck.finding import NoLayer, find, raising
from flatprop.gradcheck.measure import Settings, measure, measure_all
from flatprop.gradcheck.report import Report

OTHER_ORDERS = 2
SEED = 716_253      # not 0, the seed of many callers' inputs: dout would be equal to x
# Tried in turn on a wrong gradient; the first that explains every sample is named. Those that
# can hardly hold by chance come first: a wrong shape, or one factor for every entry.
WHOLE = (whole.order, whole.shape, whole.NOT_FINITE, whole.ZERO, whole.upstream,
         whole.factor, whole.TRANSPOSED, *whole.WRONG_AXES)
EXPLANATIONS = (
    *WHOLE, subsets.labels, subsets.one_for_all, subsets.upstream_of_one_row, *subsets.OTHER_POINTS,
    masks.mask, subsets.factor_of_some, subsets.array_factor, formulas.past_it,
    parts.explain_parts, subsets.misplaced, subsets.overwritten,
    formulas.explain_formula,
)


def check(forward, backward, *inputs, wrt=None, rows=None, rng=None, entries=None,
          tolerance=differences.TOLERANCE, absolute=0.0, contract=False, name=None):
    """Check backward(dout, cache) -> gradients against forward(*inputs) -> (out, cache).

    wrt      positions of the inputs that backward has gradients for, in its order; by default the
             first float inputs, as many as gradients come back
    rows     positions of the inputs whose first axis is the batch, for a trial with a shorter one;
             by default the first input, if it is an array, and its labels
    rng      the numpy Generator of the upstream gradient and the samples; by default one of a fixed
             seed
    entries  how many entries of each gradient to look at; by default all of a small one, and of
             a large one a sample, with random directions for the rest
    tolerance, absolute
             the error that is allowed, relative and absolute
    contract whether breaches of the layer contract count: another dtype than the inputs', integers
             taken, gradients that differ by rounding between two calls; they are remarks otherwise
    name     what to call it; by default forward's module
    -> Report. Floats are taken in float64. Nothing is raised for a wrong layer: what it raises
    itself is part of the report. TypeError if no input is a float or an array of floats.
    """
    rng = np.random.default_rng(SEED) if rng is None else rng
    name = getattr(forward, "__module__", "layer") if name is None else name
    if not any(is_float(value) for value in inputs):
        raise TypeError("check needs at least one input that is a float or an array of floats")
    settings = Settings(rng, entries, tolerance, absolute)
    try:
        with np.errstate(all="ignore"):
            lines, found = run(forward, backward, inputs, wrt, rows, contract, settings)
    except NoLayer as error:
        lines, found = [], [*error.args]
    return Report(name, lines, found)


def run(forward, backward, inputs, wrt, rows, strict, settings):
    """All of a check, in order. -> a Measured for each gradient, findings. Raises NoLayer."""
    case, grads = called(forward, backward, inputs, wrt, settings)
    found = attempt("a second call", lambda: contract.mutations(case) or contract.stale_cache(case))
    lines, mistakes = examine(case, grads, settings)
    if not mistakes:
        lines, mistakes = try_other_orders(case, lines, settings)
    found = in_order(found, mistakes, strict)
    found += attempt("a call in float32", lambda: contract.dtypes(case, strict))
    if case.chosen is not None and len(case.chosen) < sum(map(is_float, case.inputs)):
        missing = [f"d{name}" for i, name in enumerate(case.names)
                   if is_float(case.inputs[i]) and i not in case.chosen]
        found.append(find("none", "backward", {"names": ", ".join(missing)}))
    if case.widen > 1:
        found.append(find("coarse", "forward", None, strict))
    if not any(each.fails for each in found):
        found += attempt("a shorter batch", lambda: contract.last_batch(case, rows, settings))
        found += attempt("another call", lambda: contract.remarks(case, strict))
    return lines, found


def in_order(found, mistakes, strict):
    """What was found besides the mistakes in the gradients, and these: remarks come last."""
    if any(each.fails and each.kind == "stale cache" for each in found):
        mistakes = []       # of gradients that change nothing can be explained
    remarks = [each._replace(counts=strict) for each in found if not each.fails]
    return [each for each in found if each.fails] + mistakes + remarks


def attempt(what, trial):
    """The findings of a trial, or the one that it raises an error."""
    try:
        return trial()
    except Exception as error:
        return [raising(what, error)]


def called(forward, backward, inputs, wrt, settings):
    """The layer as a Case, and its gradients, one for each of the case's positions."""
    try:
        case = Case(forward, backward, inputs, settings.rng)
    except Exception as error:
        raise NoLayer(raising("forward", error)) from error
    try:
        grads = case.gradients()
    except Exception as error:
        raise NoLayer(raising("backward", error)) from error
    floats = [i for i, value in enumerate(case.inputs) if is_float(value)]
    if wrt is None and len(grads) == len(inputs) and not all(each is None for each in grads):
        # One for each input, with None for those that have no gradient.
        wrt = [i for i in floats if grads[i] is not None]
        grads = tuple(grads[i] for i in wrt)
        case.chosen = wrt
    case.positions = floats[: len(grads)] if wrt is None else list(wrt)
    if len(grads) != len(case.positions):
        wanted = [f"d{case.names[position]}" for position in case.positions]
        raise NoLayer(find("number of gradients", "backward", {
            "has": in_short(grads[0]) if len(grads) == 1 else f"{len(grads)} gradients",
            "wanted": ", ".join(wanted),
            "number": "one is" if len(wanted) == 1 else f"{len(wanted)} are"}))
    return case, grads


def examine(case, grads, settings):
    """Every gradient measured, and the mistakes behind the wrong ones. -> lines, findings"""
    lines, wrong, found = measure_all(case, grads, settings)
    for order, measured in wrong:
        if measured and not measured.count(WRONG) and measured.count(KINK) > 1:
            found.append(find("ties", measured.name, {"count": measured.count(KINK)}))
            continue
        evidence = gather(case, order, measured, settings.rng)
        small = evidence.samples[0].x.size <= MANY      # of more, terms would fill the memory
        found.append(explain(evidence, EXPLANATIONS if small else (*WHOLE, masks.mask))
                     or subsets.no_explanation(evidence))
    return lines, sorted(found, key=lambda each: each.kind == "unexplained")


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
                return seen, [*found, find("other order", "inputs")]
    return lines, []

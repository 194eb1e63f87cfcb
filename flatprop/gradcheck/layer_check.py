"""check: a layer's backward against differences of its forward, and against the contract."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from flatprop.gradcheck import contract, differences
from flatprop.gradcheck.case import MANY, Case, in_short, shuffle
from flatprop.gradcheck.containers import arrays_in, flatten, is_float
from flatprop.gradcheck.diagnosis import formulas, masks, parts, subsets, varying, ways, whole
from flatprop.gradcheck.diagnosis.evidence import explain, gather
from flatprop.gradcheck.differences import KINK, WRONG
from flatprop.gradcheck.finding import NoLayer, find, raising
from flatprop.gradcheck.measure import Settings, measure_all
from flatprop.gradcheck.report import Report

OTHER_ORDERS = 2
SEED = 716_253      # not 0, the seed of many callers' inputs: dout would be equal to x
# Tried in turn on a wrong gradient; the first that explains every sample is named. Those that
# can hardly hold by chance come first: a wrong shape, or one factor for every entry.
WHOLE = (whole.order, whole.shape, whole.NOT_FINITE, whole.ZERO, whole.upstream,
         whole.factor, varying.factor_of_lines, whole.TRANSPOSED, *whole.WRONG_AXES)
EXPLANATIONS = (
    *WHOLE, subsets.labels, subsets.one_for_all, *ways.OUTPUTS, *subsets.OTHER_POINTS,
    masks.mask, subsets.factor_of_some, subsets.array_factor, formulas.past_it,
    parts.explain_parts, subsets.misplaced, *ways.LOST_WAYS,
    formulas.explain_formula, varying.factor_of_each_line,
)


def check(forward: Callable[..., Any], backward: Callable[..., Any], *inputs: Any,
          wrt: Sequence[int] | None = None, rows: Sequence[int] | None = None,
          rng: np.random.Generator | int | None = None, entries: int | None = None,
          tolerance: float = differences.TOLERANCE, absolute: float = 0.0,
          nondeterminism: float = differences.TOLERANCE, contract: bool = False,
          name: str | None = None) -> Report:
    """Check backward(dout, cache) -> gradients against forward(*inputs) -> (out, cache).

    inputs   arrays and whatever else forward takes; of dicts, lists and tuples that hold arrays of
             floats each array is an input, and backward gives gradients in the same structure, or
             as a flat tuple
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
    nondeterminism
             what two calls on the same inputs may differ by, relative to the largest entry
    contract whether breaches of the layer contract count: another dtype than the inputs', integers
             taken, gradients that differ by rounding between two calls; they are remarks otherwise
    name     what to call it; by default forward's module
    -> Report. Floats are taken in float64. Nothing is raised for a wrong layer: what it raises
    itself is part of the report. Raises TypeError if no input is a float or an array of floats,
    ValueError if wrt or rows name no input.
    """
    settings = Settings(np.random.default_rng(SEED if rng is None else rng), entries,
                        max(tolerance, nondeterminism), absolute, nondeterminism)
    name = getattr(forward, "__module__", "layer") if name is None else name
    if not any(map(is_float, [*inputs, *arrays_in(inputs)])):
        raise TypeError("check needs at least one input that is a float or an array of floats")
    for position in (*(wrt or ()), *(rows or ())):
        if position not in range(len(inputs)):
            raise ValueError(f"wrt and rows are positions of inputs, 0 to {len(inputs) - 1}, and "
                             f"{position!r} is none")
    return report_on(name, "the layer", contract,
                     lambda: run(forward, backward, inputs, wrt, rows, settings))


def report_on(name, where, strict, run):
    """The Report of what run() gives, lines and findings: first what fails, remarks below.

    strict: whether breaches of the contract fail
    """
    try:
        with np.errstate(all="ignore"):
            lines, found = run()
    except (Exception, SystemExit) as error:
        lines, found = [], [raising(where, error)]
    found = [each._replace(counts=each.counts or strict) for each in found]
    return Report(name, lines, sorted(found, key=lambda each: not each.fails))


def run(forward, backward, inputs, wrt, rows, settings):
    """All of a check, in order. -> a Measured for each gradient, findings. Raises NoLayer."""
    forward, backward, flat, names, places = flatten(forward, backward, inputs, wrt)
    if rows is None and not isinstance(inputs[0], np.ndarray):
        rows = ()
    wrt, rows = (given if given is None else [
        i for argument in given for i, place in enumerate(places) if place == argument]
        for given in (wrt, rows))
    case = in_blame("forward", lambda: Case(forward, backward, flat, settings.rng, names,
                                            settings.nondeterminism))
    grads, omitted = choose(case, wrt, in_blame("backward", case.gradients))
    found = attempt("a second call", lambda: contract.mutations(case) or contract.stale_cache(case))
    lines, mistakes = examine(case, grads, settings)
    if not mistakes:
        lines, mistakes = try_other_orders(case, lines, settings)
    # Of gradients that change nothing can be explained.
    found += [] if is_stale(found) else mistakes
    found += attempt("a call in float32", lambda: contract.dtypes(case))
    if omitted:
        found.append(find("none", "backward", {"names": ", ".join(omitted)}))
    if case.is_coarse:
        found.append(find("coarse", "forward"))
    elif case.jitter > 0:
        found.append(find("unsteady", "forward", {"by": f"{case.jitter:.1g}"}))
    if not any(each.fails for each in found):
        found += attempt("a shorter batch", lambda: contract.last_batch(case, rows, settings))
        found += attempt("another call", lambda: contract.remarks(case))
    return lines, found


def is_stale(found):
    """Whether gradients change between calls."""
    return any(each.fails and each.kind == "stale cache" for each in found)


def attempt(what, trial):
    """The findings of a trial, or the one that it raises an error."""
    try:
        return trial()
    except Exception as error:
        return [raising(what, error)]


def in_blame(where, call):
    """What call() gives; NoLayer where it raises an error, which is that of forward or backward."""
    try:
        return call()
    except (Exception, SystemExit) as error:
        raise NoLayer(raising(where, error)) from error


def choose(case, wrt, grads):
    """Settle which inputs have gradients, from those that a first call of backward gave.

    wrt: their positions, or None -> the gradients, the names of inputs whose gradient is None
    From here on case.backward gives one for each of case.positions. Raises NoLayer.
    """
    floats = [i for i, value in enumerate(case.inputs) if is_float(value)]
    of = floats[: len(grads)] if wrt is None else wrt
    if wrt is None and len(grads) == len(case.inputs):
        of = range(len(grads))
    if len(grads) != len(of):
        raise NoLayer(find("number of gradients", "backward", {
            "has": in_short(grads[0]) if len(grads) == 1 else f"{len(grads)} gradients",
            "wanted": ", ".join(f"d{case.names[position]}" for position in of),
            "number": "one is" if len(of) == 1 else f"{len(of)} are"}))
    kept, backward = range(len(of)), case.backward
    if wrt is None and len(of) >= len(floats) and not all(each is None for each in grads):
        kept = [k for k in kept if of[k] in floats and grads[k] is not None]

    def chosen(dout, cache):
        given = backward(dout, cache)
        return tuple(given[k] for k in kept)
    case.backward, case.positions = chosen, [of[k] for k in kept]
    return [grads[k] for k in kept], [
        f"d{case.names[i]}" for i in of if i in floats and i not in case.positions]


def examine(case, grads, settings):
    """Every gradient measured, and the mistakes behind the wrong ones. -> lines, findings"""
    lines, wrong, found = measure_all(case, grads, settings)
    for order, measured in wrong:
        if measured and not measured.count(WRONG) and measured.count(KINK) > 1:
            found.append(find("ties", measured.name, {"count": measured.count(KINK)}))
            continue
        evidence = gather(case, order, measured, settings.rng)
        explanations = EXPLANATIONS
        if evidence.samples[0].x.size > MANY:   # of more, terms would fill the memory
            is_single = measured and measured.count(WRONG) == 1
            explanations = () if is_single else (*WHOLE, masks.mask)
        found.append(explain(evidence, explanations) or subsets.no_explanation(evidence))
    return lines, sorted(found, key=lambda each: each.kind == "unexplained")


def try_other_orders(case, lines, settings):
    """The same on the same numbers in another order: a mistake may need certain inputs to show."""
    for _ in range(OTHER_ORDERS):
        try:
            other = shuffle(case, settings.rng)
            grads = other.gradients()
        except Exception:       # a layer may need its inputs in order
            break
        if measure_all(other, grads, settings._replace(entries=0))[1]:     # along directions
            seen, found = examine(other, grads, settings)
            if found:
                return seen, [*found, find("other order", "inputs")]
    return lines, []

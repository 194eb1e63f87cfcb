"""The layer contract: what is wrong with a layer besides the numbers of one call."""

import copy

import numpy as np

from flatprop.gradcheck.case import arrays_in, as_tuple, cast, equal, with_inputs
from flatprop.gradcheck.finding import Finding, mutation
from flatprop.gradcheck.measure import measure

EXTREME = 1e4
ROUNDING = 1e-12        # relative: what two calls may differ by and still be right


def mutations(case):
    """Inputs, upstream gradient or cache changed in place; or a second backward that differs."""
    inputs, dout = copy.deepcopy((case.inputs, case.dout))
    _, cache = case.forward(*inputs)
    kept_inputs, kept_cache = copy.deepcopy((inputs, arrays_in(cache)))
    first = copy.deepcopy(case.pick(as_tuple(case.backward(dout, cache))))
    found = [mutation("forward", f"its argument {name} in place",
                     f"make a new array: {name} = {name} - ..., not {name} -= ...")
             for name in find_changes(case.names, kept_inputs, case.inputs)]
    if not equal(dout, case.dout):
        found.append(mutation("backward", "the upstream gradient dout in place",
                             "make a new array: dx = dout * ..., not dout *= ..."))
    found += [mutation("backward", f"forward's argument {name} in place, through the cache",
                      "work on a copy, or make a new array")
              for name in find_changes(case.names, inputs, kept_inputs)]
    if not found and not equal(arrays_in(cache), kept_cache):
        found.append(mutation("backward", "the cache in place", "make a new array, so that "
                              "backward can be called again on the same cache"))
    return found or second_call(case, cache, first)


def find_changes(names, values, before):
    """The names of the values that are not as before."""
    return [name for name, value, old in zip(names, values, before, strict=True)
            if not equal(value, old)]


def second_call(case, cache, first):
    """Whether backward, called again on this cache, gives other gradients than the first."""
    try:
        return other_gradients(first, backward(case, cache), "when it is called a second time on "
                               "the same cache", "keep nothing between calls but the cache")
    except Exception as error:
        return [Finding("stale cache", "backward", f"backward raises {type(error).__name__}: "
                        f"{error} when it is called a second time on the same cache",
                        "keep nothing between calls but the cache")]


def other_gradients(first, again, when, remedy):
    """The Finding that backward gives other gradients; where they differ by rounding, a remark."""
    if equal(first, again):
        return []
    rounding = len(first) == len(again) and all(
        np.shape(a) == np.shape(b) and np.allclose(a, b, rtol=ROUNDING, atol=ROUNDING)
        for a, b in zip(first, again, strict=True))
    return [Finding("stale cache", "backward", "backward gives "
                    + ("gradients that differ by rounding " if rounding else "other gradients ")
                    + when, remedy, counts=not rounding)]


def stale_cache(case):
    """Whether backward reads something newer than the cache it is given."""
    _, cache = case.run()
    alone = backward(case, cache)
    _, cache = case.run()
    # The same numbers in reverse order: a range of inputs that forward is known to accept.
    reverse = [np.flip(value) if isinstance(value, np.ndarray) else copy.deepcopy(value)
               for value in case.inputs]
    try:
        _, other = case.forward(*reverse)
        backward(case, other)
    except Exception:       # in reverse they may be refused; then there is no later call to try
        return []
    return other_gradients(
        alone, backward(case, cache), "after a forward call on other inputs: it depends on the "
        "newest call, not on the cache it is given", "put all that backward needs into the cache, "
        "as new arrays, and nothing into globals or buffers that the next call writes to")


def backward(case, cache):
    """Copies of the gradients that backward gives on this cache, as a tuple."""
    return copy.deepcopy(case.pick(as_tuple(case.backward(copy.deepcopy(case.dout), cache))))


def dtypes(case, counts):
    """float64 in, float64 out; float32 in, float32 out, for outputs and gradients.

    counts: whether a breach makes the check fail, or is a remark
    """
    found = []
    if not any(np.ndim(case.inputs[position]) for position in case.positions):
        return found
    for dtype in (np.float64, np.float32):
        try:
            out, cache = case.forward(*[cast(value, dtype) for value in case.inputs])
            grads = case.pick(as_tuple(case.backward(cast(case.dout, dtype), cache)))
        except Exception as error:
            found.append(Finding(
                "raised", "forward or backward", f"on {dtype.__name__} inputs it raises "
                f"{type(error).__name__}: {error}", "compute in the dtype of the inputs", counts))
            continue
        results = [("forward's output", each) for each in as_tuple(out)]
        results += [(f"d{case.names[position]}", each)
                    for position, each in zip(case.positions, grads, strict=False)]
        for name, result in results:
            if np.ndim(result) and np.asarray(result).dtype != dtype:
                found.append(Finding(
                    "dtype", name, f"{name} is {np.asarray(result).dtype} where the inputs "
                    f"are {dtype.__name__}", "let the inputs' dtype decide: np.zeros_like(x), "
                    "np.zeros(shape, x.dtype), no astype, no scalar of another dtype", counts))
    return found


def last_batch(case, rows, settings):
    """Whether a shorter batch, as the last one of an epoch is, has right gradients too.

    rows: the positions of the inputs whose first axis is the batch, or None to try what is likely
    """
    positions = batch_positions(case, rows)
    if not positions:
        return []
    length = len(case.inputs[positions[0]])
    size = length // 3 + 1
    try:
        short = with_inputs(case, {each: case.inputs[each][:size] for each in positions},
                            settings.rng)
    except Exception:       # what was guessed may be no batch, and forward may refuse it
        if rows is not None:
            raise
        return []
    # Nor is it one where the output keeps its length, by broadcasting.
    if rows is None and length in [len(each) for each in as_tuple(short.out) if np.ndim(each)]:
        return []
    try:
        grads = short.gradients()
    except Exception as error:
        return [Finding(
            "last batch", "backward", f"on a shorter batch, {size} rows, backward raises "
            f"{type(error).__name__}: {error}", "take the batch size from the arrays themselves")]
    for position, gradient in zip(case.positions, grads, strict=False):
        if (np.shape(gradient) != np.shape(short.inputs[position])
                or measure(short, position, gradient, settings._replace(entries=20)).wrong):
            d = f"d{case.names[position]}"
            return [Finding(
                "last batch", d, f"{d} is right on the whole batch and wrong on a shorter "
                f"one, {size} rows, as the last batch of an epoch often is",
                "take the batch size from the arrays themselves, x.shape[0], at each call")]
    return []


def batch_positions(case, rows):
    """The positions whose first axis is the batch: rows, or the first input and its labels."""
    if rows is None:
        length = np.shape(case.inputs[0])[:1]
        rows = [i for i, value in enumerate(case.inputs) if i == 0 or isinstance(value, np.ndarray)
                and value.dtype.kind in "iub" and value.shape[:1] == length]
    return [row for row in rows if np.ndim(case.inputs[row]) and len(case.inputs[row]) > 1]


def remarks(case, counts):
    """What a careful layer does and a layer need not do to be right. -> list of Finding"""
    found = []
    if not case.positions or np.ndim(case.inputs[case.positions[0]]) == 0:
        return found
    first = case.positions[0]
    name, value = case.names[first], case.inputs[first]
    try:
        case.run({first: np.round(value * 10).astype(np.int64)})
        found.append(Finding(
            "dtype", "forward", f"forward takes integers for {name}", "refuse them with a "
            "TypeError: integer arithmetic would round gradients away", counts))
    except Exception:
        pass
    try:
        out, cache = case.run({first: value / np.abs(value).max() * EXTREME})
        finite = all(np.isfinite(each).all() for each in (*as_tuple(out), *backward(case, cache)))
    except Exception:
        finite = False
    if not finite:
        found.append(Finding(
            "remark", "forward", f"with entries of {name} up to {EXTREME:g} the "
            "results are not finite", "reorder the formula so that nothing overflows"))
    return found

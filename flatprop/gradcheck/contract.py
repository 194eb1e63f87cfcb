"""The layer contract: what is wrong with a layer besides the numbers of one call.

backward can be called twice; nothing mutates its inputs; a cache is the cache of its own call;
dtypes are kept; a batch of another length is as right as the first. Integers that are accepted and
results that are not finite at large inputs are remarks: they fail nothing.
"""

import copy

import numpy as np

from flatprop.gradcheck import finding
from flatprop.gradcheck.case import as_tuple, with_inputs
from flatprop.gradcheck.finding import Finding
from flatprop.gradcheck.measure import measure

EXTREME = 1e4


def breaches(case):
    """Mutations, state kept between calls, other dtypes. -> list of Finding"""
    return (mutations(case) or stale(case)) + dtypes(case)


def mutations(case):
    """Inputs, upstream gradient or cache changed in place; or a second backward that differs."""
    found = []
    inputs = [copy.deepcopy(value) for value in case.inputs]
    out, cache = case.forward(*inputs)
    for name, value, before in zip(case.names, inputs, case.inputs, strict=True):
        if not same(value, before):
            found.append(Finding(
                finding.INPUT_MUTATED, "forward", f"forward changes its argument {name} in place",
                f"make a new array: {name} = {name} - ..., not {name} -= ..."))
    dout = copy.deepcopy(case.dout)
    kept_inputs, kept_cache = copy.deepcopy(inputs), arrays_in(cache, copied=True)
    first = copy.deepcopy(as_tuple(case.backward(dout, cache)))
    if not same(dout, case.dout):
        found.append(Finding(
            finding.INPUT_MUTATED, "backward", "backward changes the upstream gradient dout in "
            "place", "make a new array: dx = dout * ..., not dout *= ..."))
    for name, value, before in zip(case.names, inputs, kept_inputs, strict=True):
        if not same(value, before):
            found.append(Finding(
                finding.INPUT_MUTATED, "backward", f"backward changes forward's argument {name} in "
                "place, through the cache", "work on a copy, or make a new array"))
    if not found and not same(arrays_in(cache), kept_cache):
        found.append(Finding(
            finding.INPUT_MUTATED, "backward", "backward changes the cache in place",
            "make a new array, so that backward can be called again on the same cache"))
    if not found:
        try:
            second = as_tuple(case.backward(copy.deepcopy(case.dout), cache))
            again = "" if same(first, second) else "gives other gradients"
        except Exception as error:
            again = f"raises {type(error).__name__}: {error}"
        if again:
            found.append(Finding(
                finding.STALE_CACHE, "backward", f"backward {again} when it is called a second "
                "time on the same cache", "keep nothing between calls but the cache"))
    return found


def stale(case):
    """Whether backward reads something newer than the cache it is given."""
    _, cache = case.run()
    alone = copy.deepcopy(as_tuple(case.backward(copy.deepcopy(case.dout), cache)))
    _, cache = case.run()
    # The same numbers the other way round: a range of inputs that forward is known to accept.
    turned = [np.flip(value) if isinstance(value, np.ndarray) else copy.deepcopy(value)
              for value in case.inputs]
    try:
        _, other = case.forward(*turned)
        case.backward(copy.deepcopy(case.dout), other)
    except Exception:       # turned round they may be refused; then there is no later call to ask
        return []
    after = as_tuple(case.backward(copy.deepcopy(case.dout), cache))
    if same(alone, after):
        return []
    return [Finding(
        finding.STALE_CACHE, "backward", "backward depends on the newest forward call, not on the "
        "cache it is given: after a forward call on other inputs it gives other gradients",
        "put all that backward needs into the cache, as new arrays, and nothing into globals or "
        "buffers that the next call writes to")]


def dtypes(case):
    """float64 in, float64 out; float32 in, float32 out, for outputs and gradients."""
    found = []
    for dtype in (np.float64, np.float32):
        if not any(np.ndim(case.inputs[position]) for position in case.positions):
            return found
        inputs = [in_dtype(copy.deepcopy(value), dtype) for value in case.inputs]
        try:
            out, cache = case.forward(*inputs)
            dout = in_dtype(copy.deepcopy(case.dout), dtype)
            grads = as_tuple(case.backward(dout, cache))
        except Exception as error:
            found.append(Finding(
                finding.RAISED, "forward or backward", f"on {dtype.__name__} inputs it raises "
                f"{type(error).__name__}: {error}", "compute in the dtype of the inputs"))
            continue
        results = [("forward's output", each) for each in as_tuple(out)]
        results += [(f"d{case.names[position]}", each)
                    for position, each in zip(case.positions, grads, strict=False)]
        for name, result in results:
            if np.ndim(result) and np.asarray(result).dtype != dtype:
                found.append(Finding(
                    finding.DTYPE, name, f"{name} is {np.asarray(result).dtype} where the inputs "
                    f"are {dtype.__name__}", "let the inputs' dtype decide: np.zeros_like(x), "
                    "np.zeros(shape, x.dtype), no astype, no NumPy scalar of another dtype"))
    return found


def last_batch(case, rows, rng):
    """Whether a shorter batch, as the last one of an epoch is, has right gradients too.

    rows: the positions of the inputs whose first axis is the batch, or None to try what is likely
    """
    short = shortened(case, rows, rng)
    if short is None:
        return []
    size = short.inputs[guess_rows(case, rows)[0]].shape[0]
    try:
        grads = short.gradients()
    except Exception as error:
        return [Finding(
            finding.LAST_BATCH, "backward", f"on a shorter batch, {size} rows, backward raises "
            f"{type(error).__name__}: {error}", "take the batch size from the arrays themselves")]
    for position, gradient in zip(case.positions, grads, strict=False):
        value = np.asarray(short.inputs[position])
        wrong = np.shape(gradient) != value.shape
        if wrong or measure(short, position, gradient, rng, entries=20).wrong:
            name = case.names[position]
            return [Finding(
                finding.LAST_BATCH, f"d{name}", f"d{name} is right on the whole batch and wrong on "
                f"a shorter one, {size} rows, as the last batch of an epoch often is",
                "take the batch size from the arrays themselves, x.shape[0], at each call")]
    return []


def shortened(case, rows, rng):
    """The case with a third of the rows of its batch, or None where there is none to shorten."""
    guessed = guess_rows(case, rows)
    if not guessed:
        return None
    length = case.inputs[guessed[0]].shape[0]
    inputs = list(case.inputs)
    for position in guessed:
        inputs[position] = inputs[position][: max(1, length // 3 + 1)]
    try:
        short = with_inputs(case, inputs, rng)
    except Exception:       # the guess may be no batch: forward refuses, and that is its right
        if rows is not None:
            raise
        return None
    # Nor is it one where the output keeps its length, by broadcasting.
    lengths = {np.shape(each)[0] for each in as_tuple(short.out) if np.ndim(each)}
    return None if rows is None and length in lengths else short


def guess_rows(case, rows):
    """The positions whose first axis is the batch: rows, or the first input and its labels."""
    if rows is not None:
        return [row for row in rows if np.ndim(case.inputs[row]) and len(case.inputs[row]) > 1]
    first = case.inputs[0]
    if np.ndim(first) == 0 or len(first) < 2:
        return []
    others = [i for i, value in enumerate(case.inputs) if i > 0 and isinstance(value, np.ndarray)
              and value.ndim and len(value) == len(first) and value.dtype.kind in "iub"]
    return [0, *others]


def remarks(case):
    """What a careful layer does and a layer need not do to be right. -> list of Finding"""
    found = []
    first = case.positions[0] if case.positions else None
    if first is None or np.ndim(case.inputs[first]) == 0:
        return found
    whole = np.round(case.inputs[first] * 10).astype(np.int64)
    try:
        case.run({first: whole})
        found.append(Finding(
            finding.REMARK, "forward", f"forward takes integers for {case.names[first]}",
            "refuse them with a TypeError: integer arithmetic would round gradients away"))
    except Exception:
        pass
    large = case.inputs[first] / np.abs(case.inputs[first]).max() * EXTREME
    with np.errstate(all="ignore"):
        try:
            out, cache = case.run({first: large})
            results = [*as_tuple(out), *as_tuple(case.backward(copy.deepcopy(case.dout), cache))]
            finite = all(np.isfinite(each).all() for each in results)
        except Exception:
            finite = False
    if not finite:
        found.append(Finding(
            finding.REMARK, "forward", f"with entries of {case.names[first]} up to {EXTREME:g} the "
            "results are not finite", "reorder the formula so that nothing overflows"))
    return found


def arrays_in(cache, copied=False):
    """All arrays of a cache, nested tuples and lists and dicts opened, in order."""
    if isinstance(cache, dict):
        cache = list(cache.values())
    if isinstance(cache, (tuple, list)):
        return [array for each in cache for array in arrays_in(each, copied)]
    if isinstance(cache, np.ndarray):
        return [cache.copy() if copied else cache]
    return []


def in_dtype(value, dtype):
    """Float arrays as dtype; tuples of them too; anything else unchanged."""
    if isinstance(value, tuple):
        return tuple(in_dtype(each, dtype) for each in value)
    if isinstance(value, np.ndarray) and value.dtype.kind == "f":
        return value.astype(dtype)
    return value


def same(first, second):
    """Whether two values, or two lists or tuples of them, hold the same numbers."""
    if isinstance(first, (tuple, list)):
        return len(first) == len(second) and all(map(same, first, second))
    if isinstance(first, (np.ndarray, float, int, np.generic)):
        return np.array_equal(first, second, equal_nan=np.asarray(first).dtype.kind == "f")
    return True

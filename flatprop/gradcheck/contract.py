"""The layer contract: what is wrong with a layer besides the numbers of one call."""

import contextlib
import copy

import numpy as np

from flatprop.gradcheck.case import cast, difference, equal, with_inputs
from flatprop.gradcheck.containers import arrays_in, as_tuple
from flatprop.gradcheck.finding import find, in_words
from flatprop.gradcheck.measure import measure_all

EXTREME = 1e4


def mutations(case):
    """Inputs, upstream gradient or cache changed in place; or a second backward that differs."""
    inputs, dout = copy.deepcopy((case.inputs, case.dout))
    _, cache = case.forward(*inputs)
    kept_inputs, kept_cache = copy.deepcopy((inputs, arrays_in(cache)))
    first = copy.deepcopy(case.backward(dout, cache))
    found = [find("changes its argument", "forward", {"name": name})
             for name in find_changes(case.names, kept_inputs, case.inputs)]
    if not equal(dout, case.dout):
        found.append(find("changes dout", "backward"))
    found += [find("changes through the cache", "backward", {"name": name})
              for name in find_changes(case.names, inputs, kept_inputs)]
    if not found and not equal(arrays_in(cache), kept_cache):
        found.append(find("changes the cache", "backward"))
    return found or other_gradients(first, lambda: case.gradients(cache), case.nondeterminism,
                                    "second call")


def find_changes(names, values, before):
    """The names of the values that are not as before."""
    return [name for name, value, old in zip(names, values, before, strict=True)
            if not equal(value, old)]


def other_gradients(first, call, allowed, key, where="backward"):
    """The Finding that call() gives other gradients; a remark where they differ by what is allowed.
    """
    try:
        again = call()
    except Exception as error:
        return [find(key, where, {"gives": f"raises {in_words(error)}"})]
    if equal(first, again):
        return []
    off = difference(tuple(first), tuple(again))
    gives = f"gives gradients that differ by {'rounding' if off < 1e-12 else f'{off:.1g}'}"
    if not off <= allowed:
        return [find(key, where, {"gives": "gives other gradients"})]
    return [find(key, where, {"gives": gives})._replace(counts=False)]


def stale_cache(case):
    """Whether backward reads something newer than the cache it is given."""
    alone = copy.deepcopy(case.gradients())
    _, cache = case.run()
    # The same numbers in reverse order: a range of inputs that forward is known to accept.
    reverse = [np.flip(value) if isinstance(value, np.ndarray) else copy.deepcopy(value)
               for value in case.inputs]
    try:
        _, other = case.forward(*reverse)
        case.gradients(other)
    except Exception:       # in reverse they may be refused; then there is no later call to try
        return []
    return other_gradients(alone, lambda: case.gradients(cache), case.nondeterminism, "newest call")


def dtypes(case):
    """float64 in, float64 out; float32 in, float32 out, for outputs and gradients."""
    found = []
    if not any(np.ndim(case.inputs[position]) for position in case.positions):
        return found
    for dtype in (np.float64, np.float32):
        try:
            out, cache = case.forward(*cast(case.inputs, dtype))
            grads = case.backward(cast(case.dout, dtype), cache)
        except Exception as error:
            found.append(find("raises in a dtype", "forward or backward", {
                "dtype": dtype.__name__, "error": in_words(error)}))
            continue
        results = [("forward's output", each) for each in as_tuple(out)]
        results += [(f"d{case.names[position]}", each)
                    for position, each in zip(case.positions, grads, strict=False)]
        found += other_dtypes((name, each, dtype) for name, each in results
                              if isinstance(each, np.ndarray) and each.ndim)
    return found


def other_dtypes(results):
    """The Findings on the results, (name, array, dtype), that have another dtype."""
    return [find("dtype", name, {"has": np.asarray(array).dtype, "wanted": np.dtype(dtype)})
            for name, array, dtype in results if np.asarray(array).dtype != dtype]


def last_batch(case, rows, settings):
    """Whether a shorter batch, as the last one of an epoch is, has right gradients too.

    rows: the positions of the inputs whose first axis is the batch; None for the first input and
    its labels
    """
    length = np.shape(case.inputs[0])[:1]
    likely = [i for i, value in enumerate(case.inputs) if i == 0 or isinstance(value, np.ndarray)
              and value.dtype.kind in "iub" and value.shape[:1] == length]
    positions = [row for row in (likely if rows is None else rows)
                 if np.ndim(case.inputs[row]) and len(case.inputs[row]) > 1]
    if not positions:
        return []
    size = len(case.inputs[positions[0]]) // 3 + 1

    def short():
        return with_inputs(case, {each: case.inputs[each][:size] for each in positions},
                           settings.rng)
    if rows is None:    # it may be no batch: forward may refuse it, or give as many rows as before
        try:
            if length[0] in [len(each) for each in as_tuple(short().out) if np.ndim(each)]:
                return []
        except Exception:
            return []
    return on_fewer_rows(short, size, settings, "backward")


def on_fewer_rows(make, rows, settings, where):
    """The Finding that what make() gives, a Case on fewer rows, raises or has wrong gradients."""
    try:
        short = make()
        grads = short.gradients()
    except Exception as error:
        return [find("last batch raises", where, {"rows": rows, "error": in_words(error)})]
    _, wrong, _ = measure_all(short, grads, settings._replace(entries=20))
    return [find("last batch", f"d{short.names[short.positions[order]]}", {"rows": rows})
            for order, _ in wrong[:1]]


def remarks(case):
    """What a careful layer does and a layer need not do to be right. -> list of Finding"""
    found = []
    if not case.positions or np.ndim(case.inputs[case.positions[0]]) == 0:
        return found
    first = case.positions[0]
    name, value = case.names[first], case.inputs[first]
    with contextlib.suppress(Exception):
        case.run({first: np.round(value * 10).astype(np.int64)})
        found.append(find("integers", "forward", {"name": name}))
    try:
        out, cache = case.run({first: value / np.abs(value).max() * EXTREME})
        finite = all(np.isfinite(each).all() for each in (*as_tuple(out), *case.gradients(cache)))
    except Exception:
        finite = False
    return found if finite else [*found, find("not finite at large", "forward", {
        "name": name, "extreme": f"{EXTREME:g}"})]

"""The check of one layer: forward and backward against the reference, and the contract."""

import inspect

import numpy as np

from flatprop.exercises.checks import answers, feedback
from flatprop.exercises.checks.answers import PROBE, Wrong, ask_cases, changed_argument
from flatprop.exercises.checks.diagnosis import diagnose_layer
from flatprop.exercises.sandbox.parent import Ref, StudentError

LARGE_RTOL = 1e-10      # for sums of many entries, taken in any order
FOR_DIAGNOSIS = -4      # of the inputs: several rows, of ordinary numbers


def layer_check(file, reference, make, wrt=(0,), *, special=(), large=None):
    """A check of the layer in a file.

    make(rng, size) -> forward's arguments, small for size 2, one row for size 1; wrt the places of
    those that have gradients; special: functions like make, for the inputs where layers are
    commonly wrong, in float64 alone; large: the size of the large input, or None
    """
    names = list(inspect.signature(reference.forward).parameters)
    dname = next(iter(inspect.signature(reference.backward).parameters))     # dout, dloss, ...
    wanted = [f"d{names[place]}" for place in wrt]

    def check(child, rng):
        inputs = [make(rng, 2), *[each(rng, 2) for each in special], make(rng, 3), make(rng, 6),
                  make(rng, 1), make(rng, 20)]      # and one more: the one of 6 is FOR_DIAGNOSIS
        inputs += [tuple(map(as_float32, make(rng, 4)))]
        with np.errstate(all="ignore"):
            results = [reference.forward(*each) for each in inputs]
            douts = [upstream(out, rng) for out, _ in results]
            grads = [reference.backward(dout, cache)
                     for (_, cache), dout in zip(results, douts, strict=True)]

        def backward(dout, arguments):
            return child.call(PROBE, "gradients", Ref(file), list(arguments), dout)

        def why():
            return diagnose_layer(reference, backward, inputs[FOR_DIAGNOSIS], wrt, rng)

        return (wrong_forward(child, file, names, dname[1:], inputs, [out for out, _ in results])
                or wrong_backward(child, file, [*names[: len(inputs[0])], dname], wanted, inputs,
                                  douts, grads, why)
                or wrong_without_dx(child, file, reference, wanted, inputs[0], douts[0], grads[0])
                or (large and wrong_large(child, file, reference, make(rng, large), rng)))
    return check


def wrong_forward(child, file, names, out_name, inputs, outs):
    """What is wrong with forward, or None."""
    given = [dict(zip(names, each, strict=False)) for each in inputs]
    found = ask_cases(child, "forward", ("out", "inputs"), [list(each) for each in inputs],
                      Ref(file))
    in_place = changed_argument(names, inputs, [each["inputs"] for each in found], "forward")
    found = [each["out"] for each in found]
    # A change in place comes before the numbers, which may be wrong because of it.
    if in_place and not has_bad_form(found, outs):
        return in_place
    return feedback.compare_cases(out_name, found, outs, given)


def has_bad_form(found, expected):
    """Whether any result is of another shape or dtype, or not finite."""
    return any(feedback.wrong_form(*each) or feedback.not_finite(*each)
               for one, other in zip(found, expected, strict=True)
               for each in feedback.pairs("", one, other))


def wrong_backward(child, file, names, wanted, inputs, douts, grads, why):
    """What is wrong with backward, or None; why() is the diagnosis of wrong numbers."""
    cases = [(list(each), dout) for each, dout in zip(inputs, douts, strict=True)]
    try:
        found = ask_cases(child, "layer", ("grads", "again", "inputs", "dout"), cases, Ref(file))
    except StudentError as error:
        if error.kind != "raised" or not works_one_at_a_time(child, file, cases):
            raise
        return ("backward fails when forward is called again before it, and does not otherwise: it "
                "uses what the last forward left. Keep nothing between calls but the cache\n"
                + answers.words_for(error))
    arguments = [(*each, dout) for each, dout in cases]
    given = [dict(zip(names, each, strict=False)) for each in arguments]
    firsts = [by_name(each["grads"], wanted) for each in found]
    expected = [by_name(each, wanted) for each in grads]
    for each in firsts:
        if isinstance(each, str):
            return each
    after = [(*each["inputs"], each["dout"]) if isinstance(each["inputs"], list) else ()
             for each in found]
    in_place = changed_argument(names, arguments, after, "backward")
    if in_place and not has_bad_form(firsts, expected):
        return in_place
    for name in wanted:
        says = feedback.compare_cases(name, [each[name] for each in firsts],
                                      [each[name] for each in expected], given)
        if says:
            return Wrong(says, why)
    again = [by_name(each["again"], wanted) for each in found]
    if any(not isinstance(two, dict) or feedback.compare("", two[name], right[name])
           for two, right in zip(again, expected, strict=True) for name in wanted):
        return ("backward gives other gradients when it is called again with the same cache. Keep "
                "nothing between calls but the cache, and change nothing in it")
    return None


def works_one_at_a_time(child, file, cases):
    """Whether backward raises nothing where each case has forward and backward to itself."""
    try:
        for inputs, dout in cases:
            child.call(PROBE, "gradients", Ref(file), inputs, dout)
    except StudentError:
        return False
    return True


def wrong_without_dx(child, file, reference, wanted, inputs, dout, grads):
    """What is wrong with a backward that may be asked for no dx when it is, or None."""
    if "need_dx" not in inspect.signature(reference.backward).parameters:
        return None
    when = "with need_dx=False, as the first layer of a net is called"
    try:
        found = by_name(child.call(PROBE, "without_dx", Ref(file), list(inputs), dout), wanted)
    except StudentError as error:
        if error.kind != "raised":
            raise
        return f"{when}: {answers.words_for(error)}"
    if isinstance(found, str):
        return f"{when}, {found}"
    for name, right in list(zip(wanted, grads, strict=True))[1:]:
        says = feedback.compare(name, found[name], right)
        if says:
            return f"{when}, {says}"
    return None


def by_name(grads, wanted):
    """The gradients by name, or in words what is wrong with their number."""
    if len(wanted) == 1:
        if isinstance(grads, tuple) and len(grads) == 1:
            return f"backward should return {wanted[0]} by itself, not a tuple of one"
        return {wanted[0]: grads}
    if not isinstance(grads, tuple) or len(grads) != len(wanted):
        return (f"backward should return {len(wanted)} gradients, {', '.join(wanted)}; it returns "
                + ("None: is a return missing?" if grads is None else feedback.kind_of(grads)))
    return dict(zip(wanted, grads, strict=True))


def wrong_large(child, file, reference, inputs, rng):
    """That the layer takes too long, or goes wrong, on a large input; or None."""
    out, cache = reference.forward(*inputs)
    dout = upstream(out, rng)
    grads = reference.backward(dout, cache)
    with answers.short_time(child, "a large input, where whole arrays take milliseconds. "
                            "Differences, or loops over entries, are too slow"):
        found = child.forward_backward(file, list(inputs), dout)
    for name, one, other in (("out", found[0], out), ("the gradients", found[1], grads)):
        says = feedback.compare(name, one, other, LARGE_RTOL)
        if says:
            return f"on a large input, {says}"
    return None


def upstream(out, rng):
    """A random upstream gradient of the form of out."""
    if isinstance(out, tuple):
        return tuple(upstream(each, rng) for each in out)
    if np.ndim(out) == 0:
        return round(float(rng.uniform(1.2, 1.9) * rng.choice([-1, 1])), 2)
    return np.round(rng.standard_normal(np.shape(out)), 2).astype(out.dtype)


def as_float32(value):
    """A float array in float32, anything else as it is."""
    if isinstance(value, np.ndarray) and value.dtype.kind == "f":
        return value.astype(np.float32)
    return value

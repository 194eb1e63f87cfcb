"""The check of one layer: forward and backward against the reference, and the contract."""

import functools
import inspect

import numpy as np

from flatprop.exercises.checks import answers, feedback
from flatprop.exercises.checks.answers import PROBE, Wrong, ask_cases, changed_argument
from flatprop.exercises.checks.diagnosis import diagnose_layer
from flatprop.exercises.checks.slips import cause as slip_of
from flatprop.exercises.checks.ways import formula_of
from flatprop.exercises.sandbox.parent import Ref, StudentError

LARGE_RTOL = 1e-10      # for sums of many entries, taken in any order
SCALED = 1e-12          # of what the sums of absolute values come to, where the sizes differ
FOR_DIAGNOSIS = -4      # of the inputs: several rows, of ordinary numbers


def layer_check(file, reference, make, wrt=(0,), *, special=(), large=(), scaled=None, slips=(),
                backward_slips=()):
    """A check of the layer in a file.

    make(rng, size) -> forward's arguments, small for size 2, one row for size 1; wrt the places of
    those that have gradients; special: functions like make, for the inputs where layers are
    commonly wrong, in float64 alone; large: functions like make, for large inputs; scaled: (a
    function like make, for entries of sizes from 1e-9 to 1e9; bounds(reference, inputs, dout), how
    large the terms are that make out, and each gradient, or None for the terms' absolute values);
    slips: those of forward (slips.py); backward_slips: functions of dout and forward's arguments
    """
    names = list(inspect.signature(reference.forward).parameters)
    dname = next(iter(inspect.signature(reference.backward).parameters))     # dout, dloss, ...
    wanted = [f"d{names[place]}" for place in wrt]

    def check(child, rng):
        scaled_inputs = [scaled[0](rng, 2)] if scaled else []
        inputs = [make(rng, 2), *[each(rng, 2) for each in special], make(rng, 3), make(rng, 6),
                  make(rng, 1), make(rng, 20)]      # and one more: the one of 6 is FOR_DIAGNOSIS
        inputs += [tuple(map(as_float32, make(rng, 4)))]
        with np.errstate(all="ignore"):
            outs, douts, grads = zip(*[results_of(reference, each, rng) for each in inputs],
                                     strict=True)

        def backward(dout, arguments):
            return child.call(PROBE, "forward_backward", Ref(file), list(arguments), dout)[1]

        def why(name, founds, expected, given):
            # If nothing is wrong on the usual input there may be something on the first one.
            return (slip_of(backward_slips, [tuple(each.values()) for each in founds],
                            [(dout, *each) for dout, each in zip(douts, inputs, strict=True)])
                    or at_kinks(name, [each[name] for each in founds], expected, given)
                    or next(filter(None, (
                        diagnose_layer(reference, backward, inputs[place], wrt, rng)
                        for place in (FOR_DIAGNOSIS, 0))), ""))

        return (wrong_forward(child, file, names, dname[1:], inputs, outs, slips)
                or wrong_without_cache(child, file, inputs[0], douts[0])
                or wrong_backward(child, file, names, dname, wanted, inputs, douts, grads, why)
                or wrong_weights(child, file, reference, inputs[0], douts[0], wanted)
                or wrong_without_dx(child, file, reference, wanted, inputs[0], douts[0], grads[0])
                or first_wrong(wrong_scaled(child, file, reference, each, scaled[1], wanted, rng)
                               for each in scaled_inputs)
                or first_wrong(wrong_large(child, file, reference, each(rng, 2), rng)
                               for each in large))
    return check


def results_of(reference, inputs, rng=None, dout=None):
    """out, dout and the gradients of a layer; dout is drawn, if it is not given."""
    out, cache = reference.forward(*inputs)
    dout = upstream(out, rng) if dout is None else dout
    return out, dout, reference.backward(dout, cache)


def first_wrong(found):
    """The first that is not None, or None."""
    return next(filter(None, found), None)


def wrong_forward(child, file, names, out_name, inputs, outs, slips):
    """What is wrong with forward, or None."""
    given = [dict(zip(names, each, strict=False)) for each in inputs]
    found = ask_cases(child, "forward", [list(each) for each in inputs], Ref(file))
    in_place = changed_argument(names, inputs, [each["inputs"] for each in found], "forward")
    found = [each["out"] for each in found]
    # A change in place comes before the numbers, which may be wrong because of it.
    if in_place and not has_bad_form(found, outs):
        return in_place
    says = feedback.compare_cases(out_name, found, outs, given)
    return says and Wrong(says, lambda: slip_of(slips, found, inputs)
                          or formula_of(out_name, found, outs, given))


def at_kinks(name, found, expected, given):
    """That a gradient is wrong only where an input is exactly 0, or equals the other; or ""."""
    if any("x" not in each or np.shape(each["x"]) != np.shape(one)
           for each, one in zip(given, found, strict=True)):
        return ""
    off = [feedback.distance(*each) > 1e-6 for each in zip(found, expected, strict=True)]
    words = "x and y are equal" if "y" in given[0] else "x is exactly 0"
    if any((one & (each["x"] != each.get("y", 0))).any()
           for each, one in zip(given, off, strict=True)):
        return ""
    return (f"\n  On every input: {name} is right but where {words}\n"
            "  -> the docstring says where the gradient goes there: mind > and >=")


def has_bad_form(found, expected):
    """Whether any result is of another shape or dtype, or not finite."""
    return any(feedback.wrong_form(*each) or feedback.not_finite(*each)
               for one, other in zip(found, expected, strict=True)
               for each in feedback.pairs("", one, other))


def wrong_backward(child, file, names, dname, wanted, inputs, douts, grads, why):
    """What is wrong with backward, or None; why() is the diagnosis of wrong numbers."""
    cases = [(list(each), dout) for each, dout in zip(inputs, douts, strict=True)]
    found = ask_cases(child, "layer", cases, Ref(file))
    arguments = [(*each, dout) for each, dout in cases]
    given = [{**dict(zip(names, each, strict=False)), dname: dout}
             for each, dout in zip(inputs, douts, strict=True)]
    names = [*names[: len(inputs[0])], dname]
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
            return Wrong(says, functools.partial(
                why, name, firsts, [each[name] for each in expected], given))
    again = [by_name(each["again"], wanted) for each in found]
    if any(not isinstance(two, dict) or feedback.compare("", two[name], right[name])
           for two, right in zip(again, expected, strict=True) for name in wanted):
        return ("backward gives other gradients when it is called again with the same cache. Keep "
                "nothing between calls but the cache, and change nothing in it")
    return None


def wrong_without_dx(child, file, reference, wanted, inputs, dout, grads):
    """What is wrong with a backward that may be asked for no dx when it is, or None."""
    if "need_dx" not in inspect.signature(reference.backward).parameters:
        return None
    when = "with need_dx=False, as the first layer of a net is called"
    try:
        found = by_name(child.call(PROBE, "without_dx", Ref(file), list(inputs), dout), wanted)
    except StudentError as error:
        # A backward that does not know the word does needless work, and is right.
        if error.kind == "raised" and "unexpected keyword argument 'need_dx'" in error.text:
            return None
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


def wrong_weights(child, file, reference, inputs, dout, wanted):
    """What is wrong with a loss whose examples have weights, or None; they may be left out."""
    parameters = inspect.signature(reference.forward).parameters
    if "weights" not in parameters:
        return None
    case = [*inputs, *(each.default for each in list(parameters.values())[len(inputs):])]
    plain, weighted = list(case), list(case)
    weighted[list(parameters).index("weights")] = np.linspace(0.5, 2.5, len(inputs[0]))
    try:
        one, found = (child.call(PROBE, "forward_backward", Ref(file), each, dout)
                      for each in (plain, weighted))
    except StudentError as error:
        if error.kind not in ("raised", "not written"):
            raise
        return None         # not written
    if feedback.same(one, found):
        return None
    out, _, grads = results_of(reference, weighted, dout=dout)
    says = (feedback.compare("the loss", found[0], out)
            or feedback.compare(wanted[0], found[1], grads))
    return says and (f"with weights of the examples, {says}\n  -> each row's loss and gradient "
                     "times its weight, and divided by N all the same")


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


def wrong_without_cache(child, file, inputs, dout):
    """That backward needs more than its cache: what the module keeps is gone, or None."""
    _, grads = child.call(PROBE, "forward_backward", Ref(file), list(inputs), dout)
    try:
        anew = child.call(PROBE, "imported_again", Ref(file), list(inputs), dout)
    except StudentError as error:
        if error.kind != "raised":
            raise
        anew = None
    return None if feedback.same(grads, anew) else (
        "backward uses what forward left elsewhere than in the cache: in a file that is imported "
        "anew between the two it fails. Put all that backward reads into the cache")


def wrong_scaled(child, file, reference, inputs, bounds, wanted, rng):
    """What is wrong where entries are of very different sizes, each judged by its own; or None.

    Right sums, in any order, are off by some last digits of their largest term.
    """
    out, dout, grads = results_of(reference, inputs, rng)
    found = child.call(PROBE, "forward_backward", Ref(file), list(inputs), dout)
    most = (bounds or absolute_values)(reference, inputs, dout)
    labels = ("out", *wanted)
    right, most = ((one, *(each if len(wanted) > 1 else (each,)))
                   for one, each in ((out, grads), most))
    given = by_name(found[1], wanted)
    for name, one, other, bound in zip(labels, (found[0], *given.values()), right, most,
                                       strict=True):
        says = feedback.wrong_form(name, one, other) or feedback.not_finite(name, one, other)
        off = np.abs(np.subtract(one, other)) / np.where(bound, bound, 1) if not says else 0
        if says or (off > SCALED).any():
            return says or (f"where sizes differ by many powers of ten, {name} "
                            f"differs from what it should be in {np.sum(off > SCALED)} of "
                            f"{np.size(off)} entries:\n"
                            + feedback.side_by_side(one, other, np.asarray(off)))
    return None


def absolute_values(reference, inputs, dout):
    """(out, gradients) of a layer of sums of products, with every term positive."""
    out, cache = reference.forward(*map(np.abs, inputs))
    return out, reference.backward(np.abs(dout), cache)


def wrong_large(child, file, reference, inputs, rng):
    """That the layer takes too long, or goes wrong, on a large input; or None."""
    out, dout, grads = results_of(reference, inputs, rng)
    with answers.limited_time(child, lambda: results_of(reference, inputs, dout=dout),
                              f"inputs of {np.shape(inputs[0])}"):
        found = child.call(PROBE, "forward_backward", Ref(file), list(inputs), dout)
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

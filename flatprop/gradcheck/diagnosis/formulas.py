"""The formula that a wrong gradient follows, beside the one that the differences follow.

No formula of a layer is known here. Both are looked for among what can be made of the upstream
gradient and the arrays at hand: products, sums over an axis, matrix products, common functions.
"""

import itertools
import re

import numpy as np

from flatprop.gradcheck.case import Case
from flatprop.gradcheck.diagnosis.evidence import close, matches, meanings, multiple
from flatprop.gradcheck.diagnosis.fit import FEW, MOST_TERMS, PLAIN, Fit, fit, functions_of, softmax
from flatprop.gradcheck.finding import find

LOCAL = ("(1 - {v}^2)", "{v} (1 - {v})", "({v} > 0)")     # of an activation, by its output


def explain_formula(evidence):
    """A term lost, flipped or off by a factor; or both formulas, the wrong one and the right."""
    terms = [terms_of(sample) for sample in evidence.samples]
    wrong, right, missing = (fit([target(sample) for sample in evidence.samples], terms) for target
                             in (lambda each: each.analytic, lambda each: each.numeric, missing_of))
    sample, case = evidence.samples[0], evidence.samples[0].case
    shaped = isinstance(case, Case) and sample.x.shape == np.shape(case.out) != ()
    parts = [each.dout * each.out / each.x for each in evidence.samples] if shaped else []
    if shaped and not right and any(
            all(map(matches, map(part, evidence.samples), parts))       # of out = x g(x)
            for part in (lambda each: each.analytic, missing_of)):
        return find("one of two factors", evidence.name)

    def called(c):
        return next(iter(meanings(c, case)), f"{c:.4g}").partition(",")[0]
    if missing and len(missing.terms) == 1:
        found = one_term(evidence.name, missing, wrong, right, called)
        if found is not None:
            return found
    if wrong is None:
        return None
    words = {"formula": wrong.text(called)}
    if right is None:       # dout alone: perhaps a path beside it is lost
        return find("formula alone", evidence.name, words) if wrong.terms != ("dout",) else None
    words = {"formula": f"{words['formula']}, where the differences give {right.text(called)}"}
    if wrong.terms == ("dout",):
        local = right.terms[0].removeprefix("dout * ") if len(right.terms) == 1 else right.text()
        return find("local gradient left out", evidence.name, words | {"local": local})
    lacking = [text for text in right.terms if text not in wrong.terms]
    if set(wrong.terms) < set(right.terms):
        return find("term lost", evidence.name, {
            "term": " and ".join(lacking), "formula": f": it is {words['formula']}"})
    return find(in_one_term(evidence, terms, wrong, right) or "formula", evidence.name, words)


def missing_of(sample):
    """What a gradient lacks."""
    return sample.numeric - sample.analytic


def explain_exchange(evidence):
    """One term where another one belongs, and the rest, whatever it is, right."""
    missing = fit([missing_of(sample) for sample in evidence.samples],
                  [terms_of(sample) for sample in evidence.samples])
    if not missing or len(missing.terms) == 1 or not close(*missing.coefficients) or (
            np.prod(missing.coefficients) > 0):
        return None
    (meant, has), (c, _) = missing
    has, meant = (has, meant) if c > 0 else (meant, has)
    return find("term exchanged", evidence.name, {
        "has": Fit((has,), (abs(c),)).text(), "meant": meant})


def explain_differences(evidence):
    """What the differences follow, where nothing tells what the wrong gradient follows."""
    right = fit([sample.numeric for sample in evidence.samples],
                [terms_of(sample) for sample in evidence.samples])
    return right and find("formula of the differences", evidence.name, {"formula": right.text()})


def one_term(name, missing, wrong, right, called):
    """What it means that one term makes the wrong gradient right."""
    (term,), (c,) = missing
    there = 0.0 if wrong is None else dict(zip(*wrong, strict=True)).get(term, 0.0)
    says = f": it is {wrong.text(called)}" if wrong else ""
    if right:
        says += f"{', where' if wrong else ':'} the differences give {right.text(called)}"
    words = {"term": term, "formula": says, "factor": called(there), "meant": called(there + c)}
    if there:
        return find("term too much" if abs(there + c) < 1e-4 * abs(c) else
                    "term flipped" if abs(2 * there + c) < 1e-3 * abs(c) else "term factor",
                    name, words)
    # "Lost" only where the term is not there at all, as far as is known.
    simple = abs(abs(c) - 1) < 1e-4 and not set(term) & set("(/")
    if wrong and wrong.terms != ("dout",) and (right is None or simple) or (
            not wrong and not right and simple and term != "1"):
        return find("term lost", name, words | {"term": missing.text(called)})
    beside = Fit(("the right gradient", term), (1.0, -c)).text(called)
    return None if wrong else find("formula", name, {"formula": beside})


def past_it(evidence):
    """What comes past the layer, as in a skip connection, lost, and the rest off by a factor."""
    found = fit([sample.analytic for sample in evidence.samples], [
        {"the right gradient": sample.numeric, "dout": sample.dout} for sample in evidence.samples])
    factor, other = found.coefficients if found and len(found.terms) == 2 else (1.0, 0.0)
    if close(factor, 1) or abs(factor + other) > 1e-3 * abs(factor):
        return None
    return find("way past it", evidence.name, {"formula": found.text(), "factor": f"{factor:.4g}"})


def in_one_term(evidence, terms, wrong, right):
    """What it is where two fits differ in one term: transposed, of another array, ...; or ""."""
    one, other = ([text for text in each.terms if text not in least.terms]
                  for each, least in ((wrong, right), (right, wrong)))
    if len(one) != 1 or len(other) != 1:
        return ""
    (one,), (other,) = one, other
    first, second = terms[0][one], terms[0][other]
    if first.ndim == 2 and matches(first.T, second) or (
            one.replace("^T", "") == other.replace("^T", "")):
        return "transposed factor"
    if re.sub(r"axis=\w+", "", one) == re.sub(r"axis=\w+", "", other):
        return "wrong axis"
    arrays = arrays_of(evidence.samples[0])
    if f"({one})" in other or f"({other})" in one or any(
            (text := re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", instead, one)) != one
            and text in terms[0] and (np.ptp(second) or second.size == 1)
            and multiple(terms[0][text], second) is not None
            for name in arrays for instead in arrays if instead != "local"):
        return "point"
    return ""


def arrays_of(sample):
    """What a formula may use besides dout, by name; labels as a one-hot matrix."""
    arrays = {name: value.astype(float) for name, value in sample.pool().items()
              if name != "dout" and (value.dtype.kind in "fb" or value.ndim == sample.x.ndim)}
    x, names, mark, more = sample.x, sample.case.names, sample.label_entries(), {}
    if mark.any():
        more = {"onehot": mark * 1.0, "onehot.any(axis=0)": mark.any(axis=0) * 1.0,
                "labels[:, None]": sample.case.labels[:, None] * 1.0}
    if x.size < np.size(sample.case.out):        # what is broadcast: its local gradient
        jacobian = sample.case.jacobian(sample.position)
        if jacobian is not None and ((np.abs(jacobian) > 1e-9).sum(axis=1) == 1).all():
            more["local"] = jacobian.sum(axis=1).reshape(sample.out.shape)
    if x.ndim == 2:
        more[f"softmax({names[sample.position]})"] = once = softmax(x)
        more[f"softmax(softmax({names[sample.position]}))"] = softmax(once)
        more |= {f"({names[sample.position]} - mean, axis={axis})":
                 x - x.mean(axis=axis, keepdims=True) for axis in (0, 1)}
    others = [(name, arrays[name]) for name in names if name in arrays and arrays[name].ndim]
    for (one, u), (other, v) in itertools.combinations(others, 2):
        if u.shape == v.shape == x.shape:
            more |= {f"({one} - {other})": u - v, f"sign({one} - {other})": np.sign(u - v)}
    return arrays | {name: value for name, value in more.items() if not any(
        value.shape == each.shape and np.allclose(value, each) for each in arrays.values())}


def terms_of(sample, shape=None):
    """{text: array} of all terms with the upstream gradient in them once, the simple first.

    They are of the shape, by default that of the right gradient. Each is the upstream gradient, a
    sum of it or a matrix product with it, times up to three functions of the arrays at hand.
    """
    dout = np.asarray(sample.case.dout, float)
    shape = sample.numeric.shape if shape is None else shape
    arrays, elementwise = arrays_of(sample), is_elementwise(sample)
    single = functions_of({name: value for name, value in arrays.items() if fits_into(
        value, shape)})
    plain = {name: value for name, value in arrays.items() if name != "local" and " - " not in name}
    column = dout[:, None] if dout.ndim == 1 and len(shape) == 2 and len(dout) == shape[0] else dout
    bare = {"" if dout.ndim == 0 != len(shape) else "dout": column} if fits_into(
        column, shape) else {}
    sums = {} if elementwise else sums_of(dout, arrays, shape)
    products = {} if elementwise else matrix_products(dout, plain, shape)
    if len(shape) == 1 < dout.ndim:     # of a sum that is a vector
        bare, sums = bare | sums, {}
    spread = functions_of({name: value for name, value in arrays.items() if fits_into(
        value, shape)}, PLAIN)
    once = {text: value for text, value in single.items() if "softmax" not in text}
    few = {form.format(v=name) for form in FEW for name in arrays} & set(once)
    odd = {text for text in single if re.search(r"\((?!1 )\w+ - (?!mean)", text)}
    alone = dict(times(bare, {"": np.ones(())} | {
        text: value for text, value in single.items() if text not in odd}))
    more = itertools.chain(times(bare, pairs(once, arrays)), times(bare, pairs(
        {text: once[text] for text in few}, (), 3)))
    of_all = products | sums | dict(times(spread, sums)) | dict(
        times(bare, {text: single[text] for text in sorted(odd)}))
    # Of a loss, products are likelier than sums of sums.
    terms = alone | (of_all if dout.ndim else dict(itertools.islice(more, 1000)) | of_all)
    terms |= dict(itertools.islice(more, MOST_TERMS))
    return {text or "1": np.broadcast_to(value, shape) for text, value in terms.items()
            if fits_into(np.asarray(value), shape)}


def times(lefts, rights):
    """The products of named arrays, the right ones as pairs or in a dict: (text, array) of each."""
    for other, v in rights.items() if isinstance(rights, dict) else rights:
        for one, u in lefts.items():
            yield " * ".join(filter(None, (one, other))).replace(" * 1/", "/"), u * v


def pairs(single, arrays, count=2):
    """The products of two, or count, of the named arrays, no two of one of `arrays`."""
    for names in itertools.combinations(sorted(single) if count > 2 else single, count):
        if not any(sum(array in name for name in names) > 1 for array in arrays):
            text = "".join(f"{name[1:]}" if i and name[:2] == "1/" else f" {name}" if i else name
                           for i, name in enumerate(names))
            yield text, np.prod(np.broadcast_arrays(*(single[name] for name in names)), axis=0)


def is_elementwise(sample):
    """Whether each entry of the output depends on the same entry of the input alone."""
    if not isinstance(sample.case, Case) or sample.x.shape != np.shape(sample.case.out):
        return False
    jacobian = sample.case.jacobian(sample.position)
    return jacobian is not None and (np.abs(jacobian * (1 - np.eye(len(jacobian)))) < 1e-9).all()


def fits_into(value, shape):
    """Whether an array can be broadcast to the shape."""
    return value.ndim <= len(shape) and all(
        a in (1, b) for a, b in zip(value.shape[::-1], shape[::-1], strict=False))


def sums_of(dout, arrays, shape):
    """sum(dout * w) over an axis or all, along each axis of the shape that is as long."""
    found, wholes = {}, {"dout": dout} if dout.ndim else {"": np.broadcast_to(dout, shape)}
    if dout.ndim == 1:
        wholes["dout[:, None]"] = dout[:, None]
    for called, whole in wholes.items():
        weights = ({"": np.ones(())} if called == "dout" else {}) | functions_of({
            name: value for name, value in arrays.items() if fits_into(value, whole.shape)
            or "None" in called and value.ndim == 2 and len(value) == len(whole)},
            PLAIN if dout.ndim else (*PLAIN, "({v} > 0)"))
        for (name, weight), axis in itertools.product(
                weights.items(), (*reversed(range(whole.ndim)), None)):
            text = f"sum({' * '.join(filter(None, (called, name)))}, axis={axis})"
            total = (whole * weight).sum(axis=axis, keepdims=True)
            if total.size == np.prod(shape):
                found[text] = total.reshape(shape)
            elif fits_into(total, shape):
                found[text] = total
            elif len(shape) == 2 and total.size == shape[0]:
                found[f"{text}[:, None]"] = total.reshape(-1, 1)
    return found


def matrix_products(dout, arrays, shape):
    """dout v, v^T dout, v^T (dout w), ... of this shape; their sums, and products of sums."""
    if dout.ndim > 2 or len(shape) > 2:
        return {}
    matrices = {name: value for name, value in arrays.items() if value.ndim == 2}
    column = dout[:, None] if dout.ndim == 1 else dout
    like = {name: value for name, value in arrays.items() if value.ndim and (
        value.shape == dout.shape or dout.ndim == 1 and value.shape[:1] == dout.shape)}
    through = functions_of(like, FEW)
    whole = {"dout": column} if dout.ndim == 2 else {}
    whole |= {f"(dout * {text})": column * value for text, value in through.items()
              if value.ndim == 2} if dout.ndim else {}
    forms = functions_of(matrices, ("{v}", "1/{v}", "{v}^2"))
    whole = whole or {name: dout * value for name, value in matrices.items()}
    once = multiply(forms, whole) | multiply(whole, forms)
    plainly = {text: value for text, value in once.items() if not any(
        odd in text for odd in ("1/", "^2", "("))}
    found = once | multiply(plainly, matrices) | multiply(matrices, plainly)
    found |= {f"({text})^T": value.T for text, value in found.items()}
    if len(shape) == 1:
        found = {f"sum({text}, axis={axis})": value.sum(axis=axis)
                 for text, value in found.items() for axis in (0, 1)}
    elif dout.ndim == 2:
        found |= {f"outer(sum({name}, axis={i}), sum(dout, axis={j}))": np.outer(
            value.sum(axis=i), dout.sum(axis=j)) for name, value in matrices.items()
            for i in (0, 1) for j in (0, 1)}
    return {text: value for text, value in found.items() if value.shape == shape}


def multiply(lefts, rights):
    """The products of the left matrices with the right ones, either of the two transposed."""
    found = {}
    for (one, u), (other, v) in itertools.product(lefts.items(), rights.items()):
        for left, right in itertools.product((u, u.T), (v, v.T)):
            if left.shape[1] == right.shape[0]:
                text = f"{one}{'' if left is u else '^T'} @ {other}{'' if right is v else '^T'}"
                found[text] = left @ right
    return found

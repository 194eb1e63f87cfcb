"""What a gradient may be made of: the upstream gradient times functions of the arrays at hand.

No formula of a layer is known here.
"""

import itertools
import math

import numpy as np

from flatprop.gradcheck.case import Case
from flatprop.gradcheck.diagnosis.fit import join, stack

MOST_TERMS, MOST_NUMBERS = 8000, 10_000_000


def sigmoid(v):
    """1 / (1 + exp(-v)), of numbers of ordinary size."""
    return 1 / (1 + np.exp(-v))


def softmax(v):
    """exp(v) over its sum along the last axis."""
    e = np.exp(v - v.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


# What a formula does with an array, from the simple to the rare.
FUNCTIONS = {
    "{v}": lambda v: v, "{v}^2": lambda v: v * v, "{v} (1 - {v})": lambda v: v * (1 - v),
    "(1 - {v}^2)": lambda v: 1 - v * v, "1/{v}": lambda v: 1 / v, "exp({v})": np.exp,
    "exp(-{v})": lambda v: np.exp(-v),
    "1/({v} (1 - {v}))": lambda v: 1 / (v * (1 - v)), "({v} > 0)": lambda v: (v > 0) * 1.0,
    "sigmoid({v})": sigmoid, "tanh({v})": np.tanh, "1/(1 - {v}^2)": lambda v: 1 / (1 - v * v),
    "sigmoid'({v})": lambda v: sigmoid(v) * (1 - sigmoid(v)),
    "tanh'({v})": lambda v: 1 - np.tanh(v) ** 2, "{v}^3": lambda v: v ** 3,
    "1/{v}^2": lambda v: 1 / (v * v), "log({v})": np.log,
    "sqrt({v})": np.sqrt, "{v}^1.5": lambda v: v**1.5, "sign({v})": np.sign,
}
PLAIN = ("{v}", "{v}^2", "exp({v})")        # those used inside a sum over an axis
FEW = ("{v}", "(1 - {v}^2)", "{v} (1 - {v})", "({v} > 0)", "sigmoid({v})", "exp(-{v})")


def functions_of(arrays, forms=FUNCTIONS):
    """{(form, name): array} of the functions of named arrays, the simple ones of all first.

    Of an array of two values, each function is a multiple of it and a constant: it has the plain.
    """
    two = {name for name, value in arrays.items() if np.unique(value).size == 2}
    return {(form, name): FUNCTIONS[form](value) for form in forms for name, value in arrays.items()
            if name not in two or form in ("{v}", "({v} > 0)")}


def named_functions(arrays, forms=FUNCTIONS):
    """The same as {text: array}."""
    return {form.format(v=name): value for (form, name), value in functions_of(
        arrays, forms).items()}


def arrays_of(sample):
    """What a formula may use besides dout, by name; labels as a one-hot matrix."""
    arrays = {name: value.astype(float) for name, value in sample.pool().items()
              if name != "dout" and (value.dtype.kind in "fb" or value.ndim == sample.x.ndim)}
    x, names, mark, more = sample.x, sample.case.names, sample.label_entries(), {}
    if mark.any():
        more = {"onehot": mark * 1.0, "onehot.any(axis=0)": mark.any(axis=0) * 1.0,
                "labels[:, None]": sample.case.labels[:, None] * 1.0}
    labels = sample.case.labels
    if labels is not None and labels.min(initial=0) >= 0 and len(labels) == len(x):
        more |= {f"{name}[{names[i]}]": (value[labels] * 1.0).reshape(-1, *[1] * (x.ndim - 1))
                 for i, given in enumerate(sample.case.inputs) if given is not x
                 and np.array_equal(given, labels)
                 for name, value in arrays.items() if value.ndim == 1
                 and labels.max(initial=0) < len(value) != len(x)}
    more |= {f"{name}[:, None]": value[:, None] * 1.0 for name, value in zip(
        names, sample.case.inputs, strict=True) if x.ndim == 2 and np.shape(value) == x.shape[:1]
        and value.dtype.kind in "iub" and not mark.any()}
    if x.size < np.size(sample.case.out):        # what is broadcast: its local gradient
        jacobian = sample.case.jacobian(sample.position)
        if jacobian is not None and ((np.abs(jacobian) > 1e-9).sum(axis=1) == 1).all():
            more["local"] = jacobian.sum(axis=1).reshape(sample.out.shape)
    name = names[sample.position]
    if x.size > 1:
        more[f"{name}/norm({name})"] = x / np.sqrt((x * x).sum())
    if x.ndim == 2:
        more |= {f"softmax({name})": softmax(x), f"softmax(softmax({name}))": softmax(softmax(x))}
        more |= {f"({name} - mean, axis={axis})": x - x.mean(axis=axis, keepdims=True)
                 for axis in (0, 1)}
    others = [(name, arrays[name]) for name in names if name in arrays and arrays[name].ndim]
    for (one, u), (other, v) in itertools.combinations(others, 2):
        if u.shape == v.shape == x.shape:
            more |= {f"({one} - {other})": u - v, f"sign({one} - {other})": np.sign(u - v)}
    return arrays | {name: value for name, value in more.items() if not any(
        value.shape == each.shape and np.allclose(value, each) for each in arrays.values())}


def vectors_of(evidence, shape=None):
    """The arrays that fit into the gradient's shape, each as one vector of all samples' entries."""
    return join([{name: np.broadcast_to(value, shape or sample.numeric.shape).ravel()
                  for name, value in arrays_of(sample).items()
                  if fits_into(value, shape or sample.numeric.shape)}
                 for sample in evidence.samples])


def terms_of(evidence, shape=None):
    """The Terms with the upstream gradient in them once, the simple first.

    They are of the shape, by default that of the right gradient. Each is the upstream gradient, a
    sum of it or a matrix product with it, times up to three functions of the arrays at hand.
    """
    if evidence.terms is None or shape is not None:
        groups = [of_upstream(sample, sample.numeric.shape if shape is None else shape)
                  for sample in evidence.samples]
        evidence.terms = stack(products_of(functions_of(vectors_of(evidence, shape)), *map(
            join, zip(*groups, strict=True))))
    return evidence.terms


def of_upstream(sample, shape):
    """dout, its sums, and its products with matrices, as vectors by what they are."""
    dout, arrays = np.asarray(sample.case.dout, float), arrays_of(sample)
    column = dout[:, None] if dout.ndim == 1 and len(shape) == 2 and len(dout) == shape[0] else dout
    bare = {"" if dout.ndim == 0 != len(shape) else "dout": column} if fits_into(
        column, shape) else {}
    sums = products = {}
    if not is_elementwise(sample):
        sums = sums_of(dout, arrays, shape)
        products = matrix_products(dout, {
            name: value for name, value in arrays.items() if name != "local" and " - " not in name
        }, shape)
    if len(shape) == 1 < dout.ndim:     # of a sum that is a vector
        bare, sums = bare | sums, {}
    return [{key: np.broadcast_to(value, shape).ravel() for key, value in group.items()}
            for group in (bare, sums, products)]


def products_of(single, bare, sums, products):
    """The products of the factors as {text: vector}, the simple ones first."""
    alone, pairs, triples = (several(single, count) for count in (1, 2, 3))
    spread = {form.format(v=name): value for (form, name), value in single.items() if form in PLAIN}
    more, of_all = times(bare, pairs | triples), products | sums | times(spread, sums)
    # Of a loss, products are likelier than sums of sums.
    terms = times(bare, {"": 1.0} | alone) | (of_all | more if "dout" in bare else more | of_all)
    return {text or "1": value for text, value in terms.items()}


def times(lefts, rights):
    """The products of named arrays."""
    return {" * ".join(filter(None, (one, other))).replace(" * 1/", "/"): u * v
            for other, v in rights.items() for one, u in lefts.items()}


def several(single, count):
    """The products of so many functions {(form, name): array}, each of another array, as {text:
    array}: the first of them, where those of simple functions come first.
    """
    forms = FUNCTIONS if count < 3 else FEW
    keys = [(form, name) for form, name in single if form in forms and (count == 1 or not any(
        rare in name for rare in ("softmax", "/norm(")))]
    found, most = {}, min(MOST_TERMS, MOST_NUMBERS // np.size(next(iter(single.values()), 1)))
    for places in sorted(itertools.combinations(range(len(keys)), count), key=sum):
        chosen = [keys[place] for place in places]
        names = [name for _, name in chosen]
        if not any(one in other for one, other in itertools.permutations(names, 2)):
            texts = [form.format(v=name) for form, name in chosen]
            found[" ".join(texts).replace(" 1/", "/")] = math.prod(single[key] for key in chosen)
            if len(found) >= most // count:
                break
    return found


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
        weights = ({"": np.ones(())} if called == "dout" else {}) | named_functions({
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
    matrices = {name: value for name, value in arrays.items() if value.ndim == 2}
    if dout.ndim > 2 or len(shape) > 2 or not matrices:
        return {}
    column = dout[:, None] if dout.ndim == 1 else dout
    whole = {"dout": column} if dout.ndim == 2 else {}
    whole |= {f"(dout * {text})": column * value for text, value in named_functions({
        name: value for name, value in matrices.items() if dout.ndim and len(value) == len(column)
        and value.shape[1] in (column.shape[1], value.shape[1] * (dout.ndim == 1))}, FEW).items()}
    whole = whole or {name: dout * value for name, value in matrices.items()}
    forms, whole, matrices = (
        each | {f"{text}^T": value.T for text, value in each.items()} for each in (
            named_functions(matrices, ("{v}", "1/{v}")), whole, matrices))
    once = multiply(forms, whole) | multiply(whole, forms)
    plain = {text: value for text, value in once.items() if not set(text) & set("(/")}
    found = once | multiply(plain, matrices) | multiply(matrices, plain)
    if len(shape) == 1:
        found = {f"sum({text}, axis={axis})": value.sum(axis=axis)
                 for text, value in found.items() for axis in (0, 1)}
    elif dout.ndim == 2:
        found |= {f"outer(sum({name}, axis={i}), sum(dout, axis={j}))": np.outer(
            value.sum(axis=i), dout.sum(axis=j)) for name, value in matrices.items()
            for i in (0, 1) for j in (0, 1)}
    return {text: value for text, value in found.items() if value.shape == shape}


def multiply(lefts, rights):
    """The products of the left matrices with the right ones."""
    return {f"{one} @ {other}": u @ v for one, u in lefts.items() for other, v in rights.items()
            if u.shape[1] == v.shape[0]}

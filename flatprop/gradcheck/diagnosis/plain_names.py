"""A model whose parameters have other names than W1, b1, W2, b2, ..., seen as one that has these.

The diagnosis of a model knows a layer by the number of its weights and bias. Which weights go with
which bias is told by their order and shapes, examples in rows or in columns by a gradient.
"""

import re

import numpy as np

from flatprop.gradcheck.model_case import copy_model, generator_states, loss_case


class Plain:
    """A model with params W1 (D, H), b1 (H,), W2, ... and the loss of the model behind it."""

    def __init__(self, model, names):
        self.model, self.names = copy_model(model, in_double=True), names
        self.params = self.plain(self.model.params)
        # Where set_back finds them, so that all calls draw the same masks.
        vars(self).update({f"generator{number}": generator for number, (generator, _) in
                           enumerate(generator_states(self.model))})

    def plain(self, arrays):
        """Parameters or gradients, by their plain names and in the plain shapes."""
        return {plain: np.array(np.asarray(arrays[name]).T if turned else arrays[name]).reshape(
            -1 if plain[0] == "b" else np.shape(arrays[name])[:: -1 if turned else 1])
            for plain, (name, turned) in self.names.items()}

    def loss(self, x, y):
        """(loss, gradients by plain name)"""
        for plain, (name, turned) in self.names.items():
            value, array = self.params[plain], self.model.params[name]
            array[...] = (value.T if turned else value).reshape(array.shape)
        loss, grads = self.model.loss(x, y)
        return loss, self.plain(grads)

    def own_names(self, text):
        """A text with the model's own names in place of the plain ones."""
        return re.sub(r"(?<![^\W_])(d?)([Wb]\d+)(?!\w)", lambda found: found[1] + self.names.get(
            found[2], (found[2],))[0], text)


def with_plain_names(model, x, y):
    """The model as a Plain; None where its names are plain, or no pairs of W and b are found."""
    params = model.params
    biases = [name for name, value in params.items() if np.size(value) == max(np.shape(value))]
    weights = [name for name, value in params.items() if np.ndim(value) == 2
               and name not in biases]
    if len(weights) != len(biases) or not 1 < len(weights) == len(params) / 2:
        return None
    case = loss_case(model, x[:1], y[:1], np.random.default_rng(0))
    names = {}
    for number, (weight, bias) in enumerate(zip(weights, biases, strict=True), 1):
        dW, db = (case.numeric_gradient(case.names.index(name)) for name in (weight, bias))
        turned = is_turned(dW, db.reshape(-1))
        if turned is None:
            return None
        names |= {f"W{number}": (weight, turned), f"b{number}": (bias, False)}
    is_plain = all(plain == name and not turned and (plain[0] == "W" or np.ndim(
        params[name]) == 1) for plain, (name, turned) in names.items())
    return None if is_plain else Plain(model, names)


def is_turned(dW, db):
    """Whether weights (H, D) go with a bias (H,), not (D, H): of one row dW is x^T db. Or None."""
    left = {}
    for turned, G in ((False, dW), (True, dW.T)):
        if G.shape[1] == db.size:
            left[turned] = np.abs(G - np.outer(G @ db, db) / max(db @ db, 1e-300)).max()
    return min(left, key=left.get, default=None)

"""The running statistics of batch normalization, estimated anew for weights that no longer change.

In training they lag behind the weights, and of an average of weights nobody has computed any. Here
training rows go through the net in batches, each normalized by its own mean and variance as in
training but without dropout and noise, and these are averaged: for each layer the statistics (M,)
that it evaluates with. Ioffe & Szegedy 2015 (algorithm 2) evaluate so; Rasmus et al. 2015 and
averages of weights (Izmailov et al. 2018) need it.
"""

import numpy as np

from data import batches
from layers import batchnorm, maxout
from solvers import contract

LEAST = 2           # rows of a batch: one tells nothing of the spread


def estimate(model, x, batch_size):
    """Write them into model.running, a dict of vectors (M,), for training rows x (N, D).

    Batches are of batch_size rows, drawn in the same order at every call. Each counts by its rows;
    variances divide by the rows less one, as batchnorm.update_running has them.
    """
    order = np.random.default_rng(0).permutation(len(x))        # rows may be sorted by class
    totals = {name: np.zeros(view.shape) for name, view in model.running.items()}
    counted = 0
    for index in batches.cut(order, max(batch_size, LEAST)):
        if index.size >= LEAST:
            counted += index.size
            for name, value in of_batch(model, x.take(index, axis=0)).items():
                totals[name] += index.size * value.astype(np.float64)
    if counted:
        for name, total in totals.items():
            model.running[name][:] = total / counted


def of_batch(model, x):
    """The mean and the variance of a batch x (B, D) where the chain is normalized, by name."""
    found = {}
    for layer, names in model.chain():
        if layer is not batchnorm:
            arrays = [contract.pieces(model)] if layer is maxout else map(model.params.get, names)
            x = layer.forward(x, *arrays)[0]
            continue
        gamma, beta, mean, var = names
        x, cache = batchnorm.forward(x, model.params[gamma], model.params[beta])
        nothing = np.zeros_like(model.running[mean])
        found[mean], found[var] = batchnorm.update_running(nothing, nothing, cache, momentum=1.0)
    return found

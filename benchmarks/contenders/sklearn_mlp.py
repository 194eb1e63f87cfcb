"""scikit-learn: MLPClassifier.fit, going on with its weights (warm_start), so many epochs a call.

Its own shuffling. Its alpha is divided by the batch and carries a 1/2, hence 2 lambda N here. Each
call to fit checks its data and makes new moments; that is in the time, spread over its epochs.
"""

import warnings

from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier

from benchmarks.networks import LAMBDA, MOMENTUM, RATES


def make(sizes, batch, rule, x, y, start):
    """-> run(epochs), which gives the last epoch's mean loss, and weights()."""
    # as many epochs as asked for, then no word about it
    warnings.simplefilter("ignore", ConvergenceWarning)
    net = MLPClassifier(
        sizes[1:-1], alpha=2 * LAMBDA * batch, batch_size=batch, max_iter=1, warm_start=True,
        solver="adam" if rule == "adam" else "sgd", learning_rate_init=RATES[rule],
        momentum=MOMENTUM if rule == "momentum" else 0.0, nesterovs_momentum=False,
        n_iter_no_change=10**9, early_stopping=False, random_state=2,
    )
    net.fit(x, y)  # makes the arrays
    for i, (W, b) in enumerate(start):
        net.coefs_[i][:] = W
        net.intercepts_[i][:] = b

    def run(epochs):
        net.set_params(max_iter=epochs).fit(x, y)
        return net.loss_

    def weights():
        return list(zip(net.coefs_, net.intercepts_, strict=True))

    return run, weights

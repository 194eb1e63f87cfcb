"""Many training steps as one compiled function, for any net that program.py can describe.

Why: a step of the Solver is some seventy calls of NumPy, each of which costs half a microsecond and
a pass over memory. Here it is its products and little else: with Adam and one thread a step of
64-32-10 with a batch of 64 takes 13 microseconds for 52, and one of 784-100-10 with 100 341 for
391. With SGD the update is the product itself,
W <- (1 - 2 lambda rate) W - rate x^T dout; with momentum the product goes into the velocity.

All deltas of a step are known before theta is touched. Where one of them, or an activation, may
be out of range, the step is left as it was not taken, and whoever asked takes it in another way:
so what is told of a training that diverges is what the Solver tells.
"""

import hashlib
from pathlib import Path

import numba
import numpy as np

from solvers.compiled import kernels, updates
from solvers.compiled.kernels import PLAIN
from solvers.compiled.native import NO, YES, address_of, product
from solvers.compiled.program import (
    ACT,
    AVERAGE,
    BETA,
    DELTA,
    DROP,
    GAMMA,
    GB,
    GBETA,
    GGAMMA,
    GW,
    INPUTS,
    INVERSE,
    MASK,
    MEAN,
    NORM,
    OUT,
    SPREAD,
    VAR,
    WIDTH,
    A,
    B,
    W,
    X,
    Y,
    Z,
)

ZERO, ONE = np.float32(0), np.float32(1)
# A bound for the square of an entry of a gradient: 1e30 is far from the end of float32.
LIMIT = 1e60
# Of the numbers of a step that do not change.
CLIP, SMOOTHING, INPUT_DROP, MOST, MAX_NORM = range(5)


@numba.njit(**PLAIN)
def gather(x, order, start, rows, to):
    """Copy the rows of x that order names into to, flat."""
    width = x.shape[1]
    for i in range(rows):
        row, out = x[order[start + i]], to[i * width : (i + 1) * width]
        for j in range(width):
            out[j] = row[j]


@numba.njit(**PLAIN)
def forward_layer(row, rows, address, theta, work, random, bits, scale, squares, place):
    """One row of the table; squares[place] becomes the sum of squares of its output."""
    m, h = row[INPUTS], row[WIDTH]
    n = rows * h
    product(address, NO, NO, rows, h, m, ONE, address_of(work, row[X]), m,
            address_of(theta, row[W]), h, ZERO, address_of(work, row[Z]), h)
    z, y = work[row[Z] : row[Z] + n], work[row[Y] : row[Y] + n]
    kind, bias = row[ACT], theta[row[B] : row[B] + h]
    if row[NORM]:
        # The bias goes out again with the mean.
        size = kernels.normalize(
            z, y, theta[row[GAMMA] : row[GAMMA] + h], theta[row[BETA] : row[BETA] + h],
            work[row[AVERAGE] : row[AVERAGE] + h], work[row[INVERSE] : row[INVERSE] + h],
            work[row[SPREAD] : row[SPREAD] + h], rows, h, kind == kernels.RELU)
    elif kind == kernels.RELU:
        size = kernels.add_bias_relu(z, bias, rows, h)
    else:
        size = kernels.add_bias(z, bias, rows, h)
    a = work[row[A] : row[A] + n]
    if kind > kernels.RELU:
        kernels.activate(kind, y, a, n)
        size = kernels.sum_squares(a, n)
    squares[place] = size
    if row[DROP]:
        mask = work[row[MASK] : row[MASK] + n]
        kernels.drop(a, work[row[OUT] : row[OUT] + n], mask, kind != kernels.RELU,
                     np.uint32(row[DROP]), scale, random, bits, n)
        squares[place] *= scale * scale


@numba.njit(**PLAIN)
def loss_of(kind, smoothing, scores, d, labels, targets, order, weights, rows, C):
    """The sum of the losses of the rows, and in d the gradient of their mean."""
    if kind == kernels.SOFTMAX:
        return kernels.softmax(scores, d, labels, order, weights, rows, C)
    if kind == kernels.SMOOTHED:
        return kernels.smoothed_softmax(scores, d, labels, order, weights, smoothing, rows, C)
    if kind == kernels.SVM:
        return kernels.svm(scores, d, labels, order, weights, rows, C)
    if kind == kernels.SQUARED_HINGE:
        return kernels.squared_hinge(scores, d, labels, order, weights, rows, C)
    if kind == kernels.LOGISTIC:
        return kernels.logistic(scores, d, labels, order, weights, rows)
    return kernels.square(scores, d, targets, order, weights, rows, C)


@numba.njit(**PLAIN)
def backward_layer(row, rows, theta, work, grad, scale):
    """The delta of a row's product, in place, and the gradients of its vectors; gives squares."""
    h = row[WIDTH]
    n, kind = rows * h, row[ACT]
    d, a = work[row[DELTA] : row[DELTA] + n], work[row[A] : row[A] + n]
    db = grad[row[GB] : row[GB] + h]
    if row[DROP] and kind != kernels.RELU:
        kernels.multiply(d, work[row[MASK] : row[MASK] + n], n)
    before = ZERO
    if kind > kernels.RELU:
        before = kernels.sum_squares(d, n)
        kernels.activate_backward(kind, d, work[row[Y] : row[Y] + n], a, n)
    factor = scale if row[DROP] and kind == kernels.RELU else ONE
    if row[NORM]:
        upstream, after = kernels.normalize_backward(
            d, work[row[Z] : row[Z] + n], a, factor, kind == kernels.RELU,
            theta[row[GAMMA] : row[GAMMA] + h], work[row[INVERSE] : row[INVERSE] + h],
            grad[row[GGAMMA] : row[GGAMMA] + h], grad[row[GBETA] : row[GBETA] + h], rows, h)
        db[:] = ZERO
        return before + upstream + after
    if kind == kernels.RELU:
        return before + kernels.mask_and_sum(d, a, factor, db, rows, h)
    return before + kernels.sum_columns(d, db, rows, h)


@numba.njit(**PLAIN)
def update_layer(row, rows, twice, rule, folds, address, theta, first, second, work, grad, scale,
                 keep, rate, root, numbers):
    """The gradient of a row's weights, and the step of all of its parameters."""
    m, h = row[INPUTS], row[WIDTH]
    start, n = row[W], m * h
    W_ = theta[start : start + n]
    x, d = address_of(work, row[X]), address_of(work, row[DELTA])
    if folds and rule == updates.SGD:
        product(address, YES, NO, m, h, rows, -rate, x, m, d, h, ONE - rate * twice,
                address_of(theta, start), h)
    elif folds and rule == updates.MOMENTUM:
        product(address, YES, NO, m, h, rows, ONE, x, m, d, h, numbers[0],
                address_of(first, start), h)
        updates.follow_velocity(W_, first[start : start + n], twice, rate)
    else:
        g = grad[row[GW] : row[GW] + n]
        if folds:           # with clipping it is there already
            product(address, YES, NO, m, h, rows, ONE, x, m, d, h, ZERO,
                    address_of(grad, row[GW]), h)
        updates.update(rule, W_, g, first[start : start + n], second[start : start + n], twice,
                       scale, keep, rate, root, numbers)
    update_vector(row[B], row[GB], h, rule, theta, first, second, grad, scale, rate, root, numbers)
    if row[NORM]:
        update_vector(row[GAMMA], row[GGAMMA], h, rule, theta, first, second, grad, scale, rate,
                      root, numbers)
        update_vector(row[BETA], row[GBETA], h, rule, theta, first, second, grad, scale, rate,
                      root, numbers)


@numba.njit(**PLAIN)
def update_vector(start, at, h, rule, theta, first, second, grad, scale, rate, root, numbers):
    """The step of a parameter without L2."""
    end = start + h
    updates.update(rule, theta[start:end], grad[at : at + h], first[start:end], second[start:end],
                   ZERO, scale, ONE, rate, root, numbers)


@numba.njit(**PLAIN)
def length_of_gradient(table, twice, rows, address, theta, work, grad):
    """Fill grad with the gradients of all weights; gives the length of the whole gradient."""
    total = 0.0
    for i in range(table.shape[0]):
        row = table[i]
        m, h = row[INPUTS], row[WIDTH]
        product(address, YES, NO, m, h, rows, ONE, address_of(work, row[X]), m,
                address_of(work, row[DELTA]), h, ZERO, address_of(grad, row[GW]), h)
        total += updates.squares_with_l2(grad[row[GW] : row[GW] + m * h],
                                         theta[row[W] : row[W] + m * h], twice[i])
        total += kernels.sum_squares(grad[row[GB] : row[GB] + h], h)
        if row[NORM]:
            total += kernels.sum_squares(grad[row[GGAMMA] : row[GGAMMA] + h], h)
            total += kernels.sum_squares(grad[row[GBETA] : row[GBETA] + h], h)
    return np.sqrt(total)


def make(stamp):
    """The function that takes steps. numba keeps it on disk under its source and what it closes
    over: stamp, which tells of the other files of this folder, whose code is in it too."""
    def take_steps(address, table, twice, rule, loss, numbers, fixed, folds, theta, first, second,
                   statistics, average, average_statistics, x, labels, targets, weights, order,
                   batch_size, rates, work, grad, scales, random, bits, totals, before, moved):
        """Take a step for each row of rates, from the start of order; gives how many were taken,
        fewer where one is in doubt.

        rates (n, 5): the rate, Adam's root, what AdamW keeps, numbers[0], as momentum may change,
        and by which share the averages, if they have entries, go to new values. scales (L + 1,): of
        the inputs and of what each layer gives, what dropout multiplies by. totals[0] grows by the
        sum of the losses. before (P,), if it has entries, becomes theta before the last of them,
        and moved (L, 2) the sums of squares of each layer's weights then and of their change. The
        rest is as in blocks.py.
        """
        if stamp < 0:
            return 0
        L = table.shape[0]
        last = table[L - 1]
        C = last[WIDTH]
        saved = random.copy()
        squares = np.empty(L + 1, np.float32)
        smoothing, input_drop = np.float32(fixed[SMOOTHING]), np.uint32(fixed[INPUT_DROP])
        for step in range(rates.shape[0]):
            start = step * batch_size
            rows = min(batch_size, order.size - start)
            index = order[start : start + rows]
            if random.size:
                saved[:] = random
            inputs = work[table[0, X] : table[0, X] + rows * table[0, INPUTS]]
            gather(x, order, start, rows, inputs)
            squares[0] = fixed[MOST]
            if input_drop:
                kernels.drop(inputs, inputs, inputs, False, input_drop, scales[0], random, bits,
                             inputs.size)
                squares[0] *= scales[0] * scales[0]
            for i in range(L):
                forward_layer(table[i], rows, address, theta, work, random, bits, scales[i + 1],
                              squares, i + 1)
            scores = work[last[OUT] : last[OUT] + rows * C]
            delta = work[last[DELTA] : last[DELTA] + rows * C]
            lost = loss_of(loss, smoothing, scores, delta, labels, targets, index, weights, rows, C)
            fits = np.isfinite(lost)
            for i in range(L - 1, -1, -1):
                row = table[i]
                size = backward_layer(row, rows, theta, work, grad, scales[i + 1])
                # A NaN is below nothing.
                fits = fits and np.float64(size) * np.float64(squares[i]) < LIMIT and size < 1e30
                if i > 0:
                    m, h = row[INPUTS], row[WIDTH]
                    product(address, NO, YES, rows, m, h, ONE, address_of(work, row[DELTA]), h,
                            address_of(theta, row[W]), h, ZERO,
                            address_of(work, table[i - 1, DELTA]), m)
            if not fits:
                random[:] = saved
                return step
            if step == rates.shape[0] - 1:
                before[:] = theta[: before.size]
            rate, root, keep, numbers[0], rest = rates[step]
            shrink = ONE
            if fixed[CLIP] > 0:
                length = length_of_gradient(table, twice, rows, address, theta, work, grad)
                if length > fixed[CLIP]:
                    shrink = np.float32(fixed[CLIP] / length)
            for i in range(L):
                row = table[i]
                if row[NORM]:
                    h = row[WIDTH]
                    kernels.update_running(
                        statistics[row[MEAN] : row[MEAN] + h], statistics[row[VAR] : row[VAR] + h],
                        work[row[AVERAGE] : row[AVERAGE] + h], work[row[SPREAD] : row[SPREAD] + h],
                        theta[row[B] : row[B] + h], rows, h)
            for i in range(L):      # the delta of the first layer is the newest in the cache
                update_layer(table[i], rows, twice[i], rule, folds, address, theta, first, second,
                             work, grad, shrink, keep, rate, root, numbers)
                if fixed[MAX_NORM] > 0:
                    start, h = table[i, W], table[i, WIDTH]
                    updates.limit_columns(theta[start : start + table[i, INPUTS] * h], h,
                                          np.float32(fixed[MAX_NORM]))
            if average.size:
                updates.follow(average, theta, rest)
                updates.follow(average_statistics, statistics, rest)
            totals[0] += lost
        if before.size:
            for i in range(L):
                start, end = table[i, W], table[i, W] + table[i, INPUTS] * table[i, WIDTH]
                moved[i, 0], moved[i, 1] = updates.squares_of_change(before[start:end],
                                                                     theta[start:end])
        return rates.shape[0]

    try:
        return numba.njit(take_steps, cache=True, **PLAIN)
    except RuntimeError:        # there is no folder that numba may write to
        return numba.njit(take_steps, **PLAIN)


def stamp_of_sources():
    """A number made of the texts of the files whose code take_steps holds."""
    texts = [Path(__file__).with_name(f"{name}.py").read_bytes()
             for name in ("kernels", "native", "program", "updates")]
    return int(hashlib.sha256(b"".join(texts)).hexdigest()[:12], 16)


take_steps = make(stamp_of_sources())

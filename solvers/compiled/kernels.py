"""The loops of a step beside its products: activations, norm, dropout, losses, compiled by numba.

Why: NumPy passes over memory once for each operation; here bias and activation are one pass, and so
are the mask of ReLU and the sum of its columns, which is the gradient of the bias. Of a step of
64-32-10 with a batch of 64 they are 3 microseconds of 13; in NumPy what is not products is 40.

All arrays are float32 and flat: B rows of h entries one after the other. A kernel whose result is
named `squares` gives the sum of squares of what an affine layer reads, or of its gradient: the
product of two of them bounds every entry of the layer's gradient (Cauchy and Schwarz), so that a
step in which any number may not be finite is known before theta is touched.
"""

import numba
import numpy as np

from solvers.compiled.native import as_bits, as_float, high_product

# error_model numpy divides as NumPy does. contract lets a * b + c be one instruction; a sum that
# may be taken in any order (SUMS) fills the vector registers.
PLAIN = {"error_model": "numpy", "nogil": True, "fastmath": {"contract"}}
SUMS = {"error_model": "numpy", "nogil": True, "fastmath": {"contract", "reassoc"}}

ZERO, ONE, HALF, TWO = (np.float32(number) for number in (0, 1, 0.5, 2))

# The activations, by number; the layers that they are stand in program.py.
NONE, RELU, LEAKY_RELU, ELU, SELU, GELU, SILU, SOFTPLUS, SIGMOID, TANH = range(10)
SLOPE = np.float32(0.01)                        # of leaky_relu
ALPHA, SCALE = np.float32(1.6732632423543772), np.float32(1.0507009873554805)    # of selu
ROOT, CUBIC = np.float32(0.7978845608028654), np.float32(0.044715)               # of gelu
SATURATED = np.float32(30)
# The losses, by number.
SOFTMAX, SMOOTHED, SVM, LOGISTIC, SQUARE, SQUARED_HINGE = range(6)

# exp(x) = 2^n exp(r) with |r| <= log(2) / 2, and a polynomial for exp(r). Source: Cephes, expf.
LOG2_E, LN2_HIGH, LN2_LOW = (np.float32(number) for number in (
    1.44269504088896341, 0.693359375, -2.12194440e-4))
E5, E4, E3, E2, E1, E0 = (np.float32(number) for number in (
    1.9875691500e-4, 1.3981999507e-3, 8.3334519073e-3, 4.1665795894e-2, 1.6666665459e-1,
    5.0000001201e-1))
ROUNDER = np.float32(12582912)                  # 1.5 2^23: adding it rounds to a whole number
LOWEST, HIGHEST = np.float32(-87.0), np.float32(88.0)
# tanh(x) = x + x^3 P(x^2) for |x| < 0.625. Source: Cephes, tanhf.
T4, T3, T2, T1, T0 = (np.float32(number) for number in (
    -5.70498872745e-3, 2.06390887954e-2, -5.37397155531e-2, 1.33314422036e-1, -3.33332819422e-1))
NEAR = np.float32(0.625)


# Numbers. They are written so that numba's loops over them vectorize, and a NaN stays a NaN.

@numba.njit(**PLAIN)
def exp_parts(x):
    """(q, s) with exp(x) = s q + s: s a power of two, q = exp(r) - 1."""
    x = LOWEST if x < LOWEST else x
    x = HIGHEST if x > HIGHEST else x
    shifted = x * LOG2_E + ROUNDER
    n = shifted - ROUNDER
    r = x - n * LN2_HIGH
    r = r - n * LN2_LOW
    q = E5 * r + E4
    q = q * r + E3
    q = q * r + E2
    q = q * r + E1
    q = q * r + E0
    q = q * (r * r) + r
    return q, as_float(np.int32((as_bits(shifted) + np.int32(127)) << np.int32(23)))


@numba.njit(**PLAIN)
def exp(x):
    """e^x; below -87, where it is 1e-38, that."""
    q, s = exp_parts(x)
    return s * q + s


@numba.njit(**PLAIN)
def expm1(x):
    """e^x - 1, exact near zero."""
    q, s = exp_parts(x)
    return s * q + (s - ONE)


@numba.njit(**PLAIN)
def sigmoid(x):
    """1 / (1 + e^-x) as layers/sigmoid.py has it."""
    decay = exp(-abs(x))
    return (ONE if x >= ZERO else decay) / (ONE + decay)


@numba.njit(**PLAIN)
def tanh(x):
    """tanh, exact near zero."""
    square = x * x
    p = T4 * square + T3
    p = p * square + T2
    p = p * square + T1
    p = p * square + T0
    near = p * square * x + x
    decay = exp(-TWO * abs(x))
    far = (ONE - decay) / (ONE + decay)
    far = -far if x < ZERO else far
    return near if abs(x) < NEAR else far


@numba.njit(**PLAIN)
def clip(x):
    """x within gelu's range."""
    x = -SATURATED if x < -SATURATED else x
    return SATURATED if x > SATURATED else x


# Activations, forward.

@numba.njit(**PLAIN)
def group_of(B, h):
    """How many rows to take for one, so that rows of odd width fill the registers too: 1 or 16."""
    return 16 if h % 16 and h < 128 and B >= 16 else 1


@numba.njit(**PLAIN)
def tiled(b, group, h):
    """b (h,) so many times, one after the other."""
    tile = np.empty(group * h, np.float32)
    for i in range(group):
        tile[i * h : (i + 1) * h] = b
    return tile


@numba.njit(**SUMS)
def add_bias_to(z, b, B, h):
    """add_bias, row by row."""
    squares = ZERO
    for i in range(B):
        row = z[i * h : (i + 1) * h]
        for j in range(h):
            v = row[j] + b[j]
            row[j] = v
            squares += v * v
    return squares


@numba.njit(**SUMS)
def add_bias_relu_to(z, b, B, h):
    """add_bias_relu, row by row."""
    squares = ZERO
    for i in range(B):
        row = z[i * h : (i + 1) * h]
        for j in range(h):
            v = row[j] + b[j]
            v = ZERO if v < ZERO else v         # a NaN stays
            row[j] = v
            squares += v * v
    return squares


@numba.njit(**PLAIN)
def add_bias(z, b, B, h):
    """z += b; gives squares."""
    group = group_of(B, h)
    if group == 1:
        return add_bias_to(z, b, B, h)
    whole, rest = B // group, B % group
    squares = add_bias_to(z, tiled(b, group, h), whole, group * h)
    return squares + add_bias_to(z[whole * group * h :], b, rest, h)


@numba.njit(**PLAIN)
def add_bias_relu(z, b, B, h):
    """z = max(0, z + b); gives squares."""
    group = group_of(B, h)
    if group == 1:
        return add_bias_relu_to(z, b, B, h)
    whole, rest = B // group, B % group
    squares = add_bias_relu_to(z, tiled(b, group, h), whole, group * h)
    return squares + add_bias_relu_to(z[whole * group * h :], b, rest, h)


@numba.njit(**SUMS)
def sum_squares(a, n):
    """The sum of squares of a's first n entries."""
    squares = ZERO
    for i in range(n):
        squares += a[i] * a[i]
    return squares


@numba.njit(**PLAIN)
def activate(kind, z, a, n):
    """a = f(z), entry by entry; they may be one array. Not for RELU nor NONE."""
    if kind == LEAKY_RELU:
        for i in range(n):
            a[i] = z[i] if z[i] > ZERO else SLOPE * z[i]
    elif kind == ELU:
        for i in range(n):
            a[i] = z[i] if z[i] > ZERO else expm1(ZERO if z[i] > ZERO else z[i])
    elif kind == SELU:
        for i in range(n):
            a[i] = SCALE * (z[i] if z[i] > ZERO else ALPHA * expm1(ZERO if z[i] > ZERO else z[i]))
    elif kind == GELU:
        for i in range(n):
            c = clip(z[i])
            a[i] = HALF * z[i] * (ONE + tanh(ROOT * (c + CUBIC * c * c * c)))
    elif kind == SILU:
        for i in range(n):
            a[i] = z[i] * sigmoid(z[i])
    elif kind == SOFTPLUS:
        for i in range(n):
            a[i] = max(z[i], ZERO) + np.log1p(exp(-abs(z[i])))
    elif kind == SIGMOID:
        for i in range(n):
            a[i] = sigmoid(z[i])
    else:
        for i in range(n):
            a[i] = tanh(z[i])


@numba.njit(**PLAIN)
def activate_backward(kind, d, z, a, n):
    """d *= f'(z), where a = f(z). Not for RELU nor NONE."""
    if kind == LEAKY_RELU:
        for i in range(n):
            d[i] = d[i] if a[i] > ZERO else SLOPE * d[i]
    elif kind == ELU:
        for i in range(n):
            d[i] = d[i] if a[i] > ZERO else (a[i] + ONE) * d[i]
    elif kind == SELU:
        for i in range(n):
            d[i] = SCALE * d[i] if a[i] > ZERO else (a[i] + SCALE * ALPHA) * d[i]
    elif kind == GELU:
        for i in range(n):
            c = clip(z[i])
            t = tanh(ROOT * (c + CUBIC * c * c * c))
            dinner = ROOT * (ONE + np.float32(3) * CUBIC * c * c)
            d[i] *= HALF * (ONE + t) + HALF * z[i] * (ONE - t) * (ONE + t) * dinner
    elif kind == SILU:
        for i in range(n):
            gate = sigmoid(z[i])
            d[i] *= gate + z[i] * (ONE - gate) * gate
    elif kind == SOFTPLUS:
        for i in range(n):
            d[i] *= sigmoid(z[i])
    elif kind == SIGMOID:
        for i in range(n):
            d[i] *= (ONE - a[i]) * a[i]
    else:
        for i in range(n):
            d[i] *= (ONE - a[i]) * (ONE + a[i])


# Backward, with the gradient of the bias.

@numba.njit(**SUMS)
def sum_columns_into(d, db, B, h):
    """sum_columns, row by row, added to what db holds."""
    squares = ZERO
    for i in range(B):
        row = d[i * h : (i + 1) * h]
        for j in range(h):
            v = row[j]
            db[j] += v
            squares += v * v
    return squares


@numba.njit(**SUMS)
def mask_and_sum_into(d, a, scale, db, B, h):
    """mask_and_sum, row by row, added to what db holds."""
    squares = ZERO
    for i in range(B):
        row, active = d[i * h : (i + 1) * h], a[i * h : (i + 1) * h]
        for j in range(h):
            v = row[j] * scale
            squares += v * v
            v = v if active[j] > ZERO else ZERO
            row[j] = v
            db[j] += v
    return squares


@numba.njit(**PLAIN)
def sum_columns(d, db, B, h):
    """db = the sum of d over the rows; gives squares."""
    group = group_of(B, h)
    whole, rest = B // group, B % group
    db[:] = ZERO
    if group == 1:
        return sum_columns_into(d, db, B, h)
    sums = np.zeros(group * h, np.float32)
    squares = sum_columns_into(d, sums, whole, group * h)
    sum_columns_into(sums, db, group, h)
    return squares + sum_columns_into(d[whole * group * h :], db, rest, h)


@numba.njit(**PLAIN)
def mask_and_sum(d, a, scale, db, B, h):
    """d = scale d where a > 0, else 0, and db = its sum over the rows; gives squares, of all of d.

    scale is that of dropout, whose zeros are zeros of a too.
    """
    group = group_of(B, h)
    whole, rest = B // group, B % group
    db[:] = ZERO
    if group == 1:
        return mask_and_sum_into(d, a, scale, db, B, h)
    sums, end = np.zeros(group * h, np.float32), whole * group * h
    squares = mask_and_sum_into(d, a, scale, sums, whole, group * h)
    sum_columns_into(sums, db, group, h)
    return squares + mask_and_sum_into(d[end:], a[end:], scale, db, rest, h)


# Batch normalization.

@numba.njit(**SUMS)
def normalize(z, y, gamma, beta, mean, inverse, var, B, h, cut):
    """z = (z - mean) / std, y = gamma z + beta, or max(0, that) if cut; gives squares of y.

    Fills mean, var and inverse = 1 / std, each (h,).
    """
    share = ONE / np.float32(B)
    for j in range(h):
        mean[j] = ZERO
        var[j] = ZERO
    for i in range(B):
        row = z[i * h : (i + 1) * h]
        for j in range(h):
            mean[j] += row[j]
    for j in range(h):
        mean[j] *= share
    for i in range(B):
        row = z[i * h : (i + 1) * h]
        for j in range(h):
            v = row[j] - mean[j]
            var[j] += v * v
    for j in range(h):
        var[j] *= share
        inverse[j] = ONE / np.sqrt(var[j] + np.float32(1e-5))
    squares = ZERO
    for i in range(B):
        row, out = z[i * h : (i + 1) * h], y[i * h : (i + 1) * h]
        for j in range(h):
            v = (row[j] - mean[j]) * inverse[j]
            row[j] = v
            v = gamma[j] * v + beta[j]
            v = ZERO if cut and v < ZERO else v
            out[j] = v
            squares += v * v
    return squares


@numba.njit(**SUMS)
def normalize_backward(d, z, a, scale, cut, gamma, inverse, dgamma, dbeta, B, h):
    """The gradient through normalize, in place in d; gives squares, before it and after.

    cut and scale: first through ReLU and dropout, as mask_and_sum, with a their output.
    """
    squares = ZERO
    for j in range(h):
        dgamma[j] = ZERO
        dbeta[j] = ZERO
    for i in range(B):
        row, normal = d[i * h : (i + 1) * h], z[i * h : (i + 1) * h]
        if cut:
            active = a[i * h : (i + 1) * h]
            for j in range(h):
                v = row[j] * scale
                squares += v * v
                v = v if active[j] > ZERO else ZERO
                row[j] = v
                dbeta[j] += v
                dgamma[j] += v * normal[j]
        else:
            for j in range(h):
                v = row[j]
                squares += v * v
                dbeta[j] += v
                dgamma[j] += v * normal[j]
    share, after = ONE / np.float32(B), ZERO
    for i in range(B):
        row, normal = d[i * h : (i + 1) * h], z[i * h : (i + 1) * h]
        for j in range(h):
            v = gamma[j] * inverse[j] * (row[j] - (dbeta[j] + normal[j] * dgamma[j]) * share)
            row[j] = v
            after += v * v
    return squares, after


@numba.njit(**PLAIN)
def update_running(running_mean, running_var, mean, var, b, B, h):
    """Move the running statistics as layers/batchnorm.py does; mean is without the bias b."""
    if B < 2:
        return
    tenth, unbiased = np.float32(0.1), np.float32(B / (B - 1))
    for j in range(h):
        running_mean[j] += tenth * (mean[j] + b[j] - running_mean[j])
        running_var[j] += tenth * (var[j] * unbiased - running_var[j])


# Dropout.

HIGH, LOW = np.uint64(2549297995355413924), np.uint64(4865540595714422341)  # PCG64's multiplier
U32, U58, U63, UZERO, UONE = (np.uint64(number) for number in (32, 58, 63, 0, 1))
HALF_WORD = np.uint64(0xFFFFFFFF)
CHUNK = 4096        # random numbers drawn at a time, which the nearest cache holds


@numba.njit(**PLAIN)
def draw(state, bits, n):
    """Fill bits (n,) with the next uint32 of a PCG64; state is its state, see program.py.

    NumPy's Generator gives the low half of each 64 bits and keeps the high one for the next.
    Source: O'Neill 2014, as in NumPy's pcg64.h.
    """
    hi, lo, add_hi, add_lo = state[0], state[1], state[2], state[3]
    i = 0
    if n > 0 and state[4] == UONE:
        bits[0] = np.uint32(state[5])
        state[4] = UZERO
        i = 1
    while i < n:
        new_hi = high_product(lo, LOW) + hi * LOW + lo * HIGH + add_hi
        lo = lo * LOW + add_lo
        hi = new_hi + (UONE if lo < add_lo else UZERO)
        mixed, turn = hi ^ lo, hi >> U58
        word = (mixed >> turn) | (mixed << ((UZERO - turn) & U63))
        bits[i] = np.uint32(word & HALF_WORD)
        state[5] = word >> U32
        if i + 1 < n:
            bits[i + 1] = np.uint32(word >> U32)
        else:
            state[4] = UONE
        i += 2
    state[0], state[1] = hi, lo


@numba.njit(**PLAIN)
def drop(a, out, mask, keeps_mask, least, scale, state, bits, n):
    """out = scale a where a random number is at least p, else 0; mask, if asked for, scale or 0.

    least is p 2^24, which numbers of 24 bits are compared with; a and out may be one array.
    """
    for start in range(0, n, CHUNK):
        count = min(CHUNK, n - start)
        draw(state, bits, count)
        from_, to = a[start : start + count], out[start : start + count]
        if keeps_mask:
            kept = mask[start : start + count]
            for i in range(count):
                v = scale if (bits[i] >> np.uint32(8)) >= least else ZERO
                kept[i] = v
                to[i] = from_[i] * v
        else:
            for i in range(count):
                v = scale if (bits[i] >> np.uint32(8)) >= least else ZERO
                to[i] = from_[i] * v


@numba.njit(**PLAIN)
def multiply(d, mask, n):
    """d *= mask"""
    for i in range(n):
        d[i] *= mask[i]


# Losses: the sum over the rows, and d, the gradient of their mean for the scores s.

@numba.njit(**PLAIN)
def shift(s, d, B, C):
    """d = s less the largest of its row."""
    for i in range(B):
        row, out = s[i * C : (i + 1) * C], d[i * C : (i + 1) * C]
        most = row[0]
        for j in range(1, C):
            most = row[j] if row[j] > most else most
        for j in range(C):
            out[j] = row[j] - most


@numba.njit(**PLAIN)
def exponentials(d, n):
    """d = e^d: a loop of its own, as rows of a few classes do not fill a register."""
    for i in range(n):
        d[i] = exp(d[i])


@numba.njit(**SUMS)
def softmax(s, d, y, order, weights, B, C):
    """Softmax loss."""
    shift(s, d, B, C)
    total, share = 0.0, ONE / np.float32(B)
    for i in range(B):
        right = np.float64(d[i * C + y[order[i]]])
        total -= right * weights[order[i]] if weights.size else right
    exponentials(d, B * C)
    # The sum of logarithms is the logarithm of a product, of numbers from 1 to C: one for many.
    product = 1.0
    for i in range(B):
        out, here = d[i * C : (i + 1) * C], ZERO
        for j in range(C):
            here += out[j]
        factor = share
        if weights.size:
            factor *= weights[order[i]]
            total += np.log(np.float64(here)) * weights[order[i]]
        else:
            product *= here
            if product > 1e200:
                total += np.log(product)
                product = 1.0
        scale = factor / here
        for j in range(C):
            out[j] *= scale
        out[y[order[i]]] -= factor
    return total + np.log(product)


@numba.njit(**SUMS)
def smoothed_softmax(s, d, y, order, weights, smoothing, B, C):
    """Softmax loss against smoothed labels."""
    shift(s, d, B, C)
    total, share, even = 0.0, ONE / np.float32(B), smoothing / np.float32(C)
    for i in range(B):
        out, mean = d[i * C : (i + 1) * C], ZERO
        for j in range(C):
            mean += out[j]
        here = np.float64((ONE - smoothing) * out[y[order[i]]] + even * mean)
        total -= here * weights[order[i]] if weights.size else here
    exponentials(d, B * C)
    for i in range(B):
        out, here = d[i * C : (i + 1) * C], ZERO
        for j in range(C):
            here += out[j]
        weight = weights[order[i]] if weights.size else ONE
        total += np.log(np.float64(here)) * weight
        factor = share * weight
        scale = factor / here
        for j in range(C):
            out[j] = out[j] * scale - factor * even
        out[y[order[i]]] -= factor * (ONE - smoothing)
    return total


@numba.njit(**PLAIN)
def svm(s, d, y, order, weights, B, C):
    """Multiclass SVM loss with a margin of 1."""
    total, share = 0.0, ONE / np.float32(B)
    for i in range(B):
        row, out = s[i * C : (i + 1) * C], d[i * C : (i + 1) * C]
        right = y[order[i]]
        factor = share * weights[order[i]] if weights.size else share
        count, here = ZERO, 0.0
        for j in range(C):
            excess = row[j] - row[right] + ONE
            counts = j != right and not excess <= ZERO      # a NaN counts, and shows
            out[j] = factor if counts else ZERO
            if counts:
                count += ONE
                here += excess
        out[right] = -count * factor
        total += here * weights[order[i]] if weights.size else here
    return total


@numba.njit(**PLAIN)
def squared_hinge(s, d, y, order, weights, B, C):
    """Squared hinge loss, one class against the rest."""
    total, share = 0.0, np.float32(2) / np.float32(B)
    for i in range(B):
        row, out = s[i * C : (i + 1) * C], d[i * C : (i + 1) * C]
        right = y[order[i]]
        factor = share * weights[order[i]] if weights.size else share
        here = 0.0
        for j in range(C):
            sign = ONE if j == right else -ONE
            short = ONE - sign * row[j]
            short = ZERO if short < ZERO else short         # a NaN stays, and shows
            out[j] = -sign * short * factor
            here += np.float64(short) * short
        total += here * weights[order[i]] if weights.size else here
    return total


@numba.njit(**PLAIN)
def logistic(s, d, y, order, weights, B):
    """Logistic loss of logits in one column."""
    total, share = 0.0, ONE / np.float32(B)
    for i in range(B):
        label = np.float32(y[order[i]])
        here = np.float64(max(s[i], ZERO) - label * s[i] + np.log1p(exp(-abs(s[i]))))
        factor = share * weights[order[i]] if weights.size else share
        total += here * weights[order[i]] if weights.size else here
        d[i] = (sigmoid(s[i]) - label) * factor
    return total


@numba.njit(**PLAIN)
def square(s, d, targets, order, weights, B, C):
    """Square loss."""
    total, share = 0.0, ONE / np.float32(B)
    for i in range(B):
        row, out = s[i * C : (i + 1) * C], d[i * C : (i + 1) * C]
        target = targets[order[i] * C : (order[i] + 1) * C]
        weight = weights[order[i]] if weights.size else ONE
        here = 0.0
        for j in range(C):
            error = row[j] - target[j]
            here += np.float64(error) * error
            out[j] = weight * error * share
        total += 0.5 * here * weight
    return total

"""Flat code to trace and to draw: each gives its output and the gradients of its inputs by name."""

import numpy as np

from layers import dropout, l2_penalty, layernorm, leaky_relu, matmul, selu, sigmoid, svm_loss, tanh
from layers.gates import add, copy, exp, maximum, multiply, reciprocal


def fan_out(x, y):
    """(x + sigmoid(y)) / (sigmoid(x) + (x + y)^2), values used twice without a copy gate."""
    sy, sy_cache = sigmoid.forward(y)
    top, top_cache = add.forward(x, sy)
    sx, sx_cache = sigmoid.forward(x)
    both, both_cache = add.forward(x, y)
    square, square_cache = multiply.forward(both, both)
    below, below_cache = add.forward(sx, square)
    inverse, inverse_cache = reciprocal.forward(below)
    f, f_cache = multiply.forward(top, inverse)
    dtop, dinverse = multiply.backward(1.0, f_cache)
    dbelow = reciprocal.backward(dinverse, inverse_cache)
    dsx, dsquare = add.backward(dbelow, below_cache)
    dfirst, dsecond = multiply.backward(dsquare, square_cache)
    dx, dy = add.backward(dfirst + dsecond, both_cache)
    dx = dx + sigmoid.backward(dsx, sx_cache)
    dx_more, dsy = add.backward(dtop, top_cache)
    dx = dx + dx_more
    dy = dy + sigmoid.backward(dsy, sy_cache)
    return f, {"x": dx, "y": dy}


def copies(x, y):
    """x y + x: the second copy of x is used first."""
    (first, second), x_cache = copy.forward(x)
    p, p_cache = multiply.forward(second, y)
    f, f_cache = add.forward(p, first)
    dp, dfirst = add.backward(1.0, f_cache)
    dsecond, dy = multiply.backward(dp, p_cache)
    dx = copy.backward((dfirst, dsecond), x_cache)
    return f, {"x": dx, "y": dy}


def crossed(a, b, c, d):
    """(a c)(b d) + a d: wires have to cross, and one passes a column."""
    ac, ac_cache = multiply.forward(a, c)
    bd, bd_cache = multiply.forward(b, d)
    ad, ad_cache = multiply.forward(a, d)
    p, p_cache = multiply.forward(ac, bd)
    f, f_cache = add.forward(p, ad)
    dp, dad = add.backward(1.0, f_cache)
    dac, dbd = multiply.backward(dp, p_cache)
    da, dd = multiply.backward(dad, ad_cache)
    db, dd_more = multiply.backward(dbd, bd_cache)
    da_more, dc = multiply.backward(dac, ac_cache)
    return f, {"a": da + da_more, "b": db, "c": dc, "d": dd + dd_more}


def tangled(a, b, c, d):
    """exp(a) exp(c) + exp(b) exp(d): what comes first in the code need not be on top."""
    A, A_cache = exp.forward(a)
    B, B_cache = exp.forward(b)
    C, C_cache = exp.forward(c)
    D, D_cache = exp.forward(d)
    AC, AC_cache = multiply.forward(A, C)
    BD, BD_cache = multiply.forward(B, D)
    f, f_cache = add.forward(AC, BD)
    dAC, dBD = add.backward(1.0, f_cache)
    dB, dD = multiply.backward(dBD, BD_cache)
    dA, dC = multiply.backward(dAC, AC_cache)
    return f, {"a": exp.backward(dA, A_cache), "b": exp.backward(dB, B_cache),
               "c": exp.backward(dC, C_cache), "d": exp.backward(dD, D_cache)}


def chain(x):
    """64 layers in a loop."""
    caches = []
    for _ in range(64):
        x, cache = tanh.forward(x)
        caches.append(cache)
    dx = 1.0
    for cache in reversed(caches):
        dx = tanh.backward(dx, cache)
    return x, {"x": dx}


def shared_weight(x, w):
    """A weight used in each of 12 steps, a trunk through the whole drawing."""
    caches = []
    for _ in range(12):
        p, p_cache = multiply.forward(x, w)
        x, x_cache = tanh.forward(p)
        caches.append((p_cache, x_cache))
    dx, dw = 1.0, 0.0
    for p_cache, x_cache in reversed(caches):
        dp = tanh.backward(dx, x_cache)
        dx, dw_more = multiply.backward(dp, p_cache)
        dw = dw + dw_more
    return x, {"x": dx, "w": dw}


def at_random(seed, count=12):
    """A function of four numbers that sends them through gates at random, and all back."""
    def run(a, b, c, d):
        rng = np.random.default_rng(seed)
        values, calls, left = [a, b, c, d], [], [0, 1, 2, 3]
        for _ in range(count):
            gate = [add, multiply, maximum, tanh, sigmoid, copy][rng.integers(6)]
            used = rng.choice(left[-6:], 2 if gate in (add, multiply, maximum) else 1)
            if gate is copy:        # what copies give is the same object: only they are used then
                left.remove(used[0])
            out, cache = gate.forward(*(values[place] for place in used))
            outs = out if gate is copy else (out,)
            calls.append((gate, cache, used, range(len(values), len(values) + len(outs))))
            values.extend(outs)
            left.extend(calls[-1][3])
        grads = {}
        for gate, cache, used, made in reversed(calls):
            douts = tuple(grads.get(place, 1.0) for place in made)
            back = gate.backward(douts if gate is copy else douts[0], cache)
            for place, grad in zip(used, back if len(used) == 2 else (back,), strict=True):
                grads[place] = grads[place] + grad if place in grads else grad
        return values[-1], {name: grads[place] for place, name in enumerate("abcd")
                            if place in grads}
    return run


def forward_only(x, y):
    """No backward at all."""
    p, _ = multiply.forward(x, y)
    f, _ = exp.forward(p)
    return f, {}


def penalized(x, W, y):
    """A loss and a penalty that share a weight matrix, with constants, without a bias."""
    scores, scores_cache = matmul.forward(x, W)
    loss, loss_cache = svm_loss.forward(scores, y, margin=0.5)
    penalty, penalty_cache = l2_penalty.forward(W, 0.1)
    objective, cache = add.forward(loss, penalty)
    dloss, dpenalty = add.backward(1.0, cache)
    dW_more = l2_penalty.backward(dpenalty, penalty_cache)
    dx, dW = matmul.backward(svm_loss.backward(dloss, loss_cache), scores_cache)
    return objective, {"x": dx, "W": dW + dW_more}


def mixed(x, gamma, beta):
    """Layers with constants of their own."""
    a, a_cache = leaky_relu.forward(x, 0.1)
    b, b_cache = selu.forward(a)
    c, c_cache = layernorm.forward(b, gamma, beta)
    d, d_cache = dropout.forward(c, 0.25, np.random.default_rng(3))
    dd = np.ones_like(d)
    db, dgamma, dbeta = layernorm.backward(dropout.backward(dd, d_cache), c_cache)
    return d, {"x": leaky_relu.backward(selu.backward(db, b_cache), a_cache), "gamma": dgamma,
               "beta": dbeta}

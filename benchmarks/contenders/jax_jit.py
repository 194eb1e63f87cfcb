"""JAX: one jitted step, its parameters, moments and running loss donated, so updated in place.

The gather is inside, from one array on the device, by an order that is sent there once an epoch;
the host waits for the device at the end of an epoch only. Optax is not needed for these rules.
looped: the steps of an epoch are one compiled loop, so the host has nothing to do between them.
"""

import jax
import jax.numpy as jnp
import numpy as np

from benchmarks.networks import LAMBDA, MOMENTUM, RATES

BETA1, BETA2, EPS = 0.9, 0.999, 1e-8


def make(sizes, batch, rule, x, y, start, looped=False):
    """-> run(epochs), which gives the last epoch's mean loss, and weights()."""
    steps = len(x) // batch
    rng = np.random.default_rng(2)
    rate = RATES[rule]
    x, y = jnp.asarray(x), jnp.asarray(y, dtype=jnp.int32)
    params = [(jnp.array(W), jnp.array(b)) for W, b in start]

    def zeros():
        return jax.tree.map(jnp.zeros_like, params)

    moments = {"sgd": (), "momentum": zeros(), "adam": (zeros(), zeros(), jnp.zeros(()))}[rule]

    def loss_of(params, x, y):
        active = x
        for W, b in params[:-1]:
            active = jax.nn.relu(active @ W + b)
        W, b = params[-1]
        log_p = jax.nn.log_softmax(active @ W + b)
        return -jnp.take_along_axis(log_p, y[:, None], axis=1).mean()

    def step(params, moments, total, x, y, order, i):
        index = jax.lax.dynamic_slice(order, (i * batch,), (batch,))
        loss, grads = jax.value_and_grad(loss_of)(params, x[index], y[index])
        grads = [
            (dW + 2 * LAMBDA * W, db) for (dW, db), (W, _) in zip(grads, params, strict=True)
        ]
        params, moments = update(params, moments, grads)
        return params, moments, total + loss

    def update(params, moments, grads):
        if rule == "sgd":
            return jax.tree.map(lambda p, g: p - rate * g, params, grads), ()
        if rule == "momentum":
            velocity = jax.tree.map(lambda v, g: MOMENTUM * v + g, moments, grads)
            return jax.tree.map(lambda p, v: p - rate * v, params, velocity), velocity
        first, second, t = moments
        t = t + 1
        first = jax.tree.map(lambda m, g: BETA1 * m + (1 - BETA1) * g, first, grads)
        second = jax.tree.map(lambda v, g: BETA2 * v + (1 - BETA2) * g * g, second, grads)
        scale1, scale2 = 1 / (1 - BETA1**t), 1 / (1 - BETA2**t)
        params = jax.tree.map(
            lambda p, m, v: p - rate * (m * scale1) / (jnp.sqrt(v * scale2) + EPS),
            params, first, second,
        )
        return params, (first, second, t)

    def epoch(params, moments, total, x, y, order):
        def one(i, state):
            return step(*state, x, y, order, i)
        return jax.lax.fori_loop(0, steps, one, (params, moments, total))

    compiled_step = jax.jit(step, donate_argnums=(0, 1, 2))
    compiled_epoch = jax.jit(epoch, donate_argnums=(0, 1, 2))

    def run(epochs):
        nonlocal params, moments
        for _ in range(epochs):
            order = jnp.asarray(rng.permutation(len(x)).astype(np.int32))
            total = jnp.zeros(())
            if looped:
                params, moments, total = compiled_epoch(params, moments, total, x, y, order)
            for i in range(0 if looped else steps):
                params, moments, total = compiled_step(params, moments, total, x, y, order, i)
            total.block_until_ready()
        jax.block_until_ready(params)
        return float(total) / steps

    def weights():
        return [(np.asarray(W), np.asarray(b)) for W, b in params]

    return run, weights

"""The seven networks that the benchmarks train, from small to large, and what they are trained on.

All are chains of affine - ReLU with a last affine and softmax cross-entropy over 10 classes, in
float32, with L2 of lambda = 1e-4 on the weights, on random examples: a step costs the same on any.
"""

import numpy as np

# name: (sizes, batch)
NETWORKS = {
    "64-32-10": ([64, 32, 10], 64),
    "784-100-10": ([784, 100, 10], 100),
    "784-512-10": ([784, 512, 10], 128),
    "784-256-128-10": ([784, 256, 128, 10], 128),
    "3072-512-512-10": ([3072, 512, 512, 10], 128),
    "784-1024-1024-10": ([784, 1024, 1024, 10], 256),
    "1024-2048x3-10": ([1024, 2048, 2048, 2048, 10], 512),
}

LAMBDA = 1e-4
RATES = {"sgd": 0.01, "momentum": 0.001, "adam": 0.0001}  # small: nothing diverges in any time
MOMENTUM = 0.9


def num_parameters(sizes):
    """How many weights and biases the chain has."""
    return sum((fan_in + 1) * fan_out for fan_in, fan_out in zip(sizes, sizes[1:], strict=False))


def num_examples(batch):
    """The smallest number of whole batches that makes 4096 examples, and eight batches, or more.

    Whole, so that nobody compiles twice or pays for a short last batch.
    """
    return batch * max(8, -(-4096 // batch))


def examples(sizes, count, seed=0):
    """Random inputs and labels: x (N, D) float32, y (N,) int64."""
    rng = np.random.default_rng(seed)
    x = rng.standard_normal((count, sizes[0]), dtype=np.float32)
    return x, rng.integers(sizes[-1], size=count)


def first_weights(sizes, seed=1):
    """Where everyone starts: [(W (D, M), b (M,)), ...], W as He et al. 2015, b small, float32."""
    rng = np.random.default_rng(seed)
    start = []
    for fan_in, fan_out in zip(sizes, sizes[1:], strict=False):
        W = rng.standard_normal((fan_in, fan_out), dtype=np.float32)
        W *= np.float32((2 / fan_in) ** 0.5)
        start.append((W, rng.uniform(-0.1, 0.1, fan_out).astype(np.float32)))
    return start

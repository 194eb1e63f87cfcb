"""Is one entry off by 2% among a million found and named, and in what time?

    python benchmarks/large_gradient.py

An affine layer with 1000 x 1000 weights, alone, before tanh and before ReLU, on a batch of 8. In
each trial one entry of dW, of at least the median size, is multiplied by 1.02; found is that entry
and no other. Beside it the same layers with right gradients, which must not be called wrong.
Seconds are by a clock, and of the processor, all threads of it.
"""

import argparse
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import numpy as np

from gradient_check import check
from layers import affine, relu, tanh

SIZE, ROWS = 1000, 8


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--trials", type=int, default=20, help="wrong ones; right ones are a half")
    parser.add_argument("--size", type=int, default=SIZE, help="rows and columns of the weights")
    args = parser.parse_args()
    for name, activation in (("affine", None), ("affine, tanh", tanh), ("affine, relu", relu)):
        for is_spoilt, trials in ((True, args.trials), (False, args.trials // 2)):
            right, seconds, busy = zip(*(trial(seed, activation, args.size, is_spoilt)
                                         for seed in range(trials)), strict=True)
            print(f"{name:<13} {'one entry off by 2%' if is_spoilt else 'right':<20}"
                  f"{sum(right):>3} of {trials} told rightly, "
                  f"median {np.median(seconds):.1f} s, longest {max(seconds):.1f} s; of the "
                  f"processor {np.median(busy):.1f} s, {max(busy):.1f} s", flush=True)


def trial(seed, activation, size, is_spoilt):
    """(whether the verdict is right and names the entry, seconds, those of the processor)"""
    rng = np.random.default_rng(seed)
    spoilt = []

    def forward(x, W, b):
        z, cache = affine.forward(x, W, b)
        if activation is None:
            return z, (cache, None)
        out, active_cache = activation.forward(z)
        return out, (cache, active_cache)

    def backward(dout, caches):
        cache, active_cache = caches
        dz = dout if activation is None else activation.backward(dout, active_cache)
        dx, dW, db = affine.backward(dz, cache)
        if is_spoilt:
            large = np.abs(dW) >= np.median(np.abs(dW))
            spoilt[:] = spoilt or [tuple(map(int, rng.choice(np.argwhere(large))))]
            dW[spoilt[0]] *= 1.02
        return dx, dW, db

    inputs = (rng.standard_normal((ROWS, size)),
              rng.standard_normal((size, size)) / np.sqrt(size), 0.1 * rng.standard_normal(size))
    started, before = time.perf_counter(), time.process_time()
    report = check(forward, backward, *inputs)
    seconds, busy = time.perf_counter() - started, time.process_time() - before
    if not is_spoilt:
        return not report.wrong, seconds, busy
    wrong = [index for index, verdict in report.line_of("dW").verdicts.items()
             if verdict == "wrong"]
    says = f"dW{list(spoilt[0])} is 1.02 times what it should be"
    return wrong == spoilt and says in report.found[0].says, seconds, busy


if __name__ == "__main__":
    main()

"""One contender in a process of its own, which does what the driver asks for, one line at a time.

    python -m benchmarks.contenders.worker NAME

Each line on stdin is one JSON request, each line on stdout one JSON answer, {"error": ...} if the
request failed. The driver holds this process (SIGSTOP) between its requests, so that no thread
pool spins beside somebody else's measurement.
"""

import gc
import json
import os
import sys
import time
from importlib import metadata, util

import numpy as np

from benchmarks import networks

PACKAGES = {  # what each contender cannot do without; then what else is worth recording
    "flatprop": (["numpy"], ["numba", "scipy"]),
    "flatprop-numpy": (["numpy"], []),
    "pytorch": (["torch"], []),
    "pytorch-compile": (["torch"], []),
    "jax": (["jax"], ["jaxlib"]),
    "jax-loop": (["jax"], ["jaxlib"]),
    "sklearn": (["scikit-learn"], ["numpy", "scipy"]),
    "products": (["numpy"], []),
}
BLOCKS = 8        # what one measurement is cut into, if its epochs are short enough
FEWEST = 3        # blocks of one epoch each, if they are not
WARM_UP = 0.2     # seconds at least, and one epoch


def missing(names):
    """The packages that these contenders need and that are not installed."""
    modules = {"scikit-learn": "sklearn"}
    needed = {package for name in names for package in PACKAGES[name][0]} | {"threadpoolctl"}
    return sorted(p for p in needed if util.find_spec(modules.get(p, p)) is None)


def make(name, sizes, batch, rule, examples=None):
    """A contender, ready to train: run(epochs) and weights(). Imports its library, no other."""
    x, y = networks.examples(sizes, examples or networks.num_examples(batch))
    arguments = sizes, batch, rule, x, y, networks.first_weights(sizes)
    if name in ("flatprop", "flatprop-numpy"):
        from benchmarks.contenders import flatprop
        return flatprop.make(*arguments)
    if name in ("pytorch", "pytorch-compile"):
        from benchmarks.contenders import pytorch
        return pytorch.make(*arguments, compiled=name == "pytorch-compile")
    if name in ("jax", "jax-loop"):
        from benchmarks.contenders import jax_jit
        return jax_jit.make(*arguments, looped=name == "jax-loop")
    if name == "sklearn":
        from benchmarks.contenders import sklearn_mlp
        return sklearn_mlp.make(*arguments)
    if name == "products":
        from benchmarks.contenders import products
        return products.make(*arguments)
    raise ValueError(f"no contender is called {name}")


def measure(run, steps, seconds):
    """Microseconds per step, the mean of each block of whole epochs. steps are in an epoch."""
    epochs, spent = 0, 0.0
    while spent < WARM_UP:
        spent += timed(run, 1)
        epochs += 1
    one = timed(run, max(1, epochs // 4)) / max(1, epochs // 4)  # warm now
    per_block = max(1, round(seconds / BLOCKS / one))
    blocks = max(FEWEST, min(BLOCKS, round(seconds / one)))
    return [1e6 * timed(run, per_block) / (per_block * steps) for _ in range(blocks)]


def timed(run, epochs):
    """Seconds that so many epochs take."""
    started = time.perf_counter()
    run(epochs)
    return time.perf_counter() - started


def describe(name):
    """Versions of this contender's packages and of its thread pools, with the BLAS kernel.

    The pools are those of the libraries loaded by now. NumPy's BLAS is among them always, though
    PyTorch and JAX have products of their own.
    """
    from threadpoolctl import threadpool_info

    versions = {}
    for package in [*PACKAGES[name][0], *PACKAGES[name][1]]:
        try:
            versions[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            versions[package] = None
    pools = [
        {key: pool.get(key) for key in ("internal_api", "version", "architecture", "num_threads")}
        | {"library": os.path.basename(pool["filepath"])}
        for pool in threadpool_info()
    ]
    if "torch" in versions:
        import torch
        backends = {"MKL": torch.backends.mkl, "oneDNN": torch.backends.mkldnn}
        has = [backend for backend, module in backends.items() if module.is_available()]
        pools.append({
            "internal_api": " and ".join(has), "version": None,
            "architecture": torch.backends.cpu.get_cpu_capability(),
            "num_threads": torch.get_num_threads(), "library": "torch",
        })
    return {"versions": versions, "pools": pools}


def serve(name, requests, answers):
    """Answer every request until there are no more."""
    run = weights = steps = None
    for line in requests:
        request = json.loads(line)
        todo = request["do"]
        try:
            if todo == "describe":
                answer = describe(name)
            elif todo == "prepare":
                sizes, batch, rule = request["sizes"], request["batch"], request["rule"]
                count = request.get("examples") or networks.num_examples(batch)
                steps = count // batch
                started = time.perf_counter()
                run, weights = make(name, sizes, batch, rule, count)
                if request.get("compile", True):  # by a first epoch
                    run(1)
                answer = {"seconds": time.perf_counter() - started}
            elif todo == "measure":
                answer = {"us": [float(f"{us:.5g}") for us in measure(
                    run, steps, request["seconds"])]}
            elif todo == "train":  # to compare the results, not the time
                loss = run(request["epochs"])
                pairs = weights() if weights else []
                theta = [np.asarray(part).ravel() for pair in pairs for part in pair]
                answer = {"loss": loss, "theta": np.concatenate(theta).tolist() if theta else []}
            else:  # drop
                run = weights = None
                gc.collect()
                answer = {}
        except Exception as error:  # whatever a library may raise: the driver goes on without it
            run = weights = None
            lines = [line.strip() for line in str(error).splitlines() if line.strip()]
            answer = {"error": f"{type(error).__name__}: {lines[0] if lines else ''}"}
        print(json.dumps(answer), file=answers, flush=True)


if __name__ == "__main__":
    # Answers leave by a copy of stdout; what a library prints there goes to stderr instead.
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    serve(sys.argv[1], sys.stdin, answers)

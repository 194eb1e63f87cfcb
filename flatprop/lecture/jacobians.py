"""Slides "Vector derivatives: Example": ReLU's Jacobian, and why none is ever formed."""

import time
import tracemalloc

import numpy as np

from flatprop.lecture.content import Arrays, Listing, Table, Text, gap, picture_of
from layers import matmul, relu

TITLE = "The explicit Jacobian and the implicit product"
SECTION = "Vector derivatives: Example"
INPUTS = {"x1": 1.0, "x2": -2.0, "x3": 3.0, "x4": -1.0,
          "dz1": 4.0, "dz2": -1.0, "dz3": 5.0, "dz4": 9.0,
          "N": 64, "D": 64, "M": 64, "large_D": 4096, "large_M": 4096, "seed": 0}
RANGES = {"N": (1, 64), "D": (1, 64), "M": (1, 64), "large_D": (1, 10**9), "large_M": (1, 10**9),
          "seed": (0, 2**32 - 1)}
FLOAT32 = 4     # bytes


def vector_relu(x, dz):
    """z = max(0, x), entry by entry, with dL/dz from upstream."""
    z, z_cache = relu.forward(x)

    dx = relu.backward(dz, z_cache)
    return z, dx


def show(inputs):
    """ReLU on a vector both ways; then both ways of matrix multiply, with time and memory."""
    numbers = list(inputs.values())
    x, dz = np.array(numbers[:4]), np.array(numbers[4:8])
    z, dx = vector_relu(x, dz)
    jacobian = np.diag((x > 0).astype(float))
    N, D, M = (inputs[name] for name in "NDM")
    sizes = [(N, -(-D // share), -(-M // share)) for share in (4, 2, 1)]
    rng = np.random.default_rng(inputs["seed"])
    code = Listing(vector_relu, {"x": x, "dz": dz}, "Implicit, what the layer does:")
    return [
        Text("4D input x, 4D output z = max(0, x), entry by entry. dz/dx is a 4 x 4 matrix, and "
             "dL/dx = [dz/dx] [dL/dz]. The Jacobian is sparse: off-diagonal entries are always "
             "zero! Never explicitly form the Jacobian: use implicit multiplication."),
        code,
        picture_of(code, "The same, drawn"),
        Arrays({"dz/dx": jacobian, "dL/dz": dz, "[dz/dx] [dL/dz]": jacobian @ dz, "dL/dx": dx},
               "Explicit, to see that it is the same (apart by " + gap(jacobian @ dz, dx) + "):"),
        comparison(sizes, rng),
        memory(N, inputs["large_D"], inputs["large_M"]),
    ]


def explicit_matmul(x, w, dy):
    """dL/dx and dL/dw from the Jacobians of y = x w, formed as they are defined.

    dy/dx (N D, N M) holds w once for each row of x, dy/dw (D M, N M) holds x^T spread out.
    """
    (N, D), M = x.shape, w.shape[1]
    rows, columns = np.arange(N), np.arange(M)
    by_x = np.zeros((N, D, N, M), x.dtype)
    by_x[rows, :, rows, :] = w                  # row n of y depends on row n of x alone
    dx = by_x.reshape(N * D, N * M) @ dy.ravel()
    del by_x
    by_w = np.zeros((D, M, N, M), x.dtype)
    by_w[:, columns, :, columns] = x.T          # column m of y on column m of w alone
    dw = by_w.reshape(D * M, N * M) @ dy.ravel()
    return dx.reshape(x.shape), dw.reshape(w.shape)


def comparison(all_sizes, rng):
    """A Table: both ways, at each of the sizes (N, D, M), in float32."""
    rows = []
    for N, D, M in all_sizes:
        x, w, dy = (rng.standard_normal(shape, np.float32)
                    for shape in ((N, D), (D, M), (N, M)))
        slow, large = cost(explicit_matmul, x, w, dy)
        fast, small = cost(matmul.backward, dy, (x, w))
        both, same = (np.concatenate([each.ravel() for each in grads]) for grads in (
            explicit_matmul(x, w, dy), matmul.backward(dy, (x, w))))
        rows.append([f"{N}, {D}, {M}", duration(slow), size(large), duration(fast), size(small),
                     f"{np.abs(both - same).max() / np.abs(same).max():.0e}"])
    return Table(["N, D, M", "explicit", "its memory", "implicit", "its memory", "apart"], rows,
                 "Measured here, both gradients of y = x w in float32, the time and the most "
                 "memory of each way; apart is relative, the rounding of float32:")


def cost(function, *arguments):
    """Seconds of the best of three calls, and the bytes that one call needs at most."""
    seconds = []
    for _ in range(3):
        started = time.perf_counter()
        function(*arguments)
        seconds.append(time.perf_counter() - started)
    tracemalloc.start()
    try:
        function(*arguments)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    return min(seconds), peak


def memory(N, D, M):
    """A Table: what the Jacobians would take at these sizes, and what is taken instead."""
    return Table(["", "shape", "float32"], [
        ["dy/dx, explicit", f"[(N D) x (N M)] = [{N * D:,} x {N * M:,}]",
         size(N * D * N * M * FLOAT32)],
        ["dy/dw, explicit", f"[(D M) x (N M)] = [{D * M:,} x {N * M:,}]",
         size(D * M * N * M * FLOAT32)],
        ["dL/dx, implicit", f"[N x D] = [{N:,} x {D:,}]", size(N * D * FLOAT32)],
        ["dL/dw, implicit", f"[D x M] = [{D:,} x {M:,}]", size(D * M * FLOAT32)],
    ], f"At N={N}, D={D:,}, M={M:,} nobody forms them:")


def size(count):
    """Bytes as a text: 256 GiB."""
    unit = 0
    while count >= 1024 and unit < 6:
        count, unit = count / 1024, unit + 1
    return f"{count:.4g} {('bytes', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB', 'EiB')[unit]}"


def duration(seconds):
    """Seconds as a text: 3.1 ms."""
    return f"{seconds * 1e3:.3g} ms" if seconds >= 1e-3 else f"{seconds * 1e6:.3g} us"

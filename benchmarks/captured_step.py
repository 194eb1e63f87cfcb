"""A trial, not part of flatprop: a training step as one CUDA graph. It has not run on a GPU yet.

Call by call a step is 40 to 140 operations, each launched by the processor; on small nets the
GPU waits for it. A graph is captured once and launched with one call. What is captured is a list of
kernels with their arguments, so everything that changes from step to step must be on the device:
the place in the epoch, the rate, and the number of the step that Adam corrects by. An earlier trial
gave right losses for SGD and nan for Adam on some nets. Its stream did not wait for the default
one, on which Adam's state was still being filled: a correction could begin as 0 instead of 1, and
1 / (1 - 1) is infinite. That is the likeliest cause, and has not been seen. Here

- everything is made and filled, and the device waited for, before the first captured step;
- there is no state of the corrections: they are computed from t, in float64, within the graph;
- warming up compiles kernels and fills the pool of memory; then all state is put back;
- what the graph writes to is from a pool of its own, which lives as long as it does;
- cuBLAS has a workspace of its own, set after its stream, as setting a stream resets it.

CuPy refuses its own products while it captures (its issue 6290), so sgemm is called by ctypes in
affine's place. Dropout draws on the host, and cannot be captured. Only whole minibatches are.
Held.step is plain array code: `benchmarks/gpu.py --check` compares it with the Solver to the bit.
"""

import ctypes
from unittest import mock

import numpy as np

from layers import affine
from solvers.compiled.pieces import gradient_with_l2
from solvers.update_rules.adam import Adam

WARM_UP = 3
WORKSPACE = 2**25           # bytes, what cuBLAS is advised to have on Hopper
HOST_POINTERS = 0           # CUBLAS_POINTER_MODE_HOST


class Held:
    """Steps of a Solver, flatprop.device.take_over's, that need nothing from the host."""

    def __init__(self, solver):
        self.solver, on = solver, solver.device
        self.twin, self.array, self.rows = on.twin_of(solver), on.device.array, on.rows
        self.steps = len(solver.x) // solver.batch_size
        self.within = self.array(np.arange(solver.batch_size))
        self.order = self.array(np.arange(len(solver.x)))
        self.rates = self.array(np.zeros(self.steps))
        self.step_of_epoch = self.array(np.zeros((), np.int64))
        self.t = self.array(np.array(solver.steps + 1))
        self.total = self.array(np.zeros(()))

    def state(self):
        """Every array that a step changes."""
        return [self.twin.model.theta, self.twin.model.statistics, *self.twin.slots.values(),
                self.step_of_epoch, self.t, self.total]

    def begin(self, order):
        """Begin an epoch, with this order of the rows; call it after whole epochs alone."""
        first = self.solver.steps
        self.rates[:] = self.array(np.array([self.solver.schedule(first + step)
                                             for step in range(self.steps)]))
        self.order[:] = self.array(order)
        self.step_of_epoch.fill(0)
        self.total.fill(0)
        self.solver.steps += self.steps

    def step(self):
        """The next step of the epoch: what is captured."""
        size = self.solver.batch_size
        index = self.order.take(self.step_of_epoch * size + self.within)
        x, y, *weights = self.rows
        loss, grads = self.twin.model.loss(x.take(index, axis=0), y[index],
                                           *(each[index] for each in weights))
        piece, = self.twin.pieces
        dtheta = gradient_with_l2(grads, piece, compiled=False)
        update(self.twin.update_rule, piece, dtheta, self.rates.take(self.step_of_epoch), self.t)
        self.total += loss
        self.step_of_epoch += 1
        self.t += 1


def update(rule, piece, dtheta, rate, t):
    """rule.step with the rate and t as arrays () of the device, float64 and int64."""
    dtype, theta = piece.theta.dtype, piece.theta
    if not isinstance(rule, Adam):
        rule.step(theta, dtheta, rate.astype(dtype), None, *piece.slots)
        return
    for weights in piece.weights if hasattr(rule, "decay_weights") else ():
        weights *= (1 - rate * rule.weight_decay).astype(dtype)
    corrected_rate = (rate / (1 - rule.beta1**t)).astype(dtype)
    root = np.sqrt(1 - rule.beta2**t).astype(dtype)
    first_moment, second_moment = piece.slots
    first_moment *= rule.beta1
    first_moment += (1 - rule.beta1) * dtheta
    second_moment *= rule.beta2
    second_moment += (1 - rule.beta2) * (dtheta * dtheta)
    theta -= corrected_rate * (first_moment / (np.sqrt(second_moment) / root + rule.eps))


class Captured:
    """The graph of a step. Raises what CuPy raises where a step cannot be captured."""

    def __init__(self, held):
        import cupy
        cupy.cuda.Device().synchronize()        # what held holds was filled on another stream
        self.held, self.cupy = held, cupy
        self.stream, self.pool = cupy.cuda.Stream(non_blocking=True), cupy.cuda.MemoryPool()
        sgemm = Sgemm(self.stream)
        with (self.stream, cupy.cuda.using_allocator(self.pool.malloc),
              mock.patch.object(affine, "forward", sgemm.forward),
              mock.patch.object(affine, "backward", sgemm.backward)):
            kept = [array.copy() for array in held.state()]
            for _ in range(WARM_UP):
                held.step()
            for array, before in zip(held.state(), kept, strict=True):
                array[...] = before
            self.stream.synchronize()
            self.stream.begin_capture()
            try:
                held.step()
            finally:
                self.graph = self.stream.end_capture()
        self.sgemm = sgemm                      # its workspace is in the graph

    def run_epoch(self, order):
        """Take the steps of an epoch, and wait for none of them; order (N,) is of the host."""
        with self.stream:
            self.held.begin(order)
            for _ in range(self.held.steps):
                self.graph.launch(self.stream)


class Sgemm:
    """Products by cuBLAS, called past CuPy, on one stream; and affine made of them."""

    def __init__(self, stream):
        import cupy
        self.cupy = cupy
        cupy.ones((2, 2), np.float32) @ cupy.ones((2, 2), np.float32)       # which loads cuBLAS
        with open("/proc/self/maps", encoding="utf-8") as file:
            path = next(line.split()[-1] for line in file if "libcublas.so" in line)
        self.library = ctypes.CDLL(path)
        self.handle = ctypes.c_void_p(cupy.cuda.device.get_cublas_handle())
        self.workspace = cupy.empty(WORKSPACE, np.uint8)
        self.one, self.zero = ctypes.c_float(1), ctypes.c_float(0)
        self.call("cublasSetStream_v2", self.handle, ctypes.c_void_p(stream.ptr))
        self.call("cublasSetWorkspace_v2", self.handle, address(self.workspace),
                  ctypes.c_size_t(WORKSPACE))
        self.call("cublasSetPointerMode_v2", self.handle, HOST_POINTERS)

    def call(self, name, *arguments):
        status = getattr(self.library, name)(*arguments)
        if status:
            raise RuntimeError(f"{name} gives {status}")

    def product(self, a, b):
        """a (m, k) @ b (k, n), each with its rows or its columns one after the other, float32."""
        (a, a_turned, a_row), (b, b_turned, b_row) = self.laid_out(a), self.laid_out(b)
        (m, k), n = a.shape, b.shape[1]
        out = self.cupy.empty((m, n), np.float32)
        # To cuBLAS, which wants columns one after the other, these are the transposed matrices.
        self.call("cublasSgemm_v2", self.handle, b_turned, a_turned, n, m, k,
                  ctypes.byref(self.one), address(b), b_row, address(a), a_row,
                  ctypes.byref(self.zero), address(out), n)
        return out

    def laid_out(self, a):
        """(a, whether its columns lie one after the other, the length of what does)."""
        if a.flags.f_contiguous and not a.flags.c_contiguous:
            return a, 1, a.shape[0]
        return self.cupy.ascontiguousarray(a), 0, a.shape[1]

    def forward(self, x, W, b):
        out = self.product(x, W)
        out += b
        return out, (x, W)

    def backward(self, dout, cache, need_dx=True):
        x, W = cache
        dx = self.product(dout, W.T) if need_dx else None
        return dx, self.product(x.T, dout), dout.sum(axis=0)


def address(array):
    """Where a CuPy array is."""
    return ctypes.c_void_p(array.data.ptr)

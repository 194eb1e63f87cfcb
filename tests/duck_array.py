"""A device's array without a device: NumPy inside, and outside as strict as CuPy's.

It answers NumPy's two protocols and nothing else, so that what would fail on a GPU fails here, on
any machine: a host array among device arrays, in arithmetic, as an index or as what is assigned; a
device array that NumPy is to convert; a function that CuPy has not. What makes the host wait for
the device, such as float(loss), is counted, and refused within no_waiting(). CuPy itself copies a
host array that is an index; that would be one more copy in each step, so it is refused too.
"""

import contextlib
import weakref

import duck_graph
import numpy as np

from flatprop import device

# Functions of NumPy, other than ufuncs, that CuPy 14 has by the same name (docs.cupy.dev). Another
# one that a layer calls is to be looked up there, and added.
IN_CUPY = {
    "abs", "all", "any", "arange", "argmax", "array", "asarray", "bincount", "clip", "concatenate",
    "copyto", "dot", "empty_like", "full_like", "linalg.norm", "max", "may_share_memory", "mean",
    "min", "ndim", "ones_like", "put_along_axis", "reshape", "result_type", "shape", "size",
    "stack", "sum", "take", "take_along_axis", "vdot", "where", "zeros", "zeros_like",
}
UPLOADS = {"array", "asarray"}      # functions that may take a host array: np.asarray(a, like=x)

waits = []      # what the host has waited for, since somebody last cleared it
forbidden = []  # not empty within no_waiting()


@contextlib.contextmanager
def no_waiting():
    """Refuse, while it lasts, all that makes the host wait for the device."""
    forbidden.append(True)
    try:
        yield
    finally:
        forbidden.pop()


def wait(what):
    """Note that the host waits here."""
    duck_graph.refuse(what)
    if forbidden:
        raise TypeError(f"{what} makes the host wait for the device, within a step")
    waits.append(what)


def host(array):
    """What a device array holds, as a new host array: the copy that a user asks for."""
    wait("a copy to the host")
    return array._held.copy()


def inside(value):
    """The same with NumPy's arrays for device arrays, however deep in tuples, lists and dicts."""
    if isinstance(value, Duck):
        return value._held
    if isinstance(value, tuple | list):
        return type(value)(map(inside, value))
    if isinstance(value, dict):
        return {name: inside(each) for name, each in value.items()}
    return value


def outside(value):
    """What NumPy has given, with device arrays: numbers too, as CuPy gives arrays () for them."""
    if isinstance(value, tuple):
        return tuple(map(outside, value))
    return Duck(value) if isinstance(value, np.ndarray | np.generic) else value


def perform(operation, *taken):
    """What an operation on NumPy's arrays gives, with device arrays. `taken` holds those it is done
    with, which it may change; a graph that is being captured notes it.
    """
    return outside(duck_graph.perform(operation, inside(taken)))


def refuse_host_arrays(value, what):
    """Raise TypeError where there is a host array."""
    if isinstance(value, np.ndarray):
        raise TypeError(f"{what}: a host array {value.shape} {value.dtype} among device arrays")
    if isinstance(value, dict):
        value = tuple(value.values())
    if isinstance(value, tuple | list):
        for each in value:
            refuse_host_arrays(each, what)


class Duck(np.lib.mixins.NDArrayOperatorsMixin):
    """An array on the device; Duck(host array) is the copy to it that a user asks for."""

    __slots__ = ("_held", "__weakref__")

    def __init__(self, held):
        self._held = np.asarray(held)

    def __array__(self, *_, **__):
        raise TypeError("a device array is not converted to one of NumPy by itself")

    def __array_ufunc__(self, ufunc, method, *inputs, **kwargs):
        refuse_host_arrays((inputs, kwargs), f"np.{ufunc.__name__}")
        if ufunc is np.matmul:
            duck_graph.refuse("a product of cuBLAS")
        answer = perform(lambda: getattr(ufunc, method)(*inside(inputs), **inside(kwargs)),
                         inputs, kwargs)
        out = kwargs.get("out")
        return answer if out is None else out[0]

    def __array_function__(self, function, types, args, kwargs):
        module = function.__module__.removeprefix("numpy").removeprefix(".")
        name = f"{module}.{function.__name__}".removeprefix(".")
        if name not in IN_CUPY:
            raise TypeError(f"np.{name} is not among the functions that CuPy is known to have")
        if name not in UPLOADS:
            refuse_host_arrays((args, kwargs), f"np.{name}")
        elif isinstance(args[0], np.ndarray):
            duck_graph.refuse("a copy from the host")
        if name in ("shape", "ndim", "size"):
            return function(*inside(args), **inside(kwargs))
        return perform(lambda: function(*inside(args), **inside(kwargs)), args, kwargs)

    def __getitem__(self, key):
        refuse_host_arrays(key, "an index")
        return perform(lambda: self._held[inside(key)], self, key)

    def __setitem__(self, key, value):
        refuse_host_arrays((key, value), "an assignment")
        perform(lambda: self._held.__setitem__(inside(key), inside(value)), self, key, value)

    def __len__(self):
        return len(self._held)

    def __iter__(self):
        return (self[i] for i in range(len(self)))

    def __repr__(self):
        return f"Duck({self._held!r})"

    def __float__(self):
        wait("float()")
        return float(self._held)

    def __int__(self):
        wait("int()")
        return int(self._held)

    def __bool__(self):
        wait("bool()")
        return bool(self._held)

    def __deepcopy__(self, memo):
        return Duck(self._held.copy())

    def item(self):
        wait("item()")
        return self._held.item()

    dtype = property(lambda self: self._held.dtype)
    shape = property(lambda self: self._held.shape)
    ndim = property(lambda self: self._held.ndim)
    size = property(lambda self: self._held.size)
    nbytes = property(lambda self: self._held.nbytes)
    T = property(lambda self: Duck(self._held.T))
    flags = property(lambda self: self._held.flags)
    data = property(lambda self: duck_graph.Pointer(self._held.ctypes.data))

    def _call(self, name, args, kwargs):
        refuse_host_arrays((args, kwargs), f".{name}")
        return perform(lambda: getattr(self._held, name)(*inside(args), **inside(kwargs)),
                       self, args, kwargs)

    def all(self, *args, **kwargs):
        return self._call("all", args, kwargs)

    def any(self, *args, **kwargs):
        return self._call("any", args, kwargs)

    def argmax(self, *args, **kwargs):
        return self._call("argmax", args, kwargs)

    def astype(self, *args, **kwargs):
        return self._call("astype", args, kwargs)

    def copy(self):
        return self._call("copy", (), {})

    def fill(self, value):
        return self._call("fill", (value,), {})

    def max(self, *args, **kwargs):
        return self._call("max", args, kwargs)

    def mean(self, *args, **kwargs):
        return self._call("mean", args, kwargs)

    def min(self, *args, **kwargs):
        return self._call("min", args, kwargs)

    def reshape(self, *args, **kwargs):
        return self._call("reshape", args, kwargs)

    def sum(self, *args, **kwargs):
        return self._call("sum", args, kwargs)

    def take(self, *args, **kwargs):
        return self._call("take", args, kwargs)

    def view(self, *args, **kwargs):
        return self._call("view", args, kwargs)


class Memory:
    """A device of ducks: what was copied to it, and is still held, takes some of its bytes."""

    def __init__(self, size=2**40):
        self.size, self.used = size, 0

    def array(self, array):
        """A copy of a host array on the device. Raises MemoryError where it has no room."""
        duck_graph.refuse("a copy from the host")
        there = Duck(np.array(array))
        if self.used + there.nbytes > self.size:
            raise MemoryError(f"{self.used} + {there.nbytes} bytes on a device of {self.size}")
        self.used += there.nbytes
        weakref.finalize(there, self.give_back, there.nbytes)
        return there

    def give_back(self, count):
        self.used -= count

    def device(self):
        """What flatprop/device.py calls a device."""
        return device.Device("a duck", self.array, host, lambda: self.size - self.used,
                             duck_graph.cupy_of(Duck))

"""One number of threads for every BLAS that this process has loaded.

OpenBLAS starts a thread for each processor of the machine. They wait for each other by spinning:
beside another busy process two of them take longer than one, on small nets many times as long. The
number can be set as a process runs, by a call of the library, and this makes that call. Of NumPy's
BLAS and SciPy's, where both are loaded, each has threads of its own.

The result of a product is the same to the bit for one number of threads, and may differ in the last
bits for another.
"""

import ctypes
import importlib.util
import os
import sys
from pathlib import Path

import numpy as np

# What the call is named: NumPy's and SciPy's wheels put scipy_ before OpenBLAS's names and 64_
# behind them where integers have 64 bits; MKL, BLIS and other builds of OpenBLAS have these.
CALLS = [(f"{start}openblas_{{}}_num_threads{end}", None) for start in ("scipy_", "")
         for end in ("64_", "", "_64_")]
CALLS += [("MKL_Set_Num_Threads", "MKL_Get_Max_Threads"),
          ("bli_thread_set_num_threads", "bli_thread_get_num_threads")]
NAMES = ("openblas", "mkl_rt", "blis")      # a part of the name of such a library's file
MAPS = "/proc/self/maps"                    # Linux: the files that this process has in its memory
LARGEST = 2**15     # more does not fit an int of C everywhere, and no library takes as many
chosen = None                               # the number of the newest call of use, for follow


class Library:
    """A BLAS in this process: path, and its functions set(count) and get() -> count."""

    def __init__(self, path, set_count, get_count):
        self.path, self.set, self.get = path, set_count, get_count
        set_count.restype, set_count.argtypes = None, [ctypes.c_int]
        get_count.restype, get_count.argtypes = ctypes.c_int, []


def libraries():
    """Every BLAS in this process whose number of threads can be set, a list of Library."""
    found = [library(path) for path in loaded_files()]
    return [each for each in found if each is not None]


def loaded_files():
    """The files of BLAS libraries that are loaded: of Linux's list, and elsewhere those that lie
    in the wheels of NumPy and, once it is imported, of SciPy.
    """
    try:
        with open(MAPS, encoding="utf-8", errors="surrogateescape") as file:
            paths = {line.split(maxsplit=5)[5].rstrip("\n") for line in file if "/" in line}
    except OSError:
        packages = [Path(module.__file__).parent for module in (np, sys.modules.get("scipy"))
                    if module is not None]
        folders = [folder for package in packages
                   for folder in (package / ".dylibs", package.parent / f"{package.name}.libs")]
        paths = {str(file) for folder in folders if folder.is_dir() for file in folder.iterdir()}
    return sorted(path for path in paths
                  if any(name in os.path.basename(path) for name in NAMES))


def library(path):
    """The Library of a file that is loaded, or None where it has no such call."""
    try:        # RTLD_NOLOAD: never one that is not in this process yet; winmode is for Windows
        mode = ctypes.DEFAULT_MODE | getattr(os, "RTLD_NOLOAD", 0)
        handle = ctypes.CDLL(path, mode=mode, winmode=0)
    except OSError:
        return None
    for setter, getter in CALLS:
        names = (setter, getter) if getter else (setter.format("set"), setter.format("get"))
        if all(hasattr(handle, name) for name in names):
            return Library(path, handle[names[0]], handle[names[1]])
    return None


def use(count):
    """Let every BLAS in this process use so many threads, from 1 on; follow() does the same with
    one that is loaded later. -> the number that they use now

    It is smaller than count where a library was built for fewer, and None where there is no library
    that can be told. Raises ValueError for a count below 1.
    """
    if count < 1:
        raise ValueError(f"count {count} must be 1 or more: BLAS needs a thread")
    global chosen
    chosen = count
    return follow()


def follow():
    """Tell libraries that were loaded since use(count) the same; nothing before a first use.
    -> the number that they use now, or None
    """
    if chosen is None:
        return None
    told = libraries()
    for each in told:
        each.set(min(chosen, LARGEST))
    if told:
        return max(each.get() for each in told)
    return use_threadpoolctl(min(chosen, LARGEST))


def put_back(count, before):
    """Let all use count threads again, where before was chosen before a call of use()."""
    global chosen
    use(count)
    chosen = before


def use_threadpoolctl(count):
    """The same by threadpoolctl, where it is installed, which knows other builds and systems."""
    if importlib.util.find_spec("threadpoolctl") is None:
        return None
    import threadpoolctl
    found = threadpoolctl.ThreadpoolController().select(user_api="blas")
    found.limit(limits=count)       # until it is told otherwise
    return max((each["num_threads"] for each in found.info()), default=None)


def now():
    """The number of threads that BLAS uses now, the largest of all libraries, or None."""
    return max((each.get() for each in libraries()), default=None)

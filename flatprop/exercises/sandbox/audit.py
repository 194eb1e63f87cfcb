"""The audit hook: Python calls it before a student's code opens, imports or starts something.

A hook lives in the process that it watches, and code that knows Python well can get round it. It is
here to say clearly what was tried; the walls (walls.py) are what protects.
"""

import os
import sys

MODULES = frozenset({
    "torch", "jax", "jaxlib", "autograd", "tensorflow", "keras", "casadi", "sympy", "theano",
    "aesara", "pytensor", "mxnet", "paddle", "tinygrad", "mindspore", "numdifftools", "algopy",
    "uncertainties", "scipy", "numba", "cupy", "pyadolc", "adolc", "myia", "tangent", "chainer",
    # And what goes round Python.
    "ctypes", "_ctypes", "cffi", "_cffi_backend", "faulthandler", "pip",
})
EVENTS = (
    "subprocess.", "socket.", "os.system", "os.exec", "os.fork", "os.posix_spawn",
    "os.spawn", "os.kill", "signal.pthread_kill", "pty.", "gc.get", "resource.", "fcntl.",
    "sqlite3.", "shutil.", "webbrowser.", "urllib.", "os.chown", "os.chmod", "os.link",
    "os.symlink", "os.setxattr", "os.startfile", "os.add_dll", "os.mkdir", "os.rmdir",
    "_thread.start_new_thread", "mmap.", "syslog.", "sys.addaudithook", "cpython.run",
)
CHANGES = ("os.remove", "os.rename", "os.truncate", "os.utime")
HIDDEN = ("site-packages", "dist-packages")     # see walls.py
LISTS = ("os.listdir", "os.scandir", "os.chdir", "os.walk", "os.fwalk", "glob.")
DEVICES = frozenset({"/dev/null", "/dev/urandom"})
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


def watch(readable, scratch, refuse):
    """From now on call refuse(what was tried) for what is not allowed; refuse ends the process.

    readable: the folders that may be read; scratch: the one that may be written to
    """
    scratch = os.path.realpath(scratch)
    readable = (*[os.path.realpath(folder) for folder in readable], scratch)
    realpath, split, getcwd, fsdecode = os.path.realpath, str.partition, os.getcwd, os.fsdecode

    def inside(path, folders):
        path = realpath(fsdecode(path))
        return any(path == folder or path.startswith(folder + os.sep) for folder in folders)

    hidden = tuple(os.path.join(folder, name) for folder in readable for name in HIDDEN)
    # NumPy may itself be installed among what is hidden.
    shown = tuple(folder for folder in readable if inside(folder, hidden))

    def may_read(path):
        return inside(path, readable) and (not inside(path, hidden) or inside(path, shown))

    def hook(event, arguments):
        if event == "import":
            top = split(arguments[0], ".")[0]
            if top in MODULES:      # absent.py has something in its place
                raise ModuleNotFoundError(f"No module named {top!r}", name=arguments[0])
        elif event == "open":
            path, _, flags = arguments
            if isinstance(path, int):
                return
            if isinstance(flags, int) and flags & WRITING:
                if not inside(path, (scratch,)) and fsdecode(path) != "/dev/null":
                    refuse(f"write the file {fsdecode(path)}")
            elif not may_read(path) and fsdecode(path) not in DEVICES:
                refuse(f"read the file {fsdecode(path)}")
        elif event.startswith("ctypes."):
            # Not the end: solvers/compiled/memory.py asks for it, and does without.
            raise PermissionError("ctypes is not to be had here")
        elif event.startswith(EVENTS):
            refuse(event)
        elif event.startswith(CHANGES):
            if not all(inside(path, (scratch,)) for path in arguments[:2]
                       if isinstance(path, (str, bytes, os.PathLike))):
                refuse(event)
        elif event.startswith(LISTS):
            path = arguments[0] if arguments and arguments[0] is not None else getcwd()
            if not isinstance(path, int) and not may_read(path):
                refuse(f"list the folder {fsdecode(path)}")

    sys.addaudithook(hook)

"""The child: the process in which a student's code runs, and the process that such children fork.

    python -I -S child.py NUMPY fork CONTROL        waits on a socket, forks a child when asked
    python -I -S child.py NUMPY once CONFIG         is the child, where a system has no fork

It knows neither the reference nor the results that the parent expects (parent.py).
"""

import contextlib
import gc
import importlib
import json
import os
import signal
import socket
import sys

NEEDED = ("numpy", "numpy.random", "numpy.linalg", "numpy.ma", "numpy.fft", "numpy.polynomial",
          "absent", "audit", "lookout", "serve", "walls", "wire")
# Of Python's library, because the child's user may not be able to read another one's Python.
LIBRARY = (
    "__future__", "abc", "bisect", "cmath", "collections.abc", "copy", "dataclasses", "decimal",
    "enum", "fractions", "functools", "heapq", "importlib.util", "inspect", "itertools",
    "linecache", "logging", "math", "numbers", "operator", "pathlib", "pprint", "random",
    "statistics", "string", "textwrap", "time", "timeit", "traceback", "types", "typing",
    "unittest", "warnings",
    # What editors save files in.
    "encodings.ascii", "encodings.cp1252", "encodings.iso8859_15", "encodings.latin_1",
    "encodings.mac_roman", "encodings.utf_8_sig",
)
HERE = os.path.dirname(os.path.abspath(__file__))


def main():
    """Start as the command line says."""
    _, numpy_folder, mode, argument = sys.argv
    load(numpy_folder)
    if mode == "fork":
        children = set()
        with contextlib.suppress(ConnectionError):      # the parent has left without a word
            fork_children(socket.socket(fileno=int(argument)), numpy_folder, children)
        for pid in children:
            end(pid)
        os._exit(0)
    else:
        be_child(os.dup(0), os.dup(1), os.dup(2), json.loads(argument), numpy_folder)


def load(numpy_folder):
    """Import NumPy and what the child needs, and take their folders off sys.path again."""
    before = [path for path in sys.path if os.path.isdir(path)]
    sys.path[:] = [HERE, *before, numpy_folder]
    for name in (*NEEDED, *LIBRARY):
        importlib.import_module(name)
    for name in sys.modules["numpy"].__all__:       # what `from numpy import *` imports
        getattr(sys.modules["numpy"], name)
    sys.path[:] = before
    sys.dont_write_bytecode = True


def fork_children(control, numpy_folder, children):
    """Fork a child for each "start", end it for each "end", until the parent has left.

    children is the set of their process ids. Raises ConnectionError if the parent waits no more.
    """
    gc.freeze()             # or collecting garbage would copy the pages shared with children
    while True:
        message, descriptors, _, _ = socket.recv_fds(control, 65536, 3)
        if not message:
            return
        request = json.loads(message)
        if "end" in request:
            pid = request["end"]
            children.discard(pid)
            status, seconds = end(pid)
            control.send(json.dumps({"status": status, "seconds": seconds}).encode())
            continue
        pid = os.fork()
        if pid == 0:
            control.close()
            be_child(*descriptors, request["start"], numpy_folder)
        children.add(pid)
        for descriptor in descriptors:
            os.close(descriptor)
        control.send(json.dumps({"pid": pid}).encode())


def end(pid):
    """Kill a child and what it may have started.

    -> its exit code, minus a signal's number, and its processor time in seconds
    """
    import walls
    for kill in (os.killpg, os.kill):
        with contextlib.suppress(OSError):
            kill(pid, signal.SIGKILL)
    _, status, used = os.wait4(pid, 0)
    if os.geteuid() == 0:
        walls.kill_all_of(pid)
    return os.waitstatus_to_exitcode(status), used.ru_utime + used.ru_stime


def be_child(requests, replies, output, config, numpy_folder):
    """Raise the walls, watch, and answer; never returns."""
    import audit
    import serve
    import walls
    try:
        if hasattr(os, "setsid"):
            os.setsid()
        for signum in (signal.SIGINT, signal.SIGTERM):
            signal.signal(signum, signal.SIG_DFL)
        null = os.open(os.devnull, os.O_RDONLY)
        for target, source in ((0, null), (1, output), (2, output)):
            os.dup2(source, target)
        for descriptor in {null, output} - {0, 1, 2}:
            os.close(descriptor)
        os.chdir(config["scratch"])
        sys.argv[:] = ["child"]
        library = [path for path in sys.path if os.path.isdir(path)]
        numpy_folders = [os.path.join(numpy_folder, name) for name in ("numpy", "numpy.libs")]
        readable = [*library, *numpy_folders]
        # A helper beside a layer is found as it is where that is run by itself, if nothing else is.
        beside = sorted(folder for folder, _, _ in os.walk(config["tree"]))[1:]
        sys.path[:] = [config["tree"], *library, *beside]
        standing = walls.raise_walls(config["tree"], config["scratch"], readable, config["limits"])
        os.listdir(config["tree"])      # fails here and not as a student's missing file
        channel = serve.Channel(requests, replies)
        audit.watch([config["tree"], *readable], config["scratch"], channel.refuse)
        channel.answer(0, {"standing": standing})
        serve.serve(channel, config["tree"])
    except Exception as error:      # no traceback: it would read files, which is not allowed now
        os.write(2, f"{type(error).__name__}: {error}".encode("utf-8", "replace"))
    finally:
        os._exit(0)


if __name__ == "__main__":
    main()

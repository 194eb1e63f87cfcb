"""The audit hook: Python calls it before a student's code opens, imports or starts something.

A hook lives in the process that it watches, and code that knows Python well can get round it. It is
here to say clearly what was tried; the walls (walls.py) are what protects.
"""

import os
import sys

MODULES = frozenset({"ctypes", "_ctypes", "faulthandler"})      # what goes round Python
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
    realpath, getcwd, fsdecode = os.path.realpath, os.getcwd, os.fsdecode
    readable = (*map(realpath, readable), realpath(scratch))

    def inside(path, folders):
        return any(path == folder or path.startswith(folder + os.sep) for folder in folders)

    hidden = tuple(os.path.join(folder, name) for folder in readable for name in HIDDEN)
    # NumPy may itself be installed among what is hidden.
    shown = tuple(folder for folder in readable if inside(folder, hidden))

    def is_allowed(path, writes):
        path = realpath(path)
        return path in DEVICES or (inside(path, readable[-1:]) if writes else inside(
            path, readable) and (not inside(path, hidden) or inside(path, shown)))

    def hook(event, arguments):
        if event == "import" and arguments[0].split(".")[0] in MODULES:
            # absent.py has something in its place
            raise ModuleNotFoundError(f"No module named {arguments[0]!r}", name=arguments[0])
        if event.startswith("ctypes."):
            # Not the end: solvers/compiled/memory.py asks for it, and does without.
            raise PermissionError("ctypes is not to be had here")
        if event.startswith(EVENTS):
            refuse(event)
        if event != "open" and not event.startswith((*CHANGES, *LISTS)):
            return
        changes = event.startswith(CHANGES)
        writes = changes or (event == "open" and bool((arguments[2] or 0) & WRITING))
        words = event if changes else "write the file" if writes else \
            "read the file" if event == "open" else "list the folder"
        for path in arguments[:2 if changes else 1] or (None,):
            path = getcwd() if path is None else path
            if isinstance(path, (str, bytes, os.PathLike)) \
                    and not is_allowed(fsdecode(path), writes):
                refuse(f"{words} {fsdecode(path)}")

    sys.addaudithook(hook)

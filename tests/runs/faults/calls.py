"""calls.c built, and the environment that tells it what to do with a process's calls."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

SOURCE = Path(__file__).with_name("calls.c")


def missing():
    """Why the library cannot be built here, in a few words; None if it can."""
    if sys.platform != "linux":
        return "calls are watched on Linux only"
    return None if compiler() else "needs a C compiler: cc, gcc or clang"


def compiler():
    """The first C compiler that is found; None if there is none."""
    return next(filter(None, map(shutil.which, ("cc", "gcc", "clang"))), None)


def build(folder):
    """Compile the library into a folder; gives its path, which is good while this process lives."""
    library = Path(folder) / "calls.so"
    subprocess.run([compiler(), "-shared", "-fPIC", "-O1", "-o", str(library), str(SOURCE), "-ldl",
                    "-lpthread"], check=True)
    if " " not in str(library) and ":" not in str(library):
        return library
    # LD_PRELOAD is a list with blanks or colons between its paths, so it gets one without any.
    return Path(f"/proc/{os.getpid()}/fd/{os.open(library, os.O_RDONLY)}")


def environment(library, under, *, listed=None, record=None, hit=None, fault=None):
    """The variables with which a process watches its calls below the folder `under`.

    listed, record and hit are files to write; fault is (kind, number, error, sticky). The heading
    of calls.c says what all of them mean.
    """
    found = {"LD_PRELOAD": str(library), "CALLS_UNDER": os.path.realpath(under)}
    for name, path in (("CALLS_LIST", listed), ("CALLS_RECORD", record), ("CALLS_HIT", hit)):
        if path is not None:
            found[name] = os.path.abspath(path)
    if fault is not None:
        kind, number, error, sticky = fault
        found |= {"CALLS_KIND": kind, "CALLS_NUMBER": str(number), "CALLS_ERROR": error,
                  "CALLS_STICKY": str(int(sticky))}
    return found


def read(path):
    """The lines of a list or a record, each as a list of its fields, paths as they were."""
    lines = Path(path).read_text(encoding="utf-8", errors="surrogateescape").split("\n")[:-1]
    return [[unescape(field) for field in line.split("\t")] for line in lines]


def unescape(field):
    """A field of a line without its backslashes."""
    parts = (part.replace("\\t", "\t").replace("\\n", "\n") for part in field.split("\\\\"))
    return "\\".join(parts)

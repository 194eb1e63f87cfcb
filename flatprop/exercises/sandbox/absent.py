"""Stand-ins for modules that a student's file imports and that are not to be had in the child.

An import that nothing uses, or that only a demonstration uses, is no mistake: it gives a stand-in,
and to use that is the error. What an `except ImportError` deals with is left to it.
"""

import importlib
import re
import sys
import types

MOST = 20           # stand-ins in one file
FROM = re.compile(r"cannot import name '(\w+)' from '([\w.]+)'")


class Absent(types.ModuleType):
    """Any module, and whatever is in it."""

    __path__ = []

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return Absent(f"{self.__name__}.{name}")

    def __call__(self, *arguments, **named):
        raise ImportError(f"{self.__name__} is used, and is not to be had here: it is no file of "
                          "yours, nor of NumPy or what exercises may import")

    __mro_entries__ = __call__


def import_module(name):
    """The module of that name, with stand-ins for what it imports and cannot. Raises as Python."""
    for _ in range(MOST):
        try:
            return importlib.import_module(name)
        except ImportError as error:
            gone = name_of(error)
            if gone is None or gone in sys.modules or gone == name:
                raise
            stand_in(gone)
    return importlib.import_module(name)


def name_of(error):
    """The module that an ImportError is about, or None."""
    if isinstance(error, ModuleNotFoundError):
        return error.name
    found = FROM.match(str(error))
    return f"{found[2]}.{found[1]}" if found else None


def stand_in(name):
    """Put a stand-in in the place of a module."""
    package, _, last = name.rpartition(".")
    sys.modules[name] = Absent(name)
    if package in sys.modules:
        setattr(sys.modules[package], last, sys.modules[name])

"""A stand-in for sandbox.parent.Child in tests: the same calls, in this process, no walls.

It makes hundreds of checks quick. What comes back has gone through bytes, as a child's answers do.
"""

import contextlib
import importlib
import io
import sys
import time
import warnings

import numpy as np

from flatprop.exercises.sandbox import wire
from flatprop.exercises.sandbox.parent import TOO_LONG, StudentError

TOPS = ("layers", "models", "solvers", "data", "practice", "clinic", "probe")


class StandIn:
    """Calls functions in files below a folder, whose modules take no notice of the project's."""

    def __init__(self, folder):
        self.folder, self.modules, self.seconds, self.printed = str(folder), {}, 10.0, ""

    def call(self, file, name, *arguments):
        """name(*arguments) of a file -> its value."""
        return self.run(lambda made: getattr(self.module(file), name)(*map(made, arguments)))

    @contextlib.contextmanager
    def processor_time(self, seconds):
        """For a while limit the processor time of calls, which end by themselves here."""
        started = time.process_time()
        yield
        if time.process_time() - started > seconds:
            raise StudentError("time", TOO_LONG)

    def module(self, file):
        """The module of a file."""
        try:
            return importlib.import_module(file.removesuffix(".py").replace("/", "."))
        except Exception as error:
            raise StudentError("import", f"{type(error).__name__}: {error}") from error

    def made(self, value):
        """An argument as the student's code gets it."""
        if type(value) is wire.Ref:
            module = self.module(value.file)
            return getattr(module, value.name) if value.name else module
        if type(value) is wire.Seed:
            return np.random.default_rng(value.number)
        if type(value) in (tuple, list):
            return type(value)(map(self.made, value))
        if type(value) is dict:
            return {key: self.made(each) for key, each in value.items()}
        return value.copy() if isinstance(value, np.ndarray) else value

    def run(self, function):
        """function(made), among the folder's modules; what it raises becomes a StudentError."""
        with self.inside(), warnings.catch_warnings(), np.errstate(all="ignore"), \
                contextlib.redirect_stdout(io.StringIO()):
            warnings.simplefilter("ignore")
            try:
                data = wire.pack(function(self.made))
            except StudentError:
                raise
            except wire.NotPlain as error:
                raise StudentError("not plain", str(error)) from error
            except NotImplementedError as error:
                raise StudentError("not written", f"NotImplementedError: {error}") from error
            except Exception as error:
                raise StudentError("raised", f"{type(error).__name__}: {error}") from error
        length, _ = wire.HEAD.unpack(data[: wire.HEAD.size])
        text = data[wire.HEAD.size : wire.HEAD.size + length]
        return wire.unpack(text, data[wire.HEAD.size + length :])

    @contextlib.contextmanager
    def inside(self):
        """The folder's modules in the place of the project's, for a while."""
        def ours():
            return [name for name in sys.modules if name.split(".")[0] in TOPS]
        kept = {name: sys.modules.pop(name) for name in ours()}
        sys.modules.update(self.modules)
        path, sys.path[:] = list(sys.path), [self.folder, *sys.path]
        bytecode, sys.dont_write_bytecode = sys.dont_write_bytecode, True
        if not self.modules:
            importlib.invalidate_caches()       # the folder is newer than what is known of it
        try:
            yield
        finally:
            self.modules = {name: sys.modules.pop(name) for name in ours()}
            sys.modules.update(kept)
            sys.path[:], sys.dont_write_bytecode = path, bytecode

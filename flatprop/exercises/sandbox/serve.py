"""What the child does with a question, in the student's process: nothing of it is trusted."""

import errno
import linecache
import os
import traceback

import absent
import lookout
import numpy as np
import wire


class Channel:
    """The two pipes. Numbers of questions and answers match, so that none can be sent ahead."""

    def __init__(self, requests, replies):
        self.requests, self.replies, self.number = requests, replies, 0

    def question(self):
        """The next question, a dict; None when the parent has left."""
        head = self.read(wire.HEAD.size)
        if not head:
            return None
        length, size = wire.HEAD.unpack(head)
        question = wire.unpack(self.read(length), self.read(size))
        self.number = question["number"]
        return question

    def read(self, size):
        """The next size bytes, fewer at the end."""
        data = bytearray()
        while got := os.read(self.requests, min(size - len(data), 1 << 20)):
            data += got
        return data

    def answer(self, number, answer):
        """Send a dict."""
        data = memoryview(wire.pack({"number": number, **answer}))
        while data:
            data = data[os.write(self.replies, data):]

    def refuse(self, what):
        """Say what was tried, and end the process, so that no `except` can go on from it."""
        self.answer(self.number, {"error": ("forbidden", what)})
        os._exit(3)


def serve(channel, tree):
    """Answer questions until the parent has left."""
    linecache.cache[__file__] = (1, None, [""], __file__)   # so that no warning reads this file
    while (question := channel.question()) is not None:
        number, verb = question["number"], question["verb"]
        try:
            channel.answer(number, {"value": VERBS[verb](tree, **question["with"])})
        except wire.NotPlain as error:
            channel.answer(number, {"error": ("not plain", str(error))})
        except BaseException as error:          # SystemExit too
            channel.answer(number, {"error": describe_error(error, tree)})


def call(tree, file, name, arguments):
    """The value of file's function name(*arguments)."""
    function = getattr(module(tree, file), name)
    return function(*[argument(each, tree) for each in arguments])


def look(tree, cases):
    """What is to be read in these cases (lookout.py), whose files were not imported before."""
    lookout.install(tree)
    cases = [(file, name, [argument(each, tree) for each in inputs])
             for file, name, inputs in cases]
    return lookout.look_at(cases, lambda file: module(tree, file))


VERBS = {"call": call, "look": look}


def module(tree, file):
    """The module of a file below tree."""
    if not os.path.isfile(os.path.join(tree, file)):
        raise NotImplementedError(f"{file}, which is missing,")
    try:
        return absent.import_module(file.removesuffix(".py").replace("/", "."))
    except (MemoryError, NotImplementedError):
        raise
    except Exception as error:
        raise Import(describe_error(error, tree)[1]) from None


class Import(Exception):
    """A file that cannot be imported; the reason in words."""


def argument(value, tree):
    """An argument as the function gets it."""
    kind = type(value)
    if kind is wire.Seed:
        return np.random.default_rng(value.number)
    if kind is wire.Ref:
        found = module(tree, value.file)
        return getattr(found, value.name) if value.name else found
    if kind in (tuple, list):
        return kind([argument(each, tree) for each in value])
    if kind is dict:
        return {key: argument(each, tree) for key, each in value.items()}
    return value


def describe_error(error, tree):
    """(kind, text) of what was raised, with the student's line where there is one."""
    if isinstance(error, Import):
        return "import", str(error)
    kind = "not written" if isinstance(error, NotImplementedError) else \
        "memory" if isinstance(error, MemoryError) else \
        "output" if isinstance(error, OSError) and error.errno == errno.EFBIG else "raised"
    text = f"{type(error).__name__}: {error}"
    places = [(frame.f_code.co_filename, line)
              for frame, line in traceback.walk_tb(error.__traceback__)]
    if isinstance(error, SyntaxError) and error.filename:
        places.append((error.filename, error.lineno or 1))
    # Only the student's own files are looked into: the others are not to be read here.
    places = [each for each in places if each[0].startswith(tree)]
    if places:
        text += f"\n  {code_line(places[-1], tree)}"
        # The mistake may be in the file that made the call: a net hands a layer the wrong array.
        probe = os.path.join(tree, "probe.py")
        others = [each for each in places if each[0] not in (places[-1][0], probe)]
        calls = [each for each in others if each[0] == others[0][0]]
        if calls:
            text += f"\n  from {code_line(calls[-1], tree)}"
    return kind, text


def code_line(place, tree):
    """A line of a file, with its number. Not linecache's: it may find no codec for the file."""
    file, number = place
    try:
        with open(file, "rb") as source:
            line = source.read().splitlines()[number - 1]
    except (OSError, IndexError):
        line = b""
    line = line.decode("utf-8", "replace").removeprefix("\ufeff").strip()
    shown = os.path.relpath(file, tree).replace(os.sep, "/")     # of Windows
    return f"{shown} line {number}: {line}"

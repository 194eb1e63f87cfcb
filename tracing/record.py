"""trace: run a function written with layers and gates, and keep what went through them.

Neither the layers nor the function know of it. Python itself tells of every call (sys.settrace),
for as long as the function runs; a call belongs to the record if it is of a module's function named
forward or backward, and the module has both. When nothing is traced, nothing is in the way.

    record = trace(model.loss, x, y)        record.result is what the function returns
"""

import inspect
import sys
from dataclasses import dataclass, field
from types import ModuleType

import numpy as np

from tracing import source
from tracing.source import Statement

NOWHERE = Statement("", (), 0)


@dataclass
class Backward:
    """A call of backward: the upstream gradient, the gradients it gave, where it was called."""

    dout: object
    grads: tuple
    line: Statement


@dataclass
class Call:
    """A call of forward, and those of backward with its cache.

    layer       the module's name, "multiply"
    arguments   {name: value} as forward got them; the values themselves
    inputs      {name: value} the same, as they were then: copies
    out         what forward gave before the cache: an array, a number or a tuple of them
    copied      the same, as it was then
    """

    layer: str
    module: ModuleType
    arguments: dict
    inputs: dict
    out: object
    copied: object
    cache: object
    line: Statement
    backwards: list = field(default_factory=list)


@dataclass
class Step:
    """A statement that was run: its text, and the values of the names that it assigned.

    inside  whether it stands in the traced function itself, not in one that this called
    """

    line: Statement
    values: dict
    inside: bool = True


@dataclass
class Record:
    """A run: name of the function, what it was given and gave, its calls and steps in their order.

    given       {name: value} of the function's own arguments, and of the params of its model
    strays      backward calls whose cache is of no forward call: (layer, Backward)
    """

    name: str
    given: dict
    result: object = None
    calls: list = field(default_factory=list)
    steps: list = field(default_factory=list)
    strays: list = field(default_factory=list)


def trace(function, *arguments):
    """Run function(*arguments) -> Record. What the function raises is raised.

    Numbers among the arguments become objects of their own, so that two of the same value are told
    apart. Not for two threads at once: it is this thread that is watched.
    """
    arguments = [distinct(each) for each in arguments]
    record = Record(getattr(function, "__name__", "function"), given(function, arguments))
    hook = Hook(record, getattr(function, "__func__", function))
    before = sys.gettrace()
    sys.settrace(hook.called)
    try:
        record.result = function(*arguments)
    finally:
        sys.settrace(before)
    return record


def distinct(value):
    """A float as an object of its own; anything else as it is."""
    return np.float64(value) if isinstance(value, float) else value


def given(function, arguments):
    """The function's arguments by name, and the params of the model that it is a method of."""
    try:
        names = list(inspect.signature(function).parameters)
    except (TypeError, ValueError):
        names = []
    names += [f"argument {place}" for place in range(len(names) + 1, len(arguments) + 1)]
    model = getattr(function, "__self__", None)
    return dict(zip(names, arguments, strict=False)) | dict(getattr(model, "params", None) or {})


class Hook:
    """What Python calls: `called` when a function begins, and for those of interest the rest."""

    def __init__(self, record, function):
        self.record, self.code = record, getattr(function, "__code__", None)
        self.layer = None           # the frame of the layer that is running

    def called(self, frame, event, _):
        """A function begins: the function for its own events, or None for no more of it."""
        if self.layer is not None:
            return None             # what a layer calls is the layer's own business
        if frame.f_code is self.code:
            return Lines(frame, self.record).event
        if is_layer(frame):
            self.layer = frame
            arguments = {name: frame.f_locals[name] for name in arguments_of(frame.f_code)}
            begun = arguments, {name: copied(value) for name, value in arguments.items()}
            return lambda frame, event, value: self.in_layer(frame, event, value, begun)
        return None

    def in_layer(self, frame, event, value, begun):
        """A layer's line, exception or return; only the return counts."""
        frame.f_trace_lines = False
        if event == "return":
            self.layer = None
            line = source.statements(frame.f_back.f_code).get(frame.f_back.f_lineno, NOWHERE)
            kind = self.forward if frame.f_code.co_name == "forward" else self.backward
            kind(frame, value, line, *begun)
            if frame.f_back.f_code is not self.code:
                self.record.steps.append(Step(line, named(line, value), False))
        return lambda frame, event, value: self.in_layer(frame, event, value, begun)

    def forward(self, frame, value, line, arguments, inputs):
        """Keep a forward that gave (out, cache); None is what one that raised seems to give."""
        if type(value) is tuple and len(value) == 2:
            module = sys.modules.get(frame.f_globals["__name__"])
            out, cache = value
            self.record.calls.append(Call(layer_name(frame), module, arguments, inputs, out,
                                          copied(out), cache, line))

    def backward(self, frame, value, line, arguments, inputs):
        """Keep a backward with the forward whose cache it was given."""
        if value is None:
            return
        dname, cname = list(arguments)[:2]
        grads = value if type(value) is tuple else (value,)
        made = Backward(inputs[dname], tuple(map(copied, grads)), line)
        calls = [call for call in self.record.calls if call.cache is arguments[cname]
                 and call.layer == layer_name(frame)]
        # Empty caches are all one object: then backward runs in the opposite order.
        waiting = [call for call in calls if not call.backwards]
        if calls:
            (waiting or calls)[-1].backwards.append(made)
        else:
            self.record.strays.append((layer_name(frame), made))


class Lines:
    """The statements of the traced function, each kept once it has run, with what it assigned."""

    def __init__(self, frame, record):
        self.record, self.statements = record, source.statements(frame.f_code)
        self.current = None

    def event(self, frame, event, _):
        """A line begins, or the function ends: what ran before it is done."""
        if event in ("line", "return"):
            now = self.statements.get(frame.f_lineno) if event == "line" else None
            if now is not self.current:
                self.keep(frame)
                self.current = now
        return self.event

    def keep(self, frame):
        """The statement that has just run."""
        if self.current is not None:
            values = {name: copied(frame.f_locals[name]) for name in self.current.names
                      if name in frame.f_locals}
            self.record.steps.append(Step(self.current, values))


def is_layer(frame):
    """Whether a frame is a module's forward or backward, of a module that has both."""
    name, inside = frame.f_code.co_name, frame.f_globals
    return (name in ("forward", "backward")
            and getattr(inside.get(name), "__code__", None) is frame.f_code
            and callable(inside.get("forward")) and callable(inside.get("backward")))


def layer_name(frame):
    """The name of the module whose function runs."""
    return frame.f_globals["__name__"].rpartition(".")[2]


def arguments_of(code):
    """The names of a function's arguments."""
    return code.co_varnames[:code.co_argcount + code.co_kwonlyargcount]


def named(line, value):
    """What a call gave by the names it was assigned to, a cache left out."""
    values = value if type(value) is tuple else (value,)
    if values and type(values[0]) is tuple:
        values = (*values[0], *values[1:])      # (first, second), cache = copy.forward(x)
    return {name: copied(each) for name, each in zip(line.names, values, strict=False)
            if name not in ("", "_") and type(each) is not tuple}


def copied(value):
    """A value as it is now: arrays copied, also in tuples, lists and dicts."""
    if isinstance(value, np.ndarray):
        return value.copy()
    if type(value) in (tuple, list):
        return type(value)(copied(each) for each in value)
    if type(value) is dict:
        return {name: copied(each) for name, each in value.items()}
    return value

"""trace: run a function written with layers and gates, and keep what went through them.

    record = trace(model.loss, x, y)        record.result is what the function returned

Neither the layers nor the function know of it: Python itself reports every call (sys.settrace)
while the function runs. A call is recorded if its function is named forward or backward and stands
in a module that has both. When nothing is traced, nothing is slower.
"""

import inspect
import sys
from dataclasses import dataclass, field

import numpy as np

from flatprop.circuits.statements import Statement, statements

NOWHERE = Statement("", (), 0)


@dataclass(eq=False)
class Backward:
    """A call of backward.

    douts   the upstream gradient, one for each output of forward; grads: the gradients it gave
    line    the Statement that called it
    call    the Call whose cache it was given; None if that is of no forward
    """

    douts: tuple
    grads: tuple
    line: Statement
    call: object


@dataclass(eq=False)
class Call:
    """A call of forward, and those of backward with its cache.

    Objects are kept to follow them from call to call; snapshots, as an object may change later.

    layer       the module's name, "multiply"; scope: all that is defined in it, {"backward": ...}
    arguments   {name: object} that forward was called with; inputs {name: snapshot}
    outs        the objects that forward gave before its cache; values their snapshots
    several     whether forward gave a tuple of outputs
    cache       the object; cache_then its snapshot
    line        the Statement that called it
    """

    layer: str
    scope: dict
    arguments: dict
    inputs: dict
    outs: tuple
    values: tuple
    several: bool
    cache: object
    cache_then: object
    line: Statement
    backwards: list = field(default_factory=list)


@dataclass(eq=False)
class Step:
    """A statement that was run, and the values of the names that it assigned.

    inside  whether it stands in the traced function itself, not in one that this called
    """

    line: Statement
    values: dict
    inside: bool = True


@dataclass(eq=False)
class Record:
    """A run of the function of that name: its result, its calls and steps in their order.

    given       {name: value} of the function's arguments, and of the params of its model
    backwards   all calls of backward
    """

    name: str
    given: dict
    result: object = None
    calls: list = field(default_factory=list)
    steps: list = field(default_factory=list)
    backwards: list = field(default_factory=list)


def trace(function, *arguments):
    """Run function(*arguments) -> Record. What the function raises is raised.

    Only this thread is watched, not others that the function may start. A debugger or a
    measurement of coverage sees nothing of the function meanwhile.
    """
    arguments = distinct(arguments)
    record = Record(getattr(function, "__name__", "function"), by_name(function, arguments))
    watch = Watch(record, getattr(function, "__func__", function))
    before = sys.gettrace()
    sys.settrace(watch.on_call)
    try:
        record.result = function(*arguments)
    finally:
        sys.settrace(before)
    return record


def by_name(function, arguments):
    """The function's arguments by name, and the params of the model that it is a method of."""
    names = [name for name, each in inspect.signature(function).parameters.items()
             if each.kind is not each.VAR_POSITIONAL]
    names += [f"argument {place}" for place in range(len(names) + 1, len(arguments) + 1)]
    model = getattr(function, "__self__", None)
    return dict(zip(names, arguments, strict=False)) | dict(getattr(model, "params", None) or {})


class Watch:
    """What Python calls: on_call when a function begins, and for those of interest the rest."""

    def __init__(self, record, function):
        self.record, self.code = record, getattr(function, "__code__", None)
        self.arguments = self.inputs = None     # of the layer that is running
        self.lines = {}             # {id of a frame of the traced function: its Lines}

    def on_call(self, frame, event, _):
        """A function begins: the function for its own events, or None for no more of it."""
        if self.arguments is not None:
            return None             # what a layer calls is the layer's own business
        if frame.f_code is self.code:
            self.lines[id(frame)] = Lines(frame, self.record)
            return self.lines[id(frame)].on_event
        if is_layer(frame):
            code = frame.f_code
            names = code.co_varnames[:code.co_argcount + code.co_kwonlyargcount]
            self.arguments = {name: frame.f_locals[name] for name in names}
            self.inputs = snapshot(self.arguments)
            return self.on_layer_event
        return None

    def on_layer_event(self, frame, event, value):
        """A layer's line, exception or return; only the return counts."""
        frame.f_trace_lines = False
        if event == "return":
            caller = frame.f_back
            line = statements(caller.f_code).get(caller.f_lineno, NOWHERE)
            keep = self.keep_forward if frame.f_code.co_name == "forward" else self.keep_backward
            keep(frame, value, line)
            self.arguments = None
            if caller.f_code is self.code:
                self.lines[id(caller)].layer_values |= values_by_name(line, value)
            elif line.text:
                self.record.steps.append(Step(line, values_by_name(line, value), False))
        return self.on_layer_event

    def keep_forward(self, frame, value, line):
        """Keep a forward that gave (out, cache); None is what one that raised seems to give."""
        if type(value) is tuple and len(value) == 2:
            (out, cache), scope = value, frame.f_globals
            layer, outs = scope["__name__"].rpartition(".")[2], as_tuple(out)
            self.record.calls.append(Call(
                layer, scope, self.arguments, self.inputs, outs, snapshot(outs),
                type(out) is tuple, cache, snapshot(cache), line))

    def keep_backward(self, frame, value, line):
        """Keep a backward with the forward whose cache it was given."""
        if value is None:
            return
        dout, cache = list(self.arguments)[:2]
        calls = [call for call in self.record.calls if call.cache is self.arguments[cache]
                 and call.scope is frame.f_globals]
        # Empty caches are all one object: then backward runs in the opposite order.
        waiting = [call for call in calls if not call.backwards]
        call = [None, *calls, *waiting][-1]
        backward = Backward(as_tuple(self.inputs[dout]), snapshot(as_tuple(value)), line, call)
        self.record.backwards.append(backward)
        if call is not None:
            call.backwards.append(backward)


class Lines:
    """The statements of the traced function, each kept once it has run, with what it assigned.

    current         the statement that is running
    start           where in the bytecode it began
    place           where its step comes among the record's
    layer_values    what a layer gave to it
    """

    def __init__(self, frame, record):
        self.record, self.statements = record, statements(frame.f_code)
        self.current, self.start, self.place, self.layer_values = None, 0, 0, {}
        self.has_raised = False

    def on_event(self, frame, event, value):
        """A line begins, or the function ends: what ran before it is done."""
        if event == "exception":
            self.has_raised = value[0] is not StopIteration     # that one only ends a loop
        elif event in ("line", "return"):
            now = self.statements.get(frame.f_lineno) if event == "line" else None
            # The same one again where a loop of this one statement goes back to its beginning.
            if now is not self.current or (now is not None and frame.f_lasti <= self.start):
                self.keep(frame)
                self.current, self.start = now, frame.f_lasti
                self.place, self.layer_values = len(self.record.steps), {}
            self.has_raised = False
        return self.on_event

    def keep(self, frame):
        """The statement that has just run, before those of functions that it called."""
        if self.current is not None and not self.has_raised:
            found = frame.f_locals
            values = dict.fromkeys(self.current.names) | self.layer_values
            values |= {name: snapshot(found[name]) for name in self.current.local if name in found}
            values = {name: value for name, value in values.items() if value is not None}
            self.record.steps.insert(self.place, Step(self.current, values))


def is_layer(frame):
    """Whether a frame is a module's forward or backward, of a module that has both."""
    name, module = frame.f_code.co_name, frame.f_globals
    return (name in ("forward", "backward")
            and getattr(module.get(name), "__code__", None) is frame.f_code
            and callable(module.get("forward")) and callable(module.get("backward")))


def values_by_name(line, value):
    """What a call gave, by the names that its statement assigns; without the cache."""
    values = as_tuple(value)
    if not line.is_call:
        return {}
    if values and type(values[0]) is tuple:
        values = (*values[0], *values[1:])      # (first, second), cache = copy.forward(x)
    if len(values) != len(line.names):
        return {}
    return {name: snapshot(each) for name, each in zip(line.names, values, strict=True)
            if name not in ("", "_") and type(each) is not tuple}


def snapshot(value):
    """A value as it is now: arrays copied, also in tuples, lists and dicts."""
    if isinstance(value, np.ndarray):
        return value.copy()
    if type(value) in (tuple, list):
        return type(value)(snapshot(each) for each in value)
    if type(value) is dict:
        return {name: snapshot(each) for name, each in value.items()}
    return value


def as_tuple(value):
    """Several values as they are, a single one as a tuple of one."""
    return value if type(value) is tuple else (value,)


def distinct(values):
    """The same values, each number an object of its own, each array a view of its own.

    A wire is followed by the object that goes through the calls, and 2.0 may be passed twice.
    """
    out = []
    for value in values:
        if isinstance(value, (float, np.floating)):
            value = value * type(value)(1)
        out.append(value.view() if type(value) is np.ndarray else value)
    return out

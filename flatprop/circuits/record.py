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

from flatprop.circuits import source
from flatprop.circuits.copies import copied, distinct
from flatprop.circuits.source import Statement

NOWHERE = Statement("", (), 0)


@dataclass(eq=False)
class Backward:
    """A call of backward: the upstream gradient, the gradients it gave, where it was called.

    turn    how many calls of backward there were before
    """

    dout: object
    grads: tuple
    line: Statement
    turn: int


@dataclass(eq=False)
class Call:
    """A call of forward, and those of backward with its cache.

    layer       the module's name, "multiply"
    arguments   {name: value} as forward got them; the values themselves
    inputs      {name: value} the same, as they were then: copies
    out         what forward gave before the cache: an array, a number or a tuple of them
    copied      the same, as it was then
    cache       the cache itself; kept is what was in it then
    """

    layer: str
    module: ModuleType
    arguments: dict
    inputs: dict
    out: object
    copied: object
    cache: object
    kept: object
    line: Statement
    backwards: list = field(default_factory=list)


@dataclass(eq=False)
class Step:
    """A statement that was run: its text, and the values of the names that it assigned.

    inside  whether it stands in the traced function itself, not in one that this called
    """

    line: Statement
    values: dict
    inside: bool = True


@dataclass(eq=False)
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

    It is this thread that is watched, not others that the function may start. Its own debugger or
    coverage sees nothing of the function meanwhile.
    """
    arguments = distinct(arguments)
    record = Record(getattr(function, "__name__", "function"), given(function, arguments))
    hook = Hook(record, getattr(function, "__func__", function))
    before = sys.gettrace()
    sys.settrace(hook.called)
    try:
        record.result = function(*arguments)
    finally:
        sys.settrace(before)
    return record


def given(function, arguments):
    """The function's arguments by name, and the params of the model that it is a method of."""
    try:
        names = [name for name, each in inspect.signature(function).parameters.items()
                 if each.kind is not each.VAR_POSITIONAL]
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
        self.lines = {}             # {id of a frame of the traced function: its Lines}

    def called(self, frame, event, _):
        """A function begins: the function for its own events, or None for no more of it."""
        if self.layer is not None:
            return None             # what a layer calls is the layer's own business
        if frame.f_code is self.code:
            self.lines[id(frame)] = Lines(frame, self.record)
            return self.lines[id(frame)].event
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
            caller = frame.f_back
            line = source.statements(caller.f_code).get(caller.f_lineno, NOWHERE)
            kind = self.forward if frame.f_code.co_name == "forward" else self.backward
            kind(frame, value, line, *begun)
            if caller.f_code is self.code:
                self.lines[id(caller)].given |= named(line, value)
            elif line.text:
                self.record.steps.append(Step(line, named(line, value), False))
        return lambda frame, event, value: self.in_layer(frame, event, value, begun)

    def forward(self, frame, value, line, arguments, inputs):
        """Keep a forward that gave (out, cache); None is what one that raised seems to give."""
        if type(value) is tuple and len(value) == 2:
            out, cache = value
            self.record.calls.append(Call(layer_name(frame), module_of(frame), arguments, inputs,
                                          out, copied(out), cache, copied(cache), line))

    def backward(self, frame, value, line, arguments, inputs):
        """Keep a backward with the forward whose cache it was given."""
        if value is None:
            return
        dname, cname = list(arguments)[:2]
        grads = value if type(value) is tuple else (value,)
        turn = sum(len(call.backwards) for call in self.record.calls) + len(self.record.strays)
        made = Backward(inputs[dname], tuple(map(copied, grads)), line, turn)
        calls = [call for call in self.record.calls if call.cache is arguments[cname]
                 and call.layer == layer_name(frame)]
        # Empty caches are all one object: then backward runs in the opposite order.
        waiting = [call for call in calls if not call.backwards]
        if calls:
            (waiting or calls)[-1].backwards.append(made)
        else:
            self.record.strays.append((layer_name(frame), made))


class Lines:
    """The statements of the traced function, each kept once it has run, with what it assigned.

    current     the statement that runs; begun is where in the bytecode it began, place where its
                step comes among the record's; given is what a layer gave to it
    """

    def __init__(self, frame, record):
        self.record, self.statements = record, source.statements(frame.f_code)
        self.current, self.begun, self.place, self.given = None, 0, 0, {}
        self.raised = False

    def event(self, frame, event, value):
        """A line begins, or the function ends: what ran before it is done."""
        if event == "exception":
            self.raised = value[0] is not StopIteration     # that one only ends a loop
        elif event in ("line", "return"):
            now = self.statements.get(frame.f_lineno) if event == "line" else None
            # The same one again where a loop of this one statement goes back to its beginning.
            if now is not self.current or (now is not None and frame.f_lasti <= self.begun):
                self.keep(frame)
                self.current, self.begun = now, frame.f_lasti
                self.place, self.given = len(self.record.steps), {}
            self.raised = False
        return self.event

    def keep(self, frame):
        """The statement that has just run, before those of functions that it called."""
        if self.current is not None and not self.raised:
            found = frame.f_locals
            values = dict.fromkeys(self.current.names) | self.given
            values |= {name: copied(found[name]) for name in self.current.plain if name in found}
            values = {name: value for name, value in values.items() if value is not None}
            self.record.steps.insert(self.place, Step(self.current, values))


def is_layer(frame):
    """Whether a frame is a module's forward or backward, of a module that has both."""
    name, inside = frame.f_code.co_name, frame.f_globals
    return (name in ("forward", "backward")
            and getattr(inside.get(name), "__code__", None) is frame.f_code
            and callable(inside.get("forward")) and callable(inside.get("backward")))


def layer_name(frame):
    """The name of the module whose function runs."""
    return frame.f_globals["__name__"].rpartition(".")[2]


def module_of(frame):
    """The module whose function runs; one that nobody registered is put together anew."""
    module = sys.modules.get(frame.f_globals["__name__"])
    if module is None or vars(module) is not frame.f_globals:
        module = ModuleType(layer_name(frame))
        module.forward, module.backward = frame.f_globals["forward"], frame.f_globals["backward"]
    return module


def arguments_of(code):
    """The names of a function's arguments."""
    return code.co_varnames[:code.co_argcount + code.co_kwonlyargcount]


def named(line, value):
    """What a call gave by the names it was assigned to, a cache left out."""
    values = value if type(value) is tuple else (value,)
    if not line.direct:
        return {}
    if values and type(values[0]) is tuple:
        values = (*values[0], *values[1:])      # (first, second), cache = copy.forward(x)
    if len(values) != len(line.names):
        return {}
    return {name: copied(each) for name, each in zip(line.names, values, strict=True)
            if name not in ("", "_") and type(each) is not tuple}

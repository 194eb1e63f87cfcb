"""The circuit of a Record: wires between calls, each with its value and its gradient.

A wire is a value on its way from the call that made it, or from outside, to the calls that use it.
What goes in is the same object that came out, which is how a wire is followed.
"""

from dataclasses import dataclass, field

import numpy as np

from tracing.record import Call, Record, copied


@dataclass
class Use:
    """A wire's end: the gate it goes into, the argument it is there, the gradient that came back.

    gradient is None where no backward was called, or it gave none.
    """

    gate: int
    argument: str
    gradient: object = None


@dataclass
class Wire:
    """name as in the source; value; gate that made it (None: an input), which of its outputs.

    gradient: of the loss for the value, None if backward never came here. What is used in several
    places has the sum of their gradients.
    """

    name: str
    value: object
    gate: int | None
    place: int = 0
    uses: list = field(default_factory=list)
    gradient: object = None


@dataclass
class Gate:
    """A call in the circuit: the wires that go in, by argument, and those that come out.

    constants   {argument: value} of the arguments that have no gradient: labels, a factor, a rng
    """

    call: Call
    inputs: dict
    outputs: list
    constants: dict


@dataclass
class Graph:
    """gates in the order in which they ran, wires in the order in which they were first seen."""

    record: Record
    gates: list
    wires: list

    def wire(self, name):
        """The wire of that name, the last one made. Raises KeyError with the names there are."""
        for each in reversed(self.wires):
            if each.name == name:
                return each
        raise KeyError(f"no wire is called {name!r}; there are "
                       f"{', '.join(dict.fromkeys(each.name for each in self.wires))}")


def graph(record):
    """The Graph of a Record."""
    made = Graph(record, [], [])
    known = {}          # {id of an object: wires that carry it, those of the last maker}
    names = {id(value): name for name, value in record.given.items()}
    for number, call in enumerate(record.calls):
        gate = Gate(call, {}, [], {})
        differentiable = list(call.arguments)[:count_of_gradients(call)]
        for argument, value in call.arguments.items():
            if argument not in differentiable:
                gate.constants[argument] = call.inputs[argument]
                continue
            wire = carried(known, value)
            if wire is None:
                name = names.get(id(value), argument)
                wire = Wire(name, call.inputs[argument], None)
                made.wires.append(wire)
                known[id(value)] = [wire]
            wire.uses.append(Use(number, argument))
            gate.inputs[argument] = wire
        outs = call.out if type(call.out) is tuple else (call.out,)
        copies = call.copied if type(call.out) is tuple else (call.copied,)
        new = {}
        for place, (out, value) in enumerate(zip(outs, copies, strict=True)):
            wire = Wire(out_name(call, place), value, number, place)
            gate.outputs.append(wire)
            made.wires.append(wire)
            new.setdefault(id(out), []).append(wire)
        known |= new
        made.gates.append(gate)
    add_gradients(made)
    return made


def carried(known, value):
    """The wire that carries an object: of several, as copy gives them, one not used yet; or None.

    A wire may be kept by an object that is gone; records keep theirs, so that none is.
    """
    wires = known.get(id(value), [])
    unused = [wire for wire in wires if not wire.uses]
    return unused[0] if unused else wires[-1] if wires else None


def count_of_gradients(call):
    """How many gradients backward gives: those of forward's first arguments, by the contract."""
    if call.backwards:
        return len(call.backwards[0].grads)
    ones = tuple(map(np.ones_like, call.out)) if type(call.out) is tuple else np.ones_like(call.out)
    grads = call.module.backward(ones if np.ndim(call.out) else 1.0, call.cache)
    return len(grads) if type(grads) is tuple else 1


def out_name(call, place):
    """What the source calls an output: the name it is assigned to, else the layer's own name."""
    names = call.line.names[:-1]        # the last one is the cache
    if len(names) == 1 and type(call.out) is tuple:
        return f"{names[0]}[{place}]"
    return names[place] if place < len(names) and names[place] not in ("", "_") else call.layer


def add_gradients(graph):
    """Put the gradients of all backward calls on the wires."""
    for gate in graph.gates:
        for backward in gate.call.backwards:
            douts = backward.dout if type(backward.dout) is tuple else (backward.dout,)
            for wire, dout in zip(gate.outputs, douts, strict=False):
                wire.gradient = plus(wire.gradient, dout)
    for number, gate in enumerate(graph.gates):
        for argument, place in zip(gate.inputs, range(len(gate.inputs)), strict=True):
            use = next(use for use in gate.inputs[argument].uses
                       if use.gate == number and use.argument == argument)
            for backward in gate.call.backwards:
                use.gradient = plus(use.gradient, backward.grads[place])
    for wire in graph.wires:
        if wire.gate is None:
            for use in wire.uses:
                wire.gradient = plus(wire.gradient, use.gradient)


def plus(total, gradient):
    """The sum so far, and a gradient; either may be None."""
    if gradient is None:
        return total
    return copied(gradient) if total is None else total + gradient


def local_gradients(gate):
    """{argument: d out / d argument} of a gate between single numbers: its backward of 1.

    Raises ValueError for a gate of arrays, whose local gradient is a Jacobian: see jacobian.
    """
    if any(np.ndim(wire.value) for wire in [*gate.inputs.values(), *gate.outputs]):
        raise ValueError(f"{gate.call.layer} is a gate of arrays: ask for its jacobian")
    ones = (1.0,) * len(gate.outputs)
    grads = gate.call.module.backward(ones if len(ones) > 1 else 1.0, gate.call.cache)
    grads = grads if type(grads) is tuple else (grads,)
    return {name: float(each) for name, each in zip(gate.inputs, grads, strict=True)}


def jacobian(gate, argument):
    """The Jacobian of a gate with one output: J[n, m] = d out_m / d argument_n, both flattened.

    -> (argument's size, out's size). From one backward for each entry of out: for small arrays.
    """
    out = np.asarray(gate.outputs[0].value)
    place = list(gate.inputs).index(argument)
    columns = []
    for entry in range(out.size):
        dout = np.zeros(out.size, out.dtype)
        dout[entry] = 1
        dout = dout.reshape(out.shape) if out.ndim else dout[0]
        grads = gate.call.module.backward(dout, gate.call.cache)
        grads = grads if type(grads) is tuple else (grads,)
        columns.append(np.ravel(grads[place]))
    return np.stack(columns, axis=1)

"""The circuit of a Record: wires between calls, each with its value and its gradient.

A wire is a value on its way from the call that made it, or from outside, to the calls that use it.
What goes in is the same object that came out, which is how a wire is followed.
"""

from dataclasses import dataclass, field

import numpy as np

from flatprop.circuits.copies import copied, equal
from flatprop.circuits.record import Call, Record


@dataclass(eq=False)
class Use:
    """A wire's end: the gate it goes into, the argument it is there, the gradient that came back.

    gradient is None where no backward was called, or it gave none.
    """

    gate: int
    argument: str
    gradient: object = None


@dataclass(eq=False)
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


@dataclass(eq=False)
class Gate:
    """A call in the circuit: the wires that go in, by argument, and those that come out.

    constants   {argument: value} of the arguments that have no gradient: labels, a factor, a rng
    """

    call: Call
    inputs: dict
    outputs: list
    constants: dict


@dataclass(eq=False)
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
    known = {}          # {id of an object: wires that carry it, the latest last}
    names = {id(value): name for name, value in record.given.items()}
    for number, call in enumerate(record.calls):
        gate = Gate(call, {}, [], {})
        differentiable = list(call.arguments)[:count_of_gradients(call)]
        sources = source_names(call)
        for argument, value in call.arguments.items():
            if argument not in differentiable:
                gate.constants[argument] = call.inputs[argument]
                continue
            wire = carried(known.get(id(value), []), call.inputs[argument], sources.get(argument))
            if wire is None:
                name = names.get(id(value), sources.get(argument, argument))
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
        for key, wires in new.items():
            known[key] = known.get(key, []) + wires
        made.gates.append(gate)
    add_gradients(made)
    return made


def carried(wires, value, name):
    """The one of the wires, which carry one object, that has this value; None if none has.

    copy gives its input twice: then it is the latest of that name, or one not used yet. A wire has
    another value if the object was changed in place, as weights are by a step of training.
    """
    wires = [wire for wire in wires if equal(wire.value, value)]
    chosen = ([wire for wire in wires if wire.name == name][-1:]
              or [wire for wire in wires if not wire.uses] or wires[-1:])
    return chosen[0] if chosen else None


def source_names(call):
    """{argument: what the source calls what was handed over for it}, as far as that is known."""
    arguments = list(call.arguments)
    return {arguments[key] if isinstance(key, int) else key: name for key, name in call.line.handed
            if not isinstance(key, int) or key < len(arguments)}


def count_of_gradients(call):
    """How many gradients backward gives: those of forward's first arguments, by the contract.

    Where backward was not called, and cannot be, the first arguments that are floats count.
    """
    if call.backwards:
        return len(call.backwards[0].grads)
    try:
        return len(backward_of_ones(call))
    except Exception:       # a student's, which may raise anything
        floats = [np.asarray(value).dtype.kind == "f" for value in call.inputs.values()]
        return [*floats, False].index(False)


def backward_of_ones(call):
    """What backward gives for an upstream gradient of ones: a tuple."""
    several = type(call.copied) is tuple
    ones = [one_like(out) for out in (call.copied if several else (call.copied,))]
    grads = call.module.backward(tuple(ones) if several else ones[0], call.kept)
    return grads if type(grads) is tuple else (grads,)


def one_like(out):
    """1 of the type and shape of an output."""
    return np.ones_like(out)[()] if isinstance(out, (np.ndarray, np.generic)) else 1.0


def out_name(call, place):
    """What the source calls an output: the name it is assigned to, else the layer's own name."""
    names = call.line.names[:-1] if call.line.direct else ()    # the last one is the cache
    if len(names) == 1 and type(call.out) is tuple:
        return f"{names[0]}[{place}]"
    return names[place] if place < len(names) and names[place] not in ("", "_") else call.layer


def add_gradients(graph):
    """Put the gradients of all backward calls on the wires."""
    for gate in graph.gates:
        for backward in once(gate.call.backwards):
            douts = backward.dout if type(backward.dout) is tuple else (backward.dout,)
            for wire, dout in zip(gate.outputs, douts, strict=False):
                wire.gradient = plus(wire.gradient, dout)
    # In the order in which they came, so that a sum is rounded as the function's own is.
    came = sorted(((backward.turn, number) for number, gate in enumerate(graph.gates)
                   for backward in once(gate.call.backwards)))
    for turn, number in came:
        gate = graph.gates[number]
        grads = next(each.grads for each in gate.call.backwards if each.turn == turn)
        for (argument, wire), grad in zip(gate.inputs.items(), grads, strict=False):
            use = next(use for use in wire.uses
                       if use.gate == number and use.argument == argument)
            use.gradient = plus(use.gradient, grad)
            if wire.gate is None:
                wire.gradient = plus(wire.gradient, grad)


def once(backwards):
    """Backward calls without those that only repeat one, with the same upstream gradient.

    What is left are shares of the gradient, of which the function has to take the sum.
    """
    found = []
    for each in backwards:
        if not any(alike(each.dout, other.dout) for other in found):
            found.append(each)
    return found


def alike(dout, other):
    """Whether two upstream gradients are equal; for several outputs they are tuples."""
    if type(dout) is tuple and type(other) is tuple:
        return len(dout) == len(other) and all(map(equal, dout, other))
    return equal(dout, other)


def plus(total, gradient):
    """The sum so far, and a gradient; either may be None."""
    if gradient is None:
        return total
    return copied(gradient) if total is None else total + gradient


def local_gradients(gate):
    """{argument: d out / d argument} of a gate between single numbers: its backward of 1.

    Raises ValueError for a gate of arrays, whose local gradient is a Jacobian: see jacobian; and
    for one of several outputs, which has one for each.
    """
    if any(np.ndim(wire.value) for wire in [*gate.inputs.values(), *gate.outputs]):
        raise ValueError(f"{gate.call.layer} is a gate of arrays: ask for its jacobian")
    if len(gate.outputs) != 1:
        raise ValueError(f"{gate.call.layer} has {len(gate.outputs)} outputs")
    grads = backward_of_ones(gate.call)
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
        grads = gate.call.module.backward(dout, gate.call.kept)
        grads = grads if type(grads) is tuple else (grads,)
        columns.append(np.ravel(grads[place]))
    return np.stack(columns, axis=1)

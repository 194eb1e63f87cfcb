"""The circuit of a Record: wires between calls, each with its value and its gradient.

A wire is a value on its way from the call that made it, or from outside, to the calls that use it.
What goes in is the same object that came out: that is how a wire is followed.
"""

from dataclasses import dataclass, field

import numpy as np

from flatprop.circuits.record import Call, Record, as_tuple, snapshot


@dataclass(eq=False)
class Use:
    """A wire's end: the number of the gate it goes into, and the argument it is there.

    gradient    what came back from there; None if no backward was called, or it gave none
    """

    gate: int
    argument: str
    gradient: object = None


@dataclass(eq=False)
class Wire:
    """A value, by its name in the source.

    number      its index among the wires
    gate        the number of the gate that made it, None for an input; place: which of its outputs
    gradient    of the loss for the value, None if backward never came here; where the value is used
                several times, the sum of what comes back from its uses
    kept        what the code keeps instead, where that differs (kept.py)
    """

    name: str
    value: object
    number: int
    gate: int | None = None
    place: int = 0
    uses: list = field(default_factory=list)
    gradient: object = None
    kept: object = None

    def use_in(self, gate, argument):
        """The number of its use as that argument of the gate of that number."""
        return next(number for number, use in enumerate(self.uses)
                    if use.gate == gate and use.argument == argument)


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
    circuit = Graph(record, [], [])
    carriers = {}       # {id of an object: the wires that carry it, the latest last}
    for number, call in enumerate(record.calls):
        gate = Gate(call, {}, [], {})
        circuit.gates.append(gate)
        connect_inputs(circuit, number, carriers)
        for place, (out, value) in enumerate(zip(call.outs, call.values, strict=True)):
            wire = Wire(output_name(call, place), value, len(circuit.wires), number, place)
            gate.outputs.append(wire)
            circuit.wires.append(wire)
            carriers.setdefault(id(out), []).append(wire)
    add_gradients(circuit)
    return circuit


def connect_inputs(circuit, number, carriers):
    """Join the wires that go into a gate to it; a value that no call made is a new input."""
    gate = circuit.gates[number]
    call, names = gate.call, {id(value): name for name, value in circuit.record.given.items()}
    count, sources = gradient_count(call), dict(call.line.passes)
    for place, (argument, value) in enumerate(call.arguments.items()):
        if place >= count:
            gate.constants[argument] = call.inputs[argument]
            continue
        source = sources.get(argument, sources.get(place))
        wire = carrier(carriers.get(id(value), []), call.inputs[argument], source)
        if wire is None:
            name = names.get(id(value), source or argument)
            wire = Wire(name, call.inputs[argument], len(circuit.wires))
            circuit.wires.append(wire)
            carriers[id(value)] = [wire]
        wire.uses.append(Use(number, argument))
        gate.inputs[argument] = wire


def carrier(wires, value, name):
    """Which of the wires that carry one object has this value; None if none has."""
    # Weights that a step of training changed in place have another value than their wire.
    wires = [wire for wire in wires if equal(wire.value, value)]
    # copy gives its input several times: the latest of that name, or one not used yet.
    chosen = ([wire for wire in wires if wire.name == name][-1:]
              or [wire for wire in wires if not wire.uses] or wires[-1:])
    return chosen[0] if chosen else None


def equal(value, other):
    """Whether two values are the same numbers, nan like nan; other things if they are the same."""
    if isinstance(value, (np.ndarray, np.generic, float)):
        value, other = np.asarray(value), np.asarray(other)
        return value.shape == other.shape and value.tobytes() == other.tobytes()
    return value is other


def gradient_count(call):
    """How many gradients backward gives: those of forward's first arguments, by the contract.

    Where backward fails, the first arguments that are floats count.
    """
    if call.backwards:
        return len(call.backwards[0].grads)
    grads = attempt(backward_of_ones, call)
    if grads is not None:
        return len(grads)
    floats = [np.asarray(value).dtype.kind == "f" for value in call.inputs.values()]
    return [*floats, False].index(False)


def attempt(function, *arguments):
    """What a function gives, None if it raises: a student's backward may raise anything."""
    try:
        return function(*arguments)
    except Exception:
        return None


def backward_of_ones(call):
    """What backward gives for an upstream gradient of ones: a tuple."""
    ones = tuple(np.ones_like(value)[()] for value in call.values)
    return as_tuple(call.scope["backward"](ones if call.several else ones[0], call.cache_then))


def output_name(call, place):
    """What the source calls an output: the name it is assigned to, else the layer's own name."""
    names = call.line.names[:-1] if call.line.is_call else ()   # the last one is the cache
    if len(names) == 1 and call.several:
        return f"{names[0]}[{place}]"
    return names[place] if place < len(names) and names[place] not in ("", "_") else call.layer


def add_gradients(circuit):
    """Put the gradients of all backward calls on the wires."""
    numbers = {gate.call: number for number, gate in enumerate(circuit.gates)}
    # In the order in which they came, so that a sum is rounded as the function's own is.
    for backward in circuit.record.backwards:
        if backward.call is None:
            continue
        calls = backward.call.backwards
        # A call with the same upstream gradient is a repeat; others are shares of it, to be summed.
        if any(all(map(equal, each.douts, backward.douts))
               for each in calls[:calls.index(backward)]):
            continue
        number = numbers[backward.call]
        gate = circuit.gates[number]
        for wire, dout in zip(gate.outputs, backward.douts, strict=False):
            wire.gradient = plus(wire.gradient, dout)
        for (argument, wire), grad in zip(gate.inputs.items(), backward.grads, strict=False):
            use = wire.uses[wire.use_in(number, argument)]
            use.gradient = plus(use.gradient, grad)
            if wire.gate is None:
                wire.gradient = plus(wire.gradient, grad)


def plus(total, gradient):
    """The sum so far, and a gradient; either may be None."""
    if gradient is None:
        return total
    return snapshot(gradient) if total is None else total + gradient


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
    out, place = np.asarray(gate.outputs[0].value), list(gate.inputs).index(argument)
    columns = []
    for dout in np.eye(out.size, dtype=out.dtype):
        dout = dout.reshape(out.shape)[()]      # a number where out is one
        grads = as_tuple(gate.call.scope["backward"](dout, gate.call.cache_then))
        columns.append(np.ravel(grads[place]))
    return np.stack(columns, axis=1)

"""Tables about the gradients of a circuit: local times upstream, and the check by differences."""

from flatprop.circuits.graph import graph, local_gradients
from flatprop.lecture.pieces import Table, apart, number

STEP = 1e-5


def chain(record, caption="Downstream = upstream x local, gate by gate, from the end:"):
    """A Table: each input of each gate with its local gradient, the upstream one, their product."""
    rows = []
    for place, gate in reversed(list(enumerate(graph(record).gates))):
        outs = [wire.gradient for wire in gate.outputs]
        name = ", ".join(wire.name for wire in gate.outputs)
        if len(outs) == 1:
            local = local_gradients(gate)
            upstream = outs[0]
        else:                                   # copy: one local gradient of 1 for each output
            local = dict.fromkeys(gate.inputs, ", ".join("1" for _ in outs))
            upstream = ", ".join(map(number, outs))
        for argument, wire in gate.inputs.items():
            use = next(use for use in wire.uses
                       if use.argument == argument and use.gate == place)
            rows.append([f"{gate.call.layer} -> {name}", wire.name, upstream, local[argument],
                         use.gradient])
    return Table(["gate", "to", "upstream", "local", "gradient"], rows, caption)


def checked(function, inputs, gradients, caption="Checked by central differences, "
            "(f(v + h) - f(v - h)) / 2h:"):
    """A Table: each gradient beside its central difference.

    function(*inputs.values()) -> f, ...; gradients {name: df/dname}, of some of the inputs
    """
    rows = []
    for name, gradient in gradients.items():
        slope = difference(function, inputs, name)
        rows.append([name, gradient, slope, apart(gradient, slope)])
    return Table(["for", "gradient", "by differences", "apart"], rows, caption)


def difference(function, inputs, name):
    """df / dname: how much the first result of function changes with one of its inputs."""
    h = STEP * max(1.0, abs(inputs[name]))
    above = function(*(inputs | {name: inputs[name] + h}).values())[0]
    below = function(*(inputs | {name: inputs[name] - h}).values())[0]
    return float((above - below) / (2 * h))


def assigned(record):
    """{name: value} of all that a run assigned, in its order."""
    return {name: value for step in record.steps for name, value in step.values.items()}

"""Tables about the gradients of a circuit: local times upstream, and the check by differences."""

from flatprop.circuits.graph import graph, local_gradients
from flatprop.lecture.content import Table, gap, number

STEP = 1e-5


def chain_table(record):
    """A Table: each input of each gate with its local gradient, the upstream one, their product."""
    rows, live = [], []
    for place, gate in reversed(list(enumerate(graph(record).gates))):
        above = ", ".join(f"{{{record.name}/gradient {wire.number}}}" for wire in gate.outputs)
        outs = [wire.gradient for wire in gate.outputs]
        if len(outs) == 1:
            local, upstream = local_gradients(gate), outs[0]
        else:                                   # copy: one local gradient of 1 for each output
            local = dict.fromkeys(gate.inputs, ", ".join("1" for _ in outs))
            upstream = ", ".join(map(number, outs))
        name = ", ".join(wire.name for wire in gate.outputs)
        for argument, wire in gate.inputs.items():
            use = wire.uses[wire.use_in(place, argument)]
            rows.append([f"{gate.call.layer} -> {name}", wire.name, upstream, local[argument],
                         use.gradient])
            back = f"gradient {wire.number} {wire.uses.index(use)}"
            at_gate = f"{{{record.name}/local {place} {argument}}}" if len(outs) == 1 else ""
            live.append(["", "", above, at_gate,
                         f"{{{record.name}/{back}}}"])
    return Table(["gate", "to", "upstream", "local", "gradient"], rows,
                 "Downstream = upstream x local, gate by gate, from the end:", live)


def check_table(function, inputs, gradients, circuit=None):
    """A Table: each gradient beside its central difference.

    function(*inputs.values()) -> f, ...; gradients {name: df/dname}, of some of the inputs
    circuit: the name of the part's Circuit that has them (default: the function's)
    """
    run = circuit or function.__name__
    slopes = {name: central_difference(function, inputs, name) for name in gradients}
    rows = [[name, gradient, slopes[name], gap(gradient, slopes[name])]
            for name, gradient in gradients.items()]
    return Table(["for", "gradient", "by differences", "apart"], rows,
                 "Checked by central differences, (f(v + h) - f(v - h)) / 2h:",
                 [["", f"{{{run}/code d{name}}}", f"{{{run}/slope {name}}}",
                   f"{{{run}/gap code d{name}, slope {name}}}"] for name in gradients])


def central_difference(function, inputs, name):
    """df / dname: how much the first result of function changes with one of its inputs."""
    h = STEP * max(1.0, abs(inputs[name]))
    above = function(*(inputs | {name: inputs[name] + h}).values())[0]
    below = function(*(inputs | {name: inputs[name] - h}).values())[0]
    return float((above - below) / (2 * h))


def values_of(record):
    """{name: value} of all that a run assigned, in its order."""
    return {name: value for step in record.steps for name, value in step.values.items()}

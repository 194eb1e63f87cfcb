"""A record of a run of flat code, and its drawing. In reading order:

record           trace(function, ...): a Record of each forward and backward call, with its arrays
statements       the source of a function, line by line
graph            graph(record): the calls as gates, and the wires between them, with their gradients
listing          the code with its values, for a terminal or as HTML
draw             draw("net.svg", model.loss, x, y): all of it in one line
svg              svg(graph): the drawing
nodes            what stands in the drawing, and the room it takes
gate_text        what is written in a gate and before it
value_text       how numbers and arrays are written
layout           where everything stands, and the way of each wire;
                 layout_columns: from left to right, layout_heights: from top to bottom
"""

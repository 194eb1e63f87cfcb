"""A record of a run of flat code, and its drawing.

In reading order: record, statements, graph; listing; draw, svg, nodes, gate_text, value_text,
layout, layout_columns, layout_heights.
"""

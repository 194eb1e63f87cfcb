"""Drawings of circuits: a Graph of tracing as SVG, the value and the gradient on each wire."""

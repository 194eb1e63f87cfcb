"""The lecture, part by part: each module prints or draws what its slide shows.

A part is a module with TITLE, SECTION (of the slides), INPUTS {name: default}, RANGES {name: (low,
high)} for the inputs that are not free, and show(inputs), which gives a list of pieces. A whole
number as default asks for whole numbers.
"""

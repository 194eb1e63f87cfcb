"""The lecture, part by part: each module computes and draws what its slide shows.

A part is a module with TITLE, SECTION (of the slides), INPUTS {name: default}, RANGES {name: (low,
high)} for the inputs that are not free, and show(inputs), which gives the part's content, a list
(content.py). An input whose default is a whole number is one. parts.py has their order; terminal.py
prints a part's content, page/ makes one web page of all.
"""

"""The lecture as one HTML page: its circuits come alive in the browser.

page.py puts it together from live_circuit.py, figures.py (what stands still) and typesetting.py
(formulas); in the browser gates.js computes, steps.js walks, page.js has the fields and buttons.
"""

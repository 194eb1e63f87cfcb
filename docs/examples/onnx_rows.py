"""The rows of a CSV file through a file of `flatprop export`, by onnxruntime alone."""

import csv
import sys

import numpy as np
import onnxruntime

session = onnxruntime.InferenceSession(sys.argv[1])
with open(sys.argv[2], newline="", encoding="utf-8") as file:
    rows = list(csv.DictReader(file))
inputs = {}
for each in session.get_inputs():
    cells = [row[each.name] for row in rows]
    if each.type == "tensor(double)":
        cells = [float(cell or "nan") for cell in cells]
    inputs[each.name] = np.array(cells)[:, None]
label, probabilities = session.run(["label", "probabilities"], inputs)
for name, p in zip(label, probabilities, strict=True):
    print(name, p.round(3))

"""A program of its own: an ONNX file on the rows of a CSV file, by csv and onnxruntime alone.

    python raw_rows.py NET.onnx TABLE.csv SEPARATOR

Each input gets the cells of the column that it is named as, of a file without a heading by their
number. It prints as JSON what comes out for 1,000 rows at once, the file's over and over, and for
each of the first ten alone.
"""

import csv
import datetime
import json
import math
import sys

import numpy as np

ROWS, ALONE = 1000, 10


def main(path, table, separator):
    import onnxruntime

    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    with open(table, newline="", encoding="utf-8") as file:
        rows = [row for row in csv.reader(file, delimiter=separator) if row]
    names = [f"column {number}" for number in range(1, len(rows[0]) + 1)]
    if session.get_inputs()[0].name not in names:
        names = rows.pop(0)
    many = (rows * (ROWS // len(rows) + 1))[:ROWS]
    print(json.dumps({"ours": sorted({"data", "flatprop", "layers"} & sys.modules.keys()),
                      "about": session.get_modelmeta().custom_metadata_map,
                      "many": run(session, names, many),
                      "alone": [run(session, names, [row]) for row in many[:ALONE]]}))


def run(session, names, rows):
    """What comes out for rows: {output: list}."""
    given = {}
    for each in session.get_inputs():
        cells = [row[names.index(each.name)] for row in rows]
        if each.type == "tensor(string)":
            given[each.name] = np.array(cells, object).reshape(-1, 1)
        else:
            given[each.name] = np.array([[number(cell)] for cell in cells], float)
    outputs = [each.name for each in session.get_outputs()]
    return {name: found.tolist()
            for name, found in zip(outputs, session.run(None, given), strict=True)}


def number(cell):
    """The number of a cell, of a date the days since the start of 1970, NaN of any other text."""
    try:
        return float(cell.lstrip("$").replace(",", ""))
    except ValueError:
        pass
    try:
        return (datetime.date.fromisoformat(cell) - datetime.date(1970, 1, 1)).days
    except ValueError:
        return math.nan


if __name__ == "__main__":
    main(*sys.argv[1:])

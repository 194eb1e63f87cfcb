"""Writing predictions as they come, a chunk at a time: CSV, or one .npy array.

A chunk is (labels, values): labels (n,) int64 or None, values (n, K) of the model's dtype.
"""

import csv
import io

import numpy as np

DIGITS = {"float32": "%.9g", "float64": "%r"}    # as many as give every bit back


def write_csv(file, columns, names, dtype, chunks):
    """Write a heading and a line for each row into a file opened for bytes. -> rows written

    columns are the heading; names those of the classes, or None; dtype that of the values. What is
    ready is flushed after each chunk, for whoever reads a stream.
    """
    file.write((",".join(cell(column) for column in columns) + "\n").encode("utf-8"))
    file.flush()
    cells = None if names is None else [cell(name) for name in names]
    number = DIGITS[np.dtype(dtype).name]
    line = ",".join(([] if names is None else ["%s"]) + [number] * (len(columns) - bool(names)))
    line += "\n"
    rows = 0
    for labels, values in chunks:
        if cells is None:
            lines = [line % tuple(row) for row in values.tolist()]
        else:
            lines = [line % (cells[label], *row)
                     for label, row in zip(labels.tolist(), values.tolist(), strict=True)]
        file.write("".join(lines).encode("utf-8"))
        file.flush()
        rows += len(values)
    return rows


def cell(text):
    """A text as it stands in a CSV file: quoted where it must be."""
    into = io.StringIO()
    csv.writer(into, lineterminator="").writerow([text])
    return into.getvalue()


def write_npy(file, width, dtype, chunks):
    """Write the values as one array (N, width) into a file opened for bytes. -> N

    The header comes first but N is known last: it is written twice, and has room for any N.
    """
    first = npy_header(0, width, dtype)
    file.write(first)
    rows = 0
    for _, values in chunks:
        file.write(np.ascontiguousarray(values, dtype).tobytes())
        rows += len(values)
    file.seek(0)
    last = npy_header(rows, width, dtype)
    if len(last) != len(first):
        raise ValueError(f"the .npy header of {rows} rows has grown from that of none")
    file.write(last)
    return rows


def npy_header(rows, width, dtype):
    """The header of a .npy file of version 1.0; NumPy pads it to the same length for any rows."""
    into = io.BytesIO()
    np.lib.format.write_array_header_1_0(into, {
        "descr": np.lib.format.dtype_to_descr(np.dtype(dtype)), "fortran_order": False,
        "shape": (rows, width)})
    return into.getvalue()

"""Writing predictions as they come, a chunk at a time: CSV, or one .npy array.

A chunk is (labels, values, cells): labels (n,) int64 or None, values (n, K) of the model's dtype,
and for each row the cells (str) of other columns, which stand before its predictions.
"""

import csv
import io

import numpy as np

DIGITS = {"float32": "%.9g", "float64": "%r"}    # as many as give every bit back


def write_csv(file, columns, names, dtype, chunks, kept=()):
    """Write a heading and a line for each row into a file opened for bytes. -> rows written

    columns are the heading, after kept, the names of the other columns; names those of the classes,
    or None; dtype that of the values. What is ready is flushed after each chunk, for whoever reads
    a stream.
    """
    file.write((",".join(map(cell, [*kept, *columns])) + "\n").encode("utf-8"))
    file.flush()
    first = [] if names is None else ["%s"]
    line = ",".join(first + [DIGITS[np.dtype(dtype).name]] * (len(columns) - len(first))) + "\n"
    cells, written = list(map(cell, names or [])), 0
    for labels, values, others in chunks:
        rows = values.tolist()
        if names is not None:
            rows = [(cells[label], *row) for label, row in zip(labels.tolist(), rows, strict=True)]
        lines = [line % tuple(row) for row in rows]
        if kept:
            lines = ["".join((other and cell(other)) + "," for other in row) + text
                     for row, text in zip(others, lines, strict=True)]
        file.write("".join(lines).encode("utf-8"))
        file.flush()
        written += len(rows)
    return written


def cell(text):
    """A text as it stands in a CSV file: quoted where it must be."""
    into = io.StringIO()
    csv.writer(into).writerow([text])           # which quotes the line ends that it writes itself
    return into.getvalue().removesuffix("\r\n")


def write_npy(file, width, dtype, chunks):
    """Write the values as one array (N, width) into a file opened for bytes. -> N

    The header comes first but N is known last: it is written twice, and NumPy makes it as long
    for any N.
    """
    file.write(npy_header(0, width, dtype))
    rows = 0
    for _, values, _ in chunks:
        file.write(np.ascontiguousarray(values, dtype).tobytes())
        rows += len(values)
    file.seek(0)
    file.write(npy_header(rows, width, dtype))
    return rows


def npy_header(rows, width, dtype):
    """The header of a .npy file of version 1.0."""
    into = io.BytesIO()
    np.lib.format.write_array_header_1_0(into, {
        "descr": np.lib.format.dtype_to_descr(np.dtype(dtype)), "fortran_order": False,
        "shape": (rows, width)})
    return into.getvalue()

"""Rows of an array in a file larger than memory may be, standardized as they are taken."""

import numpy as np

from data.errors import DataError


class MappedRows:
    """Rows `index` of x, to be used where an array (N, D) of standardized inputs is.

    x (rows of the file, D), an np.memmap of numbers; index (N,) row numbers; preprocessing a
    Preprocessing; dtype float32 or float64
    take(rows, axis=0) and [start:stop] give new arrays, in the order that is asked for; the file is
    read in its own order. It must not change meanwhile.
    """

    def __init__(self, x, index, preprocessing, dtype):
        self.name, self.offset = x.filename, x.offset
        self.x, self.index = np.asarray(x), np.asarray(index)
        self.preprocessing, self.dtype = preprocessing, np.dtype(dtype)
        self.shape = (self.index.size, x.shape[1] + preprocessing.added)

    def __reduce__(self):
        """Another process maps the file again."""
        order = "C" if self.x.flags.c_contiguous else "F"
        place = self.name, self.x.dtype, "r", self.offset, self.x.shape, order
        return of_file, (place, self.index, self.preprocessing, self.dtype)

    def __len__(self):
        return self.index.size

    def take(self, index, axis=0):
        """Standardized rows, index (B,) -> (B, D). Raises DataError where one is not finite."""
        if axis != 0:
            raise ValueError(f"axis must be 0, rows, got {axis}")
        wanted = self.index[np.asarray(index)]
        order = np.argsort(wanted, kind="stable")
        rows = wanted[order]
        if rows.size == 0:
            return np.empty((0, self.shape[1]), self.dtype)
        first, count = int(rows[0]), rows.size
        in_one_piece = rows[-1] - first == count - 1 and (np.diff(rows) == 1).all()
        raw = self.x[first : first + count] if in_one_piece else self.x[rows]
        fitted = self.preprocessing
        if fitted.soft or fitted.bins or fitted.components is not None:
            out = np.empty((count, self.shape[1]), self.dtype)
            try:
                out[order] = self.preprocessing.apply(raw, self.dtype)
            except ValueError as error:
                raise DataError(f"{self.name}: {error}; correct it", file=self.name) from error
            return out
        # What Preprocessing.apply does, in fewer passes over memory: a batch is taken every step.
        work = raw.astype(np.float64)
        work -= self.preprocessing.mean
        work /= self.preprocessing.scale
        out = np.empty(work.shape, self.dtype)
        with np.errstate(over="ignore", invalid="ignore"):      # reported below
            out[order] = work
            sum_of_squares = np.vdot(out, out)
        if not np.isfinite(sum_of_squares) and not np.isfinite(out).all():
            row, column = first_bad(work)
            at = f"row {rows[row]}, column {column}, counted from 0" if row >= 0 else "a row"
            raise DataError(f"{self.name}: {at}: holds what is not finite, or too large; correct "
                            "it", file=self.name, column=column if row >= 0 else None)
        return out

    def __getitem__(self, rows):
        """The standardized rows of a slice, as an array."""
        return self.take(np.arange(*rows.indices(len(self))))


def of_file(place, *others):
    """The MappedRows of np.memmap(*place)."""
    return MappedRows(np.memmap(*place), *others)


def first_bad(rows):
    """Row and column of the first number that is not finite; (-1, -1) if there is none."""
    bad = np.argwhere(~np.isfinite(rows))
    return bad[0].tolist() if len(bad) else (-1, -1)


def fit(x, index, per="feature", chunk=2**20):
    """The mean and the standard deviation of rows `index` of x, a memmap (N, D), in one pass.

    x, index (n,) -> mean (D,), scale (D,), float64; per="dataset": mean (1,), scale (1,)
    The same numbers as standardize.fit(x[index], per) but for rounding, though only `chunk`
    elements are in memory at a time; the moments of the chunks are merged as in "Updating Formulae
    and a Pairwise Algorithm for Computing Sample Variances" (Chan, Golub and LeVeque 1979).

    Raises DataError where a number is not finite, or the variance overflows.
    """
    name, x, index = x.filename, np.asarray(x), np.sort(index)
    axis = 0 if per == "feature" else None
    step = max(1, chunk // x.shape[1])
    # Around the first row, so that what is constant is exactly 0, whatever its value.
    origin = (x[index[0]] if per == "feature" else x[index[0], :1]).astype(np.float64)
    n, mean, square = 0, 0.0, 0.0
    for start in range(0, index.size, step):
        at = index[start : start + step]
        rows = x[at].astype(np.float64)
        row, column = first_bad(rows)
        if row >= 0:
            cell = str(rows[row, column])
            raise DataError(f"{name}: row {at[row]}, column {column}, counted from 0: holds {cell}"
                            "; correct it", file=name, column=column, cell=cell)
        count = len(rows) if axis == 0 else rows.size
        with np.errstate(over="ignore", invalid="ignore"):      # an overflow is reported below
            rows -= origin
            middle = rows.mean(axis=axis)
            rows -= middle
            shift = middle - mean
            square = square + (rows * rows).sum(axis=axis) + shift**2 * (n * count / (n + count))
            mean = mean + shift * (count / (n + count))
        n += count
    mean, scale = np.atleast_1d(mean + origin), np.atleast_1d(np.sqrt(square / n))
    if not np.isfinite(scale).all():
        raise DataError(f"{name}: its numbers are too large, their variance overflows; divide them",
                        file=name)
    scale[scale == 0] = 1
    return mean, scale

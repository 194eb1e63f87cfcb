"""Principal components: the few directions in which the inputs vary most, in place of them all.

    center, components = principal.fit(lambda: [x], 70)
    reduced = (x - center) @ components                 # (N, D) -> (N, 70)

The directions are the eigenvectors of the covariance with the largest eigenvalues, of length 1 and
at right angles, so distances stay what they are but for what is left out; they are not whitened,
that is, a direction keeps its spread. Pearson 1901; Tang 2013 trains on 70 of MNIST's 784.
"""

import numpy as np

from data.errors import DataError

MOST = 10_000           # inputs: their covariance is of 800 MB, and takes an hour


def fit(chunks, count):
    """The center (D,) and the components (D, count), float64, of rows.

    chunks()  gives arrays (n, D) float64, one after the other; it is called twice
    The largest entry of a component is positive, or it could as well be its opposite.
    Raises DataError where the rows do not vary in so many directions.
    """
    rows, total = 0, 0.0
    for chunk in chunks():
        check_width(chunk.shape[1])
        rows, total = rows + len(chunk), total + chunk.sum(axis=0)
    center, covariance = total / rows, 0.0
    for chunk in chunks():
        apart = chunk - center
        covariance = covariance + apart.T @ apart / rows
    if not np.isfinite(covariance).all():
        raise DataError("the inputs are too large for principal components: their variance "
                        "overflows")
    values, vectors = np.linalg.eigh(covariance)        # the largest last
    least = values[-1] * max(rows, len(values)) * np.finfo(np.float64).eps
    directions = int((values > max(least, 0)).sum())
    if count > directions:
        raise DataError(f"the training part varies in {directions} directions, fewer than {count} "
                        "principal components", remedy="pca")
    components = vectors[:, ::-1][:, :count]
    signs = np.sign(components[np.abs(components).argmax(axis=0), np.arange(count)])
    return center, components * signs


def check_width(width):
    """Raise DataError where there are too many inputs."""
    if width > MOST:
        raise DataError(f"there are {width:,} inputs to the network, and principal components are "
                        f"found of {MOST:,} at most")


def check(center, components):
    """Raise ValueError unless these can be what fit gives."""
    fits = (center.ndim == 1 and components.ndim == 2 and center.size == len(components)
            and 1 <= components.shape[1] <= len(components))
    if not (fits and np.isfinite(center).all() and np.isfinite(components).all()):
        raise ValueError(f"components {components.shape} must be a matrix of finite numbers, no "
                         f"wider than high, and center {center.shape} its height")

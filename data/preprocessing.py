"""What was fitted to the training data and a trained model cannot be used without.

Raw inputs become the network's: table columns are encoded (data/encode.py), then every input is
shifted and scaled; numbers of a table may be given as bins besides (data/bins.py), and all of that
may be turned into principal components (data/principal.py). The targets of a regression are
standardized, for a network learns numbers near 1 whatever their unit. A saved run keeps this as
JSON, beside the weights.
"""

from typing import NamedTuple

import numpy as np

from data import bins, encode, principal, standardize

ROWS = 2**14            # that are put into bins at a time, so that memory is not needed twice
FAR = 1e30              # times its scale, from where on a number that is softened is always 3


class Preprocessing(NamedTuple):
    """How raw inputs become the network's, and its outputs names.

    mean, scale  float64, of length D or 1: x = (raw - mean) / scale
    columns      None for arrays of numbers; for a table a list of dicts, one for each of its input
                 columns: {"name": "age", "kind": "number"} or
                 {"name": "colour", "kind": "category", "values": ["blue", "red"]}; more kinds and
                 keys are in data.columns.Found
    classes      the class names in the order of the labels, as text; None for regression
    target       the name of the column that is predicted, a list of names of several, or ""
    about        what was found out about the training data, for people, plain data (data.own.Raw)
    target_mean, target_scale  float64 (M,): a regression's targets are y = (raw - mean) / scale;
                 None where the network learns them as they are
    soft         whether numbers, shifted and scaled, go through standardize.soften
    indicators   the places of raw numbers for which another input is 1 where they are missing
    bins         a Bins for each raw number that is given as bins besides
    target_low, target_high  float64 (M,): between these predictions are kept, in their own unit, or
                 None
    center, components  float64 (D',), (D', K): the network's inputs are (x - center) @ components,
                 of what is made of raw inputs so far, D' numbers; None where they are these
    """

    mean: np.ndarray
    scale: np.ndarray
    columns: list | None = None
    classes: list | None = None
    target: str | list = ""
    about: dict | None = None
    target_mean: np.ndarray | None = None
    target_scale: np.ndarray | None = None
    soft: bool = False
    indicators: tuple = ()
    bins: tuple = ()
    target_low: np.ndarray | None = None
    target_high: np.ndarray | None = None
    center: np.ndarray | None = None
    components: np.ndarray | None = None

    @property
    def added(self):
        """How many inputs the network has besides the raw ones, indicators and bins; less what
        there are fewer of components, and so it may be below 0."""
        made = len(self.indicators) + sum(each.mean.size for each in self.bins)
        height, width = (0, 0) if self.components is None else self.components.shape
        return made + width - height

    @property
    def without_components(self):
        """The same up to where there are D' numbers."""
        return self._replace(center=None, components=None)

    def sources(self, raw):
        """Of which of so many raw inputs each input of the network is made: places (width,); of
        components, each of what they are made of."""
        return np.concatenate([np.arange(raw), np.array(self.indicators, np.int64),
                               *(np.full(each.mean.size, each.place) for each in self.bins)])

    def apply(self, raw, dtype):
        """raw (N, D) numbers, encoded if they are a table's -> x (N, D + added) of dtype.

        First the D inputs, then an indicator for each of `indicators`, then the bins. NaN, an empty
        cell of a table, becomes 0 in all but the indicators: the mean or median of its column.
        Of all these the components, if there are any, computed in float64 and rounded once.
        """
        if self.components is not None:
            return self.project(raw, dtype)
        known = raw if self.columns is None else np.where(np.isnan(raw), self.mean, raw)
        if self.soft and self.columns is not None:      # else float32 may not hold them
            with np.errstate(over="ignore"):
                far = FAR * self.scale
                known = np.clip(known, self.mean - far, self.mean + far)
        plain = standardize.apply(known, self.mean, self.scale, dtype)
        if self.soft:
            places = self.numbers(raw.shape[1])
            plain[:, places] = standardize.soften(plain[:, places])
        if not self.added:
            return plain
        x = np.empty((len(raw), raw.shape[1] + self.added), dtype)
        x[:, : raw.shape[1]] = plain
        self.add_inputs(raw, x)
        return x

    def project(self, raw, dtype):
        """The components of what is made of raw (N, D): (N, K)."""
        before, x = self.without_components, np.empty((len(raw), self.components.shape[1]), dtype)
        for start in range(0, len(raw), ROWS):
            z = before.apply(raw[start : start + ROWS], np.float64) - self.center
            x[start : start + ROWS] = standardize.apply(z @ self.components, 0.0, 1.0, dtype)
        return x

    def too_large(self, raw, dtype):
        """(row, place) of the first of the numbers raw (N, D) that is too far from the others to
        fit dtype once it is shifted and scaled, or None."""
        for start in range(0, len(raw), ROWS):
            with np.errstate(over="ignore"):
                scaled = (raw[start : start + ROWS] - self.mean) / self.scale
                bad = np.argwhere(np.isinf(scaled.astype(dtype)))
            if len(bad):
                return start + int(bad[0, 0]), int(bad[0, 1])
        return None

    def add_inputs(self, raw, x):
        """Write the indicators and bins of raw (N, D) into x (N, D + added), behind the first D."""
        place = raw.shape[1] + len(self.indicators)
        x[:, raw.shape[1] : place] = np.isnan(raw[:, list(self.indicators)])
        for each in self.bins:
            after = place + each.mean.size
            for start in range(0, len(raw), ROWS):
                values = raw[start : start + ROWS, each.place].astype(np.float64)
                filled = bins.fill(values, each.edges) - each.mean
                x[start : start + ROWS, place:after] = np.nan_to_num(filled)
            place = after

    def numbers(self, raw):
        """The places of numbers and dates among so many raw inputs."""
        return np.arange(raw) if self.columns is None else encode.number_places(self.columns)

    def undo(self, x):
        """Raw inputs (N, D) float64 of x (N, D + added); of what was far out, only roughly, and of
        components what lies in their directions."""
        if self.components is not None:
            x = x.astype(np.float64) @ self.components.T + self.center
            return self.without_components.undo(x)
        z = x[:, : x.shape[1] - self.added].astype(np.float64)
        if self.soft:
            places = self.numbers(z.shape[1])
            held = np.clip(z[:, places], -2.9999, 2.9999)
            z[:, places] = held / np.sqrt(1 - (held / 3) ** 2)
        return z * self.scale + self.mean

    def apply_to_targets(self, raw, dtype):
        """Targets raw (N, M) in their own unit -> y (N, M) of dtype, as the network learns them.

        Raises ValueError for one that does not fit dtype.
        """
        if self.target_mean is None:
            with np.errstate(over="ignore"):
                y = raw.astype(dtype)
            if np.isinf(y).any():
                raise ValueError(f"a target does not fit {np.dtype(dtype)}")
            return y
        return standardize.apply(raw, self.target_mean, self.target_scale, dtype)

    def in_unit(self, y):
        """Targets or scores of a regression (N, M) as the network has them -> in their own unit.

        float64, in which a large mean costs no digits; where they were learned as they are, y.
        """
        if self.target_mean is None:
            return y
        return y.astype(np.float64) * self.target_scale + self.target_mean

    def predictions(self, scores):
        """Scores (N, M) of a regression -> predictions in the unit of the targets, kept between the
        lowest and the highest of the training part where these are known."""
        values = self.in_unit(scores)
        if self.target_low is None:
            return values
        return np.clip(values, self.target_low, self.target_high)

    def as_dict(self):
        """The same as plain data, for JSON; numbers keep every bit."""
        plain = {"mean": self.mean.tolist(), "scale": self.scale.tolist(), "columns": self.columns,
                 "classes": self.classes, "target": self.target, "about": self.about}
        if self.target_mean is not None:
            plain |= {"target_mean": self.target_mean.tolist(),
                      "target_scale": self.target_scale.tolist()}
        if self.target_low is not None:
            plain |= {"target_low": self.target_low.tolist(),
                      "target_high": self.target_high.tolist()}
        if self.components is not None:
            plain |= {"center": self.center.tolist(), "components": self.components.tolist()}
        if self.soft or self.indicators or self.bins:
            plain |= {"soft": self.soft, "indicators": list(self.indicators), "bins": [
                {"place": each.place, "edges": each.edges.tolist(), "mean": each.mean.tolist()}
                for each in self.bins]}
        return plain


class Bins(NamedTuple):
    """The bins of the raw number at a place: their edges (B + 1,), and how full each is on average
    in the training part, mean (B,), which is taken off."""

    place: int
    edges: np.ndarray
    mean: np.ndarray


def from_dict(plain):
    """The Preprocessing of a dict that as_dict made. Raises KeyError, TypeError or ValueError."""
    mean, scale = _moments(plain["mean"], plain["scale"])
    of_targets, limits = (None, None), (None, None)
    if "target_mean" in plain:
        of_targets = _moments(plain["target_mean"], plain["target_scale"])
    if "target_low" in plain:
        limits = _limits(plain["target_low"], plain["target_high"])
    soft, indicators = plain.get("soft", False), tuple(plain.get("indicators", ()))
    binned = tuple(map(_bins, plain.get("bins", ())))
    places = [*indicators, *(each.place for each in binned)]
    if not (type(soft) is bool and all(type(at) is int and 0 <= at < mean.size for at in places)):
        raise ValueError(f"the places {str(places)[:100]} must be of {mean.size} inputs")
    fitted = Preprocessing(mean, scale, plain["columns"], plain["classes"], plain["target"],
                           plain.get("about"), *of_targets, soft, indicators, binned, *limits)
    if "components" not in plain:
        return fitted
    center, components = (np.asarray(plain[name], np.float64) for name in ("center", "components"))
    principal.check(center, components)
    if mean.size > 1 and len(components) != mean.size + fitted.added:
        raise ValueError(f"components of {len(components)} inputs, there are "
                         f"{mean.size + fitted.added}")
    return fitted._replace(center=center, components=components)


def _bins(plain):
    """The Bins of plain data. Raises KeyError, TypeError or ValueError."""
    edges, mean = (np.asarray(plain[name], np.float64) for name in ("edges", "mean"))
    fits = edges.ndim == mean.ndim == 1 and edges.size == mean.size + 1 >= 2
    if not (fits and np.isfinite(edges).all() and (np.diff(edges) > 0).all()
            and ((mean >= 0) & (mean <= 1)).all()):
        raise ValueError("the edges of bins must be finite and grow, with a mean from 0 to 1 for "
                         "each bin")
    return Bins(plain["place"], edges, mean)


def _limits(low, high):
    """The lowest and the highest prediction of plain data. Raises TypeError or ValueError."""
    low, high = np.asarray(low, np.float64), np.asarray(high, np.float64)
    if low.ndim != 1 or low.shape != high.shape or not (low <= high).all():
        raise ValueError("target_low and target_high must be vectors, one below the other")
    return low, high


def _moments(mean, scale):
    """A mean and a scale of plain data as vectors. Raises TypeError or ValueError."""
    mean, scale = np.asarray(mean, np.float64), np.asarray(scale, np.float64)
    if mean.ndim != 1 or mean.shape != scale.shape:
        raise ValueError(f"mean {mean.shape} and scale {scale.shape} must be vectors of one length")
    if not (np.isfinite(mean).all() and np.isfinite(scale).all() and (scale > 0).all()):
        raise ValueError("mean must be finite, and scale finite and above zero")
    return mean, scale

"""From raw arrays to the parts a run needs: train, val and test, split and standardized."""

from data import split, standardize


def parts(x, y, test, *, val_fraction, test_fraction, per, dtype, rng):
    """Split, fit the standardization on the training part alone, and apply it to all.

    x (N, D), y (N,) integer labels or (N, M) targets; test (x, y) if it comes apart, else None
    per "dataset", "feature" or "none"; dtype of the results -> {"train": (x, y), "val", "test"}
    Of labels every part holds an equal share. Raises ValueError if a part would be empty.
    """
    is_labels = y.dtype.kind in "iu"
    fractions = [1 - val_fraction, val_fraction]
    if test is None:
        fractions = [1 - val_fraction - test_fraction, val_fraction, test_fraction]
    if fractions[0] <= 1e-9:
        raise ValueError("they leave nothing to train on")
    if is_labels:
        indices = split.stratified(y, fractions, rng)
    else:
        indices = split.plain(len(y), fractions, rng)
    pairs = [(x[index], y[index]) for index in indices]
    if test is not None:
        pairs.append(test)
    mean, scale = (0.0, 1.0) if per == "none" else standardize.fit(pairs[0][0], per)
    return {
        part: (standardize.apply(inputs, mean, scale, dtype),
               targets if is_labels else targets.astype(dtype))
        for part, (inputs, targets) in zip(("train", "val", "test"), pairs, strict=True)
    }

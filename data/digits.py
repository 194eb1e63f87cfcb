"""Handwritten digits: 1,797 real images of 8 by 8 pixels that come with the project.

The test part of "Optical Recognition of Handwritten Digits" (Alpaydin and Kaynak 1998, UCI Machine
Learning Repository, doi 10.24432/C50P49, CC BY 4.0). DIGITS.md, beside this file, says what was
changed.
"""

from pathlib import Path

import numpy as np

from data.errors import DataError

PATH = Path(__file__).with_name("digits.npz")


def load():
    """Return the images, one per row, and the digit each one shows.

    x (1797, 64) uint8, each value 0..16; y (1797,) int64, each label 0..9
    A value counts the inked pixels in one 4 by 4 block of a bitmap, so 16, not 255, is the darkest;
    x[i].reshape(8, 8) is the picture. Rows are in the published order, which is not a random one:
    shuffle before splitting, as data.split does. Each call returns arrays of its own.

    Raises DataError where the file that comes with the project is missing or damaged.
    """
    try:
        # Opened here, because np.load leaves a damaged archive that it opened itself open.
        with open(PATH, "rb") as file, np.load(file, allow_pickle=False) as arrays:
            return arrays["x"], arrays["y"].astype(np.int64)
    except Exception as error:  # a damaged archive raises any of a dozen kinds, even TokenError
        reason = " ".join(str(error).split())
        raise DataError(
            f"{PATH}: cannot be read ({reason}); it is part of the project, so install that again",
            file=PATH) from error

"""Halves of characters (surrogates): Python's strings can hold them, but no file in UTF-8 can.

They come from JSON with a lone "\\ud800", and from files in odd encodings. Python itself puts those
from U+DC80 to U+DCFF into the names of files, for bytes that are no UTF-8.
"""

import re

HALF = re.compile("[\ud800-\udfff]")
HALF_BUT_OF_NAMES = re.compile("[\ud800-\udc7f\udd00-\udfff]")


def find_half(text, file_names=False):
    """The match of the first half of a character in a text, or None.

    With file_names, those that Python puts into the names of files are none.
    """
    return (HALF_BUT_OF_NAMES if file_names else HALF).search(text)

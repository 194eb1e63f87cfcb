"""JSON from a file that may be missing, damaged or enormous."""

import json
import re
from pathlib import Path

from data.characters import find_half
from data.errors import DataError
from data.open_file import is_there, read_file

LARGEST = 64 * 2**20        # bytes; what a run keeps is kilobytes
HALVES = re.compile(rb"\\u[dD][89a-fA-F]")      # of a pair, or alone
MOST = 2**21                # lists and objects, each of which takes 64 bytes of memory or more


def read(path, file_names=True):
    """The JSON in a file. Raises DataError if there is none, it is no ordinary file, or it is
    damaged or enormous. file_names: whether it may hold names of files that are no UTF-8.
    """
    path = Path(path)
    if not is_there(path):
        raise DataError(f"{path}: does not exist; put a copy of it back, or train anew", file=path)
    content = read_file(path, "a copy of the file that was there", LARGEST)
    if content.count(b"[") + content.count(b"{") > MOST:
        raise DataError(f"{path}: holds more lists than can be right; put a copy of it back",
                        file=path)
    try:
        plain = json.loads(content.decode("utf-8"))
        if HALVES.search(content):
            half = find_half(json.dumps(plain, ensure_ascii=False), file_names)
            if half:
                raise ValueError(f"it holds half a character, {half[0]!a}")
        return plain
    except (ValueError, RecursionError) as error:
        reason = ("it is no text in UTF-8" if isinstance(error, UnicodeDecodeError) else
                  "it is nested too deeply" if isinstance(error, RecursionError) else
                  "a number in it is too long" if "int_max_str" in str(error) else error)
        problem = f"is damaged ({reason})" if content else "is empty"
        raise DataError(f"{path}: {problem}; put a copy of it back, or train anew",
                        file=path) from error

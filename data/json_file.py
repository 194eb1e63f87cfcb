"""JSON from a file that may be missing, damaged or enormous."""

import json
from pathlib import Path

from data.errors import DataError

LARGEST = 64 * 2**20        # bytes; what a run keeps is kilobytes


def read(path):
    """The JSON in a file. Raises DataError if there is none, or it is damaged or enormous."""
    path = Path(path)
    try:
        size = path.stat().st_size
        if size <= LARGEST:
            return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise DataError(f"{path}: there is no such file; is this a run directory?",
                        file=path) from error
    except (OSError, ValueError, RecursionError) as error:
        raise DataError(f"{path}: cannot be read: {error}", file=path) from error
    raise DataError(f"{path}: {size:,} bytes is too large to be right", file=path)

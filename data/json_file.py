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
        raise DataError(f"{path}: does not exist; put a copy of it back, or train anew",
                        file=path) from error
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({error.strerror or error}); check path and "
                        "permissions", file=path) from error
    except (ValueError, RecursionError) as error:
        problem = f"is damaged ({error})" if size else "is empty"
        raise DataError(f"{path}: {problem}; put a copy of it back, or train anew",
                        file=path) from error
    raise DataError(f"{path}: {size:,} bytes is too large to be right; put a copy of it back",
                    file=path)

"""Who has written the layers of this process: with --layers DIR a student, in part."""

import json
import os
from pathlib import Path

from flatprop import COPY
from flatprop.needs import check_core
from flatprop.usage.errors import UsageError

AUTHORS = "authors.json"        # in the copy: what of_layers() gives


def of_layers():
    """{file: "yours", "partly written" or "not written"} of the copy that this process uses, None
    if it uses our own core. Raises UsageError for a copy that is not found first.
    """
    if not os.environ.get(COPY):
        return None
    try:
        check_core()
        return json.loads((Path(os.environ[COPY]) / AUTHORS).read_text(encoding="utf-8"))
    except (ImportError, OSError, ValueError) as error:
        raise UsageError(f"--layers: the copy with your layers cannot be used: {error}") from error

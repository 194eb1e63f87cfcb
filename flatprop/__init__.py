"""All that is built around the core: commands, runs, checks, the lecture and the exercises."""

import importlib.util
import os
import sys
from pathlib import Path

CORE = ("layers", "models", "solvers", "data")
ROOT = Path(__file__).resolve().parents[1]
# The environment's mark of `train --layers`: the folder of a copy of the core, with a student's
# files in it, which is used in place of our own.
COPY = "FLATPROP_CORE"

if os.environ.get(COPY):
    sys.path.insert(0, os.environ[COPY])


def check_core():
    """Raise ImportError, in one line with the remedy, where other packages hide the core's.

    Python takes the first `data` or `models` on its path. In a folder that has packages of these
    names, `python -m flatprop` and a notebook find those.
    """
    home = Path(os.environ.get(COPY) or ROOT).resolve()
    for name in CORE:
        spec = importlib.util.find_spec(name)
        file = Path(spec.origin).resolve() if spec is not None and spec.origin else None
        if file == home / name / "__init__.py":
            continue
        folders = [*(spec.submodule_search_locations or [])] if spec is not None else []
        found = file or (folders[0] if folders else "nowhere")
        if home != ROOT:
            raise ImportError(f"{COPY} is {home}, but the package {name} is found in {found}")
        raise ImportError(f"the package {name} found here is not flatprop's, but {found}: use the "
                          "command flatprop, or start from another folder")

"""All that is built around the core: commands, runs, checks, the lecture and the exercises."""

import importlib.util
import os
import sys
from pathlib import Path

__version__ = "0.1.0"
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
    hidden = []
    for name in CORE:
        spec = importlib.util.find_spec(name)
        places = [] if spec is None else [spec.origin, *(spec.submodule_search_locations or [])]
        found = next((Path(place).resolve() for place in places if place), f"no {name}")
        if found != home / name / "__init__.py":
            hidden.append(str(found))
    if hidden and home != ROOT:
        raise ImportError(f"{COPY} is {home}, but found were {', '.join(hidden)}")
    if hidden:
        raise ImportError(f"packages that are not flatprop's hide its own: {', '.join(hidden)}; "
                          "use the command flatprop without PYTHONPATH, or start from another "
                          "folder")

"""What flatprop needs in order to run: a Python, NumPy, and its own core."""

import importlib.util
import os
import re
import sys
from pathlib import Path

from flatprop import COPY

CORE = ("layers", "models", "solvers", "data")
# What setup.cfg asks for: the oldest Python, and the oldest NumPy.
PYTHON, NUMPY = (3, 11), 2
ROOT = Path(__file__).resolve().parents[1]


def check_python():
    """Raise ImportError, in one line with the remedy, where Python or NumPy is missing or too old.

    What this module, ending and __main__ are written in has to be read by one that is, too.
    """
    python = f"{sys.executable}, Python {sys.version.split()[0]}"
    if sys.version_info < PYTHON:
        needed = ".".join(map(str, PYTHON))
        raise ImportError(f"flatprop needs Python {needed} or newer; this is {python}")
    spec = importlib.util.find_spec("numpy")
    if spec is None or spec.origin is None:     # without an origin it is a folder of no package
        raise ImportError(f"NumPy is missing in {python}; switch on the environment that has it "
                          "(. .venv/bin/activate), or install it there (pip install numpy)")
    # NumPy's own file says its version; importing it takes longer than the rest of a short command.
    file = Path(spec.origin).with_name("version.py")
    if not file.is_file():
        raise ImportError(f"{spec.origin} hides NumPy; rename it, or start from another folder")
    found = re.search(r'^version = "(\d+)\.[^"]+"', file.read_text(encoding="utf-8"), re.MULTILINE)
    if found and int(found[1]) < NUMPY:
        raise ImportError(f"flatprop needs NumPy {NUMPY}.0 or newer, and that of {python} is "
                          "older: pip install --upgrade numpy")


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

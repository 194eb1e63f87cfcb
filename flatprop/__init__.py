"""All that is built around the core (layers, models, solvers, data): commands, runs, checks."""

import importlib.util
from pathlib import Path


def check_core():
    """Raise ImportError where another folder's package hides one of the core's.

    Python takes the first `data` or `models` on its path, and of a folder that has packages of
    these names, `python -m flatprop` and a notebook find those.
    """
    home = Path(__file__).resolve().parents[1]
    for name in ("layers", "models", "solvers", "data"):
        spec = importlib.util.find_spec(name)
        found = None if spec is None or spec.origin is None else Path(spec.origin).resolve()
        if found != home / name / "__init__.py":
            where = found or (spec and list(spec.submodule_search_locations or [])) or "nowhere"
            raise ImportError(f"the package {name} that is found is not flatprop's: {where}")


check_core()

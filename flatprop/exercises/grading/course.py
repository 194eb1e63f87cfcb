"""Which exercises a course gives, and for how many points each."""

import tomllib

from data.errors import DataError
from data.names import closest
from data.open_file import read_file
from flatprop.usage.errors import UsageError

LARGEST, MOST = 1 << 20, 1e6        # bytes of a file; points of an exercise


def points_of(exercises, wanted=None, file=None):
    """{id: points} of a course. wanted: --exercises; file: --points. Raises UsageError."""
    points = {each.id: each.points for each in exercises}
    given = points if file is None else read_points(file)
    asked = list(given) if wanted is None else [id.strip() for id in wanted.split(",")]
    for id in (*given, *asked):
        if id not in points:
            raise UsageError(f"{f'--points {file}' if id in given else '--exercises'}: {id!r} is "
                             f"no exercise{closest(id, points)}; flatprop exercises list has all")
        if id not in given:
            raise UsageError(f"--exercises {id}: --points {file} has no line for it: add one")
    return {id: given[id] for id in points if id in asked}


def read_points(path):
    """What stands in a TOML file with a line for each exercise, relu = 3. Raises UsageError."""
    try:
        held = tomllib.loads(read_file(path, "a TOML file of points", LARGEST).decode("utf-8-sig"))
    except DataError as error:
        raise UsageError(f"--points {error}") from error
    except (ValueError, RecursionError) as error:
        raise UsageError(f"--points {path}: no TOML of lines like relu = 3: {error}") from error
    for id, value in held.items():
        if type(value) not in (int, float) or not 0 <= value <= MOST:
            raise UsageError(f"--points {path}: {id}: {value!r:.60} is no number of points")
    if not sum(held.values()):
        raise UsageError(f"--points {path}: gives no points: write lines like relu = 3")
    return held

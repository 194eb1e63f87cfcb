"""Which exercises a course gives, and for how many points each."""

import csv
import math
import tomllib

from data.errors import DataError
from data.names import closest
from data.open_file import read_file
from flatprop.cli.errors import UsageError

LARGEST, MOST = 1 << 20, 1e6        # bytes of a file; points of an exercise


def of_course(exercises, points):
    """Those of exercises that points, {id: points} or None for all, has, with these points."""
    return exercises if points is None else [
        each._replace(points=points[each.id]) for each in exercises if each.id in points]


def points_of(exercises, wanted, file):
    """{id: points} in the order of exercises. Raises UsageError.

    wanted: the text of --exercises, or None; file: that of --points, or None
    """
    points = {each.id: each.points for each in exercises}
    known = list(points)
    if file is not None:
        points = read_points(file, known)
    if wanted is not None:
        for id in wanted.split(","):
            check_known(id.strip(), known, "--exercises")
            if id.strip() not in points:
                raise UsageError(f"--exercises {id.strip()}: --points {file} gives no points for "
                                 "it: add a line, or leave it out")
        points = {id: points[id] for id in map(str.strip, wanted.split(","))}
    return {id: points[id] for id in known if id in points}


def check_known(id, known, where):
    """Refuse what is no exercise. Raises UsageError."""
    if id not in known:
        raise UsageError(f"{where}: {id!r} is no exercise{closest(id, known)}; flatprop exercises "
                         "list shows them all")


def read_points(path, known):
    """{id: points} of a file, TOML if its name says so, else CSV: a line for each exercise.

    Raises UsageError.
    """
    where, pairs = f"--points {path}", []
    try:
        text = read_file(path, "the points of exercises", LARGEST).decode("utf-8-sig")
        pairs = tomllib.loads(text).items() if path.lower().endswith(".toml") else lines_of(text)
        pairs = list(pairs)
    except DataError as error:
        raise UsageError(f"--points {error}") from error
    except (ValueError, RecursionError, csv.Error) as error:
        raise UsageError(f"{where}: {error}: give a line for each exercise, such as relu,3") \
            from error
    points = {}
    for id, value in pairs:
        check_known(id, known, where)
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= MOST:
            raise UsageError(f"{where}: {id}: {value!r} is no number of points, such as 2.5")
        if id in points:
            raise UsageError(f"{where}: {id} is there twice: give it once")
        points[id] = value
    if not sum(points.values()):
        raise UsageError(f"{where}: gives no points: give a line for each exercise, such as relu,3")
    return points


def lines_of(text):
    """(id, points) of the lines of a CSV, which may begin with a heading."""
    lines = text.splitlines()
    separator = next((sign for sign in ";\t" if sign in text), ",")
    rows = [row for row in csv.reader(lines, delimiter=separator) if any(map(str.strip, row))]
    for place, row in enumerate(rows):
        if len(row) != 2:
            raise ValueError(f"{separator.join(row)[:60]!r} has {len(row)} cells and not 2")
        value = number(row[1])
        if place or value is not None:
            yield row[0].strip(), row[1].strip() if value is None else value


def number(text):
    """Text as a finite number, or None."""
    try:
        value = float(text)
    except ValueError:
        return None
    return (int(value) if value == int(value) else value) if math.isfinite(value) else None

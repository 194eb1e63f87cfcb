"""The rows of a class in its files: written as they come, and taken up again."""

import contextlib
import json
import os
import time

from data import atomic
from data.errors import DataError
from data.open_file import read_file
from flatprop import spreadsheet
from flatprop.exercises.grading import class_table
from flatprop.exercises.grading.columns import as_csv
from flatprop.learning_platforms import student_of
from flatprop.usage.errors import UsageError

EVERY = 1.0         # seconds between two times of writing; at the end, once more
LARGEST = 1 << 28   # bytes of a file with rows; one of 200 submissions has 5 million
# What a row is read for.
KINDS = {"submission": str, "points": (int, float), "passed": int, "reason": str,
         "exercises": list, "notes": (list, type(...)), "out_of": (int, float, type(None)),
         "seconds": (int, float, type(None))}
KINDS_OF_EXERCISE = {"id": str, "points": (int, float), "out_of": (int, float), "status": str,
                     "message": str}


class Results:
    """The rows so far, and the places where they go.

    places: (file of JSON, file of CSV), each perhaps None; report: what the JSON has besides rows;
    rows: of before, {name: row}; names: of all that are to have a row; columns and pattern: as
    columns.of_options gives them
    """

    def __init__(self, places, report, rows, names, columns=None, pattern=None):
        self.places, self.report, self.names = places, report, names
        self.columns, self.pattern = columns, pattern
        self.by_name, self.began, self.saved = dict(rows), time.monotonic(), 0.0
        self.lines = {}         # {name: a row as JSON}, so that none is made twice

    def rows(self):
        """All rows, in the order of their names."""
        return [self.by_name[name] for name in sorted(self.by_name)]

    def left(self):
        """The names that have no row."""
        return [name for name in self.names if name not in self.by_name]

    def add(self, row):
        """Take in a row; now and then the files are written."""
        self.by_name[row["submission"]] = row
        self.lines.pop(row["submission"], None)
        if time.monotonic() - self.saved > EVERY:
            with contextlib.suppress(UsageError):   # it is told at the end, if it is so then
                self.save()
            self.saved = time.monotonic()

    def save(self):
        """Write the files. Raises UsageError."""
        rows, left = self.rows(), self.left()
        by_exercise = class_table.by_exercise(rows)
        report = {**self.report, "seconds": round(time.monotonic() - self.began, 2),
                  "complete": not left, "not_graded": left, "class": by_exercise}
        for row in rows:
            if row["submission"] not in self.lines:
                self.lines[row["submission"]] = json.dumps(
                    {**student_of(row["submission"], self.pattern), **row})
        lines = ",\n  ".join(self.lines[name] for name in sorted(self.lines))
        text = f'{json.dumps(report)[:-1]},\n "submissions": [\n  {lines}]}}\n'
        table = [[*each] for each in by_exercise[:1]] + [[*each.values()] for each in by_exercise]
        beside = class_table.place_beside(self.places[1], len(rows))
        save({self.places[0]: text.encode(), beside: spreadsheet.as_csv(table).encode(),
              self.places[1]: as_csv(rows, left, self.columns, self.pattern).encode()})


def save(files):
    """Write {place: bytes}, where there is a place; one that fails does not stop the others."""
    failed = []
    for place, data in files.items():
        try:
            if place:
                atomic.write_bytes(place, data)
        except OSError as error:
            failed.append(f"{place}: {error.strerror or error}")
    if failed:
        raise UsageError("; ".join(failed) + ": name another file")


def as_json(plain):
    """Plain data as the bytes of a file."""
    return (json.dumps(plain, indent=1) + "\n").encode()


def load(path):
    """The report that was written to a file before, or None where there is none. Raises UsageError.
    """
    if not os.path.lexists(path):
        return None
    try:
        report = json.loads(read_file(path, "the rows of before", LARGEST))
        rows = report["submissions"]
        fits = (type(report["seed"]) is int and type(report["not_graded"]) is list
                and all(type(name) is str for name in report["not_graded"])
                and all(has_kinds(row, KINDS) for row in rows)
                and all(has_kinds(each, KINDS_OF_EXERCISE) for row in rows
                        for each in row["exercises"]))
        if not fits:
            raise ValueError("values of other kinds")
    except DataError as error:
        raise UsageError(f"--json {error}") from error
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise UsageError(f"--json {path}: has no rows of a class ({error}): name another file, or "
                         "delete this one") from error
    return report


def has_kinds(value, kinds):
    """Whether a value is a dict with these keys, each of its kind."""
    return type(value) is dict and all(
        isinstance(value.get(key, ...), kind) for key, kind in kinds.items())

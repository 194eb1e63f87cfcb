"""train.py --layers DIR: the whole framework, on the layers that a student wrote in DIR.

A copy of the project is made in which the student's finished files lie in place of the project's
own, and its train.py is run. What has not been written yet is the project's, and the log says so.
"""

import ast
import json
import linecache
import os
import signal
import subprocess
import sys
import tempfile
import textwrap
import traceback
from pathlib import Path

from flatprop.cli.errors import UsageError

WHOSE = "whose.json"        # in such a copy, and in no other place: {file: whose}
ROOT = Path(__file__).resolve().parents[2]


def whose():
    """{file: "yours", "partly written" or "not written"} of this copy; None in the project."""
    try:
        return json.loads((ROOT / WHOSE).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None


def train(folder, argv):
    """Run train.py with argv on a student's folder; gives its exit code. Raises UsageError."""
    from flatprop.exercises import workspace
    with tempfile.TemporaryDirectory(prefix="flatprop-") as copy:
        files = workspace.overlay(workspace.find(folder), copy)
        if "yours" not in files.values():
            raise UsageError(f"--layers {folder}: nothing in it is written in full yet; "
                             f"flatprop exercises list --dir {folder} shows what is next")
        for file in files:
            check_syntax(Path(copy) / file, Path(folder) / file)
        (Path(copy) / WHOSE).write_text(json.dumps(files, indent=1) + "\n", encoding="utf-8")
        process = subprocess.Popen([sys.executable, os.path.join(copy, "train.py"), *argv])
        # Ctrl-C reaches the process as well, which saves and ends; SIGTERM comes here alone.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, lambda number, _frame: process.send_signal(number))
        code = process.wait()
    return code if code >= 0 else 128 - code


def check_syntax(copy, file):
    """Raise UsageError for a file of the student's, copied to copy, that is no Python."""
    try:
        ast.parse(copy.read_bytes(), file.name)
    except (SyntaxError, ValueError) as error:
        raise UsageError(f"{file} cannot be read as Python: {error}") from error


def told(folder, files):
    """Lines for the log: which files are the student's, and which the project's."""
    lines = [f"layers     of {folder}:"]
    for status, says in (("yours", "yours"), ("partly written", "partly written: the project's"),
                         ("not written", "not written yet: the project's")):
        names = [file.removesuffix(".py") for file, each in files.items() if each == status]
        if names:
            lines += textwrap.wrap(f"{says}: {', '.join(names)}", 100, initial_indent=" " * 11,
                                   subsequent_indent=" " * 13, break_on_hyphens=False)
    return lines


def blamed(error):
    """What a student's line raised, in words with the line; None if no layers are a student's.

    Where none of their lines is involved, it is the line of ours that could not use theirs.
    """
    files = whose()
    if files is None:
        return None
    places = []
    for frame, number in reversed(list(traceback.walk_tb(error.__traceback__))):
        path = Path(frame.f_code.co_filename)
        if path.is_relative_to(ROOT):
            places.append((path.relative_to(ROOT).as_posix(), number))
    theirs = [place for place in places if files.get(place[0]) == "yours"]
    file, number = (theirs or places)[0]
    line = linecache.getline(str(ROOT / file), number).strip()
    says = (f"{file} line {number}, {line!r}, raises {type(error).__name__}: "
            f"{' '.join(str(error).split())}")
    if theirs:
        return f"your {says}"
    return f"{says}. Does a file of yours not give what its stub says?"

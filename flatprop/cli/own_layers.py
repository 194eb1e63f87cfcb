"""train --layers DIR: the whole framework, on the layers that a student wrote in DIR.

A copy of the core (layers, models, solvers, data) is made in which the student's finished files
lie in place of our own. A second process, told by its environment (flatprop/__init__.py), trains
on that copy and never starts another. What is not written yet is ours, and the log says so.
"""

import ast
import json
import os
import subprocess
import sys
import tempfile
import traceback
from pathlib import Path

from flatprop import COPY, ending, width
from flatprop.needs import ROOT
from flatprop.training import authors
from flatprop.usage.errors import UsageError


def train(folder, argv):
    """Train on a student's folder, in a second process; gives its exit code. Raises UsageError."""
    from flatprop.exercises import workspace
    with tempfile.TemporaryDirectory(prefix="flatprop-") as temporary:
        copy = Path(temporary).resolve()
        files = workspace.copy_core(workspace.find(folder), copy)
        if "yours" not in files.values():
            raise UsageError(f"--layers {folder}: nothing in it is written in full yet; "
                             f"flatprop exercises list --dir {folder} shows what is next")
        for file in files:
            check_syntax(copy / file, Path(folder) / file)
        (copy / authors.AUTHORS).write_text(json.dumps(files, indent=1) + "\n", encoding="utf-8")
        with ending.signals_wait():
            process = subprocess.Popen([sys.executable, str(ROOT / "train.py"), *argv], env={
                **os.environ, COPY: str(copy), ending.STARTED: ending.start_file()})
            ending.leave_ending_to(process)     # which saves what it has
        code = process.wait()
    return code if code >= 0 else 128 - code


def check_syntax(copy, file):
    """Raise UsageError for a file of the student's, copied to copy, that is no Python."""
    try:
        ast.parse(copy.read_bytes(), file.name)
    except (SyntaxError, ValueError) as error:
        raise UsageError(f"{file} cannot be read as Python: {error}; correct it") from error


def author_lines(folder, files):
    """Lines for the log: which files are the student's, and which ours."""
    lines = [f"layers     of {folder}:"]
    for status, says in (("yours", "yours"), ("partly written", "partly written: the project's"),
                         ("not written", "not written yet: the project's")):
        names = [file.removesuffix(".py") for file, each in files.items() if each == status]
        if names:
            lines += width.wrap(f"{says}: {', '.join(names)}", width.columns(), " " * 11, "  ")
    return lines


def explain(error):
    """What a student's line raised, or if none of theirs is involved the line of ours that could
    not use theirs. None if no layers are a student's, or no line is one of these.
    """
    files = authors.of_layers()
    if files is None:
        return None
    copy, places = Path(os.environ[COPY]), []
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        path = Path(frame.filename)
        if path.is_relative_to(copy) or path.is_relative_to(ROOT / "flatprop"):
            home = copy if path.is_relative_to(copy) else ROOT
            places.append((path.relative_to(home).as_posix(), frame))
    if not places:
        return None
    theirs = [place for place in places if files.get(place[0]) == "yours"]
    file, frame = (theirs or places)[0]
    says = (f"{file} line {frame.lineno}, {frame.line!r}, raises {type(error).__name__}: "
            f"{' '.join(str(error).split())}")
    return f"your {says}" if theirs else (
        f"{says}. Does a file of yours not give what its stub says?")

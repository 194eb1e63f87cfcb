"""Gradescope: its results.json for one submission, and the zip that its autograder wants.

Formats: https://gradescope-autograders.readthedocs.io
"""

import io
import os
import zipfile
from pathlib import Path

from data.open_file import missing
from flatprop.cli.command import make_parser, run_command
from flatprop.cli.common_options import check_out
from flatprop.exercises.grading import batch
from flatprop.exercises.grading.grade import CATALOGUE, add_limits, settings_of
from flatprop.exercises.grading.results import as_json, save
from flatprop.exercises.sandbox.wire import printable
from flatprop.needs import CORE, ROOT
from flatprop.usage.errors import UsageError

SUBMISSION, RESULTS = "/autograder/submission", "/autograder/results/results.json"
INSIDE = "flatprop"         # the folder of the project within the zip, for run_autograder
PARTS = (*CORE, "flatprop")
FILES = ("gradient_check.py", "LICENSE", "setup.cfg", "pyproject.toml")
DATE = (2000, 1, 1, 0, 0, 0)    # one for all, so that the same project gives the same zip
HERE = Path(__file__).resolve().parent


def main(argv=None):
    """Run the command; gives its exit code."""
    return run_command("exercises gradescope", lambda: run(parser().parse_args(argv)))


def parser():
    """The parser of the command line."""
    made = make_parser("exercises gradescope")
    made.add_argument("--submission", default=SUBMISSION, metavar="DIR",
                      help=f"the submission (default: {SUBMISSION})")
    made.add_argument("--results", default=RESULTS, metavar="FILE",
                      help=f"where to write (default: {RESULTS})")
    add_limits(made, 20.0)
    made.stray = lambda args, words: f"{words[0]}: it is given with --submission {words[0]}"
    return made


def run(args, catalogue=CATALOGUE):
    """Grade, and write. Raises UsageError."""
    if not os.path.exists(args.submission):
        raise UsageError(f"--submission {args.submission}: "
                         + missing(args.submission, "give a student's folder or zip"))
    check_out(args.results, "--results")
    settings = settings_of(args, catalogue)
    row, = batch.grade([args.submission], settings, 1, lambda row: None)
    save({args.results: as_json(results(row, settings["seed"]))})


def results(row, seed):
    """A row as Gradescope's results.json: a test for each exercise."""
    tests = []
    for place, each in enumerate(row["exercises"], 1):
        passed = each["status"] == "passed"
        tests.append({
            "name": each["id"], "number": str(place), "score": each["points"],
            "max_score": each["out_of"], "status": "passed" if passed else "failed",
            "output": printable(each["message"]), "output_format": "text",
            "visibility": "visible",
        })
    output = f"{row['passed']} of {len(tests)} exercises pass (seed {seed})."
    # What the instructor should read is not for the student.
    reason = "; ".join(part for part in row["reason"].split("; ")
                       if not part.startswith("to read: "))
    if not tests:
        output = f"The submission was not graded: {printable(reason)}"
    elif reason:
        output += f" {printable(reason)}"
    return {"score": row["points"], "execution_time": row["seconds"] or 0.0, "output": output,
            "output_format": "text", "visibility": "visible", "stdout_visibility": "hidden",
            "extra_data": {"to_read": [line for each in row["exercises"]
                                       for line in each.get("to_read", ())]}, "tests": tests}


def bundle(path):
    """Write the autograder's zip: run_autograder, setup.sh, the project. Raises UsageError."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in ("setup.sh", "run_autograder"):
            add(archive, name, (HERE / name).read_text(encoding="utf-8").encode(), 0o755)
        for file in project_files():
            name = file.relative_to(ROOT).as_posix()
            add(archive, f"{INSIDE}/{name}", file.read_bytes(), 0o644)
    save({path: data.getvalue()})


def project_files():
    """The project's files that grading needs, in order."""
    found = [ROOT / name for name in FILES if (ROOT / name).is_file()]
    for part in PARTS:
        found += [path for path in (ROOT / part).rglob("*")
                  if path.is_file() and "__pycache__" not in path.parts]
    return sorted(found)


def add(archive, name, data, mode):
    """A file, with the same date and owner whoever bundles."""
    entry = zipfile.ZipInfo(name, DATE)
    entry.create_system, entry.external_attr = 3, (0o100000 | mode) << 16
    entry.compress_type = zipfile.ZIP_DEFLATED
    archive.writestr(entry, data)

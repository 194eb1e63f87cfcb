"""Gradescope: its results.json for one submission, and the zip that its autograder wants.

    flatprop exercises bundle gradescope -o autograder.zip  upload this
    flatprop exercises gradescope                           what run_autograder in it calls

Formats: https://gradescope-autograders.readthedocs.io
"""

import io
import json
import os
import secrets
import zipfile

from data import atomic
from flatprop import CORE, ROOT
from flatprop.cli.command import make_parser, run_command
from flatprop.cli.common_options import add_seed
from flatprop.cli.errors import UsageError, number, whole
from flatprop.exercises.grading import batch
from flatprop.exercises.grading.grade import CATALOGUE
from flatprop.exercises.sandbox.wire import printable

SUBMISSION, RESULTS = "/autograder/submission", "/autograder/results/results.json"
INSIDE = "flatprop"         # the folder of the project within the zip
PARTS = (*CORE, "flatprop")
FILES = ("gradient_check.py", "LICENSE", "setup.cfg", "pyproject.toml")
SUFFIXES = (".py", ".npz", ".md", ".toml")
DATE = (2000, 1, 1, 0, 0, 0)    # one for all, so that the same project gives the same zip

SETUP = """#!/usr/bin/env bash
# Run once, when Gradescope builds the autograder's image: Python 3.11 or later, and NumPy.
set -euo pipefail
apt-get update
apt-get install -y python3.12 python3.12-venv || apt-get install -y python3.11 python3.11-venv \\
    || apt-get install -y python3 python3-venv
python=$(command -v python3.12 || command -v python3.11 || command -v python3)
"$python" -m venv /autograder/venv
/autograder/venv/bin/pip install "numpy>=2.0"
# The students' code runs as a user of its own, which is to see neither the reference nor results.
chmod -R go-rwx /autograder/source
"""
RUN = f"""#!/usr/bin/env bash
# Run for each submission.
cd /autograder/source/{INSIDE}
exec /autograder/venv/bin/python -m flatprop exercises gradescope
"""


def main(argv=None):
    """Run the command; gives its exit code."""
    return run_command("exercises gradescope", lambda: run(parse(argv)))


def parse(argv):
    """The command line."""
    parser = make_parser("exercises gradescope",
                         "Grade one submission and write Gradescope's results.json.")
    parser.add_argument("--submission", default=SUBMISSION, metavar="DIR",
                        help=f"the submission (default: {SUBMISSION})")
    parser.add_argument("--results", default=RESULTS, metavar="FILE",
                        help=f"where to write (default: {RESULTS})")
    parser.add_argument("--timeout", type=number(0.1), default=20.0, metavar="S",
                        help="seconds for one exercise (default: 20)")
    parser.add_argument("--memory", type=whole(64), default=1024, metavar="MB",
                        help="memory for the student's code (default: 1024)")
    add_seed(parser, "of the random inputs (default: drawn, and printed)")
    return parser.parse_args(argv)


def run(args, catalogue=CATALOGUE):
    """Grade, and write. Raises UsageError."""
    if not os.path.exists(args.submission):
        raise UsageError(f"--submission {args.submission} is not there")
    seed = secrets.randbits(32) if args.seed is None else args.seed
    settings = {"catalogue": catalogue, "seed": seed, "timeout": args.timeout,
                "memory": args.memory, "scan": True}
    row, = batch.grade([args.submission], settings, 1, 60 + 30 * args.timeout, lambda row: None)
    try:
        atomic.write_text(args.results, json.dumps(results(row, seed), indent=1) + "\n")
    except OSError as error:
        raise UsageError(f"--results {args.results}: {error.strerror or error}") from error


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
    if not tests:
        output = f"The submission was not graded: {printable(row['reason'])}"
    elif row["reason"]:
        output += f" {printable(row['reason'])}"
    return {"score": row["points"], "execution_time": row["seconds"] or 0.0, "output": output,
            "output_format": "text", "visibility": "visible", "stdout_visibility": "hidden",
            "tests": tests}


def bundle(path):
    """Write the autograder's zip: run_autograder, setup.sh, the project. Raises UsageError."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        add(archive, "setup.sh", SETUP.encode(), 0o755)
        add(archive, "run_autograder", RUN.encode(), 0o755)
        for file in project_files():
            name = file.relative_to(ROOT).as_posix()
            add(archive, f"{INSIDE}/{name}", file.read_bytes(), 0o644)
    try:
        atomic.write_bytes(path, data.getvalue())
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror or error}") from error


def project_files():
    """The project's files that grading needs, in order."""
    found = [ROOT / name for name in FILES if (ROOT / name).is_file()]
    for part in PARTS:
        found += [path for path in (ROOT / part).rglob("*") if path.suffix in SUFFIXES
                  and path.is_file() and "__pycache__" not in path.parts]
    return sorted(found)


def add(archive, name, data, mode):
    """A file, with the same date and owner whoever bundles."""
    entry = zipfile.ZipInfo(name, DATE)
    entry.create_system, entry.external_attr = 3, (0o100000 | mode) << 16
    entry.compress_type = zipfile.ZIP_DEFLATED
    archive.writestr(entry, data)

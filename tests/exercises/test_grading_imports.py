"""Nothing of a submission is imported by the grader, wherever it is started."""

import os
import subprocess
import sys
from pathlib import Path

import grading_cases
import pytest

pytestmark = pytest.mark.processes

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = "import sys\nfrom flatprop.__main__ import main\nsys.exit(main())\n"
# Python's own modules and the project's, which a folder of that name would hide.
NAMES = ("argparse", "json", "tempfile", "numpy", "layers", "data", "gradient_check")


@pytest.fixture
def submissions(tmp_path):
    """Submissions of names of modules, one of them with packages of its own."""
    folder = tmp_path / "submissions"
    for name in NAMES:
        for place in (folder / name, folder / "ann" / name):
            place.mkdir(parents=True)
            (place / "__init__.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'a')\n")
    grading_cases.hand_in(folder / "ann", {"layers/sigmoid.py":
                                           grading_cases.honest()["layers/sigmoid.py"]})
    (tmp_path / "flatprop").write_text(SCRIPT)
    return folder


@pytest.mark.slow
@pytest.mark.parametrize("inside, given, start", [
    (".", ".", ["SCRIPT"]), (".", ".", ["-m", "flatprop"]), ("ann", "..", ["-m", "flatprop"]),
    ("ann", "..", ["-m", "flatprop.exercises"])])
def test_nothing_of_a_submission_runs_in_the_grader(submissions, start, inside, given):
    start = [each.replace("SCRIPT", str(submissions.parent / "flatprop")) for each in start]
    command = [*start, *(["exercises"] if start[-1] != "flatprop.exercises" else []),
               "grade", given, "--only", "ann", "--seed", "1"]
    # A path that ends with a colon has the working folder in it.
    done = subprocess.run([sys.executable, *command], cwd=submissions / inside, timeout=300,
                          env={**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}"},
                          capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert " 3/100 " in done.stdout
    assert not (submissions.parent / "ran").exists()

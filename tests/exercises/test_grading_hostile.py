"""Every hostile kind of submission earns nothing, and leaves the batch and the files as they were.
"""

import json
import os
import sys

import grading_cases
import hostile
import hostile_limits
import pytest

from flatprop.exercises.grading import grade

if sys.platform != "linux":
    pytest.skip("grading hostile code needs Linux", allow_module_level=True)

pytestmark = [pytest.mark.processes, pytest.mark.slow]      # one batch for all of them

CANARY = "checker.py"
GROUPS = {
    "exits": hostile.exits, "patches": hostile.patches, "thefts": hostile.thefts,
    "numerics": hostile.numerics, "disguises": hostile.disguises,
    "sabotage": lambda: hostile_limits.sabotage("CANARY"),
    "exhaustion": hostile_limits.exhaustion,
}
NAMES = [(group, name) for group, make in GROUPS.items() for name in make()]


@pytest.fixture(scope="module")
def batch(tmp_path_factory):
    """{name: row} of a batch of all hostile submissions between two honest ones."""
    base = tmp_path_factory.mktemp("batch")
    canary = base / CANARY
    canary.write_text("the checker's own\n")
    canary.chmod(0o666)
    folder = base / "submissions"
    grading_cases.hand_in(folder / "a honest", grading_cases.honest())
    grading_cases.hand_in(folder / "z honest", grading_cases.honest())
    for number, (group, name) in enumerate(NAMES):
        text = GROUPS[group]()[name].replace("'CANARY'", repr(str(canary)))
        grading_cases.hand_in(folder / f"m {number:02} {name}", {"layers/sigmoid.py": text})
    args = grading_cases.options(folder, timeout=1.5, memory=300, seed=3,
                                 json=str(base / "rows.json"))
    before = snapshot()
    assert grade.run(args, "grading_cases") == 0
    assert snapshot() == before
    assert canary.read_text() == "the checker's own\n"
    rows = json.loads((base / "rows.json").read_text())["submissions"]
    return {row["submission"][5 if row["submission"].startswith("m ") else 0:]: row
            for row in rows}


def snapshot():
    """The sizes and times of the project's own files."""
    found = {}
    for part in ("layers", "flatprop"):
        for folder, _, names in os.walk(hostile.ROOT / part):
            for name in names:
                if name.endswith(".py"):
                    stat = os.stat(os.path.join(folder, name))
                    found[os.path.join(folder, name)] = stat.st_size, stat.st_mtime_ns
    return found


@pytest.mark.parametrize("group, name", NAMES, ids=[f"{each[0]}: {each[1]}" for each in NAMES])
def test_it_earns_nothing(batch, group, name):
    row = batch[name]
    assert row["points"] == 0 and row["passed"] == 0
    sigmoid = row["exercises"][0]
    assert sigmoid["status"] not in ("passed", "partly") and sigmoid["message"]


def test_the_rest_of_the_batch_is_graded(batch):
    for name in ("a honest", "z honest"):
        assert batch[name]["points"] == grading_cases.OUT_OF and batch[name]["reason"] == ""


def test_what_broke_a_submission_is_in_its_row(batch):
    assert "torch" in batch["torch"]["reason"]
    assert "time" in batch["forever on import"]["reason"]
    assert batch["open the reference"]["exercises"][0]["status"] == "forbidden"
    assert batch["forever inside C"]["exercises"][0]["status"] == "time"

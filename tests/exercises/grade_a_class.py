"""Grade a class of 200, 20 of them broken or hostile, and say how long it took.

    python tests/exercises/grade_a_class.py [SUBMISSIONS] [JOBS]

Not a test that pytest runs: it takes minutes. Exit code 1 if a row is not what it should be.
"""

import json
import random
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from flatprop.exercises import workspace
from flatprop.exercises.catalogue import EXERCISES
from flatprop.exercises.grading import grade

ATTACKS = [
    "import os\nos._exit(0)", "import sys\nsys.exit(0)", "while True:\n    pass",
    "import time\ntime.sleep(1000)", "kept = [bytearray(2**20) for _ in range(10**5)]",
    "import torch", "def broken(:", "1 / 0", "import numpy as np\nnp.allclose = lambda *a: True",
    "print('x' * 10**8)",
]


def main(count=200, jobs=2):
    """Make the class, grade it, look at the rows."""
    with tempfile.TemporaryDirectory() as base:
        folder, report = Path(base) / "class", Path(base) / "rows.json"
        hand_in(folder, count)
        args = grade.parser().parse_args([str(folder), "--jobs", str(jobs), "--seed", "1",
                                          "--json", str(report)])
        started = time.perf_counter()
        grade.run(args)
        seconds = time.perf_counter() - started
        rows = json.loads(report.read_text())["submissions"]
    odd = [row["submission"] for row in rows if not as_it_should_be(row)]
    print(f"{len(rows)} submissions of {len(EXERCISES)} exercises, {count // 10} of them broken or "
          f"hostile, {jobs} at a time: {seconds:.0f} s")
    print(f"not as they should be: {odd}" if odd else "every row is as it should be")
    return 1 if odd else 0


def hand_in(folder, count):
    """Nine in ten have written everything, half of them with an exercise left out."""
    rng = random.Random(0)
    texts = {file: workspace.solution(file) for file in workspace.targets()}
    starts = workspace.starting_texts()
    for number in range(count):
        files = dict(texts)
        kind = "hostile" if number % 10 == 7 else "partly" if number % 2 else "honest"
        if kind == "hostile":
            attack = ATTACKS[number // 10 % len(ATTACKS)]
            files = {file: f"{attack}\n{starts[file]}\n# begun" for file in texts}
            files = {file: text.replace("raise NotImplementedError", "return None #")
                     for file, text in files.items()}
        elif kind == "partly":
            for file, _ in rng.choice(EXERCISES).targets:
                files[file] = starts[file]
        for file, text in files.items():
            workspace.write(folder / f"{number:03} {kind}" / file, text)


def as_it_should_be(row):
    """Whether a row has the points that its submission deserves."""
    kind = row["submission"].split()[1]
    if kind == "hostile":
        return row["points"] == 0
    if kind == "honest":
        return row["points"] == row["out_of"]
    return row["passed"] >= len(EXERCISES) - 3 and row["points"] < row["out_of"]


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))

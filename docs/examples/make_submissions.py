"""Make the folder submissions: what four students might hand in, for a first try of grading.

    python docs/examples/make_submissions.py

ann has written everything; bob all but two exercises; zoe the first 14 exercises; eve looks
round on the grader's disk.
"""

from pathlib import Path

from flatprop.exercises import workspace
from flatprop.exercises.catalogue import EXERCISES


def hand_in(name, without=()):
    """Write a student's folder: right solutions, and the stubs of the exercises in `without`."""
    starts = workspace.starting_texts()
    for exercise in EXERCISES:
        for file, _ in exercise.targets:
            text = starts[file] if exercise.id in without else workspace.solution(file)
            workspace.write(Path("submissions") / name / file, text)


ids = [exercise.id for exercise in EXERCISES]
hand_in("ann")
hand_in("bob", without=["numerical-gradient", "svm-loss"])
hand_in("eve", without=ids[1:])
hand_in("zoe", without=ids[14:])
add = Path("submissions/eve/layers/gates/add.py")
workspace.write(add, "import os\nos.listdir('/')\n" + add.read_text(encoding="utf-8"))
print("submissions: ann, bob, eve, zoe")

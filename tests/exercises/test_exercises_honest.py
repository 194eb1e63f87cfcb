"""Right answers written in other ways than the project's pass, the check of the source included."""

import exercise_honest
import exercise_honest_parts
import numpy as np
import pytest

from flatprop.exercises import stubs, workspace
from flatprop.exercises.catalogue import find
from flatprop.exercises.sandbox.parent import Child

pytestmark = pytest.mark.processes

WHOLE = [(id, answer) for id, answers in exercise_honest.HONEST.items() for answer in answers]
PARTLY = [(id, answer) for id, answers in exercise_honest_parts.PARTS.items() for answer in answers]


def check(tree, exercise, seed):
    with Child(tree) as child:
        feedback = exercise.check(child, np.random.default_rng(seed))
    assert feedback.passed, feedback.message


@pytest.mark.parametrize("id, answer", WHOLE)
@pytest.mark.parametrize("seed", range(3))
def test_a_file_passes(id, answer, seed, solved, tmp_path):
    workspace.compose(solved, find(id), tmp_path)
    for file, source in answer.items():
        workspace.write(tmp_path / file, source)
    check(tmp_path, find(id), seed)


@pytest.mark.parametrize("id, answer", PARTLY)
@pytest.mark.parametrize("seed", range(3))
def test_a_part_of_a_file_passes(id, answer, seed, solved, tmp_path):
    workspace.compose(solved, find(id), tmp_path)
    for file, function, source in answer:
        text = (tmp_path / file).read_text()
        own = stubs.text_of(text, function)
        text = text.replace(own, source.strip("\n") + "\n")
        if "import numpy as np" not in text and "np." in text:
            text = "import numpy as np\n" + text
        workspace.write(tmp_path / file, text)
    check(tmp_path, find(id), seed)

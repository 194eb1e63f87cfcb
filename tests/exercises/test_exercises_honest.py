"""Right answers written in other ways than the project's pass, the check of the source included."""

import exercise_honest
import exercise_honest_parts
import numpy as np
import pytest

from flatprop.exercises import stubs, workspace
from flatprop.exercises.catalogue import find
from flatprop.exercises.sandbox.parent import Child

pytestmark = pytest.mark.processes

# Of a whole file the function is None.
WHOLE = [(id, [(file, None, source) for file, source in answer.items()])
         for id, answers in exercise_honest.HONEST.items() for answer in answers]
PARTLY = list(exercise_honest_parts.PARTS.items())


@pytest.mark.parametrize("id, answer", WHOLE + PARTLY)
@pytest.mark.parametrize("seed", [0, pytest.param(1, marks=pytest.mark.slow),
                                  pytest.param(2, marks=pytest.mark.slow)])
def test_another_right_answer_passes(id, answer, seed, solved, tmp_path):
    workspace.compose(solved, find(id), tmp_path)
    for file, function, source in answer:
        if function:
            text = (tmp_path / file).read_text()
            source = text.replace(stubs.text_of(text, function), source.strip("\n") + "\n")
            if "import numpy as np" not in source and "np." in source:
                source = "import numpy as np\n" + source
        workspace.write(tmp_path / file, source)
    with Child(tmp_path) as child:
        feedback = find(id).check(child, np.random.default_rng(seed))
    assert feedback.passed, feedback.message

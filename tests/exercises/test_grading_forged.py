"""Answers that a child has forged earn nothing, whatever the exercise."""

import sys

import grading_cases
import hostile_answers
import pytest

from flatprop.exercises import catalogue

if sys.platform != "linux":
    pytest.skip("grading hostile code needs Linux", allow_module_level=True)

FORGERIES = hostile_answers.forgeries()


pytestmark = pytest.mark.processes


def graded(path, id, files):
    """The one exercise of a submission's row."""
    grading_cases.hand_in(path, files)
    row = grading_cases.graded(path, 4, [catalogue.find(id)])
    return row["exercises"][0]


@pytest.mark.parametrize("name", FORGERIES)
def test_words_in_place_of_values_earn_nothing(tmp_path, name):
    id, files = FORGERIES[name]
    honestly = {file: text.partition("import probe")[0] for file, text in files.items()}
    assert graded(tmp_path / "honest", id, honestly)["status"] != "passed"
    found = graded(tmp_path / "forged", id, files)
    assert found["points"] == 0 and found["message"]


@pytest.mark.parametrize("id, honest", [("two-layer-net", 1 / 4), ("clinic", 5 / 6)])
def test_differences_on_a_small_net_earn_nothing_where_a_large_one_has_none(tmp_path, id, honest):
    found = graded(tmp_path, id, hostile_answers.differences()[id])
    assert found["points"] == round(honest * found["out_of"], 2)      # for the rest, which is right


def test_no_text_of_a_forged_answer_is_told_as_it_is(tmp_path):
    id, files = FORGERIES["two-layer-net, saying None"]
    says = {file: text.replace("None", r"'\x1b[2J\x07 passed'") for file, text in files.items()}
    assert "?[2J? passed" in graded(tmp_path, id, says)["message"]


def test_a_net_beyond_measure_is_not_tried(tmp_path):
    found = graded(tmp_path, "digits", hostile_answers.wide())
    assert found["points"] == 0 and "400000 hidden units" in found["message"]


def test_a_solver_that_shows_its_model_other_rows_earns_nothing(tmp_path):
    found = graded(tmp_path, "solver", hostile_answers.other_rows())
    assert found["points"] == 0 and "not those of x" in found["message"]

"""Two processes that race for the folder of a run: exactly one writes, or one after the other."""

import sys

import pytest
import races

pytestmark = [pytest.mark.processes,
              pytest.mark.skipif(sys.platform == "win32", reason="kills processes")]


@pytest.mark.slow
def test_of_two_that_race_for_a_folder_one_writes_or_one_after_the_other():
    faults, tally = races.trial(2, seed=0, jobs=2)
    assert faults == []
    assert tally["0"] >= 1 and tally["2"] >= 1      # the first race is one that nobody is killed in


@pytest.mark.slow
@pytest.mark.exhaustive
def test_thirty_more_races():
    faults, _ = races.trial(30, seed=3, jobs=2)
    assert faults == []

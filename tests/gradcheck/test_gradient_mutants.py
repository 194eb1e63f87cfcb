"""The gradient check finds every mutant, and mostly says what the mistake is."""

import pytest
from mutants import ASIDE, SEEN, first_kind, report_on

from flatprop.gradcheck.finding import UNEXPLAINED

NAMED = {}      # id of the mutant -> the kind the check names first


@pytest.mark.parametrize("mutant", SEEN + ASIDE, ids=lambda mutant: mutant.name)
def test_the_mutant_is_caught_and_not_called_something_else(mutant):
    report = report_on(mutant)
    assert report.wrong
    NAMED[id(mutant)] = first_kind(report)
    assert NAMED[id(mutant)] in (mutant.kind, UNEXPLAINED)


@pytest.mark.parametrize(("mutants", "share"), [(SEEN, 0.95), (ASIDE, 0.9)], ids=["seen", "aside"])
def test_nine_of_ten_are_named_by_their_kind(mutants, share):
    kinds = [NAMED.get(id(each)) or first_kind(report_on(each)) for each in mutants]
    right = sum(kind == each.kind for kind, each in zip(kinds, mutants, strict=True))
    assert right >= share * len(mutants)


def test_the_suite_is_broad_enough_to_mean_something():
    assert len(SEEN + ASIDE) >= 120
    assert len(ASIDE) >= len(SEEN + ASIDE) / 3 - 1
    names = {each.name for each in SEEN + ASIDE}
    assert len(names) >= 170        # a few came to two authors' minds
    assert len({name.split(":")[0] for name in names}) >= 18

"""The gradient check finds every mutant, and mostly says what the mistake is."""

import pytest
from layer_cases import normal
from mutant import Mutant
from mutants import ASIDE, FILES, SEEN, first_kind, report_on
from mutants_models import regressor

NAMED = {}      # id of the mutant -> the kind the check names first


@pytest.mark.parametrize("mutant", SEEN + ASIDE, ids=lambda mutant: mutant.name)
def test_the_mutant_is_caught_and_not_called_something_else(mutant):
    report = report_on(mutant)
    assert report.wrong
    NAMED[id(mutant)] = first_kind(report)
    assert NAMED[id(mutant)] in (mutant.kind, "unexplained")


@pytest.mark.parametrize(("mutants", "share"), [(SEEN, 0.95), (ASIDE, 0.9)], ids=["seen", "aside"])
def test_nine_of_ten_are_named_by_their_kind(mutants, share):
    kinds = [NAMED.get(id(each)) or first_kind(report_on(each)) for each in mutants]
    right = sum(kind == each.kind for kind, each in zip(kinds, mutants, strict=True))
    assert right >= share * len(mutants)


# Mistakes that none of those has, each with what the check should say of it.
RARE = [
    (Mutant("tanh: dout twice", "factor", "(1 - out) * (1 + out) * dout",
            "(1 - out) * (1 + out) * dout * dout", normal((4, 3))),
     "has the upstream gradient in it twice"),
    (Mutant("affine: db over the columns, of another shape", "wrong axis", "dout.sum(axis=0)",
            "dout.sum(axis=1)", normal((5, 3), (3, 4), 4)),
     "(5,) where its input has (4,): it is sum(dout, axis=1), summed over the wrong axis"),
    (Mutant("two_layer_regressor: past the sigmoid", "mask missing",
            "sigmoid.backward(dz, z_cache)", "dz", regressor(6, 4, 5, 2)),
     "dz1 is without the local gradient out (1 - out)"),
    (Mutant("two_layer_regressor: a sigmoid of the sigmoid", "wrong point",
            "sigmoid.backward(dz, z_cache)", "sigmoid.backward(dz, sigmoid.forward(z)[1])",
            regressor(6, 4, 5, 2)),
     "dz1 is dout * sigmoid'(out), where the differences give dout * out (1 - out)"),
]


@pytest.mark.parametrize("mutant, says", RARE, ids=[mutant.name for mutant, _ in RARE])
def test_a_rare_mistake_is_named(mutant, says):
    found = report_on(mutant).found[0]
    assert found.kind == mutant.kind
    assert says in found.says


OWN = {each.module: each for each in SEEN + ASIDE if "own_" in str(FILES[each.module])}


@pytest.mark.parametrize("file", OWN)
def test_without_the_replacement_nothing_is_wrong(file):
    right = OWN[file]._replace(old="", new="")
    report = report_on(right, contract=False)
    assert not report.wrong, report.text()
    assert {each.kind for each in report.found} <= {"remark", "dtype"}

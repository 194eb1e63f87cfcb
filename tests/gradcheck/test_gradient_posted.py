"""Mistakes that people posted in public are caught, and told as what they are."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent / "posted"))
import measure


@pytest.mark.parametrize("posted", measure.ALL, ids=lambda posted: posted.name)
def test_a_posted_mistake_is_told_first(posted):
    report = measure.report_on(posted)
    first = measure.first_diagnosis(report)
    assert report.wrong and first.remedy
    assert posted.says in first.says


def test_at_most_one_in_twenty_is_not_explained():
    silent = [each.name for each in measure.ALL if not each.says]
    assert len(silent) <= len(measure.ALL) / 20

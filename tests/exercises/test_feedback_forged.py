"""Comparisons that no number may pass but the right one."""

import numpy as np
import pytest

from flatprop.exercises.checks import feedback


@pytest.mark.parametrize("found, expected", [
    (1.0, np.inf), (-np.inf, np.inf), (1.0, np.nan), (np.nan, np.inf), (2.0, 1.0),
])
def test_what_differs_is_told(found, expected):
    for one, other in ((found, expected), ([found, 0.0], [expected, 0.0])):
        assert feedback.compare("x", np.array(one), np.array(other))


@pytest.mark.parametrize("value", [0.0, -0.0, np.inf, -np.inf, np.nan, 1e-300])
def test_what_is_the_same_is_not(value):
    assert feedback.compare("x", np.array([value, 1.0]), np.array([value, 1.0])) is None

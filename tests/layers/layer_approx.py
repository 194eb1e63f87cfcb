"""How near a layer must come to a value worked by hand."""

import pytest


def approx(expected, rel=1e-13, abs=1e-14):
    return pytest.approx(expected, rel=rel, abs=abs)

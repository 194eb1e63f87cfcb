"""What all tests share: processes that they start find this checkout, in any folder."""

import os
from pathlib import Path

import pytest

os.environ["PYTHONPATH"] = str(Path(__file__).resolve().parents[1])

# A failing assert in a helper module shows its values, as one in a test module does.
pytest.register_assert_rewrite("idx_cases", "layer_cases", "model_cases")

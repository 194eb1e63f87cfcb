"""Let a failing assert in a helper module show its values, as one in a test module does."""

import pytest

pytest.register_assert_rewrite("idx_cases", "layer_cases", "model_cases")

"""benchmarks/gpu.py, on duck_array.py's device: it must work when there is a GPU at last."""

import sys

import duck_graph
import pytest
from duck_array import Memory

from flatprop import cublas

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the benchmarks need Linux")


@pytest.mark.slow
def test_everything_that_a_model_can_be_made_of_is_compared(capsys, monkeypatch):
    from benchmarks import gpu
    monkeypatch.setattr(cublas, "load", duck_graph.Cublas)
    found = gpu.agreement(Memory().device(), 2)
    graphs = {name: value for name, value in found.items() if name.startswith("captured, ")}
    assert set(found.values()) - set(graphs.values()) <= {0.0}
    assert len(found) - len(graphs) == len(gpu.cases()) == len(graphs) + 1      # without dropout
    assert all(value < 1e-6 for value in graphs.values())
    assert {"activation maxout", "norm batch", "loss square", "captured, rule adamw"} < found.keys()
    assert "TOO MUCH" not in capsys.readouterr().out

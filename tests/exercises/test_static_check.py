"""The look at a student's source before it runs: what it refuses, and what it lets pass."""

from pathlib import Path

import pytest

from flatprop.exercises.sandbox.static_check import look_at, look_at_tree

ROOT = Path(__file__).resolve().parents[2]

@pytest.mark.parametrize("source, says", [
    ("import os", "imports os"), ("from torch import nn", "imports torch"),
    ("import numpy as np\nnp.max = 1", "changes np.max"),
    ("import numpy as np\ndel np.linalg.norm", "changes np.linalg.norm"),
    ("import layers.relu", "imports itself"), ("from layers import relu", "imports itself"),
    ("x = eval('1')", "eval"), ("x = ().__class__.__bases__", "__bases__"),
    ("x = 1j", "complex"), ("import numpy as np\nx = np.complex64(1)", "complex"),
    ("x = open('f')", "open"), ("from numpy.ctypeslib import load_library", "ctypeslib"),
    ("def forward(x): return x\ndef helper(x): return forward(x)\n"
     "def backward(d, c): return helper(d)", "backward uses forward"),
    ("def forward(x): return x\ndef f(x): return x\n"
     "def backward(d, c):\n    return f(c + 1e-5) - f(c - 1e-5)", "both sides"),
    ("import probe", "imports probe"), ("import decimal", "imports decimal"),
    ("import cmath", "imports cmath"), ("from fractions import Fraction", "imports fractions"),
    ("import numpy as np\nx = np.longdouble(1)", "longdouble"),
    ("from numpy import float128 as f", "float128"),
    ("import numpy as np\nx = np.zeros(3, 'g')", "'g'"),
    ("import numpy as np\nx = np.zeros(3).astype(dtype='longdouble')", "longdouble"),
    ("import numpy as np\nx = getattr(np, 'exp')", "getattr"),
    ("import numpy as np\nvars(np)['max'] = 1", "vars"),
    ("import numpy as np\nnp.__dict__.update(max=1)", "__dict__"),
    ("import warnings\nx = warnings.sys", "sys"), ("from random import _os", "_os"),
    ("x = (-1) ** 0.5", "complex"), ("import numpy as np\nx = np.fft.fft([0, 1])", "complex"),
    ("x = " + "-" * 100_000 + "1", "nested too deeply"),
])
def test_the_look_at_the_source_refuses(source, says):
    assert says in look_at(source.encode(), "layers/relu.py")


@pytest.mark.parametrize("source", [
    "import math\nimport numpy as np\nfrom layers import checks, sigmoid\n",
    "from layers import sigmoid\ndef forward(x): return sigmoid.forward(x)\n"
    "def backward(d, c): return d * sigmoid.forward(c)[0]\n",
    "class A:\n    def __init__(self):\n        super().__init__()\n        self.W1 = 1\n",
    "net = object\ndef f(net, i):\n    setattr(net, f'W{i}', 0)\n    net.W = getattr(net, 'W1')\n",
    "if __name__ == '__main__':\n    print('hello')\n",
    "def broken(:\n", "x = '\\d'\n",
])
def test_the_look_at_the_source_lets_honest_work_pass(source):
    assert look_at(source.encode(), "layers/relu.py") == ""


def test_the_projects_own_files_are_not_looked_at_and_others_are(tmp_path):
    (tmp_path / "solvers" / "compiled").mkdir(parents=True)
    ours = (ROOT / "solvers" / "compiled" / "memory.py").read_text()
    (tmp_path / "solvers" / "compiled" / "memory.py").write_text(ours)
    assert "ctypes" in ours and look_at_tree(str(tmp_path)) == ""
    (tmp_path / "solvers" / "compiled" / "memory.py").write_text(ours + "\n")
    assert "solvers/compiled/memory.py line 7: imports ctypes" in look_at_tree(str(tmp_path))

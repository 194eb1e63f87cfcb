"""Hostile submissions: each a wrong layer with a trick in place of the right numbers.

Every attack is bounded: were nothing to stop it, it would still do no lasting harm.
"""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

# A layer that is wrong in every number, and so deserves nothing whatever the trick.
WRONG = '''
import numpy as np


def forward(x):
    return np.zeros_like(x), (x,)


def backward(dout, cache):
    return np.zeros_like(dout)
'''
HONEST_FORWARD = '''
import numpy as np


def forward(x):
    decay = np.exp(-np.abs(x))
    return np.where(x >= 0, 1, decay) / (1 + decay), (x,)


def value(x):
    decay = np.exp(-np.abs(x))
    return np.where(x >= 0, 1, decay) / (1 + decay)

'''


def on_import(code):
    """Tricks as the file is imported."""
    return f"{code}\n{WRONG}"


def in_forward(code):
    """Tricks as forward is called."""
    return WRONG.replace("    return np.zeros_like(x)", f"    {code}\n    return np.zeros_like(x)")


def in_backward(body):
    """An honest forward, and a trick for a backward."""
    return f"{HONEST_FORWARD}\ndef backward(dout, cache):\n    (x,) = cache\n{body}"


STEAL = f"{ROOT}/layers/sigmoid.py"
USE_STOLEN = """

def forward(x):
    return stolen.forward(x)


def backward(dout, cache):
    return stolen.backward(dout, cache)
"""
FORGED = """
import os
frame = b'{"number": 1, "value": {"tuple": [true, true]}}'
head = len(frame).to_bytes(8, "little") + (0).to_bytes(8, "little")
for descriptor in range(3, 120):
    try:
        os.write(descriptor, head + frame)
    except OSError:
        pass
"""


def exits():
    """Ending the process."""
    return {
        "os._exit": on_import("import os\nos._exit(0)"),
        "os._exit in forward": in_forward("import os; os._exit(0)"),
        "sys.exit": in_forward("import sys; sys.exit(0)"),
        "sys.exit on import": on_import("import sys\nsys.exit(0)"),
        "SystemExit subclass": in_forward("raise type('Done', (SystemExit,), {})(0)"),
        "KeyboardInterrupt": in_forward("raise KeyboardInterrupt"),
        "kill itself": in_forward("import os; os.kill(os.getpid(), 9)"),
        "kill its parent": in_forward("import os; os.kill(os.getppid(), 15)"),
        "raise_signal": in_forward("import signal; signal.raise_signal(9)"),
        "stop itself": in_forward("import signal; signal.raise_signal(19)"),
        "alarm": in_forward("import signal, time; signal.setitimer(0, 0.01); time.sleep(1)"),
        "abort": in_forward("import os; os.abort()"),
        "atexit": on_import("import atexit, os\natexit.register(os._exit, 0)"),
    }


def patches():
    """Changing NumPy, Python or the checker from inside."""
    names = ("allclose", "array_equal", "max", "abs", "isclose", "subtract", "any")
    numpy = "\n".join(f"np.{name} = lambda *a, **k: True" for name in names)
    return {
        "numpy's comparisons": on_import(f"import numpy as np\n{numpy}"),
        "numpy by setattr": on_import("import numpy\nsetattr(numpy, 'allclose', lambda *a: True)"),
        "builtins": on_import("import builtins\nbuiltins.abs = builtins.all = lambda *a: True"),
        "the probe": on_import(
            "import sys\nfor name in list(sys.modules):\n    if 'probe' in name:\n"
            "        sys.modules[name].layer = lambda *a: []\n"
            "        sys.modules[name].forward = lambda *a: []"),
        "the child's own functions": on_import(
            "import sys\nfor name in ('serve', '__main__', 'wire', 'audit', 'walls'):\n"
            "    module = sys.modules.get(name)\n    for key in list(vars(module or sys)):\n"
            "        if module and key in ('same', 'argument', 'pack', 'array_to_json'):\n"
            "            setattr(module, key, lambda *a: {'passed': True, 'share': 1.0})"),
        "feedback, made up": on_import(
            "import sys, types\nfake = types.ModuleType('flatprop.exercises.checks.feedback')\n"
            "fake.compare = lambda *a: None\nsys.modules['flatprop.exercises'] = fake\n"
            "sys.modules['flatprop.exercises.checks.feedback'] = fake"),
    }


def thefts():
    """Reading or importing the reference, or the parent's memory."""
    path = f"import sys\nsys.path.insert(0, {str(ROOT)!r})\n"
    return {
        "open the reference": on_import(f"source = open({STEAL!r}).read()"),
        "os.open the reference": on_import(
            f"import os\nsource = os.read(os.open({STEAL!r}, 0), 9999)"),
        "np.fromfile the reference": on_import(
            f"import numpy as np\nsource = np.fromfile({STEAL!r}, np.uint8)"),
        "import the reference": path + (
            "for name in [n for n in sys.modules if 'layers' in n]:\n    del sys.modules[name]\n"
            f"from layers import sigmoid as stolen\n{USE_STOLEN}"),
        "import it by its place": (
            "import importlib.util\n"
            f"spec = importlib.util.spec_from_file_location('stolen', {STEAL!r})\n"
            "stolen = importlib.util.module_from_spec(spec)\nspec.loader.exec_module(stolen)\n"
            f"{USE_STOLEN}"),
        "run it": (f"stolen = {{}}\nexec(open({STEAL!r}).read(), stolen)\n"
                   + USE_STOLEN.replace("stolen.forward", "stolen['forward']")
                   .replace("stolen.backward", "stolen['backward']")),
        "look round for it": on_import(f"import os\nnames = os.listdir({str(ROOT)!r})"),
        "the parent's memory": in_forward(
            "import os; open('/proc/%d/maps' % os.getppid()).read()"),
        "the parent's objects": in_forward("import gc; gc.get_objects()"),
        "torch": on_import("import torch\nnet = torch.nn.Linear(1, 1)"),
        "jax": in_forward("import jax"),
        "autograd, quietly": on_import("try:\n    import autograd\nexcept ImportError:\n    pass"),
        "a program": in_forward("import subprocess; subprocess.run(['cat', '/etc/hostname'])"),
        "os.system": in_forward("import os; os.system('true')"),
        "ctypes": in_forward("import ctypes; ctypes.CDLL(None).getpid()"),
    }


def numerics():
    """Differences in place of a backward pass, of which the numbers are seen to be differences."""
    return {
        "complex step": in_backward(
            "    z = 1 / (1 + np.exp(-(x + 1e-200j)))\n"
            "    return (z.imag / 1e-200).astype(x.dtype) * dout\n"),
        "central differences": in_backward(
            "    h = 1e-5\n    return dout * ((value(x + h) - value(x - h)) / (2 * h))"
            ".astype(x.dtype)\n"),
        "five points": in_backward(
            "    h = 1e-3\n    slope = (8 * (value(x + h) - value(x - h)) - value(x + 2 * h)"
            " + value(x - 2 * h)) / (12 * h)\n    return dout * slope.astype(x.dtype)\n"),
        "entry by entry": in_backward(
            "    grad = np.zeros_like(x)\n    for i in np.ndindex(x.shape):\n"
            "        moved = x.copy()\n        moved[i] += 1e-5\n        up = value(moved)\n"
            "        moved[i] -= 2e-5\n"
            "        grad[i] = ((up - value(moved)) * dout).sum() / 2e-5\n    return grad\n"),
        "nine points": in_backward(
            "    h = 0.02\n    weights = ((4 / 5, 1), (-1 / 5, 2), (4 / 105, 3), (-1 / 280, 4))\n"
            "    slope = sum(c * (value(x + k * h) - value(x - k * h)) for c, k in weights) / h\n"
            "    return dout * slope.astype(x.dtype)\n"),
        "forward called again": in_backward(
            "    return dout * (forward(x + 1e-6)[0] - forward(x - 1e-6)[0]) / 2e-6\n"),
    }


def disguises():
    """Values that are equal to anything, forged results, memories of earlier calls."""
    yes = ("class Yes(np.ndarray):\n    def __eq__(self, other):\n        return True\n\n"
           "    def __sub__(self, other):\n        return np.zeros(1)\n\n"
           "    __array_priority__ = 1e9\n\n\n")
    equal = ("class Equal(float):\n    def __eq__(self, other):\n        return True\n\n"
             "    __lt__ = __gt__ = __le__ = __ge__ = __eq__\n\n"
             "    def __sub__(self, other):\n        return 0.0\n\n"
             "    __rsub__ = __array_ufunc__ = __sub__\n\n\n")
    return {
        "an array equal to anything": WRONG.replace(
            "def forward", yes + "def forward").replace("np.zeros_like(x)",
                                                        "np.zeros_like(x).view(Yes)"),
        "a number equal to anything": WRONG.replace(
            "def forward", equal + "def forward").replace("np.zeros_like(x)", "Equal(0)"),
        "an array of such objects": WRONG.replace(
            "def forward", equal + "def forward").replace(
                "np.zeros_like(x)", "np.full(np.shape(x), Equal(0), dtype=object)"),
        "NaN everywhere": WRONG.replace("np.zeros_like(x)", "np.full_like(x, np.nan)").replace(
            "np.zeros_like(dout)", "np.full_like(dout, np.nan)"),
        "a printed result": in_forward(
            "print('{\"passed\": true, \"points\": 100, \"share\": 1.0}', flush=True)"),
        "a result written to every pipe": on_import(FORGED),
        "a result sent ahead": in_forward("send()").replace(
            "import numpy as np", "import numpy as np\ndef send():\n"
            + "".join(f"    {line}\n" for line in FORGED.splitlines())),
        "memory of the last input": (
            "import numpy as np\nlast = []\n\n\ndef forward(x):\n    last[:] = [x]\n"
            "    return 1 / (1 + np.exp(-np.clip(x, -600, 600))), ()\n\n\n"
            "def backward(dout, cache):\n    s = 1 / (1 + np.exp(-np.clip(last[0], -600, 600)))\n"
            "    return s * (1 - s) * dout\n"),
        "memory of the first answer": (
            "import numpy as np\nseen = {}\n\n\ndef forward(x):\n"
            "    s = 1 / (1 + np.exp(-np.clip(x, -600, 600)))\n"
            "    return seen.setdefault(np.shape(x), s), (x,)\n\n\n"
            "def backward(dout, cache):\n    s = seen[np.shape(cache[0])]\n"
            "    return s * (1 - s) * dout\n"),
    }

"""What all tests share: processes that they start find this checkout, in any folder."""

import atexit
import os
import shutil
import signal
import sys
import tempfile
from pathlib import Path

import pytest

# In the background, or under nohup, these would be ignored by all that tests start.
for name in ("SIGINT", "SIGHUP"):
    if hasattr(signal, name) and signal.getsignal(getattr(signal, name)) == signal.SIG_IGN:
        signal.signal(getattr(signal, name), signal.SIG_DFL)
# One thread of BLAS, here and in all that tests start: they may run side by side. NumPy reads it.
for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(name, "1")
ROOT = Path(__file__).resolve().parents[1]
os.environ["PYTHONPATH"] = str(ROOT)
# Tests start hundreds of processes, and each would compile every module anew where none may be
# kept beside its source: they share a folder that goes when the tests are over.
if ((sys.dont_write_bytecode or not os.access(ROOT / "flatprop", os.W_OK))
        and "PYTHONPYCACHEPREFIX" not in os.environ):
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    os.environ["PYTHONPYCACHEPREFIX"] = tempfile.mkdtemp(prefix="flatprop-tests-")
    atexit.register(shutil.rmtree, os.environ["PYTHONPYCACHEPREFIX"], ignore_errors=True)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """With -n: tests that stand together stay together, and so do what they share (xdist)."""
    if config.getoption("dist") != "load":      # the one that -n alone means
        return None
    from xdist.scheduler import WorkStealingScheduling
    return WorkStealingScheduling(config, log)


# A failing assert in a module that helps tests shows its values, as one in a test does.
HERE = Path(__file__).parent
# (Not sitecustomize: Debian's Python has imported one of its own by now.)
pytest.register_assert_rewrite(*(path.stem for path in HERE.rglob("*.py")
                                 if not path.stem.startswith(("test_", "conftest", "site"))))


@pytest.fixture(scope="session")
def chromium():
    """A browser for all tests that need one; a page of it is what a test opens for itself."""
    from browser import launched
    with launched() as browser:
        yield browser

"""Where Python or NumPy is missing, too old or hidden, every command says so in one line."""

import configparser
import importlib.machinery
import importlib.util
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from flatprop import needs
from flatprop.__main__ import describe_problem

ROOT = Path(__file__).resolve().parents[1]
COMMAND = "import sys; from flatprop.__main__ import main; sys.exit(main())"
STARTS = ([ROOT / "train.py"], [ROOT / "gradient_check.py", "affine"], ["-m", "flatprop", "train"],
          ["-c", COMMAND, "lecture", "2"], ["-c", COMMAND, "--help"])


def refusal(folder, *arguments):
    """The one line of a process that ends with code 2."""
    done = subprocess.run([sys.executable, *arguments], cwd=folder, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (2, ""), done.stderr
    assert done.stderr.startswith("flatprop: error: ") and done.stderr.count("\n") == 1
    return done.stderr


@pytest.mark.processes
@pytest.mark.parametrize("start", STARTS, ids=lambda start: str(start[-1]))
def test_missing_numpy_is_named_with_the_remedy(tmp_path, start):
    line = refusal(tmp_path, "-S", *start)      # -S: no site-packages, as in an empty environment
    assert f"NumPy is missing in {sys.executable}" in line
    assert ". .venv/bin/activate" in line and "pip install numpy" in line


@pytest.mark.processes
@pytest.mark.parametrize("name", ["numpy.py", "numpy/__init__.py"])
def test_a_file_that_hides_numpy_is_named(tmp_path, name):
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).write_text("raise SystemExit('not to be run')\n")
    line = refusal(tmp_path, "-m", "flatprop", "train")
    assert f"{(tmp_path / name).resolve()} hides NumPy; rename it" in line


@pytest.mark.processes
def test_a_folder_numpy_that_is_no_package_hides_nothing(tmp_path):
    (tmp_path / "numpy").mkdir()
    subprocess.run([sys.executable, "-m", "flatprop", "--help"], cwd=tmp_path, check=True,
                   capture_output=True)


@pytest.mark.processes
def test_a_clone_in_the_current_folder_is_told():
    # To Python the folder of a clone is a package without files, and comes before pip install -e.
    main = ROOT / "flatprop/__main__.py"
    code = ("import runpy, sys, types; sys.modules['flatprop'] = types.ModuleType('flatprop'); "
            f"runpy.run_path({str(main)!r}, run_name='__main__')")
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 1 and done.stderr.count("\n") == 1
    assert done.stderr.startswith("flatprop: error: the folder flatprop that is here hides ")


def test_python_that_is_too_old_is_told(monkeypatch):
    monkeypatch.setattr(sys, "version_info", (3, 10, 13, "final", 0))
    assert describe_problem().startswith("flatprop needs Python 3.11 or newer; this is ")


@pytest.mark.parametrize("version, fits", [("1.26.4", False), ("2.0.0", True), ("10.1.0", True)])
def test_numpy_that_is_too_old_is_told(monkeypatch, tmp_path, version, fits):
    (tmp_path / "version.py").write_text(f'full_version = 1\nversion = "{version}"\n')
    other = importlib.machinery.ModuleSpec("numpy", None, origin=str(tmp_path / "__init__.py"))
    find = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec",
                        lambda name: other if name == "numpy" else find(name))
    problem = describe_problem()
    assert problem is None if fits else problem.endswith("pip install --upgrade numpy")


def test_the_oldest_are_those_of_the_setup():
    setup = configparser.ConfigParser()
    setup.read(ROOT / "setup.cfg", encoding="utf-8")
    assert setup["options"]["python_requires"] == ">={}.{}".format(*needs.PYTHON)
    assert setup["options"]["install_requires"].split() == [f"numpy>={needs.NUMPY}.0"]


def test_the_version_is_read_out_of_numpys_own_file():
    text = Path(np.__file__).with_name("version.py").read_text(encoding="utf-8")
    assert f'\nversion = "{np.__version__}"' in f"\n{text}"

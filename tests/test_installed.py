"""flatprop as it is packed: a wheel, used in a folder with packages data and models; an sdist."""

import os
import re
import subprocess
import sys
import tarfile
import venv
import zipfile
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[1]
NAMES = {"data", "flatprop", "gradient_check", "layers", "models", "solvers", "train"}

pytestmark = [pytest.mark.slow, pytest.mark.processes]


@pytest.fixture(scope="module")
def tree(tmp_path_factory):
    """A copy of the files that git knows, so that building leaves nothing in the tree itself."""
    base = tmp_path_factory.mktemp("tree")
    files = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True)
    if files.returncode:
        pytest.skip("the tree is no checkout of git")
    for name in files.stdout.splitlines():
        if (ROOT / name).is_file():
            (base / name).parent.mkdir(parents=True, exist_ok=True)
            (base / name).write_bytes((ROOT / name).read_bytes())
    return base


@pytest.fixture(scope="module")
def wheel(tree, tmp_path_factory):
    base = tmp_path_factory.mktemp("wheel")
    built = subprocess.run([sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps",
                            "--wheel-dir", base, tree], capture_output=True, text=True)
    if built.returncode:
        pytest.skip(f"pip cannot build a wheel here: {built.stderr[-300:]}")
    return next(base.glob("*.whl"))


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory):
    """A function that runs a program of an environment with the wheel, in a folder of its own."""
    base = tmp_path_factory.mktemp("installed")
    venv.create(base / "env", with_pip=False, symlinks=sys.platform != "win32")
    programs = base / "env" / ("Scripts" if sys.platform == "win32" else "bin")
    python = str(programs / "python")
    # A flatprop.egg-info of the checkout, if pip finds one, is an installed flatprop to it.
    clean = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    subprocess.run([sys.executable, "-m", "pip", "--python", python, "install", "--quiet",
                    "--no-deps", wheel], check=True, cwd=base, env=clean)
    site = subprocess.run([python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"],
                          capture_output=True, text=True, check=True).stdout.strip()
    # NumPy is there already; a line of a .pth file lends it without installing it again.
    Path(site, "numpy.pth").write_text(str(Path(np.__file__).parents[1]) + "\n")
    work = base / "work"
    for name in ("data", "models"):
        (work / name).mkdir(parents=True)
        (work / name / "__init__.py").write_text("raise ImportError('somebody else wrote this')\n")

    def run(program, *words, code=0):
        done = subprocess.run([programs / program, *words], cwd=work, capture_output=True,
                              text=True, env={"PATH": str(programs)})
        assert done.returncode == code, done.stderr
        return done
    run.work = work
    return run


def test_seven_names_are_put_on_the_path(wheel):
    with zipfile.ZipFile(wheel) as files:
        top = {name.split("/")[0].removesuffix(".py") for name in files.namelist()}
    assert {name for name in top if not name.endswith(".dist-info")} == NAMES


def test_type_hints_are_packed(wheel):
    with zipfile.ZipFile(wheel) as files:
        packed = {name for name in files.namelist() if name.endswith((".pyi", "py.typed"))}
    known = {path.relative_to(ROOT).as_posix() for top in NAMES for name in ("*.pyi", "py.typed")
             for path in (ROOT / top).rglob(name)}
    assert packed == known and {"layers/affine.pyi", "flatprop/py.typed"} <= known


def test_commands_work_beside_packages_of_the_same_names(installed):
    installed("flatprop", "train", "--epochs", "1", "--out", "run", "--quiet")
    x = np.zeros((3, 64))
    np.save(installed.work / "x.npy", x)
    installed("flatprop", "predict", "run", "x.npy", "-o", "p.csv")
    assert len((installed.work / "p.csv").read_text().splitlines()) == 4
    assert "nothing wrong" in installed("flatprop", "check", "affine").stdout
    assert installed("flatprop", "lecture", "2").stdout.startswith("2. ")
    assert "files to write in solutions" in installed("flatprop", "exercises", "init").stdout


def test_training_on_a_students_layers(installed):
    """The restart on a student's files finds the installed project, and happens once."""
    installed("flatprop", "exercises", "init", "--dir", "mine")
    installed("flatprop", "exercises", "solution", "relu", "--give-up", "--dir", "mine")
    (installed.work / "mine/layers/relu.py").write_bytes((ROOT / "layers/relu.py").read_bytes())
    done = installed("flatprop", "train", "--layers", "mine", "--epochs", "1", "--out", "none")
    assert "yours: layers/relu" in done.stdout


def test_python_m_says_what_hides_ours(installed):
    error = installed("python", "-m", "flatprop", "check", "affine", code=2).stderr
    assert len(error.splitlines()) == 1 and str(installed.work / "data") in error


@pytest.fixture(scope="module")
def sdist(tree, tmp_path_factory):
    """The folder of an unpacked sdist that was built from a repository on GitHub."""
    pytest.importorskip("setuptools")
    base = tmp_path_factory.mktemp("sdist")
    for words in (["init", "--quiet"],
                  ["remote", "add", "origin", "git@github.com:someone/flatprop.git"]):
        subprocess.run(["git", *words], cwd=tree, check=True)
    subprocess.run([sys.executable, "-c", "import sys, setuptools.build_meta as build; "
                    "build.build_sdist(sys.argv[1])", base], cwd=tree, check=True,
                   capture_output=True)
    with tarfile.open(next(base.glob("*.tar.gz"))) as packed:
        packed.extractall(base, filter="data")
    return next(each for each in base.iterdir() if each.is_dir())


def test_an_sdist_holds_what_git_holds_and_its_tests_are_found(sdist):
    known = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True)
    assert [name for name in known.stdout.splitlines() if not (sdist / name).is_file()] == []
    found = subprocess.run([sys.executable, "-m", "pytest", "--collect-only", "-q"], cwd=sdist,
                           capture_output=True, text=True)
    assert found.returncode == 0, found.stdout[-2000:]


def test_an_index_page_shows_the_pictures_of_the_readme(sdist):
    page = (sdist / "PKG-INFO").read_text(encoding="utf-8")
    shown = "https://raw.githubusercontent.com/someone/flatprop/HEAD/docs/first-run.svg"
    assert f"![What the two commands print]({shown})" in page
    assert "](https://github.com/someone/flatprop/blob/HEAD/docs/students.md)" in page
    targets = re.findall(r"\]\(([^)]*)\)", page)
    assert targets and all(target.startswith("https://") for target in targets)
    # A wheel that is built from the sdist has no git to ask, and says the same.
    again = subprocess.run([sys.executable, "setup.py", "--long-description"], cwd=sdist,
                           capture_output=True, text=True, encoding="utf-8", check=True)
    assert shown in again.stdout

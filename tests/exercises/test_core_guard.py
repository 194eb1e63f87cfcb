"""The core that is found must be ours, or the copy that the environment names."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from flatprop import needs
from flatprop.exercises import workspace

pytestmark = pytest.mark.processes

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def strange(tmp_path):
    """A folder with packages data and models of its own."""
    for name in ("data", "models"):
        workspace.write(tmp_path / name / "__init__.py", f'print("{name} of another project")\n')
    return tmp_path


def python(folder, *arguments, **environment):
    command = [sys.executable, "-W", "error", *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=600,
                          env={**os.environ, **environment})


def test_a_notebook_there_is_told_the_same(strange):
    done = python(strange, "-c", "import gradient_check")
    assert done.returncode == 1 and done.stdout == ""
    assert "\nImportError: packages that are not flatprop's hide its own: " in done.stderr


@pytest.mark.slow
def test_a_script_and_the_installed_command_find_the_core_in_any_folder(strange):
    for script in ("train.py", "gradient_check.py"):
        done = python(strange, str(ROOT / script), "--help")
        assert done.returncode == 0 and "another project" not in done.stdout
    (strange / "bin").mkdir()
    (strange / "bin/flatprop").write_text("import sys\nfrom flatprop.__main__ import main\n"
                                          "sys.exit(main())\n")
    done = python(strange, "bin/flatprop", "train", "--help")
    assert done.returncode == 0 and "another project" not in done.stdout


@pytest.mark.parametrize("module", ["flatprop", "train"])
def test_modules_say_in_a_line_that_a_folder_hides_the_core(strange, module):
    done = python(strange, "-m", module, "train")
    assert done.returncode == 2 and done.stdout == ""
    hidden = ", ".join(str(strange.resolve() / name / "__init__.py") for name in ("models", "data"))
    assert done.stderr == (
        f"flatprop: error: packages that are not flatprop's hide its own: {hidden}; "
        "use the command flatprop without PYTHONPATH, or start from another folder\n")


@pytest.mark.parametrize("packages", [(), needs.CORE[1:]])
def test_with_the_mark_and_no_whole_copy_training_ends_in_a_line(tmp_path, packages):
    # Without that stop, a copy that lacks a package started a process, and that one another.
    copy, folder = tmp_path / "copy", tmp_path / "solutions"
    workspace.init(folder)
    for file in ("layers/affine.py", "layers/relu.py"):
        workspace.write(folder / file, workspace.solution(file))
    workspace.copy_core(folder, copy)
    for name in set(needs.CORE) - set(packages):
        (copy / name).rename(tmp_path / f"no-{name}")
    done = python(tmp_path, str(ROOT / "train.py"), "--layers", "solutions", "--out", "none",
                  FLATPROP_CORE=str(copy))
    assert done.returncode == 2 and done.stdout == "" and done.stderr.count("\n") == 1
    assert f"FLATPROP_CORE is {copy}, but found were {ROOT / 'layers'}" in done.stderr


def test_what_students_write_is_in_the_core_or_in_files_of_their_own():
    assert {file.split("/")[0] for file in workspace.targets()} == {
        *needs.CORE, "practice", "clinic"}

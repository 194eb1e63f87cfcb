"""Slips at the command line: each is one line that names what was typed and the remedy."""

import importlib.util
import os
import shlex
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest
from run_cases import forge

from flatprop.__main__ import main
from flatprop.cli.command import run_command
from flatprop.cli.common_options import check_folder_out, check_out
from flatprop.usage.errors import UsageError

ROOT = Path(__file__).resolve().parents[2]
SLIPS = [line.split(" => ") for line in
         Path(__file__).with_name("slips.txt").read_text(encoding="utf-8").splitlines()
         if line and not line.startswith("#")]
TABLE = "a,b,c,d,species\n" + "".join(
    f"{i % 7},{i % 5},{i % 3},{i},{'xyz'[i % 3]}\n" for i in range(60))
FILES = {
    "iris.csv": TABLE, "noend": TABLE, "sub/inner.csv": TABLE, "empty.csv": "", "empty.npz": "",
    "new.csv": "a,b,c,d\n1,2,3,4\n", "options.toml": "epochs = 5\n", "subs/ann/file": "",
    "many.toml": 'batch_size = "many"\n', "handed/layers/affine.py": "",
    "solutions/state.json": '{"exercises": {}}', "table.pkl": "", "table.json":
    "[]", "table.parquet": "PAR1", "table.feather": "", "folder.csv/file": "", "net.py":
    "class Net:\n    def loss(self, x, y):\n        return 0.0, {}\n",
    "mine.py": "from layers.gates import multiply\n\ndef f(x, y):\n    x = x / y\n"
    "    return multiply.forward(x, y)[0]\n\ndef plain(x):\n    return x\n",
    "syntax.py": "def f(x)\n    return x\n", "needs.py": "import no_such_module\n",
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder with files of all kinds, and runs."""
    made = tmp_path_factory.mktemp("slips")
    for name, text in FILES.items():
        (made / name).parent.mkdir(parents=True, exist_ok=True)
        (made / name).write_text(text)
    np.save(made / "x.npy", np.linspace(0, 1, 240).reshape(60, 4))
    np.save(made / "y.npy", np.arange(60) % 3)
    np.save(made / "wide.npy", np.zeros((5, 7)))
    with zipfile.ZipFile(made / "table.xlsx", "w") as file:
        file.writestr("xl/workbook.xml", "<x/>")
    shutil.copy(made / "table.xlsx", made / "excel.csv")
    assert main(["train", "--data", str(made / "iris.csv"), "--label", "species", "--epochs", "1",
                 "--hidden", "3", "--folds", "0", "--out", str(made / "demo"),
                 "--quiet"]) == 0
    for name in ("newer", "damaged", "emptied", "runs/2026-01-02-1"):
        shutil.copytree(made / "demo", made / name)
    forge(made / "newer/config.json", lambda plain: plain.update(version=99))
    (made / "damaged/best.npz").write_bytes(b"PK")
    (made / "emptied/model.json").write_text("")
    return made


@pytest.mark.parametrize("typed, answer", SLIPS, ids=[typed for typed, _ in SLIPS])
def test_a_slip_is_answered_with_the_remedy(folder, monkeypatch, capsys, typed, answer):
    if typed.startswith("report") and importlib.util.find_spec("matplotlib") is None:
        pytest.skip("a report needs matplotlib")
    monkeypatch.chdir(folder)
    before = sorted(folder.rglob("*"))
    assert main(shlex.split(typed)) == 2
    shown = capsys.readouterr()
    assert shown.out == "" and len(shown.err.splitlines()) == 1, shown
    assert answer in shown.err, shown.err
    assert [path for path in sorted(folder.rglob("*")) if "__pycache__" not in path.parts] == [
        path for path in before if "__pycache__" not in path.parts]


def test_a_place_that_may_not_be_written_to(monkeypatch, tmp_path):
    monkeypatch.setattr(os, "access", lambda path, mode: False)     # a superuser may everything
    for check in (lambda: check_out(tmp_path / "a.csv"), lambda: check_folder_out(tmp_path, "-o")):
        with pytest.raises(UsageError, match="may not be written to: name a place in another one"):
            check()


@pytest.mark.parametrize("error, words", [
    (PermissionError(13, "Permission denied", "a.csv"), "a.csv: Permission denied; who owns it"),
    (OSError(28, "No space left on device", "run/last.npz"), "run/last.npz: No space left on dev"),
    (OSError(36, "File name too long", "a" * 300), "give a shorter one"),
    (MemoryError(), "there is not enough memory: use fewer rows"),
    (UnicodeEncodeError("ascii", "é", 0, 1, "ordinal not in range"), "set PYTHONUTF8=1"),
])
def test_what_no_command_foresees_is_one_line_too(capsys, error, words):
    def work():
        raise error
    assert run_command("draw", work) == 1
    line = capsys.readouterr().err
    assert words in line and line.count("\n") == 1


def test_fewer_epochs_than_a_run_has_are_answered(folder, monkeypatch, capsys):
    monkeypatch.chdir(folder)
    assert main(["train", "--resume", "demo", "--epochs", "0"]) == 0
    assert ("demo has done one epoch, and --epochs 0 is no more, so nothing is trained; to train "
            "more: ") in capsys.readouterr().err


def test_a_path_of_two_lines_is_told_in_one(capsys):
    assert main(["evaluate", "no\nwhere"]) == 2
    assert capsys.readouterr().err.count("\n") == 1


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="needs a POSIX shell")
@pytest.mark.processes
def test_the_line_to_go_on_works_where_it_is_typed(folder, tmp_path):
    home = tmp_path / "mein Ordner für ü"
    (home / "env" / "bin").mkdir(parents=True)
    (home / "elsewhere").mkdir()
    # What an environment holds: a link to Python, its settings, and the command.
    (home / "env" / "bin" / "python").symlink_to(sys.executable)
    config = Path(sys.prefix) / "pyvenv.cfg"
    packages = [path for path in sys.path if path.endswith("site-packages")]
    if config.is_file():
        shutil.copy(config, home / "env" / "pyvenv.cfg")
    (home / "env" / "bin" / "flatprop").write_text(
        "#!/bin/sh\n'''exec' \"$(dirname \"$0\")/python\" \"$0\" \"$@\"\n' '''\n"
        "import sys\nfrom flatprop.__main__ import main\nsys.exit(main())\n")
    (home / "env" / "bin" / "flatprop").chmod(0o755)
    shutil.copytree(folder / "demo", home / "run")
    (home / "train.py").symlink_to(ROOT / "train.py")
    usual = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), *packages]), "PATH":
             "/usr/bin:/bin"}
    active = usual | {"PATH": f"{home / 'env' / 'bin'}:/usr/bin:/bin"}
    for typed, place, environment, begins in (
            ("env/bin/python train.py --resume run", home, usual, "env/bin/python train.py"),
            ("../env/bin/flatprop train --resume ../run", home / "elsewhere", usual,
             "../env/bin/flatprop train"),
            ("flatprop train --resume run", home, active, "flatprop train"),
            ("python -m flatprop train --resume ../run", home / "elsewhere", active,
             "python -m flatprop train")):
        def shell(line, place=place, environment=environment):
            return subprocess.run(["sh", "-c", line], cwd=place, env=environment,
                                  capture_output=True, text=True, timeout=60)
        done = shell(f"{typed} --quiet")
        line = done.stderr.split("to train more: ")[1].splitlines()[0]
        assert line.startswith(begins), line
        done = shell(line)
        assert done.returncode == 0 and "epoch" in done.stderr, (line, done.stderr)

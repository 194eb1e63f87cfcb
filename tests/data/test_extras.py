"""The command that installs a missing extra fits the way in which the project is installed."""

import configparser
import re
from pathlib import Path

from data import extras

ROOT = Path(__file__).resolve().parents[2]


def test_the_command_names_the_clone_or_the_project(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert extras.pip_install("fast") == f'pip install -e "{ROOT}[fast]"'
    monkeypatch.chdir(ROOT)
    assert extras.pip_install("fast") == 'pip install -e ".[fast]"'
    monkeypatch.setattr(extras, "ROOT", tmp_path)       # a wheel has no setup.cfg beside data/
    assert extras.pip_install("fast") == 'pip install "flatprop[fast]"'
    assert extras.upgrade() == "pip install -U flatprop"
    monkeypatch.setattr(extras.sys, "prefix", str(tmp_path))
    (tmp_path / "pipx_metadata.json").touch()
    assert extras.pip_install("fast") == 'pipx install -f "flatprop[fast]"'
    (tmp_path / "uv-receipt.toml").touch()
    assert extras.pip_install("fast") == 'uv tool install "flatprop[fast]"'
    assert extras.upgrade() == "uv tool upgrade flatprop"
    (tmp_path / ".git").mkdir()
    assert extras.upgrade() == f'git -C "{tmp_path}" pull'
    monkeypatch.chdir(tmp_path)
    assert extras.upgrade() == "git pull"


def test_every_extra_that_a_message_names_exists():
    setup = configparser.ConfigParser()
    setup.read(ROOT / "setup.cfg", encoding="utf-8")
    named = [extra for top in ("data", "solvers", "flatprop") for file in (ROOT / top).rglob("*.py")
             for extra in re.findall(r"pip_install\('(\w+)'\)", file.read_text(encoding="utf-8"))]
    assert len(named) == 12 and set(named) <= set(setup["options.extras_require"])

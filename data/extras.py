"""What to type for an extra of setup.cfg that is missing, or for a newer flatprop, for the messages
that name it.

It stands here because every other package but layers/ and models/, which need NumPy alone, may
import from data/.
"""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


class MissingExtra(ModuleNotFoundError):
    """A package of an extra is missing; the text is one line that names the remedy."""


def pip_install(extra):
    """The command that installs an extra: 'pip install -e ".[export]"' if typed in a clone.

    It names the folder of the clone where that is not the current one, and the project where it
    has been installed without a clone.
    """
    if not (ROOT / "setup.cfg").is_file():
        return f'{installer()[0]} "flatprop[{extra}]"'
    clone = "." if Path.cwd() == ROOT else ROOT
    return f'pip install -e "{clone}[{extra}]"'


def upgrade():
    """The command that brings the newest flatprop, in a clone or without one."""
    if not (ROOT / ".git").exists():
        return f"{installer()[1]} flatprop"
    return "git pull" if Path.cwd() == ROOT else f'git -C "{ROOT}" pull'


def installer():
    """What installs the project, and what brings a newer one, in the environment that runs this:
    uv and pipx make one for each command, and leave a file in it."""
    if Path(sys.prefix, "uv-receipt.toml").is_file():
        return "uv tool install", "uv tool upgrade"
    if Path(sys.prefix, "pipx_metadata.json").is_file():
        return "pipx install -f", "pipx upgrade"
    return "pip install", "pip install -U"

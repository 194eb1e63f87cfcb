"""Folders in which the user that a child becomes can read its files."""

import os
import stat
import sys
import tempfile
from pathlib import Path

OTHERS = ("/tmp", "/var/tmp", "/dev/shm")


def temporary():
    """A folder for temporary files; None for the usual one.

    A child of root's becomes another user (walls.py), who cannot enter a folder of root's alone,
    as TMPDIR may be.
    """
    if sys.platform != "linux" or os.geteuid() != 0 or reachable(tempfile.gettempdir()):
        return None
    return next((folder for folder in OTHERS if reachable(folder)), None)


def reachable(folder):
    """Whether every user may enter a folder, and this one write to it."""
    folder = Path(folder).resolve()
    return os.access(folder, os.W_OK) and all(
        each.stat().st_mode & stat.S_IXOTH for each in (folder, *folder.parents))

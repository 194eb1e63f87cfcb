"""Folders in which the user that a child becomes can read its files."""

import os
import stat
import sys
import tempfile

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
    folder = os.path.realpath(folder)
    if not os.access(folder, os.W_OK):
        return False
    while True:
        if not os.stat(folder).st_mode & stat.S_IXOTH:
            return False
        if folder == os.path.dirname(folder):
            return True
        folder = os.path.dirname(folder)

"""Which files of a folder were saved, or removed, since one last looked.

A look asks the system for the time and the size of every file, which works on every disk.
"""

import contextlib
import time

AWAY = 0.5      # seconds: an editor that saves by renaming takes a file away for a moment


class Saves:
    """The files of a folder, and their stamps when last looked at."""

    def __init__(self, folder, files):
        self.folder, self.files = folder, list(files)
        self.known, self.away = self.stamps(), {}

    def stamps(self):
        """{file: its time, size and inode, which change when it is saved}."""
        found = {}
        for file in self.files:
            with contextlib.suppress(OSError):
                status = (self.folder / file).stat()
                found[file] = status.st_mtime_ns, status.st_size, status.st_ino
        return found

    def new(self):
        """The files that were saved since the last call, or have been away for some time."""
        now, clock = self.stamps(), time.monotonic()
        saved = [file for file, stamp in now.items() if self.known.get(file) != stamp]
        self.away = {file: self.away.get(file, clock) for file in self.known.keys() - now.keys()}
        removed = [file for file, since in self.away.items() if clock - since >= AWAY]
        self.known |= now
        for file in removed:
            del self.known[file], self.away[file]
        return saved + removed

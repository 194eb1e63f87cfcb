"""Which files of a folder were saved, or removed, since one last looked.

A look asks the system for the time and the size of every file, which works on every disk. Where
watchfiles is installed, the system says when to look, at once and without asking it ten times a
second; as some disks of a network tell nothing, there is a look now and then all the same.
"""

import contextlib
import threading
import time

PERIOD, QUICK = 0.1, 0.02   # seconds between two looks, and where it takes none to know
AWAY = 0.5      # seconds: an editor that saves by renaming takes a file away for a moment
UNASKED = 2.0   # seconds between looks when nothing was told


class Saves:
    """The files of a folder, and their stamps when last looked at.

    period: how many seconds to wait between two calls of new()
    """

    def __init__(self, folder, files):
        self.folder, self.files = folder, list(files)
        self.told, self.looked = start_to_listen(folder), time.monotonic()
        self.period = PERIOD if self.told is None else QUICK
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
        clock = time.monotonic()
        if not (self.told is None or self.told.is_set() or self.away
                or clock - self.looked >= UNASKED):
            return []
        if self.told is not None:
            self.told.clear()       # before the look: what is saved during it is told again
        now, self.looked = self.stamps(), clock
        saved = [file for file, stamp in now.items() if self.known.get(file) != stamp]
        self.away = {file: self.away.get(file, clock) for file in self.known.keys() - now.keys()}
        removed = [file for file, since in self.away.items() if clock - since >= AWAY]
        self.known |= now
        for file in removed:
            del self.known[file], self.away[file]
        return saved + removed


def start_to_listen(folder):
    """An Event that is set whenever something in a folder changes; None without watchfiles."""
    try:
        import watchfiles
    except ImportError:     # the extra watch
        return None
    told = threading.Event()

    def listen():
        # Where the system has no watch left to give, the looks now and then remain.
        with contextlib.suppress(OSError, RuntimeError):
            for _ in watchfiles.watch(folder, watch_filter=None, debounce=50, step=10,
                                      raise_interrupt=False):
                told.set()
    threading.Thread(target=listen, daemon=True).start()
    return told

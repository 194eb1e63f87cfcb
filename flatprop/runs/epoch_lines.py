"""A file with a line for each epoch of a run. Lines are only ever added, so that the ten thousandth
epoch costs what the first did, and a checkpoint names the file by its length and hash.
"""

import hashlib
import json

from data import atomic, open_file
from data.errors import DataError
from flatprop.runs.checkpoint_checks import check_whole
from flatprop.runs.errors import refuse

# What training goes on from: the most bytes, millions of epochs; and the most of one line.
LARGEST, LONGEST = 2**30, 2**20
CHUNK = 2**20
REMEDY = "put a copy of it back, or train anew"


class EpochLines:
    """A file of lines, as far as it was written whole.

    line(entry) gives the text of an entry of history, heading stands above them. epochs, size and
    hash say how many lines are in the file, in how many bytes, and the SHA-256 that these have come
    to; epochs is None where that is not known, and then it is written anew.
    """

    def __init__(self, path, line, heading=""):
        self.path, self.line, self.heading = path, line, heading
        self.epochs, self.size, self.hash = None, 0, hashlib.sha256()
        self.is_flushed = False

    def catch_up(self, history):
        """Add the lines of those epochs of history that are not in the file; what a write left that
        failed half way is cut off before. Raises OSError.
        """
        # What a link leads to is somebody else's, and stays as it is.
        if self.epochs is None or self.path.is_symlink() or not self.add(history[self.epochs:]):
            self.write_anew(history)

    def add(self, entries):
        """Add lines; gives False where the file is gone, or has lost some. Raises OSError."""
        content = "".join(map(self.line, entries)).encode("utf-8")
        if not atomic.append_behind(self.path, self.size, content):
            return False
        self.count(len(entries), content)
        self.is_flushed = self.is_flushed and not entries
        return True

    def write_anew(self, history):
        """Write the lines of all of history, whole or not at all. Raises OSError."""
        content = (self.heading + "".join(map(self.line, history))).encode("utf-8")
        atomic.write_bytes(self.path, content)
        self.epochs, self.size, self.hash = 0, 0, hashlib.sha256()
        self.count(len(history), content)
        self.is_flushed = True

    def count(self, epochs, content):
        """Count lines that are in the file, and their bytes."""
        self.epochs += epochs
        self.size += len(content)
        self.hash.update(content)

    def flush(self):
        """Make the lines last through a power cut, before a checkpoint names them. Raises OSError.
        """
        if self.is_flushed:
            return
        try:
            atomic.flush_file(self.path)
        except OSError:
            self.epochs = None      # nobody knows what of it is on the disk
            raise
        self.is_flushed = True

    def name(self):
        """What is in the file, as a checkpoint names it."""
        return {"epochs": self.epochs, "bytes": self.size, "sha256": self.hash.hexdigest()}

    def read(self, named, changed=refuse):
        """The entries that a checkpoint names, as plain data; lines are added behind them then.

        named is what name() gave. changed(problem, remedy) is called for a file that was changed,
        and if it returns its lines are taken as they are. Raises DataError, and ChangedFile by
        default; TypeError, KeyError, OverflowError, ValueError if named cannot be.
        """
        epochs, size, known = check_named(named)
        if not self.path.exists():
            raise DataError(f"{self.path}: is missing, and training goes on from it; {REMEDY}",
                            file=self.path)
        with open_file.open_file(self.path, "a copy of the file that was there") as file:
            self.check(file, size, known, changed)
            file.seek(0)
            return self.take_lines(file, epochs)

    def check(self, file, size, known, changed):
        """Call changed, as for read(), unless the first size bytes of an open file have this hash.
        """
        problem = self.compare(file, size, known)
        if problem:
            changed(f"{self.path}: {problem}", REMEDY)

    def compare(self, file, size, known):
        """What is wrong with an open file, of which size bytes were of this hash; None if nothing.
        """
        found, left = hashlib.sha256(), size
        while left and (chunk := file.read(min(left, CHUNK))):
            found.update(chunk)
            left -= len(chunk)
        if left:
            return (f"is shorter than when the checkpoint was saved, by {left:,} of {size:,} "
                    "bytes: lines are missing, or were changed")
        if found.hexdigest() != known:
            return ("is not what it was when the checkpoint was saved: it was changed, or is of "
                    "another run")
        return None

    def take_lines(self, file, epochs):
        """So many entries of an open file, counted and hashed. Raises DataError."""
        self.epochs, self.size, self.hash, self.is_flushed = 0, 0, hashlib.sha256(), False
        entries = []
        for number in range(1, epochs + 1):
            line = file.readline(LONGEST + 1)
            if not line:
                raise DataError(f"{self.path}: {epochs - number + 1:,} of the {epochs:,} epochs of "
                                f"the checkpoint are missing in it; {REMEDY}", file=self.path)
            try:
                if not line.endswith(b"\n"):
                    raise ValueError("is not whole")
                entries.append(json.loads(line.decode("utf-8")))
                if entries[-1]["epoch"] != number:
                    raise ValueError("is of another epoch")
            except (ValueError, TypeError, KeyError, RecursionError) as error:
                raise DataError(f"{self.path}: line {number:,} is damaged; {REMEDY}",
                                file=self.path) from error
            self.count(1, line)
        return entries


def check_named(named):
    """(epochs, bytes, hash) of what a checkpoint names. Raises TypeError, KeyError, ValueError,
    OverflowError if they cannot be."""
    epochs, size = check_whole("epochs", named["epochs"]), check_whole("bytes", named["bytes"])
    if not 0 <= epochs <= size <= LARGEST or not isinstance(named["sha256"], str):
        raise ValueError(f"{epochs} epochs in {size} bytes")
    return epochs, size, named["sha256"]


"""What one submission may use, all its exercises together: time, entries, source.

Each exercise has limits of its own (sandbox/parent.py); these keep a submission that stays just
below every one of them from holding up the class.
"""

import contextlib
import time

try:
    import resource
except ImportError:     # Windows, which grades nothing
    resource = None

ENTRIES = 40_000            # files and folders that are looked at
SOURCE_BYTES = 1 << 18      # of exercises and what they import; the project's own have 60 kB
SECONDS, CPU_SECONDS = 30.0, 20.0       # with the usual timeout; an honest one takes 1 or 2
OWN_MEMORY = 1 << 30        # bytes, for the process that grades


class Budget:
    """What is left of it. timeout: seconds of one exercise; at least so much is for all.

    seconds     of waiting for answers of the submission's code
    entries     that may still be looked at
    """

    def __init__(self, timeout):
        self.most = max(SECONDS, 3 * timeout)
        self.most_cpu = max(CPU_SECONDS, 2 * timeout)
        self.seconds = self.childrens_cpu = 0.0
        self.began = time.process_time()
        self.entries, self.sources = ENTRIES, {}

    def cpu_seconds(self):
        """Processor time used, of children and of this process."""
        return self.childrens_cpu + time.process_time() - self.began

    def add_child(self, seconds, cpu_seconds):
        """Note what a child has used."""
        self.seconds += seconds
        self.childrens_cpu += cpu_seconds

    def add_sources(self, files):
        """Note source, {file: bytes}, that is going to be parsed, once however often it is used."""
        self.sources.update((data, len(data)) for data in files.values())

    def left(self):
        """(seconds, seconds of processor time), each at least a tenth."""
        return max(0.1, self.most - self.seconds), max(0.1, self.most_cpu - self.cpu_seconds())

    def over(self):
        """What there is no more of, in words, or ""."""
        if sum(self.sources.values()) > SOURCE_BYTES:
            return f"more than {SOURCE_BYTES >> 10} kB of source"
        if self.seconds > self.most:
            return f"more than {self.most:g} s for one submission"
        if self.cpu_seconds() > self.most_cpu:
            return f"more than {self.most_cpu:g} s of processor time for one submission"
        return ""

    def used(self):
        """What has been used, for the row."""
        return {"seconds": round(self.seconds, 2), "cpu_seconds": round(self.cpu_seconds(), 2),
                "entries": ENTRIES - self.entries, "source_bytes": sum(self.sources.values())}


def limit_own_memory():
    """Limit this process, so that a file can end its own row and not the machine."""
    # The hard limit stays: the children's are set from it.
    with contextlib.suppress(OSError, ValueError, AttributeError):
        from flatprop.exercises.sandbox.walls import mapped_bytes
        _, hard = resource.getrlimit(resource.RLIMIT_AS)
        resource.setrlimit(resource.RLIMIT_AS, (mapped_bytes() + OWN_MEMORY, hard))

"""What a child may use, and what is raised when its code fails."""

from typing import NamedTuple


class Limits(NamedTuple):
    """What a child may use."""

    seconds: float = 10.0           # of one call, by the wall clock
    cpu_seconds: int = 60           # of the whole child
    memory_mb: int = 1024           # on top of Python and NumPy
    output_bytes: int = 1 << 20     # printed
    file_mb: int = 16               # for each file written
    processes: int = 1              # itself
    total_seconds: float = 120.0    # of all calls together, by the wall clock


class NotStarted(RuntimeError):
    """There is no child process, and the student's code is not to blame."""


class StudentError(Exception):
    """What went wrong in the student's code.

    kind: "not written", "import", "raised", "time", "memory", "output", "died", "not plain",
    "forbidden". text: in words, fit to be printed.
    """

    def __init__(self, kind, text):
        super().__init__(f"{kind}: {text}")
        self.kind, self.text = kind, text

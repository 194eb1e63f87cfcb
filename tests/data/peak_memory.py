"""How much memory a piece of code takes."""

import contextlib
import tracemalloc


@contextlib.contextmanager
def peak_below(limit):
    """Check that what runs inside it never holds this many bytes of its own at once."""
    tracemalloc.start()
    try:
        yield
        assert tracemalloc.get_traced_memory()[1] < limit
    finally:
        tracemalloc.stop()

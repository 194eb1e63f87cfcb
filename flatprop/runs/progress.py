"""A line now and then on standard error for what takes more than two seconds."""

import sys
import time

EVERY = 2.0     # seconds


def watch(chunks, command, quiet, clock=time.perf_counter):
    """Hand the chunks (labels, values) on, and tell how many rows have passed every two seconds."""
    rows, started = 0, clock()
    told = started
    for chunk in chunks:
        yield chunk
        rows += len(chunk[1])
        now = clock()
        if not quiet and now - told >= EVERY:
            told = now
            print(f"{command}: {rows:,} rows, {rows / (now - started):,.0f} a second",
                  file=sys.stderr, flush=True)

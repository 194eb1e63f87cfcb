"""A line on standard error every two seconds, for what takes longer than that."""

import sys
import time

PERIOD = 2.0    # seconds


def report_progress(chunks, command, quiet, clock=time.perf_counter):
    """Hand the chunks (labels, values) on, and say every two seconds how many rows have passed."""
    rows, started = 0, clock()
    reported = started
    for chunk in chunks:
        yield chunk
        rows += len(chunk[1])
        now = clock()
        if not quiet and now - reported >= PERIOD:
            reported = now
            print(f"{command}: {rows:,} rows, {rows / (now - started):,.0f} a second",
                  file=sys.stderr, flush=True)

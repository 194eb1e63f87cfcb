"""A notice, once, that the threads of a training wait for processors that others keep busy."""

import math
import time

from flatprop import processors, system
from flatprop.cli import command
from solvers.compiled import blas_threads

WINDOW = 2.0        # seconds at least over which waiting is measured
BUSY = 0.3          # seconds waited in each second, by all threads together: then it is busy


class Waiting:
    """Notices once that the threads of a training wait for processors that others keep busy.

    After two windows of WINDOW seconds or more, one after the other, in which they have waited for
    BUSY of each second, which no thread does on a machine that has a processor for each. waited and
    clock are as processors.waited and time.perf_counter.
    """

    def __init__(self, args, autosave, waited=processors.waited, clock=time.perf_counter):
        self.threads, self.autosave = args.threads or blas_threads.now() or 1, autosave
        self.waited, self.clock = waited, clock
        self.at, self.before, self.windows = clock(), None, 0
        self.done = self.threads == 1       # it cannot have fewer

    def step(self):
        """After each step: an epoch may take many times as long on a busy machine."""
        if self.done:
            return
        now = self.clock()
        seconds = now - self.at
        if self.before is not None and seconds < WINDOW:
            return
        total = self.waited()
        if total is None:       # the system does not tell
            self.done = True
            return
        if self.before is not None:
            share = (total - self.before) / seconds
            self.windows = self.windows + 1 if share >= BUSY else 0
            if self.windows == 2:
                self.done = True
                self.autosave.log.warn(busy_text(share, self.threads, self.autosave.run))
        self.at, self.before = now, total


def busy_text(share, threads, run):
    """The line on a busy machine: the threads wait for `share` of a second in each second; run is
    the folder of the run, or None."""
    # So many that are always busy, on as many processors as there are threads, explain the waiting.
    others = math.ceil(share * threads / (threads - share) - 0.5) if share < threads else threads
    fewer = max(1, threads - max(1, others))
    how = f"--threads {fewer} may be quicker"
    if run is not None:
        how += (f": stop this, and go on with {command.to_type('train')} --resume "
                f"{system.quote(run)} --threads {fewer}")
    return (f"{command.name('train')}: the machine is busy: {threads} threads have waited "
            f"{share:.1f} s for a processor in each second; {how}")

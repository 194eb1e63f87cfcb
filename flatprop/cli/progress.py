"""What is shown on standard error while a command runs: a bar, or a line now and then."""

import importlib.util
import sys
import time

from data.extras import pip_install
from flatprop import ending, width
from flatprop.epoch_text import epoch_in_short, epoch_line, metric_in_short
from flatprop.usage.errors import UsageError

PERIOD = 2.0    # seconds
# A bar with all that tqdm says, and with less and less of it.
BARS = ("{l_bar}{bar}{r_bar}",
        "{percentage:3.0f}%|{bar}| {n_fmt}/{total_fmt} [{elapsed}<{remaining}{postfix}]",
        "{percentage:3.0f}%|{bar}| [{elapsed}<{remaining}{postfix}]",
        "{percentage:3.0f}%|{bar}|{postfix}",
        "{percentage:3.0f}%|{bar}|")


def choose_form(progress, quiet):
    """The option --progress made definite: "bar", "lines" or "none". Raises UsageError."""
    if quiet:
        return "none"
    has_tqdm = importlib.util.find_spec("tqdm") is not None
    if progress == "bar" and not has_tqdm:
        raise UsageError(f"--progress bar needs tqdm: {pip_install('progress')}")
    if progress == "auto":
        return "bar" if has_tqdm and sys.stderr.isatty() else "lines"
    return progress


class TrainingProgress:
    """Shows a bar, lines or none on stderr; the log keeps the lines of the epochs in any case."""

    def __init__(self, form, log, solver):
        self.form, self.log, self.epochs, self.bar = form, log, solver.epochs, None
        self.metric = metric_in_short(solver)
        if form == "bar":
            from tqdm import tqdm
            steps = -(-len(solver.x) // solver.batch_size)
            with ending.going_on(sys.stderr):
                self.bar = tqdm(total=self.epochs * steps, initial=solver.steps, unit="step",
                                file=sys.stderr)
                fit(self.bar, width.columns(sys.stderr))

    def step(self, steps):
        """After one step or several; so many are done in all."""
        if self.bar is not None:
            with ending.going_on(sys.stderr):
                self.bar.update(steps - self.bar.n)

    def epoch(self, entry):
        """After each epoch, with its entry of history."""
        line = epoch_line(entry, self.epochs, metric=self.metric)
        self.log.keep(line)
        if self.bar is not None:
            self.bar.set_postfix_str(epoch_in_short(entry, self.metric), refresh=False)
            fit(self.bar, width.columns(sys.stderr))
            with ending.going_on(sys.stderr):
                self.bar.refresh()
        elif self.form == "lines":
            room = width.columns(sys.stderr) if sys.stderr.isatty() else None
            ending.tell(epoch_line(entry, self.epochs, room, self.metric))

    def end(self):
        """Once training has ended or was stopped."""
        if self.bar is not None:
            with ending.going_on(sys.stderr):
                self.bar.close()


def fit(bar, columns):
    """Leave out of a bar of tqdm what makes it too wide for so many columns."""
    bar.ncols = columns - 3     # a bar at the edge is folded by the ^C of Ctrl-C, and stays twice
    for form in BARS:
        bar.bar_format = form
        at_the_end = {**bar.format_dict, "n": bar.total, "ncols": None}     # then it has 10 columns
        if len(bar.format_meter(**at_the_end)) <= bar.ncols:
            break


def report_progress(chunks, command, quiet, clock=time.perf_counter):
    """Hand chunks (labels, values, ...) on, and say every two seconds how many rows have passed."""
    rows, started = 0, clock()
    reported = started
    for chunk in chunks:
        yield chunk
        rows += len(chunk[1])
        now = clock()
        if not quiet and now - reported >= PERIOD:
            reported = now
            ending.tell(f"{command}: {rows:,} rows, {rows / (now - started):,.0f} a second")

"""What a person sees while training runs: a bar on a terminal, else a line for each epoch."""

import importlib.util
import sys

from flatprop.cli import describe
from flatprop.cli.errors import UsageError


def mode(progress, quiet):
    """The option --progress made definite: "bar", "lines" or "none". Raises UsageError."""
    if quiet:
        return "none"
    has_tqdm = importlib.util.find_spec("tqdm") is not None
    if progress == "bar" and not has_tqdm:
        raise UsageError('--progress bar needs tqdm: pip install "flatprop[progress]"')
    if progress == "auto":
        return "bar" if has_tqdm and sys.stderr.isatty() else "lines"
    return progress


class Display:
    """Progress on stderr; the lines of the epochs go to the log as well, whatever is shown."""

    def __init__(self, shown, log, epochs):
        self.shown, self.log, self.epochs = shown, log, epochs
        self.bar = None

    def begin(self, solver):
        """Before training, or going on with it."""
        if self.shown == "bar":
            from tqdm import tqdm
            steps = -(-len(solver.x) // solver.batch_size)
            self.bar = tqdm(total=self.epochs * steps, initial=solver.steps, unit="step",
                            dynamic_ncols=True, file=sys.stderr)

    def step(self):
        """After each step."""
        if self.bar is not None:
            self.bar.update()

    def epoch(self, entry):
        """After each epoch, with its entry of history."""
        line = describe.epoch_line(entry, self.epochs)
        self.log.keep(line)
        if self.bar is not None:
            self.bar.set_postfix_str(describe.short(entry))
        elif self.shown == "lines":
            print(line, file=sys.stderr, flush=True)

    def end(self):
        """Once training has ended or was stopped."""
        if self.bar is not None:
            self.bar.close()
            self.bar = None

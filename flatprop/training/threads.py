"""--threads N|auto|free: how many threads BLAS has for a command.

auto takes what the user's variables say, else a thread for every EACH multiplications of the net's
largest product, as far as there are processors to use. Threads of OpenBLAS wait for each other by
spinning. On two processors left alone two threads gained 1.2 times in nets whose largest product
has 4 to 8 million multiplications, and 1.3 to 1.4 from 25 million on; beside other busy processes
they lose twice as much and more, small nets the most (docs/training.md, Threads). free is as auto,
without the variables, and counts the processors that others leave free as training starts.
"""

import argparse
import os

from flatprop import ending, processors
from flatprop.usage.errors import whole
from solvers.compiled import blas_threads
from solvers.evaluation import EVALUATION_ROWS

AUTO, FREE = "auto", "free"
VARIABLES = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")
EACH = 10_000_000   # multiplications of the largest product for each thread: 0.1 ms of a processor
SMALL = "the net is small"


def count(text):
    """An argparse type: a number of threads, auto, or free."""
    if text.lower() in (AUTO, FREE):
        return text.lower()
    if text.lower() in ("-1", "all", "max", "none", "0"):
        raise argparse.ArgumentTypeError(f"{text!r} is auto here: as many as fit the machine and "
                                         "the net")
    return whole(1)(text)


def add_threads(parser):
    """--threads of a command that computes with a trained run."""
    parser.add_argument("--threads", type=count, default=AUTO, metavar="N|auto|free",
                        help="how many threads multiply matrices; auto: by the net and the "
                             "processors that there are; free: and by how many of these others "
                             "leave free (default: auto)")


def largest_product(sizes, rows):
    """The multiplications of the largest product in a step of rows through layers of these sizes.
    """
    return rows * max(a * b for a, b in zip(sizes, sizes[1:], strict=False))


def choose(asked, sizes, rows):
    """How many threads, and why, in a few words or "".

    asked is the option's value; sizes are those of the layers, [D, H, ..., C], and rows those of a
    batch.
    """
    if asked not in (AUTO, FREE):
        there = processors.available()
        return asked, f"more than the processors to use, {there}" if asked > there else ""
    worth = max(1, largest_product(sizes, rows) // EACH)     # threads
    for name in VARIABLES if asked == AUTO else ():
        first = os.environ.get(name, "").split(",")[0].strip()      # OMP's may be a list
        if first.isascii() and first.isdecimal() and int(first[:9]) > 0:
            number = int(first[:9])
            return number, SMALL if number == worth == 1 else f"as {name} says"
    there = processors.available()
    if asked == FREE and worth > 1:
        left = processors.free()
        if left < min(worth, there):
            return left, f"{left} of {there} processors {'is' if left == 1 else 'are'} free"
    if worth < there:
        return worth, SMALL if worth == 1 else f"for the size of the net, of {there} processors"
    return there, f"of {there} processors" if there > 1 else "there is one processor to use"


def settle(args, description, examples, locks):
    """Make --threads of a training a number, and let BLAS use so many until locks, an ExitStack, is
    closed; args.threads_text is then what the log says of it, or None.

    None stays None: a fold has one by its process, and a run of a version without the option what
    BLAS starts by itself.
    """
    args.threads_text = None
    if args.threads is None and not args.folds:
        return
    rows = len(examples["train"][0])
    rows = rows if args.batch_size == "full" else min(args.batch_size, rows)
    if args.folds or args.processes is not None and args.threads in (AUTO, FREE):
        number, why = 1, f"as every {'fold' if args.folds else 'process'} has"
    else:
        number, why = choose(args.threads, description["sizes"], rows)
    used = use(number, locks)
    if used is None:
        args.threads, args.threads_text = None, "as NumPy's BLAS starts them, which cannot be told"
        return
    if used < number:
        why = f"the most that this BLAS takes, not {number}"
    args.threads = None if args.folds else used
    args.threads_text = f"{used}: {why}" if why else f"{used}"


def use(number, locks):
    """Let BLAS use so many threads until locks is closed. -> how many it uses, None if it cannot
    be told"""
    before, chosen = blas_threads.now(), blas_threads.chosen
    used = blas_threads.use(number)
    if before is not None:
        locks.callback(blas_threads.put_back, before, chosen)
    return used


def use_for(asked, saved, locks):
    """The same for a command that computes with a SavedModel; asked is its --threads."""
    number, _ = choose(asked, saved.description["sizes"], EVALUATION_ROWS)
    use(number, locks)


def lines(args):
    """The line of a log about the threads, in a list, or no line."""
    return [] if args.threads_text is None else [f"threads    {args.threads_text}"]


def warn_of_other_number(args, log):
    """Say where a run is gone on with by another number of threads than it had."""
    before = args.threads_before
    if before is not None and args.threads is not None and args.threads != before:
        log.warn(f"{ending.name('train')}: warning: the run had --threads {before} and goes on "
                 f"with {args.threads}: the last bits of its numbers may differ from those of a "
                 "run that was never stopped")

"""--processes mpi: a training by all processes that mpiexec has started (solvers/ranks.py).

Rank 0 is the command as ever: it alone reads options and files, writes and prints. The others wait
until it hands over what training needs, take every step with it, and end when it says so. Where one
of them cannot go on it says why and ends them all.
"""

import contextlib
import time
import traceback

from data.errors import DataError
from data.extras import MissingExtra, pip_install
from flatprop import ending, width
from flatprop.cli import command
from flatprop.training import build, threads
from solvers.divergence import Diverged
from solvers.ranks import Ranks

LOOK = 0.01         # seconds between two looks for word from rank 0: MPI would wait by spinning
PATIENCE = 5.0      # seconds that the others have to end, before they are ended
TRAIN, END = "train", "end"     # the words of rank 0
# What of a Solver changes as it trains, besides the arrays.
STATE = ("rng", "steps", "order", "place", "total", "history", "best", "counted")


def world():
    """All processes that mpiexec has started, mpi4py's COMM_WORLD. Raises MissingExtra."""
    try:
        from mpi4py import MPI
    except (ImportError, RuntimeError) as error:    # RuntimeError: there is no MPI for it
        raise MissingExtra(f"--processes mpi needs mpi4py and MPI: {pip_install('mpi')}") from error
    return MPI.COMM_WORLD


def are_asked_for(argv):
    """Whether a command line has --processes mpi."""
    return "--processes mpi" in " ".join(map(str, argv)).replace("=", " ").lower()


def main(argv, run):
    """Call run(), the whole command, in rank 0, and what goes with it in the others. Gives the exit
    code."""
    try:
        all_of_us = world() if are_asked_for(argv) else None
    except MissingExtra:
        all_of_us = None        # which run() says
    if all_of_us is None:
        return run()
    if all_of_us.rank > 0:
        return follow(all_of_us)
    code = ending.FAILED
    try:
        code = run()
    except SystemExit as end:       # of --help
        code = end.code
        raise
    except BaseException:
        traceback.print_exc()       # before the others are ended, and this with them
        raise
    finally:
        end_others(all_of_us, code)
    return code


def end_others(all_of_us, code):
    """Let the other processes end. Those that wait for a step that is not taken any more are ended
    with this one."""
    ending.give_up()
    for rank in range(1, all_of_us.size):
        all_of_us.isend(END, rank)
    if not are_all_here(all_of_us, time.monotonic() + PATIENCE):
        all_of_us.Abort(code)


def are_all_here(all_of_us, until=float("inf")):
    """Whether all processes have come here, by that time."""
    request = all_of_us.Ibarrier()
    while not request.Test():
        if time.monotonic() > until:
            return False
        time.sleep(LOOK)
    return True


def follow(all_of_us):
    """What a process does that is not rank 0. Gives the exit code."""
    signals = []
    ending.handle(lambda number, _frame: signals.append(number), *ending.SIGNALS)
    try:
        while next_word(all_of_us) == TRAIN:
            train_along(all_of_us, signals)
        are_all_here(all_of_us)
    except BaseException as error:
        known = isinstance(error, DataError | MemoryError | OSError)
        text = (command.of_the_system(error) or str(error)) if known else traceback.format_exc()
        with contextlib.suppress(BrokenPipeError):
            width.say(f"{command.name('train')}: error: process {all_of_us.rank} of "
                      f"{all_of_us.size}: {text}")
        all_of_us.Abort(ending.FAILED)
    return 0


def next_word(all_of_us):
    """The next word from rank 0."""
    while not all_of_us.iprobe(source=0):
        time.sleep(LOOK)
    return all_of_us.recv(source=0)


@contextlib.contextmanager
def joined(args, description, examples, solver, signals):
    """Within this context a Solver trains together with the other processes, if there are any; it
    gives a Crew. All of them stop once signals has one in any.
    """
    if args.processes is None:
        yield Alone(signals)
        return
    all_of_us = world()
    for rank in range(1, all_of_us.size):
        all_of_us.send(TRAIN, rank)
    all_of_us.bcast({
        "args": args, "description": description,
        "examples": {name: examples[name] for name in ("train", "val", "classes", "outputs")},
        "state": {name: vars(solver)[name] for name in STATE}, "slots": solver.slots,
        "model": solver.model,
    })
    ranks = Ranks(all_of_us, lambda: bool(signals))
    ranks.join(solver)
    try:
        yield Crew(ranks, signals)
    finally:
        ranks.leave(solver)


class Crew:
    """Ranks, for rank 0, whose list of signals has one where another process was asked to stop."""

    def __init__(self, ranks, signals):
        self.ranks, self.signals, self.agree = ranks, signals, ranks.agree
        self.size = ranks.world.size

    def asked(self):
        if self.ranks.asked() and not self.signals:
            time.sleep(ending.BOUNCE)       # mpiexec hands on to all what it gets
            self.signals.extend([] if self.signals else ending.OTHER_SIGNALS[:1])
        return self.ranks.asked()


class Alone:
    """The same for one process."""

    size = 1

    def __init__(self, signals):
        self.signals = signals

    def asked(self):
        return bool(self.signals)

    def agree(self, solver):
        pass


def train_along(all_of_us, signals):
    """Train as rank 0 does, with what it hands over, and keep nothing."""
    given = all_of_us.bcast(None)
    with contextlib.ExitStack() as held:
        if given["args"].threads is not None:
            threads.use(given["args"].threads, held)
        _, _, rng = build.generators(given["args"])
        solver = build.make_solver(given["args"], given["model"], given["examples"], rng)
        vars(solver).update(given["state"])
        for name, slot in given["slots"].items():
            solver.slots[name][:] = slot
        ranks = Ranks(all_of_us, lambda: bool(signals))
        ranks.join(solver)

        def after_step(_solver):
            if ranks.asked():
                raise Stopped

        solver.on_step, solver.on_epoch = after_step, lambda _entry: ranks.agree(solver)
        with contextlib.suppress(Stopped, Diverged):
            solver.train()


class Stopped(Exception):
    """A process was asked to stop; raised between two steps."""


def lines(args):
    """The line of a log about the processes, in a list, or no line."""
    if args.processes is None:
        return []
    return [f"processes  {world().size}, each with its rows of every batch (mpiexec -n)"]

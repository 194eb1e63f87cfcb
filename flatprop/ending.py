"""How a command ends: its exit code, its streams, and the signals that stop it.

This is the first module that a command imports, before NumPy, so that it is guarded from its first
moment on; so it imports little itself, and can be read by a Python that is too old for the rest.
"""

import contextlib
import errno
import io
import os
import signal
import sys
import time

WINDOWS = sys.platform == "win32"
# What asks a program to end: SIGHUP comes where the terminal is closed; Ctrl-Break, which Windows
# alone has, is as Ctrl-C in a terminal.
OTHER_SIGNALS = (signal.SIGTERM, signal.SIGBREAK if WINDOWS else signal.SIGHUP)
SIGNALS = (signal.SIGINT, *OTHER_SIGNALS)
BOUNCE = 0.5        # seconds in which two signals are one: a key that bounces, a shell besides

# Exit codes, besides 0, and 3 for a training that diverged. Of a signal it is STOPPED and its
# number, as shells have it.
FAILED, WRONG, STOPPED = 1, 2, 128
# Nobody reads our output any more: as shells have it of SIGPIPE, by which most programs end then,
# so that `... | head` is no failure to a script that knows them.
READER_LEFT = FAILED if WINDOWS else STOPPED + signal.SIGPIPE

FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)   # the disk, one's share of it, or the file
GONE = (errno.EIO, errno.EBADF)     # a terminal that was closed; a stream that was, as by >&-

SCRIPTS = {"train": "train.py", "check": "gradient_check.py"}   # commands that are scripts too
STARTED = "FLATPROP_STARTED"    # what start_file() gives in the second process of train --layers

asked = []          # (number, time) of the signals that asked the command that runs to end
unwritten = []      # OSErrors of what standard output did not take, while the command went on


def start_file():
    """The file that was started, as it was typed: train.py, .../flatprop or .../__main__.py."""
    return os.environ.get(STARTED, sys.argv[0])


def name(command):
    """A command's name in its messages: train.py where that was started, else flatprop train."""
    script = os.path.basename(start_file())
    return script if script == SCRIPTS.get(command) else f"flatprop {command}".rstrip()


# Signals.

class Stop(KeyboardInterrupt):
    """A signal asks to stop: raised where the program is, so that half-written files are removed.
    """

    def __init__(self, number):
        super().__init__(number)
        self.number = number


def code_of(number):
    """The exit code of what a signal has stopped."""
    return STOPPED + number


def word_of(number):
    """The one word on a command that a signal has stopped."""
    return "interrupted" if number == signal.SIGINT else "terminated"


def number_of(stop):
    """The number of the signal of a KeyboardInterrupt."""
    return stop.number if isinstance(stop, Stop) else signal.SIGINT


def is_unwanted(number):
    """Whether a signal is to stay without effect: SIGHUP under nohup, which has it ignored."""
    return (not WINDOWS and number == signal.SIGHUP
            and signal.getsignal(number) == signal.SIG_IGN)


def wanted():
    """The signals that end a command: without SIGINT in the background of a script, whose shell has
    it ignored, so that Ctrl-C ends what is in front. (A training saves, and may be asked.)
    """
    ignored = signal.getsignal(signal.SIGINT) == signal.SIG_IGN
    return OTHER_SIGNALS if ignored else SIGNALS


def handle(handler, *numbers):
    """From now on handler(number, frame) is called for these signals; not for SIGHUP under nohup.

    Gives the handlers before, {number: handler}.
    """
    before = {}
    # Elsewhere than in the main thread, as of a notebook, no handler can be set.
    with contextlib.suppress(ValueError):
        for number in numbers:
            if not is_unwanted(number):
                before[number] = signal.signal(number, handler)
    return before


@contextlib.contextmanager
def handler_of(handler, *numbers):
    """handle() within this context."""
    before = handle(handler, *numbers)
    try:
        yield
    finally:
        for number, old in before.items():
            signal.signal(number, old)


def is_again(number):
    """Note a signal; gives whether it comes with one that has asked to stop already."""
    now = time.monotonic()
    again = bool(asked) and now - asked[0][1] <= BOUNCE
    asked.append((number, now))
    return again


def raise_stop(number, _frame):
    """A handler: raise Stop."""
    if not is_again(number):
        raise Stop(number)


def leave(number, _frame):
    """A handler for while a command ends: a second signal does not wait for that."""
    if asked and not is_again(number):
        os._exit(code_of(number))


@contextlib.contextmanager
def signals_raise():
    """Within this context a signal raises Stop, and is not lost where an exception would be."""
    asked.clear()
    before = sys.unraisablehook

    def ask_again(unraisable):
        """Where Python drops an exception, in __del__ or in a callback, the signal comes again."""
        if not isinstance(unraisable.exc_value, Stop):
            before(unraisable)
            return
        import _thread
        import threading
        asked.clear()
        threading.Timer(0.01, _thread.interrupt_main, [unraisable.exc_value.number]).start()

    sys.unraisablehook = ask_again
    try:
        with handler_of(raise_stop, *wanted()):
            yield
    finally:
        sys.unraisablehook = before


@contextlib.contextmanager
def signals_noted():
    """Within this context, signals that end a program are put into the list that it gives.

    Who acts on them clears it, or Stop is raised at the end. A second Ctrl-C raises Stop at once,
    so as not to wait for what is done between two looks at the list.
    """
    signals, before = [], len(asked)

    def note(number, _frame):
        again = is_again(number)
        if signals and number == signal.SIGINT and not again:
            raise Stop(number)
        signals.append(number)

    with handler_of(note, *SIGNALS):
        yield signals
    if len(asked) > before:         # what comes from now on comes with these
        asked[:] = [(asked[-1][0], time.monotonic())]
    if signals:
        raise Stop(signals[-1])


@contextlib.contextmanager
def signals_wait():
    """Within this context signals wait; in a process that is started in it, until
    signals_arrive()."""
    if WINDOWS:
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def signals_arrive():
    """End what signals_wait() began in the process that has started this one."""
    if not WINDOWS:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)


def leave_ending_to(process):
    """Let a process that was started here decide when both end."""
    # Ctrl-C and Ctrl-Break reach it as well; the others may come here alone.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for number in OTHER_SIGNALS:
        if not is_unwanted(number):
            signal.signal(number, signal.SIG_IGN if WINDOWS and number == signal.SIGBREAK else
                          lambda number, _frame: process.send_signal(number))


def guard(command):
    """Guard this process, which is a command's, while it imports what the command needs: streams
    that are closed are no places for files, and a signal ends it in one line.

    Nothing is to be saved by then, and an exception could be taken for a module's that is broken.
    """
    occupy_streams()

    def end(number, _frame):
        if not asked:       # else the command has said so, and ends
            with contextlib.suppress(OSError):
                os.write(2, f"{name(command)}: {word_of(number)}\n".encode())
        os._exit(code_of(asked[0][0] if asked else number))
    handle(end, *wanted())
    signals_arrive()


def ignore_signals():
    """At the end of a process, whose exit code is settled."""
    handle(signal.SIG_IGN, *SIGNALS)


# Streams.

def occupy_streams():
    """Put something in the place of streams that are closed, or files that are opened would be
    these streams: what is printed would go into a run.

    Writing to such a standard output fails, as it would have; what is told on standard error goes
    nowhere.
    """
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:     # gets the lowest number that is free, which is this one
            os.open(os.devnull, os.O_WRONLY if number == 2 else os.O_RDONLY)
    if sys.stdout is None:
        sys.stdout = os.fdopen(1, "w", encoding="utf-8", closefd=False)
    if sys.stderr is None:
        sys.stderr = os.fdopen(2, "w", encoding="utf-8", errors="backslashreplace",
                               closefd=False)


def replace_strange_letters():
    """From now on print ? for letters that standard output cannot write, instead of an error.

    Windows writes to a file or a pipe in the letters of one country. Where the names of files are
    not in UTF-8, Python would write their letters as they are.
    """
    if isinstance(sys.stdout, io.TextIOWrapper) and sys.stdout.errors in ("strict",
                                                                          "surrogateescape"):
        sys.stdout.reconfigure(errors="replace")


def tell(text, end="\n"):
    """Print on standard error, at once; that nobody can see it is no error.

    Raises BrokenPipeError where nobody reads standard output either.
    """
    with going_on(sys.stderr):
        print(text, end=end, file=sys.stderr, flush=True)


@contextlib.contextmanager
def going_on(stream, kept=True):
    """Within this context it is no error that a stream takes no more, from when on what is written
    goes nowhere, or that the disk is full on which its file is.

    Of a full one, Python keeps what it could not write, as much as its buffer takes, and tries it
    again with what follows and when the command ends. Of standard output, what was not written is
    an error then, but for one that was closed if the text is kept elsewhere too. Raises
    BrokenPipeError where what is told has no reader any more, and standard output neither.
    """
    try:
        yield
    except OSError as error:
        if stream is sys.stderr:
            if reader_has_left(error):
                check_reader(sys.stdout)
            if error.errno not in FULL:
                lead_nowhere(stream)
        elif error.errno in GONE and (kept or error.errno == errno.EIO):
            lead_nowhere(stream)
        elif reader_has_left(error) or error.errno == errno.EBADF:
            unwritten.append(error)
            lead_nowhere(stream)
        elif error.errno not in FULL:
            raise
        elif not isinstance(getattr(stream, "buffer", None), io.BufferedWriter):
            unwritten.append(error)     # it keeps nothing


def confirm(text, end="\n"):
    """Print on standard output what stands elsewhere too, or where it does: that standard output is
    closed is no error then."""
    with going_on(sys.stdout):
        print(text, end=end, flush=True)


def end_output():
    """At the end of a command: raise the OSError of what standard output did not take."""
    sys.stdout.flush()
    if unwritten:
        raise unwritten[0]


def give_up(*streams):
    """At the end of a command: what streams still do not take is given up."""
    for stream in streams:
        try:
            stream.flush()
        except (OSError, ValueError):       # or it is closed
            with contextlib.suppress(OSError, ValueError):
                lead_nowhere(stream)


def lead_nowhere(stream):
    """Lead a stream nowhere, or Python tries to write what remains of it when it ends."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream.fileno())
    os.close(nowhere)


def reader_has_left(error):
    """Whether an OSError says that nobody reads our standard output any more."""
    return isinstance(error, BrokenPipeError) or (
        WINDOWS and error.errno == errno.EINVAL and error.filename is None)


def check_reader(stream):
    """Raise BrokenPipeError if nobody reads a stream any more, before anything is written to it."""
    if WINDOWS:
        return
    import select
    poll = select.poll()
    try:
        poll.register(stream.fileno(), 0)
    except (OSError, ValueError):       # it leads to no file
        return
    if any(event & (select.POLLERR | select.POLLHUP) for _, event in poll.poll(0)):
        raise BrokenPipeError

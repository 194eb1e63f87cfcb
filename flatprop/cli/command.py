"""What all commands have in common: their name, their parser, and the one place where they end."""

import contextlib
import errno
import os
import shutil
import signal
import sys
from pathlib import Path

from data.errors import DataError
from data.extras import MissingExtra
from flatprop import system, width
from flatprop.cli import remedies
from flatprop.cli.errors import UsageError
from flatprop.cli.help_text import ParserWithHelp
from flatprop.runs.errors import RunError

HELP = Path(__file__).with_name("help")
SCRIPTS = {"train": "train.py", "check": "gradient_check.py"}   # commands that are scripts too
STARTED = "FLATPROP_STARTED"    # what start_file() gives in the second process of train --layers


def start_file():
    """The file that was started, as it was typed: train.py, .../flatprop or .../__main__.py."""
    return os.environ.get(STARTED, sys.argv[0])


def name(command):
    """A command's name in its messages: train.py where that was started, else flatprop train."""
    script = Path(start_file()).name
    return script if script == SCRIPTS.get(command) else f"flatprop {command}".rstrip()


def to_type(command):
    """What to type for a command in this folder and shell, started as this process was.

    python and flatprop alone where the shell finds by these names those that run, else their paths.
    """
    file = Path(start_file())
    if file.name == SCRIPTS.get(command):
        return f"{found_as(sys.executable)} {system.quote(str(file))}"
    if file.parts[-2:] == ("flatprop", "__main__.py"):
        return f"{found_as(sys.executable)} -m flatprop {command}"
    return f"{found_as(file) if file.stem == 'flatprop' else 'flatprop'} {command}"


def found_as(program):
    """A program as the shell finds it: python or flatprop alone, or else its path, quoted."""
    program = Path(program)
    names = ("python", "python3") if program.name.startswith("python") else (program.stem,)
    for word in names:
        found = shutil.which(word)
        # Not resolved as a whole: the python of an environment is a link to one without NumPy.
        if found is not None and Path(found).parent.resolve() == program.parent.resolve():
            return word
    if program.is_relative_to(Path.cwd()):
        program = program.relative_to(Path.cwd())
    return system.quote(str(program) if len(program.parts) > 1 else f".{os.sep}{program}")


def as_in_examples(command):
    """The same for --help, where paths would be noise: python train.py, or flatprop train."""
    file = Path(start_file())
    if file.name == SCRIPTS.get(command):
        return f"python {system.quote(start_file())}"
    is_module = file.parts[-2:] == ("flatprop", "__main__.py")
    return f"{'python -m ' if is_module else ''}flatprop {command}"


def make_parser(command):
    """A parser without options yet. help/COMMAND.txt holds what the command does, and after an
    empty line what stands below the options, where `flatprop COMMAND` is replaced.
    """
    text = (HELP / f"{command.replace(' ', '_')}.txt").read_text(encoding="utf-8")
    description, _, examples = text.partition("\n\n")
    made = ParserWithHelp(prog=name(command), description=description, allow_abbrev=False,
                          epilog=examples.replace(f"flatprop {command}", as_in_examples(command)))
    made.command = command
    return made


def run_command(command, work, explain=lambda error: None):
    """Call work(), which is all that a command does, and give the exit code.

    The code is what work() gives, or 0; 2 for an error of the user's; 1 where a disk fails or is
    full, or standard output takes no more; 130 after Ctrl-C, 143 after SIGTERM, 129 after SIGHUP.
    All these are one line; so is any other error that explain(error) has words for (code 1); where
    it gives None, the error is raised. Without a line, system.READER_LEFT where nobody reads
    standard output any more.
    """
    if sys.stdout is None or sys.stderr is None:    # closed, as by >&-
        nowhere = os.fdopen(os.open(os.devnull, os.O_WRONLY), "w", encoding="utf-8")
        sys.stdout, sys.stderr = sys.stdout or nowhere, sys.stderr or nowhere
    system.replace_strange_letters()
    try:
        with handler_of(terminate, *system.END_SIGNALS):
            code = work()
        sys.stdout.flush()
        return code or 0
    except DataError as error:
        code, line = 2, f"error: {error}{remedies.words(error, command)}"
    except (UsageError, RunError, MissingExtra) as error:
        code, line = 1 if is_of_the_disk(error) else 2, f"error: {error}"
    except KeyboardInterrupt:
        code, line = 130, "interrupted"
    except Terminated as stop:
        code, line = 128 + stop.number, "terminated"    # as shells have it
    except Exception as error:
        if isinstance(error, OSError) and system.reader_has_left(error):    # which is no error
            system.lead_nowhere(sys.stdout)
            return system.READER_LEFT
        words = explain(error) or of_the_system(error)
        if words is None:
            raise
        code, line = 1, f"error: {words}"
    finally:
        system.flush_errors()
    width.say(f"{name(command)}: {' '.join(line.splitlines())}")
    system.flush_errors()
    return code


def is_of_the_disk(error):
    """Whether an error comes from a disk that is full or fails, and from no choice of the user's.
    """
    while error is not None:
        if isinstance(error, OSError) and error.errno in (*system.FULL, errno.EIO):
            return True
        error = error.__cause__
    return False


# What the system says no to -> what to do about it; of everything else the path is to be checked.
REMEDIES = {
    errno.ENOSPC: "free some space, or name a place on another disk",
    errno.EDQUOT: "free some space, or name a place on another disk",
    errno.EACCES: "who owns it can allow it (chmod); or name another place",
    errno.EPERM: "who owns it can allow it (chmod); or name another place",
    errno.EROFS: "nothing can be written on that disk: name a place on another one",
    errno.ENAMETOOLONG: "the name is too long: give a shorter one",
    errno.EMFILE: "too many files are open: raise the limit (ulimit -n)",
}


def of_the_system(error):
    """Words for what no command can foresee: a path, the disk or memory; None for other errors."""
    if isinstance(error, MemoryError):
        return "there is not enough memory: use fewer rows, a smaller net, or smaller batches"
    if isinstance(error, UnicodeEncodeError) and error.reason != "surrogates not allowed":
        return (f"the terminal cannot show {error.object[error.start]!a}: set PYTHONUTF8=1 in the "
                "environment")
    if not isinstance(error, OSError):
        return None
    reason = error.strerror or error
    if error.filename is None:      # then it is standard output that takes no more
        system.lead_nowhere(sys.stdout)
        return f"cannot write: {reason}"
    return f"{error.filename}: {reason}; {REMEDIES.get(error.errno, 'check the path')}"


class Terminated(BaseException):
    """SIGTERM or its like: raised where the program is, so that half-written files are removed."""

    def __init__(self, number):
        super().__init__(number)
        self.number = number


def terminate(number, _frame):
    """The handler of system.END_SIGNALS."""
    raise Terminated(number)


@contextlib.contextmanager
def handler_of(handler, *signals):
    """Within this context handler(number, frame) is called for these signals; not for SIGHUP under
    nohup."""
    before = {number: signal.signal(number, handler) for number in signals
              if not system.is_unwanted(number)}
    try:
        yield
    finally:
        for number, old in before.items():
            signal.signal(number, old)

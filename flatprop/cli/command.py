"""What all commands have in common: their name, their parser, and the one place where they end."""

import contextlib
import errno
import os
import shutil
import sys
from pathlib import Path

from data.errors import DataError
from data.extras import MissingExtra
from flatprop import ending, system, width
from flatprop.cli import remedies
from flatprop.cli.help_text import ParserWithHelp
from flatprop.ending import SCRIPTS, name, start_file
from flatprop.runs.errors import RunError
from flatprop.usage.errors import UsageError

HELP = Path(__file__).with_name("help")


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
    it gives None, the error is raised. Without a line, ending.READER_LEFT where nobody reads
    standard output any more.
    """
    ending.unwritten.clear()
    ending.replace_strange_letters()
    code = 0
    with ending.handler_of(ending.leave, *ending.wanted()):
        try:
            with ending.signals_raise():
                try:
                    code = work() or 0
                    ending.end_output()
                except SystemExit:      # of argparse, once it has printed the help
                    ending.end_output()
                    raise
            line = None
        except (Exception, KeyboardInterrupt) as error:
            code, line = code_and_line(error, command, explain, code)
        if line is not None:
            with contextlib.suppress(BrokenPipeError):
                width.say(f"{name(command)}: {' '.join(line.splitlines())}")
        ending.give_up(sys.stdout, sys.stderr)
    return code


def code_and_line(error, command, explain, code):
    """The exit code, and the line, or None, of a command that an error has ended; code is that of
    its work, if that was done. Raises an error that there are no words for.
    """
    if isinstance(error, KeyboardInterrupt):
        number = ending.number_of(error)
        return ending.code_of(number), ending.word_of(number)
    if isinstance(error, DataError):
        return ending.WRONG, f"error: {error}{remedies.words(error, command)}"
    if isinstance(error, UsageError | RunError | MissingExtra):
        return ending.FAILED if is_of_the_disk(error) else ending.WRONG, f"error: {error}"
    if isinstance(error, OSError) and error.filename is None:
        # It is standard output that takes no more: of files the name is known.
        ending.lead_nowhere(sys.stdout)
        if ending.reader_has_left(error):       # which is no error
            return code or ending.READER_LEFT, None
        return code or ending.FAILED, f"error: {of_the_system(error)}"
    words = explain(error) or of_the_system(error)
    if words is not None:
        return ending.FAILED, f"error: {words}"
    if ending.asked:        # an import that is broken off may say anything
        number, _ = ending.asked[0]
        return ending.code_of(number), ending.word_of(number)
    raise error


def is_of_the_disk(error):
    """Whether an error comes from a disk that is full or fails, and from no choice of the user's.
    """
    while error is not None:
        if isinstance(error, OSError) and error.errno in (*ending.FULL, errno.EIO):
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
    if isinstance(error, UnicodeEncodeError):
        if error.reason == "surrogates not allowed":
            near = error.object[max(0, error.start - 20): error.end + 20]
            return f"{near!a} holds half a character, which cannot be written: give another name"
        return (f"the terminal cannot show {error.object[error.start]!a}: set PYTHONUTF8=1 in the "
                "environment")
    if not isinstance(error, OSError):
        return None
    reason = error.strerror or error
    if error.filename is None:
        closed = error.errno == errno.EBADF
        return f"cannot write: {'standard output is closed' if closed else reason}"
    return f"{error.filename}: {reason}; {REMEDIES.get(error.errno, 'check the path')}"

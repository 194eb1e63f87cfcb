"""What all commands have in common: their name, their parser, and the one place where they end."""

import argparse
import contextlib
import os
import shlex
import signal
import sys
from pathlib import Path

from data.errors import DataError
from flatprop.cli import remedies
from flatprop.cli.errors import Parser, UsageError
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
    """What to type for a command, in the way in which this process was started."""
    file = Path(start_file())
    if file.name == SCRIPTS.get(command):
        return f"python {shlex.quote(start_file())}"
    if file.parts[-2:] == ("flatprop", "__main__.py"):
        return f"python -m flatprop {command}"
    return f"flatprop {command}"


def make_parser(command, text=None):
    """A parser without options yet. text, help/COMMAND.txt if it is None, is what the command does,
    and after an empty line what stands below the options, where `flatprop COMMAND` is replaced.
    """
    if text is None:
        text = (HELP / f"{command}.txt").read_text(encoding="utf-8")
    description, _, examples = text.partition("\n\n")
    return Parser(prog=name(command), description=description, allow_abbrev=False,
                  epilog=examples.replace(f"flatprop {command}", to_type(command)),
                  formatter_class=argparse.RawDescriptionHelpFormatter)


def run_command(command, work, explain=lambda error: None):
    """Call work(), which is all that a command does, and give the exit code.

    The code is what work() gives, or 0; 2 for an error of the user's; 1 where standard output
    takes no more; 130 after Ctrl-C and 143 after SIGTERM. All these are one line. So is any other
    error that explain(error) has words for (code 1); where it gives None, the error is raised.
    """
    try:
        with handler_of(terminate, signal.SIGTERM):
            code = work()
        sys.stdout.flush()
        return code or 0
    except DataError as error:
        code, line = 2, f"error: {error}{remedies.words(error, command)}"
    except (UsageError, RunError) as error:
        code, line = 2, f"error: {error}"
    except KeyboardInterrupt:
        code, line = 130, "interrupted"
    except Terminated:
        code, line = 143, "terminated"
    except BrokenPipeError:     # whoever read our output has left, which is no error
        close_output()
        return 1
    except Exception as error:
        words = explain(error)
        if words is None:
            if not isinstance(error, OSError):
                raise
            close_output()
            where = "" if error.filename is None else f" {error.filename}"
            words = f"cannot write{where}: {error.strerror or error}"
        code, line = 1, f"error: {words}"
    print(f"{name(command)}: {line}", file=sys.stderr)
    return code


def close_output():
    """Lead standard output nowhere, or Python tries to flush what remains of it when it ends."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


class Terminated(BaseException):
    """SIGTERM has come: raised where the program is, so that half-written files are removed."""


def terminate(_number, _frame):
    """The handler of SIGTERM."""
    raise Terminated


@contextlib.contextmanager
def handler_of(handler, *signals):
    """Within this context handler(number, frame) is called for these signals."""
    before = {number: signal.signal(number, handler) for number in signals}
    try:
        yield
    finally:
        for number, old in before.items():
            signal.signal(number, old)

"""Options that several commands have, worded once, and the file that -o names."""

import os
from pathlib import Path

from data import atomic
from flatprop import system
from flatprop.runs.errors import refuse
from flatprop.usage.errors import UsageError, one_of, whole


def add_run(parser, nargs=None):
    """RUN, the folder of a trained run (with nargs="+" a list of them), and --which."""
    parser.add_argument("run", nargs=nargs, metavar="RUN",
                        help="the folder of a run, as train leaves it")
    parser.add_argument("--which", type=one_of(("best", "last"), "which"), default="best",
                        metavar="best|last",
                        help="which weights: the best by validation, or the last (default: "
                             "best)")


def swap(run, file, line):
    """A command line to type, {} {} in it filled with a run and a file, whichever is which."""
    pair = (file, run) if Path(file).is_dir() and not Path(run).is_dir() else (run, file)
    return line.format(*map(system.quote, pair))


def add_out(parser, metavar, text, required=False):
    """-o/--out: what is written; kept as args.out."""
    parser.add_argument("-o", "--out", metavar=metavar, required=required, help=text)


def add_encoding(parser):
    """--encoding of a table."""
    parser.add_argument("--encoding", default=None, metavar="NAME",
                        help="of a table that is not UTF-8, such as latin-1 (default: UTF-8, or "
                             "what the file's first bytes say)")


def add_accept_changes(parser):
    """--accept-changes of a run."""
    parser.add_argument("--accept-changes", action="store_true",
                        help="go on, with a warning, where a file of the run was edited or is of "
                             "another run, or its data has changed")


def what_changed_means(args, warn):
    """The function `changed` of flatprop/runs/checksums.py that --accept-changes asks for: it
    refuses, or calls warn(text), once for each text.
    """
    told = set()

    def accept(problem, _remedy):
        if problem not in told:
            told.add(problem)
            warn(problem)
    return accept if args.accept_changes else refuse


def add_seed(parser, text, default=None):
    """--seed of the random numbers."""
    parser.add_argument("--seed", type=whole(0), default=default, metavar="K", help=text)


def check_out(path, option="-o", ends=("",), more=""):
    """Refuse a path that no file can be written to, before there is work to be lost.

    ends are those that its name may have, "" for none at all, of which the first is shown as an
    example; more says what else there is. Raises UsageError with the option and the remedy.
    """
    if not str(path):
        raise UsageError(f"{option} '': names no file: give the name of one, such as "
                         f"out{ends[0]}")
    given, path = str(path), Path(path)
    if os.path.isdir(path.parent) and not os.access(path.parent, os.X_OK):
        check_writable(path.parent, f"{option} {path}")     # nothing in it can be seen
    if path.exists() and not path.is_file() and not path.is_dir():
        return          # a device or a pipe, which is written to as it is
    if path.is_dir() or given.endswith(("/", os.sep)):
        raise UsageError(f"{option} {given}: is a folder: name a file in it, such as "
                         f"{path / 'out'}{ends[0]}")
    if any(ends) and path.suffix.lower() not in ends:
        raise UsageError(f"{option} {path}: its name must end in {' or '.join(filter(None, ends))}"
                         f"{more}, such as {path.with_suffix(ends[0])}")
    check_writable(path.parent, f"{option} {path}")


def check_default_out(path):
    """Refuse what is no file at a place that was not asked for: a pipe there would be waited for.
    Raises UsageError."""
    if path.exists() and not path.is_file():
        raise UsageError(f"{path}: is not a file: move it away, or name another place with -o")


def check_folder_out(path, option):
    """Refuse a path where no folder is and none can be made. Raises UsageError."""
    if not str(path):
        raise UsageError(f"{option} '': names no folder: give the name of one")
    there = next(each for each in (Path(path), *Path(path).parents) if each.exists())
    if not there.is_dir():
        raise UsageError(f"{option} {path}: {there} is a file, and a folder is needed: name "
                         "another one")
    check_writable(there, f"{option} {path}")


def check_writable(folder, given):
    """Refuse a folder that is not there or may not be written to; given is what was typed."""
    if not folder.is_dir():
        problem = ("is a file: name one in a folder" if folder.exists() else
                   "is not there: make the folder first, or name a file in another one")
        raise UsageError(f"{given}: {folder} {problem}")
    if not os.access(folder, os.W_OK | os.X_OK):
        raise UsageError(f"{given}: the folder {folder} may not be written to: name a place in "
                         "another one, or allow it (chmod u+w)")


def write_out(path, fill, option="-o"):
    """Let fill(file) fill a file that appears at path when it is complete. -> what fill gives

    Raises UsageError if it cannot be written.
    """
    given = []
    try:
        atomic.write_with(path, lambda file: given.append(fill(file)))
    except BrokenPipeError:
        raise
    except OSError as error:
        reason = error.strerror or error
        raise UsageError(f"{option} {path}: cannot be written ({reason}): name another file"
                         ) from error
    return given[0]

"""Options that several commands have, worded once, and the file that -o names."""

from data import atomic
from flatprop.cli.errors import UsageError, one_of, whole


def add_run(parser, nargs=None):
    """RUN, the folder of a trained run (with nargs="+" a list of them), and --which."""
    parser.add_argument("run", nargs=nargs, metavar="RUN",
                        help="the folder of a run, as train leaves it")
    parser.add_argument("--which", type=one_of(("best", "last")), default="best",
                        metavar="best|last",
                        help="the weights: best by validation, or last (default: best)")


def add_out(parser, metavar, text, required=False):
    """-o/--out: what is written; kept as args.out."""
    parser.add_argument("-o", "--out", metavar=metavar, required=required, help=text)


def add_encoding(parser):
    """--encoding of a table."""
    parser.add_argument("--encoding", default=None, metavar="NAME",
                        help="of a table that is not UTF-8, such as latin-1")


def add_seed(parser, text, default=None):
    """--seed of the random numbers."""
    parser.add_argument("--seed", type=whole(0), default=default, metavar="K", help=text)


def write_out(path, fill):
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
        raise UsageError(f"-o {path}: cannot be written ({reason}): name another file") from error
    return given[0]

"""flatprop inspect: what the columns of a table are taken for, without training."""

from data.by_name import NAMES
from flatprop import width
from flatprop.cli import reading, table_lines
from flatprop.cli.command import make_parser, run_command
from flatprop.training import options
from flatprop.usage.errors import UsageError


def main(argv=None):
    """Run the command; gives its exit code."""
    parser = make_parser("inspect")
    parser.add_argument("data", nargs="+", metavar="FILE",
                        help="a table, a .npz, or two .npy, as train takes them")
    options.add(parser, ("label", "task"))
    options.add(parser, [option.name for option in options.GROUPS["reading a table"]])
    return run_command("inspect", lambda: run(parser.parse_args(argv)))


def run(args):
    """Read the data and print what it was taken for."""
    if args.data[0] in NAMES:
        raise UsageError(f"{args.data[0]} is a data set of its own: name a file")
    args.data_dir = None
    print(width.harmless("\n".join(table_lines.inspect(reading.read(args, None), args.data))))

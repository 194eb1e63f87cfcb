"""flatprop runs: runs and what came of them, sorted and filtered."""

import csv
import json
import sys
from pathlib import Path

from data.errors import DataError
from flatprop import width
from flatprop.cli import conditions
from flatprop.cli.command import make_parser, run_command
from flatprop.cli.conditions import NAMES, as_number, as_text, holds, known
from flatprop.runs import listing
from flatprop.runs.run_directory import why_no_run
from flatprop.runs.text import loss_text, printable
from flatprop.usage.errors import UsageError

HIGH_FIRST = ("test", "val", "started")     # best first, newest first
# What is left out first where the table is wider than the terminal.
LEFT_OUT = ("epochs", "seconds", "val_loss", "test_loss", "metric", "started", "data", "state")
WIDEST = {"run": 40, "data": 16}            # characters
TOLD = 5            # runs that are broken or diverged of which more is said below the table


def main(argv=None):
    """Run the command; gives its exit code."""
    return run_command("runs", lambda: run(parser().parse_args(argv)))


def parser():
    """The parser of the command line."""
    made = make_parser("runs")
    made.add_argument("folder", nargs="*", metavar="FOLDER", default=["."],
                      help="folders that hold runs, up to three levels below, or runs "
                           "(default: the current folder)")
    made.add_argument("--sort", metavar="NAME", default="started",
                      help="a head of the table, or an option of train: test and val with the "
                           "highest first, started with the newest, all others with the lowest "
                           "(default: started)")
    made.add_argument("--where", nargs="+", default=[], metavar="CONDITION",
                      help='such as "test>0.9", state=done, lr=0.01 or data=wine*; all must hold, '
                           "and < and > need quotes (default: all runs)")
    made.add_argument("--show", nargs="+", default=[], metavar="NAME",
                      help="options of train to show too (default: none)")
    made.add_argument("--json", action="store_true",
                      help="print a line of JSON for each run, with all its options")
    made.add_argument("--csv", action="store_true", help="print lines of CSV, numbers in full")
    return made


def run(args):
    """Read the runs, choose, sort, print."""
    wanted = [conditions.read(text) for text in args.where]
    by, shown = known(args.sort, "--sort"), [known(name, "--show") for name in args.show]
    if args.json and args.csv:
        raise UsageError("--json does not go with --csv: give one of them")
    folders = [each for given in args.folder for each in runs_in(given)]
    rows = [row for row in map(listing.row, dict.fromkeys(folders))
            if all(holds(value_of(row, name), sign, value) for name, sign, value in wanted)]
    rows = in_order(rows, by)
    needed = {"run": 0, by: 0} | dict.fromkeys([*shown, *(name for name, *_ in wanted)])
    heads = [*NAMES, *(name for name in needed if name not in NAMES)]
    if args.json:
        for row in rows:
            print(json.dumps(row._asdict()))
    elif args.csv:
        out = csv.writer(sys.stdout, lineterminator="\n")
        out.writerow(heads)
        out.writerows([as_text(value_of(row, name)) for name in heads] for row in rows)
    else:
        print(width.harmless("\n".join(table(rows, heads, needed))))


def runs_in(given):
    """The runs in a folder that was named. Raises DataError where there is none."""
    path = Path(given)
    found = listing.find(path) if given else []
    if not found:
        if path.is_dir() and given:
            raise DataError(f"{given}: holds no runs; flatprop train leaves them in runs/, or in "
                            "what --out names")
        raise DataError(f"{given or repr(given)}: {why_no_run(given, 'config.json')}")
    return found


def value_of(row, name):
    """What a Row has under a name: a number, a text, or None; of a list its words."""
    value = getattr(row, name) if name in NAMES else row.options.get(name)
    if isinstance(value, list):
        return " ".join(map(as_text, value))
    return value


def in_order(rows, by):
    """Rows sorted by a name, those that do not have it last; equal ones stay as they are."""
    have = [row for row in rows if value_of(row, by) is not None]
    numbers = [as_number(value_of(row, by)) for row in have]
    keys = [as_text(value_of(row, by)) for row in have] if None in numbers else numbers
    order = sorted(range(len(have)), key=keys.__getitem__, reverse=by in HIGH_FIRST)
    return [have[i] for i in order] + [row for row in rows if value_of(row, by) is None]


def table(rows, heads, needed):
    """The lines of a table as wide as the terminal, without columns that have nothing in them, and
    below it what was left out and what has failed; needed are columns that stay.
    """
    if not rows:
        return ["no run is like that"]
    heads = [name for name in heads
             if name in needed or any(value_of(row, name) is not None for row in rows)]
    columns = {name: [name, *(cell(row, name) for row in rows)] for name in heads}
    widths = {name: max(map(len, column)) for name, column in columns.items()}
    left_out = []
    for name in LEFT_OUT:
        if sum(widths.values()) + 2 * len(widths) - 2 > width.columns():
            left_out += [name] if name not in needed and widths.pop(name, None) else []
    numbers = {name: all(as_number(value_of(row, name)) is not None for row in rows
                         if value_of(row, name) is not None) for name in widths}
    lines = ["  ".join(f"{columns[name][i]:{'>' if numbers[name] else '<'}{widths[name]}}"
                       for name in widths).rstrip() for i in range(len(rows) + 1)]
    if left_out:
        lines += width.wrap(f"not shown, as there is no room: {', '.join(sorted(left_out))}; "
                            "--csv has them", width.columns())
    failed = [row for row in rows if row.problem is not None]
    lines += [f"{row.run}: {row.problem}" for row in failed[:TOLD]]
    more = len(failed) - TOLD
    return lines + ([f"and {more} more are broken or diverged; --json tells"] if more > 0 else [])


def cell(row, name):
    """The text of a cell of the table."""
    value = value_of(row, name)
    if value is None:
        return "-"
    if name in ("test", "val", "test_loss", "val_loss"):
        return loss_text(value, 4)
    if name == "seconds":
        return f"{value:.1f} s"
    if name == "started":
        return value[:16].replace("T", " ")
    text, most = printable(as_text(value), 200), WIDEST.get(name, 24)
    return text if len(text) <= most else f"…{text[1 - most:]}" if name == "run" else (
        f"{text[:most - 1]}…")

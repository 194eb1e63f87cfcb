"""python -m exercises grade DIR: every submission in a folder, one row each.

DIR holds one folder or zip for each student. Each is graded on its own, in a worker process, its
code in children of that (exercises/sandbox); a submission that breaks is a row with its reason.
"""

import argparse
import csv
import io
import json
import os
import secrets
import sys
import tempfile
import time
from pathlib import Path

from cli.errors import Parser, UsageError, closest, number, whole
from exercises.grading import batch
from exercises.sandbox.limits import NotStarted
from exercises.sandbox.parent import Child
from exercises.sandbox.wire import printable
from saving import atomic

CATALOGUE = "exercises.catalogue"
FORMULA = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20")     # the wide ones too
WALLS = ("another user", "landlock", "seccomp")     # of walls.py; the limits are never missing
DESCRIPTION = """Grade every submission in a folder: each folder or zip in it is one, with the files
that init wrote. A submission that breaks is a row with its reason, and 0 points for what broke."""


def parser():
    """The options."""
    made = Parser(prog="python -m exercises grade", description=DESCRIPTION, allow_abbrev=False,
                  formatter_class=argparse.RawDescriptionHelpFormatter)
    made.add_argument("dir", metavar="DIR", help="the folder with one submission in each entry")
    made.add_argument("--jobs", type=whole(1), default=os.cpu_count() or 1, metavar="N",
                      help="submissions at a time (default: one for each core)")
    made.add_argument("--timeout", type=number(0.1, low_too=True), default=10.0, metavar="S",
                      help="seconds for one exercise of one submission (default: 10)")
    made.add_argument("--memory", type=whole(64), default=1024, metavar="MB",
                      help="memory for the student's code (default: 1024)")
    made.add_argument("--seed", type=whole(0), metavar="K",
                      help="of the random inputs (default: drawn, and told)")
    made.add_argument("--json", metavar="FILE", help="write everything here, messages and all")
    made.add_argument("--csv", metavar="FILE", help="write a table here, a column an exercise")
    made.add_argument("--only", action="append", metavar="NAME",
                      help="grade this submission alone, and show its messages; may be repeated")
    return made


def main(argv=None):
    """Run the command; gives its exit code."""
    args = parser().parse_args(argv)
    try:
        return run(args)
    except UsageError as error:
        print(f"python -m exercises grade: error: {error}", file=sys.stderr)
        return 2


def run(args, catalogue=CATALOGUE, scan=True):
    """Grade, and report. Raises UsageError."""
    paths = chosen(args.dir, args.only)
    check_places(args)
    check_walls()
    seed = secrets.randbits(32) if args.seed is None else args.seed
    settings = {"catalogue": catalogue, "seed": seed, "timeout": args.timeout,
                "memory": args.memory, "scan": scan}
    started, progress = time.monotonic(), Progress(len(paths))
    print(f"{len(paths)} submissions, seed {seed}, {args.jobs} at a time", file=sys.stderr)
    try:
        rows = batch.grade(paths, settings, args.jobs, 60 + 30 * args.timeout, progress.row)
        code = 0
    except batch.Interrupted as stop:
        rows, code = stop.args[0], 130
        print(f"interrupted after {len(rows)} of {len(paths)}", file=sys.stderr)
    seconds = time.monotonic() - started
    report = {"seed": seed, "seconds": round(seconds, 2), "complete": code == 0,
              "submissions": rows}
    try:
        if args.json:
            atomic.write_text(args.json, json.dumps(report, indent=1) + "\n")
        if args.csv:
            atomic.write_text(args.csv, as_csv(rows))
    except OSError as error:
        raise UsageError(f"{error.filename or 'the results'}: {error.strerror}") from error
    say(table(rows))
    if args.only:
        say("\n".join(messages(row) for row in rows))
    return code


def say(text):
    """Print a text; what the terminal has no letters for, in a name perhaps, as ?."""
    encoding = sys.stdout.encoding or "utf-8"
    print(text.encode(encoding, "replace").decode(encoding))


def chosen(folder, only):
    """The paths of the submissions. Raises UsageError."""
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError as error:
        raise UsageError(f"{folder}: {error.strerror}") from error
    known = {entry.name: entry.path for entry in entries if not entry.name.startswith(".")
             and (entry.is_dir() or entry.name.lower().endswith(".zip"))}
    for name in only or []:
        if name not in known:
            raise UsageError(f"no submission {name!r} in {folder}.{closest(name, list(known))}")
    if not known:
        raise UsageError(f"{folder} holds no folders and no zips: it should have one for each "
                         "student")
    return [known[name] for name in only or known]


def check_places(args):
    """Refuse places for the results that cannot be written, before an hour of grading."""
    for option, place in (("--json", args.json), ("--csv", args.csv)):
        if place and not (Path(place).parent.is_dir() and not Path(place).is_dir()):
            raise UsageError(f"{option} {place}: no file can be there; is the folder missing?")


def check_walls():
    """Start a child with nothing in it; say which walls do not stand here. Raises UsageError."""
    with tempfile.TemporaryDirectory() as empty:
        try:
            with Child(empty) as child:
                child.start()
                missing = [wall for wall in WALLS if wall not in child.standing]
        except (NotStarted, OSError) as error:
            raise UsageError(f"no process for students' code: {' '.join(str(error).split())}"
                             ) from error
    if missing and sys.platform == "linux":
        print(f"not to be had here: {', '.join(missing)}; see docs/instructors.md",
              file=sys.stderr)


class Progress:
    """A line on stderr for each row; on a terminal, one line that changes."""

    def __init__(self, count):
        self.count, self.done = count, 0
        self.terminal = sys.stderr.isatty()

    def row(self, row):
        """Count a row, and say so."""
        self.done += 1
        name = named(row, 40)
        line = f"{self.done}/{self.count} {name} {points(row)}"
        if row["reason"]:
            line += f"  {one_line(row['reason'], 60)}"
        if self.terminal and not row["reason"]:
            print(f"\r\x1b[K{line}", end="\n" if self.done == self.count else "",
                  file=sys.stderr, flush=True)
        else:
            print(f"\r\x1b[K{line}" if self.terminal else line, file=sys.stderr, flush=True)


def table(rows):
    """The rows for people."""
    width = max([len("submission"), *(min(len(row["submission"]), 40) for row in rows)])
    lines = [f"{'submission':<{width}}  {'points':>11}  passed  {'time':>6}  reason"]
    for row in rows:
        seconds = "" if row["seconds"] is None else f"{row['seconds']:.1f} s"
        lines.append(f"{named(row, 40):<{width}}  {points(row):>11}  "
                     f"{row['passed']:>6}  {seconds:>6}  {one_line(row['reason'], 80)}".rstrip())
    scores = [row["points"] for row in rows]
    if len(scores) > 1:
        lines.append(f"{len(scores)} submissions: mean {sum(scores) / len(scores):.1f} points, "
                     f"from {min(scores):g} to {max(scores):g}; "
                     f"{sum(bool(row['reason']) for row in rows)} with a reason")
    return "\n".join(lines)


def messages(row):
    """What each exercise of a row says."""
    lines = [f"\n{named(row)}"]
    for each in row["exercises"]:
        lines.append(f"  {each['id']:<22} {each['points']:>5g}/{each['out_of']:<3g} "
                     f"{each['status']}")
        if each["status"] not in ("passed", "not written"):
            lines += [f"      {line}" for line in printable(each["message"]).splitlines()]
    return "\n".join(lines)


def points(row):
    """The points of a row, of all there are."""
    return f"{row['points']:g}/{row['out_of']:g}" if row["out_of"] is not None else "0/?"


def named(row, limit=2000):
    """The name of a submission on one line, spaces and all: "ann " is not ann."""
    return printable(row["submission"], limit).replace("\n", "?").replace("\t", "?")


def one_line(text, limit):
    """Text of a student's as one short line."""
    return printable(" ".join(text.split()), limit)


def as_csv(rows):
    """The rows for a spreadsheet; no cell of a student's can be a formula."""
    ids = next(([each["id"] for each in row["exercises"]] for row in rows if row["exercises"]), [])
    file = io.StringIO()
    # Texts in quotes: a spreadsheet that takes ; for the end of a cell would begin another there.
    writer = csv.writer(file, lineterminator="\n", quoting=csv.QUOTE_NONNUMERIC)
    writer.writerow(["submission", "points", "out of", "passed", "reason", *ids])
    for row in rows:
        by_id = {each["id"]: each["points"] for each in row["exercises"]}
        name, reason = cell(named(row)), cell(one_line(row["reason"], 300))
        writer.writerow([name, row["points"], row["out_of"], row["passed"], reason,
                         *[by_id.get(id, 0) for id in ids]])
    return file.getvalue()


def cell(text):
    """Text that a spreadsheet takes as text."""
    text = printable(text)
    return f"'{text}" if text.strip()[:1] in FORMULA else text


if __name__ == "__main__":
    sys.exit(main())

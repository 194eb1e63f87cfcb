"""Rows for people: progress, the table, the messages."""

import sys

from flatprop import ending, system, width
from flatprop.exercises import screen
from flatprop.exercises.sandbox.wire import printable

REASON = 24         # the narrowest column for a reason
NAME = 60           # characters of a submission's name in the table; an LMS makes long ones


def say(text, kept=False):
    """Print a text, with ? for letters that the terminal cannot write.

    kept: whether what it says is in a file, too
    """
    encoding = sys.stdout.encoding or "utf-8"
    text = text.encode(encoding, "replace").decode(encoding)
    with ending.going_on(sys.stdout, kept):
        print(text, flush=True)


class Progress:
    """A line on stderr for each row; on a terminal, one line that changes.

    kept: whether the rows go into a file, so that they are wanted though nobody reads any more
    """

    def __init__(self, count, kept=False):
        self.count, self.done, self.kept = count, 0, kept
        self.terminal = system.obeys_escapes(sys.stderr)

    def row(self, row):
        """Count a row, and say so."""
        self.done += 1
        name = printable_name(row["submission"], NAME)
        line = f"{self.done}/{self.count} {name} {points(row)}"
        if row["reason"]:
            line += f"  {one_line(row['reason'], 60)}"
        stays = not self.terminal or row["reason"] or self.done == self.count
        if self.terminal:       # a line that is folded could not be written over
            line = f"{system.CLEAR_LINE}{line[:width.columns() - 1]}"
        self.tell(line, end="\n" if stays else "")

    def tell(self, text, end="\n"):
        """Print on stderr. Raises BrokenPipeError if nobody reads that, nor stdout, nor a file."""
        try:
            ending.tell(text, end)
        except BrokenPipeError:
            if not self.kept:
                raise


def table(rows):
    """The rows for people."""
    most = min(NAME, width.columns() - 41) if sys.stdout.isatty() else NAME
    names = [printable_name(row["submission"], most) for row in rows]
    longest = max(map(len, ["submission", *names]))
    lines = [f"{'submission':<{longest}}  {'points':>11}  passed  {'time':>6}  reason"]
    for name, row in zip(names, rows, strict=True):
        seconds = "" if row["seconds"] is None else f"{row['seconds']:.1f} s"
        first = f"{name:<{longest}}  {points(row):>11}  {row['passed']:>6}  {seconds:>6}  "
        lines += screen.beside(first, one_line(row["reason"], 100), REASON)
    scores = [row["points"] for row in rows]
    if len(scores) > 1:
        lines.append(f"{len(scores)} submissions: mean {sum(scores) / len(scores):.1f} points, "
                     f"from {min(scores):g} to {max(scores):g}; "
                     f"{sum(bool(row['reason']) for row in rows)} with a reason")
    return "\n".join(lines)


def messages(row):
    """What each exercise of a row says."""
    lines = ["\n" + printable_name(row["submission"])]
    if row["reason"] and not row["exercises"]:
        lines.append(f"  {one_line(row['reason'], 2000)}")
    for each in row["exercises"]:
        lines.append(f"  {each['id']:<22} {each['points']:>5g}/{each['out_of']:<3g} "
                     f"{each['status']}")
        if each["status"] not in ("passed", "not written"):
            lines += [f"      {line}" for line in printable(each["message"]).splitlines()]
    return "\n".join(lines)


def points(row):
    """The points of a row, of all there are."""
    return f"{row['points']:g}/{row['out_of']:g}" if row["out_of"] is not None else "0/?"


def printable_name(name, limit=2000):
    """A name on one line, spaces and all: "ann " is not ann."""
    return printable(name, limit).replace("\n", "?").replace("\t", "?")


def one_line(text, limit):
    """Text of a student's as one short line."""
    return printable(" ".join(text.split()), limit)

"""What a gradient check reports: a line for each gradient, what was found, the worst entries."""

import re
from typing import Any, NamedTuple

from flatprop import width
from flatprop.gradcheck.differences import AGREES, KINK, NOISE, WRONG
from flatprop.gradcheck.measure import relative_error
from flatprop.system import GREEN, RED, YELLOW, paint

COLUMNS = (AGREES, KINK, NOISE, WRONG)
HEADINGS = ("agree", "kink", "noise", "wrong")
NUMBERS = (7, 6, 5, 6, 6)       # the columns of checked and these
WORST = 3           # entries shown side by side


class Report(NamedTuple):
    """The outcome of a check."""

    subject: str    # its name
    lines: list     # a Measured for each gradient of the right shape
    found: list     # of Finding, the most telling first

    @property
    def wrong(self) -> bool:
        """Whether anything fails: a wrong entry, or a breach of the contract."""
        return any(line.wrong for line in self.lines) or any(each.fails for each in self.found)

    def count(self, verdict: str) -> int:
        """How many entries of all gradients have a verdict: agrees, kink, ..."""
        return sum(line.count(verdict) for line in self.lines)

    def raise_if_wrong(self) -> None:
        """Raise AssertionError with the whole report, if anything is wrong."""
        if self.wrong:
            raise AssertionError(f"\n{self}")

    def __str__(self):
        """The report with the table's heading, as print shows it."""
        return f"{heading()}\n{self.text()}"

    def text(self, colours: bool = False) -> str:
        """The report as a person reads it: a line for each gradient, then what was found."""
        body = [row(self.subject, line, colours) for line in self.lines]
        for each in self.found:
            body += finding_text(self.subject, each, self.line_of(each.where), colours)
        return "\n".join(body)

    def line_of(self, name):
        """The Measured of a gradient by name, or None."""
        return next((line for line in self.lines if line.name == name), None)

    def as_dict(self) -> dict[str, Any]:
        """The report as plain data, for json."""
        return {
            "subject": self.subject, "wrong": self.wrong,
            "gradients": [{
                "name": line.name, "shape": list(line.analytic.shape),
                "checked": len(line.verdicts), "directions": len(line.directions),
                **{heading: line.count(verdict)
                   for heading, verdict in zip(HEADINGS, COLUMNS, strict=True)},
                "wrong_directions": line.directions.count(WRONG),
                "max_relative_error": line.max_error,
            } for line in self.lines],
            "found": [{"kind": each.kind, "where": each.where, "says": each.says,
                       "remedy": each.remedy, "fails": each.fails} for each in self.found],
        }


def heading():
    """The heading of the table's lines, the last the largest relative error."""
    return in_columns("subject", "gradient", ("checked", *HEADINGS), "rel. error")


def in_columns(subject, gradient, counts, error):
    """Texts as a line of the table.

    A narrow terminal leaves 21 columns for it, one of 89 columns or more leaves 30.
    """
    numbers = "".join(f"{text:>{size}}" for text, size in zip(counts, NUMBERS, strict=True))
    room = max(8, min(30, width.columns() - 59) - max(0, len(gradient) - 15))
    return f"{shorten(subject, room)} {gradient:<15} {numbers}  {error}"


def shorten(subject, room):
    """A subject in so many columns. Of a path that is too long the last folders are kept."""
    ends = [subject, *(f"...{subject[cut.start():]}" for cut in re.finditer(r"[/\\]", subject))]
    return next((f"{end:<{room}}" for end in ends if len(end) <= room),
                f"...{subject[3 - room:]}")


def row(subject, line, colours):
    """One gradient as a line of the table."""
    counts = [line.count(verdict) for verdict in COLUMNS]
    counts[3] += line.directions.count(WRONG)
    shape = str(tuple(line.analytic.shape)).replace(" ", "")
    checked = f"{len(line.verdicts)}" + (f"+{len(line.directions)}d" if line.directions else "")
    text = in_columns(subject, f"{line.name} {shape}", (checked, *counts),
                      f"{line.max_error:.1e}")
    return paint(text, RED if line.wrong else GREEN, colours)


def summary(reports, seconds):
    """All reports in two lines."""
    agree, kinks, noise, wrong = (sum(report.count(verdict) for report in reports)
                                  for verdict in COLUMNS)
    gradients = sum(len(report.lines) for report in reports)
    failed = sum(report.wrong for report in reports)
    outcome = f"{failed} of {len(reports)} WRONG" if failed else "nothing wrong"
    return (f"{gradients} gradients, {agree + kinks + noise + wrong:,} entries: {agree:,} agree, "
            f"{kinks:,} kink, {noise:,} noise, {wrong:,} wrong; {seconds:.1f} s\n{outcome}")


def finding_text(subject, found, line, colours):
    """A finding with its remedy, and the worst entries of its gradient side by side."""
    label = f"{subject}: {found.kind}: " if found.fails else f"{subject}: remark: "
    lines = width.wrap(label + found.says, width.columns(), "  ", "  ")
    lines[0] = paint(lines[0], RED if found.fails else YELLOW, colours)
    if found.remedy:
        lines += width.wrap("-> " + found.remedy, width.columns(), "     ", "  ")
    if found.fails and line is not None and line.wrong:
        lines += worst_entries(line)
    return lines


def worst_entries(line):
    """The worst entries, as the gradient has them and as differences do."""
    wrong = [index for index, verdict in line.verdicts.items() if verdict == WRONG]
    if not wrong:
        return ["     wrong along a direction, in none of the entries sampled"]
    wrong.sort(key=lambda index: -abs(line.analytic[index] - line.numeric[index]))
    lines = [f"     {'entry':<16} {'backward':>14} {'differences':>14} {'relative error':>15}"]
    for index in wrong[:WORST]:
        place = line.name + (str(list(index)) if index else "")
        a, g = line.analytic[index], line.numeric[index]
        lines.append(f"     {place:<16} {a:>14.6g} {g:>14.6g} {relative_error(a, g):>15.1e}")
    return lines

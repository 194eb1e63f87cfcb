"""What a gradient check reports: a line for each gradient, what was found, the worst entries."""

import textwrap
from typing import NamedTuple

from flatprop.gradcheck.differences import AGREES, KINK, NOISE, WRONG
from flatprop.gradcheck.measure import relative_error
from flatprop.system import GREEN, RED, YELLOW, paint

COLUMNS = (AGREES, KINK, NOISE, WRONG)
HEADINGS = ("agree", "kink", "noise", "wrong")
WORST = 3           # entries shown side by side


class Report(NamedTuple):
    """The outcome of a check."""

    subject: str    # its name
    lines: list     # a Measured for each gradient of the right shape
    found: list     # of Finding, the most telling first

    @property
    def wrong(self):
        """Whether anything fails: a wrong entry, or a breach of the contract."""
        return any(line.wrong for line in self.lines) or any(each.fails for each in self.found)

    def count(self, verdict):
        """How many entries of all gradients have a verdict: agrees, kink, ..."""
        return sum(line.count(verdict) for line in self.lines)

    def raise_if_wrong(self):
        """Raise AssertionError with the whole report, if anything is wrong."""
        if self.wrong:
            raise AssertionError(f"\n{heading()}\n{self.text()}")

    def text(self, colours=False):
        """The report as a person reads it: a line for each gradient, then what was found."""
        body = [row(self.subject, line, colours) for line in self.lines]
        for each in self.found:
            body += finding_text(self.subject, each, self.line_of(each.where), colours)
        return "\n".join(body)

    def line_of(self, name):
        """The Measured of a gradient by name, or None."""
        return next((line for line in self.lines if line.name == name), None)

    def as_dict(self):
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
    """The heading of the table's lines."""
    names = "".join(f"{name:>7}" for name in HEADINGS)
    return f"{'subject':<30} {'gradient':<9} {'shape':<10} {'checked':>8}{names}  max rel. error"


def row(subject, line, colours):
    """One gradient as a line of the table."""
    counts = [line.count(verdict) for verdict in COLUMNS]
    counts[3] += line.directions.count(WRONG)
    numbers = "".join(f"{count:>7}" for count in counts)
    shape = str(tuple(line.analytic.shape)).replace(" ", "")
    checked = f"{len(line.verdicts)}" + (f"+{len(line.directions)}d" if line.directions else "")
    text = f"{subject:<30} {line.name:<9} {shape:<10} {checked:>8}{numbers}  {line.max_error:.1e}"
    return paint(text, RED if line.wrong else GREEN, colours)


def summary(reports, seconds):
    """All reports in one line."""
    agree, kinks, noise, wrong = (sum(report.count(verdict) for report in reports)
                                  for verdict in COLUMNS)
    gradients = sum(len(report.lines) for report in reports)
    failed = sum(report.wrong for report in reports)
    outcome = f"{failed} of {len(reports)} WRONG" if failed else "nothing wrong"
    return (f"{gradients} gradients, {agree + kinks + noise + wrong:,} entries: {agree:,} agree, "
            f"{kinks:,} at a kink, {noise:,} below the noise floor, {wrong:,} wrong; "
            f"{seconds:.1f} s. {outcome}.")


def finding_text(subject, found, line, colours):
    """A finding with its remedy, and the worst entries of its gradient side by side."""
    label = f"{subject}: {found.kind}: " if found.fails else f"{subject}: remark: "
    lines = wrap(label + found.says, "  ")
    lines[0] = paint(lines[0], RED if found.fails else YELLOW, colours)
    if found.remedy:
        lines += wrap("-> " + found.remedy, "     ")
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


def wrap(text, indent):
    """Text in lines of at most 100 characters."""
    return textwrap.wrap(text, 100, initial_indent=indent, subsequent_indent=indent + "  ")


"""From the scores of several learners on the same rows to one table, as Markdown.

Behind means: the mean of the differences, seed by seed, is below zero by more than two of its
standard errors; ahead is the same above zero.
"""

import collections
import json
import math
import statistics
from typing import NamedTuple

FLATPROP, MLP, BOOSTING = SYSTEMS = ("flatprop", "MLP", "HistGradientBoosting")
OTHERS = (MLP, BOOSTING)


class Difference(NamedTuple):
    """The mean of paired differences, its standard error, and "behind", "ahead" or "" for neither.
    """

    mean: float
    error: float
    verdict: str


def read(path, seeds=None):
    """The results in a file of lines, of some seeds or of all that are there.

    -> {(table, system): {seed: the line of benchmarks.tables.learners}}; a later line counts
    """
    results = collections.defaultdict(dict)
    if path.exists():
        for line in path.read_text(encoding="utf-8").splitlines():
            try:
                one = json.loads(line)
            except ValueError:      # the last line of a process that was killed
                continue
            if seeds is None or one["seed"] in seeds:
                results[one["table"], one["system"]][one["seed"]] = one
    return results


def difference(ours, theirs):
    """The Difference of two lists of scores, seed by seed."""
    each = [a - b for a, b in zip(ours, theirs, strict=True)]
    mean = statistics.fmean(each)
    error = statistics.stdev(each) / math.sqrt(len(each)) if len(each) > 1 else math.inf
    verdict = "behind" if mean < -2 * error else "ahead" if mean > 2 * error else ""
    return Difference(mean, error, verdict)


def ranks(scores):
    """The rank of each score among them, 1 for the highest; equal ones share their mean rank."""
    return [1 + sum(other > score for other in scores)
            + (sum(other == score for other in scores) - 1) / 2 for score in scores]


def in_common(results, table):
    """{system: its results by seed} of a table, for the seeds and test rows that all systems have.
    """
    found = {system: results.get((table, system), {}) for system in SYSTEMS}
    first, *others = found.values()
    seeds = [seed for seed in sorted(first) if all(
        seed in one and one[seed]["test"] == first[seed]["test"] for one in others)]
    return {system: [one[seed] for seed in seeds] for system, one in found.items()}


def markdown(results, tables):
    """The lines of the whole comparison.

    results, as read gives them; tables, the names
    """
    head = ["table", "seeds", *SYSTEMS, *(f"minus {other}" for other in OTHERS),
            *(f"s, {system}" for system in SYSTEMS), f"wall s, {FLATPROP}"]
    body, all_ranks, absent = [], [], []
    verdicts = {other: [] for other in OTHERS}
    for table in tables:
        common = in_common(results, table)
        if not common[FLATPROP]:
            absent.append(table)
            continue
        scores = {system: [100 * one["score"] for one in common[system]] for system in SYSTEMS}
        means = [statistics.fmean(scores[system]) for system in SYSTEMS]
        all_ranks.append(ranks([round(mean, 9) for mean in means]))
        differences = [difference(scores[FLATPROP], scores[other]) for other in OTHERS]
        for other, found in zip(OTHERS, differences, strict=True):
            verdicts[other].append(found.verdict)
        seconds = [statistics.fmean(one["seconds"] for one in common[system])
                   for system in SYSTEMS]
        wall = statistics.fmean(one["wall"] for one in common[FLATPROP])
        body.append([table, str(len(common[FLATPROP])), *(f"{mean:.2f}" for mean in means),
                     *(f"{found.mean:+.2f} ± {found.error:.2f} {found.verdict}".strip()
                       for found in differences),
                     *(f"{value:.2f}" for value in (*seconds, wall))])
    if not body:
        return ["No table has results of all systems on the same rows yet."]
    mean_ranks = [statistics.fmean(column) for column in zip(*all_ranks, strict=True)]
    lines = aligned([head, ["---"] * 2 + ["--:"] * (len(head) - 2), *body])
    lines += ["", "Accuracy or R^2, times 100; ± is a standard error of the differences, seed by "
              "seed; behind or ahead are more than two of them.",
              f"Mean rank of {len(SYSTEMS)}: " + ", ".join(
        f"{system} {rank:.2f}" for system, rank in zip(SYSTEMS, mean_ranks, strict=True)) + "."]
    for other, found in verdicts.items():
        lines.append(f"{FLATPROP} against {other}, of {len(found)} tables: behind on "
                     f"{found.count('behind')}, ahead on {found.count('ahead')}, neither on "
                     f"{found.count('')}.")
    if absent:
        lines.append(f"Without results of all systems: {', '.join(absent)}.")
    return lines


def aligned(table):
    """Rows of cells as lines of Markdown whose bars stand below each other."""
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    return ["| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
            + " |" for row in table]

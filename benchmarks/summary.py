"""From the samples of a speed record to medians, ratios and a table."""

import statistics

OURS = "flatprop"
PYTORCH = ("pytorch", "pytorch-compile")
DISTURBING = 0.05


def medians_by_round(cell):
    """One dict a round: contender -> the median of its blocks, in microseconds a step."""
    return [
        {name: statistics.median(us) for name, us in samples.items()} for samples in cell["rounds"]
    ]


def microseconds(cell):
    """contender -> the median over the rounds."""
    rounds = medians_by_round(cell)
    return {name: statistics.median(one[name] for one in rounds) for name in rounds[0]}


def quartiles(cell, name):
    """The first and the third quartile of all blocks of a contender, of all rounds."""
    us = [value for samples in cell["rounds"] for value in samples[name]]
    first, _, third = statistics.quantiles(us, n=4, method="inclusive")
    return first, third


def ratios(cell, over, under):
    """How many times as long `over` takes as `under`: (median, least, greatest) of the rounds.

    Each is a name or a tuple of names, of which the fastest in each round counts. None if one of
    the two is missing.
    """
    found = []
    for one in medians_by_round(cell):
        tops, bottoms = (
            [one[name] for name in ((names,) if isinstance(names, str) else names) if name in one]
            for names in (over, under)
        )
        if not tops or not bottoms:
            return None
        found.append(min(tops) / min(bottoms))
    return statistics.median(found), min(found), max(found)


def geometric_mean(cells, over, under):
    """The geometric mean over the cells of the median ratio, and the cells with the least.

    -> mean, least, that cell; or None if no cell has both
    """
    pairs = [(ratios(cell, over, under), cell) for cell in cells]
    pairs = [(found[0], cell) for found, cell in pairs if found is not None]
    if not pairs:
        return None
    mean = statistics.geometric_mean([ratio for ratio, _ in pairs])
    least, cell = min(pairs, key=lambda pair: pair[0])
    return mean, least, cell


def disturbed(cell):
    """Whether other processes or guests took more than DISTURBING of the machine meanwhile."""
    return cell["others"] is not None and sum(cell["others"].values()) > DISTURBING


def text(record):
    """The lines that speed.py prints: a table of the cells, then the geometric means."""
    names = list(record["contenders"])
    them = [name for name in names if name not in (OURS, "flatprop-numpy", "products")]
    lines = ["microseconds a step, the median of the rounds"]
    lines.append(f"{'network':17} {'rule':9}" + "".join(f"{name:>16}" for name in names))
    for cell in record["cells"]:
        us = microseconds(cell)
        numbers = "".join(f"{us[name]:16.4g}" if name in us else f"{'-':>16}" for name in names)
        lines.append(f"{cell['network']:17} {cell['rule']:9}{numbers}")
    if OURS not in names:
        return lines

    lines += ["", f"how many times as fast {OURS} is: median of the rounds (least..greatest)"]
    columns = [*them, "share of products"]
    lines.append(f"{'network':17} {'rule':9}" + "".join(f"{name:>20}" for name in columns))
    for cell in record["cells"]:
        found = [ratios(cell, name, OURS) for name in [*them, "products"]]
        numbers = "".join(f"{spread(one):>20}" for one in found)
        lines.append(f"{cell['network']:17} {cell['rule']:9}{numbers}")

    lines.append("")
    for title, names in [*zip(them, them, strict=True), ("the better PyTorch", PYTORCH)]:
        found = geometric_mean(record["cells"], names, OURS)
        if found:
            mean, least, cell = found
            lines.append(f"geometric mean over {title}: {mean:.2f}; "
                         f"least {least:.2f} ({cell['network']}, {cell['rule']})")
    number = sum(disturbed(cell) for cell in record["cells"])
    if number:
        lines.append(f"{number} of {len(record['cells'])} cells were disturbed: other processes "
                     f"took more than {DISTURBING:.0%} of the machine; measure again, alone")
    return lines


def spread(found):
    """A ratio with its range, as text."""
    if found is None:
        return "-"
    return f"{found[0]:.2f} ({found[1]:.2f}..{found[2]:.2f})"

"""The plot of a speed record: the time of a step over the time of its products alone."""

import summary

STYLES = {  # drawn in this order; the last ones lie on top
    "sklearn": ("#8c6d31", "v"), "pytorch": ("#d62728", "s"), "pytorch-compile": ("#ff9896", "D"),
    "jax-loop": ("#aec7e8", "P"), "jax": ("#1f77b4", "^"), "flatprop-numpy": ("#98df8a", "o"),
    "flatprop": ("#2ca02c", "o"),
}
TICKS = [1, 1.5, 2, 3, 4, 6, 10, 15, 20, 30, 50, 100]


def save(record, titles, rules, path):
    """Draw one panel for each rule, networks from small to large, and write an SVG."""
    import matplotlib
    matplotlib.use("Agg")
    from matplotlib import pyplot as plt

    present = [rule for rule in rules if any(c["rule"] == rule for c in record["cells"])]
    networks = list(dict.fromkeys(cell["network"] for cell in record["cells"]))
    names = [name for name in STYLES if name in record["contenders"]]
    settings = {"svg.hashsalt": "flatprop", "font.size": 11, "axes.spines.top": False,
                "axes.spines.right": False}
    with plt.rc_context(settings):
        figure, panels = plt.subplots(
            len(present), 1, figsize=(9, 0.9 + 3.1 * len(present)), sharex=True, squeeze=False,
            layout="constrained")
        for rule, axes in zip(present, panels[:, 0], strict=True):
            cells = [cell for cell in record["cells"] if cell["rule"] == rule]
            for order, name in enumerate(names):
                draw(axes, cells, networks, name, titles[name], (order + 0.5) / len(names) - 0.5)
            finish(axes, networks, rules[rule])
        handles, labels = panels[0, 0].get_legend_handles_labels()
        figure.legend(handles[::-1], labels[::-1], loc="outside upper center", frameon=False,
                      ncols=4)
        path.parent.mkdir(parents=True, exist_ok=True)
        figure.savefig(path, metadata={"Date": None})
        plt.close(figure)


def draw(axes, cells, networks, name, title, offset):
    """One contender: median of the rounds, and a line from the least to the greatest."""
    found = [(cell["network"], summary.ratios(cell, name, "products")) for cell in cells]
    found = [(network, ratio) for network, ratio in found if ratio is not None]
    middle = [ratio[0] for _, ratio in found]
    below = [ratio[0] - ratio[1] for _, ratio in found]
    above = [ratio[2] - ratio[0] for _, ratio in found]
    colour, marker = STYLES[name]
    axes.errorbar([networks.index(network) + 0.8 * offset for network, _ in found], middle,
                  [below, above], fmt=marker, color=colour, label=title, markersize=7,
                  elinewidth=1.5, markeredgecolor="white", markeredgewidth=0.5)


def finish(axes, networks, title):
    """Axes, ticks and grid."""
    axes.set_yscale("log")
    axes.set_title(title, loc="left", fontsize=12, fontweight="bold")
    axes.set_ylabel("times the products alone")
    low, high = axes.get_ylim()
    axes.set_ylim(min(0.95, low), high)
    axes.set_yticks([tick for tick in TICKS if tick <= high], minor=False)
    axes.set_yticks([], minor=True)
    axes.yaxis.set_major_formatter(lambda value, _: f"{value:g}")
    axes.grid(axis="y", color="#dddddd", linewidth=0.8)
    axes.axhline(1, color="#555555", linewidth=1)
    axes.set_axisbelow(True)
    axes.set_xlim(-0.5, len(networks) - 0.5)
    for edge in range(1, len(networks)):
        axes.axvline(edge - 0.5, color="#eeeeee", linewidth=0.8)
    axes.set_xticks(range(len(networks)), networks, rotation=20, ha="right")

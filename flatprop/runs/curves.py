"""The curves of a run as one small SVG: losses above, metrics below, by epoch."""

WIDTH, HEIGHT, LEFT, GAP = 640, 180, 60, 30
COLOURS = {"train": "#4477aa", "val": "#cc6633"}


def svg(history):
    """The text of the picture. history: a list of dicts, one for each epoch (see metrics.py)."""
    panels = [("loss", "train_loss", "val_loss"), ("accuracy", "train_metric", "val_metric")]
    shown = [panel for panel in panels
             if any(entry[name] is not None for entry in history for name in panel[1:])]
    total = max(1, len(shown)) * (HEIGHT + GAP) + GAP
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {total}" '
             f'font-family="sans-serif" font-size="12">',
             f'<rect width="{WIDTH}" height="{total}" fill="white"/>']
    for i, (title, *names) in enumerate(shown):
        parts += draw_panel(history, title, names, GAP + i * (HEIGHT + GAP))
    return "\n".join([*parts, "</svg>", ""])


def draw_panel(history, title, names, top):
    """Axes, `top` pixels down, with a line for training and one for validation: a list of tags."""
    series = {kind: [(entry["epoch"], entry[name]) for entry in history if entry[name] is not None]
              for kind, name in zip(COLOURS, names, strict=True)}
    values = [value for points in series.values() for _, value in points]
    low, high = min(values), max(values)
    high = high if high > low else low + 1
    first, last = history[0]["epoch"], max(history[-1]["epoch"], history[0]["epoch"] + 1)
    right = WIDTH - 90

    def place(epoch, value):
        across = LEFT + (epoch - first) / (last - first) * (right - LEFT)
        return f"{across:.1f},{top + (high - value) / (high - low) * (HEIGHT - 20):.1f}"

    bottom = top + HEIGHT - 20
    parts = [f'<path d="M{LEFT} {top}V{bottom}H{right}" fill="none" stroke="#999"/>']
    for value, y in ((high, top + 4), (low, bottom + 4)):
        parts.append(f'<text x="{LEFT - 6}" y="{y}" text-anchor="end">{value:.3g}</text>')
    for text, x in ((first, LEFT), (last, right), ("epoch", (LEFT + right) / 2)):
        parts.append(f'<text x="{x}" y="{bottom + 16}" text-anchor="middle">{text}</text>')
    for i, (kind, points) in enumerate(series.items()):
        if points:
            line = " ".join(place(*point) for point in points)
            parts.append(f'<polyline points="{line}" fill="none" stroke="{COLOURS[kind]}" '
                         'stroke-width="1.5"/>')
            parts.append(f'<text x="{right + 8}" y="{top + 12 + 16 * i}" fill="{COLOURS[kind]}">'
                         f"{kind} {title}</text>")
    return parts

"""The page: what was run and its result on top, then the sections of one run, or a comparison."""

from pathlib import Path

from flatprop import __version__
from flatprop.runs.report import comparison, sections
from flatprop.runs.report.drawing import rc_context
from flatprop.runs.report.figures import STYLE, Drawings
from flatprop.runs.report.text import escape, plural


def build(records, test_part, images=None):
    """The HTML of a report on one or more Records.

    test_part(run) gives the test part x (N, D), y of the run in a folder, or raises DataError,
    which the page tells; images is a folder (a Path) to save plots in, or None. Raises OSError if
    they cannot be written.
    """
    draw = Drawings(images)
    with rc_context(STYLE):
        if len(records) == 1:
            started = str(records[0].environment.get("started", ""))[:10]
            return fill(records[0].name, *sections.of_run(records[0], test_part, draw), started)
        body = comparison.body(records, draw)
        full = set(range(len(records)) if images else comparison.in_full(records))
        for i, record in enumerate(records):
            draw.prefix = f"run{i + 1}-"
            top, rest = (sections.of_run(record, test_part, draw) if i in full else
                         sections.in_short(record))
            body += (f'<details class="run"><summary>{escape(record.name)}'
                     f'<span class="soft"> · {escape(sections.result_line(record))}</span>'
                     f"</summary>\n{top}\n{rest}</details>\n")
    latest = max(str(each.environment.get("started", ""))[:10] for each in records)
    return fill(f"{plural(len(records), 'run')} compared", comparison.top(records), body, latest)


def fill(title, top, body, date=""):
    """The page around its parts, which are HTML but for the title and the date in its head."""
    page, css = ((Path(__file__).parent / name).read_text(encoding="utf-8")
                 for name in ("page.html", "page.css"))
    return page.format(title=escape(title), version=__version__,
                       date=f", {escape(date)}" if date else "", top=top, body=body, css=css)

"""The page: what was run and its result on top, then the sections of one run, or a comparison."""

from matplotlib import rc_context

from data import atomic
from flatprop.cli.errors import UsageError
from flatprop.runs.report import comparison, sections, svg
from flatprop.runs.report.css import CSS
from flatprop.runs.report.words import escape, plural

WIDTH = 100     # pixels of the page for an inch of a figure
PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="generator" content="flatprop">
<title>{title}</title>
<style>{css}</style>
</head>
<body>
<header>
<p class="kicker">{kicker}</p>
<h1>{title}</h1>
{top}
</header>
<main>
{body}
</main>
<footer>Made by flatprop's report.py.</footer>
</body>
</html>
"""


class Drawings:
    """Puts figures into the page, and into a folder as well if there is one (a Path or None)."""

    def __init__(self, folder):
        self.folder, self.prefix = folder, ""

    def figure(self, figure, name, label, caption="", remark=""):
        """A <figure> with a caption. name is that of its files, label says what it shows."""
        full = f"{self.prefix}{name}"
        content = svg.write(figure, "svg")
        if self.folder is not None:
            try:
                atomic.write_bytes(self.folder / f"{full}.svg", content)
                atomic.write_bytes(self.folder / f"{full}.png", svg.write(figure, "png"))
            except OSError as error:
                raise UsageError(f"--images {self.folder}: cannot be written: "
                                 f"{error.strerror or error}") from error
        remark = f" <span>{escape(remark)}</span>" if remark else ""
        caption = f"<figcaption>{escape(caption)}{remark}</figcaption>" if caption else ""
        wide = round(WIDTH * figure.get_figwidth())     # so that text is of one size in all
        return (f'<figure style="width: min(100%, {wide}px)">{caption}'
                f"{svg.inline(content, full, label)}</figure>")


def build(records, images=None):
    """The HTML of a report on one or more Records. images: a Path to save plots in, or None.

    Raises UsageError if these cannot be written.
    """
    draw = Drawings(images)
    with rc_context(svg.STYLE):
        if len(records) == 1:
            record = records[0]
            run = sections.Sections(record, draw)
            return fill(record.name, "Training report", run.top(), run.body())
        body = comparison.body(records, draw)
        for number, record in enumerate(records, 1):
            draw.prefix = f"run{number}-"
            run = sections.Sections(record, draw)
            result = sections.result_line(record)
            body += (f'<details class="run"><summary>{escape(record.name)}'
                     f'<span class="soft"> · {escape(result)}</span></summary>\n'
                     f"{run.top()}\n{run.body()}</details>\n")
    return fill(f"{plural(len(records), 'run')} compared", "Training report",
                comparison.top(records), body)


def fill(title, kicker, top, body):
    """The page around its parts, which are HTML but for the title and the kicker."""
    return PAGE.format(title=escape(title), kicker=escape(kicker), top=top, body=body, css=CSS)

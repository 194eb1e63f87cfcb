"""Figures of matplotlib as SVG inside the page, in the page's own colours and font."""

import io
import math
import re
import warnings

from data import atomic
from flatprop.runs.report.text import escape

# The colours that plots use, as they are in saved files, and the page's variable for each, which
# is another colour in the dark.
PAPER, INK, SOFT, LINE = "#ffffff", "#1f2328", "#656d76", "#d8dee4"
ON, ON_ORANGE = "#fffffe", "#1f2329"        # text on strong colours
SERIES = ["#0b66c3", "#c9510c", "#1a7f4b", "#8250df", "#c4314b", "#0e7c86", "#8a5a12", "#bf3989"]
VARIABLES = {PAPER: "--paper", INK: "--ink", SOFT: "--soft", LINE: "--line", ON: "--on",
             ON_ORANGE: "--on-orange"}
VARIABLES |= {colour: f"--series{i}" for i, colour in enumerate(SERIES, 1)}
FONT = 8.5      # points, of all text in a figure
# Pixels of the page for an inch of a figure; and the fewest, where text has 11: a narrower screen
# scrolls it. A phone of 390 shows INCHES whole.
WIDTH, NARROWEST, INCHES = 120, 11 * 72 / FONT, 3.88
STYLE = {
    "svg.fonttype": "none", "svg.hashsalt": "flatprop", "text.parse_math": False,
    "font.size": FONT, "font.family": ["DejaVu Sans"], "text.color": INK,
    "figure.facecolor": PAPER, "axes.facecolor": PAPER, "axes.edgecolor": SOFT,
    "axes.labelcolor": SOFT, "axes.labelpad": 6, "axes.linewidth": 0.6, "axes.spines.top": False,
    "axes.spines.right": False, "axes.grid": True, "axes.axisbelow": True,
    "axes.formatter.use_mathtext": False, "grid.color": LINE, "grid.linewidth": 0.6,
    "xtick.color": SOFT, "ytick.color": SOFT, "xtick.major.size": 0, "ytick.major.size": 0,
    "xtick.minor.size": 0, "ytick.minor.size": 0, "legend.frameon": False, "legend.fontsize": FONT,
    "lines.linewidth": 1.4,
}


class Drawings:
    """Puts figures into the page, and into a folder as well if there is one (a Path or None)."""

    def __init__(self, folder):
        self.folder, self.prefix = folder, ""

    def figure(self, figure, name, label, caption="", remark=""):
        """A <figure> with a caption. name is that of its files, label says what it shows."""
        full = f"{self.prefix}{name}"
        content = write(figure, "svg")
        if self.folder is not None:
            atomic.write_bytes(self.folder / f"{full}.svg", content)
            atomic.write_bytes(self.folder / f"{full}.png", write(figure, "png"))
        remark = f" <span>{escape(remark)}</span>" if remark else ""
        caption = f"<figcaption>{escape(caption)}{remark}</figcaption>" if caption else ""
        wide = round(WIDTH * figure.get_figwidth())     # so that text is of one size in all
        return (f'<figure style="width: min(100%, {wide}px)">{caption}'
                f"{inline(content, full, label, math.ceil(NARROWEST * figure.get_figwidth()))}"
                "</figure>")


def write(figure, kind):
    """The bytes of a figure, kind "svg" or "png", without the date and the maker's address."""
    held = io.BytesIO()
    about = {"svg": {"Date": None, "Creator": None, "Format": None, "Type": None},
             "png": {"Software": None}}[kind]
    with warnings.catch_warnings():
        # A name in another script: the page's font has the letters that matplotlib's lacks.
        warnings.filterwarnings("ignore", message="Glyph .* missing")
        figure.savefig(held, format=kind, dpi=160, metadata=about)
    figure.set_layout_engine("none")        # it is laid out now; once more would take as long
    return held.getvalue()


def inline(content, name, label, narrowest):
    """The bytes of an SVG as an <svg> element of at least so many pixels. name makes its ids its
    own."""
    text = content.decode("utf-8")
    text = text[text.index("<svg"):].strip()
    text = re.sub(r"<metadata>.*?</metadata>|<style[^>]*>.*?</style>|<!--.*?-->", "", text,
                  flags=re.DOTALL)
    wanted = set(re.findall(r'(?:url\(#|href="#)([^")]+)', text))

    def fix(match):
        """One tag: no names of the page's other elements, no addresses, the page's colours."""
        tag = match.group()
        tag = re.sub(r'\sxmlns(:\w+)?="[^"]*"', "", tag).replace("xlink:href=", "href=")
        tag = re.sub(r'\sid="([^"]*)"',
                     lambda found: f' id="{name}-{found.group(1)}"'
                     if found.group(1) in wanted else "", tag)
        tag = re.sub(r'(url\(#|href="#)', rf"\g<1>{name}-", tag)
        for colour, variable in VARIABLES.items():
            tag = tag.replace(colour, f"var({variable})")
        return tag

    text = re.sub(r"<[^>]*>", fix, text)
    opening = re.match(r'<svg[^>]*viewBox="([^"]*)"[^>]*>', text)
    return (f'<svg viewBox="{opening.group(1)}" role="img" aria-label="{escape(label)}" '
            f'style="min-width: {narrowest}px">'
            + text[opening.end():])

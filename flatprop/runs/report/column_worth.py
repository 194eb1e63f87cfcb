"""What each column of a table is worth to a Performance's model: its permutation importance."""

import math

import numpy as np

from flatprop.runs import importance
from flatprop.runs.report.text import escape, number, plural, table

MOST = 20           # columns that are shown
WORTH = "What each column is worth"


def of_columns(tested):
    """What importance.of_sample gives of a table, or None of other data, and of principal
    components, each of which is made of all columns."""
    fitted = None if tested is None else tested.record.saved.preprocessing
    if fitted is None or fitted.columns is None or fitted.components is not None:
        return None
    return importance.of_sample(tested.record.saved, np.asarray(tested.x), tested.learned)


def measures_of(columns):
    """The measures of a result of importance.of_columns, and what they are called as losses."""
    names = [name for name in columns[0] if name != "column"]
    return {name: f"{'lost' if name in importance.HIGH_IS_GOOD else 'more'} "
                  f"{name.replace('R^2', 'R²')}" for name in names}


def explanation(rows, tested, count):
    """How the numbers were made, of so many rows, and how many of the columns are shown."""
    part = ("the rows of the test part" if rows == len(tested.y) else
            f"{rows:,} of the {len(tested.y):,} rows of the test part, drawn at random")
    shown = f" The first {MOST} of {count:,} are shown." if count > MOST else ""
    return (f"How much worse it does where a column's values are shuffled among {part}: the mean "
            f"of {importance.REPEATS} shuffles, and its standard error over the rows. Near 0 is a "
            f"column that it does not use, or that others tell of too.{shown}")


def too_long(tested):
    """The line on a test part that takes too long."""
    return (f"With {plural(len(tested.record.saved.preprocessing.columns), 'column')} that takes "
            f"long: flatprop evaluate {tested.record.saved.run} --importance tells it.")


def text_of(one):
    """A mean and its error, a dict, with two digits of the error: 0.123 ± 0.012."""
    mean, error = one["mean"], one["error"]
    if not error:
        return number(mean)
    decimals = min(max(1 - math.floor(math.log10(error)), 0), 9)
    return f"{round(mean, decimals) + 0.0:,.{decimals}f} ± {error:,.{decimals}f}".replace("-", "−")


def section(tested, draw, bars):
    """The section, as HTML; bars is plots.bars."""
    found = of_columns(tested)
    if found is None:
        return ""
    columns, rows = found
    if columns is None:
        return f"<h2>{WORTH}</h2><p>{escape(too_long(tested))}</p>\n"
    shown, measures = columns[:MOST], measures_of(columns)
    first, label = next(iter(measures.items()))
    figure = bars([one["column"] for one in shown], [one[first]["mean"] for one in shown], label,
                  [one[first]["error"] or 0 for one in shown])
    lines = [[escape(one["column"], 24), *(text_of(one[name]) for name in measures)]
             for one in shown]
    return (f"<h2>{WORTH}</h2><p>{escape(explanation(rows, tested, len(columns)))}</p>"
            '<div class="beside">' + draw.figure(figure, "worth", f"{label} by column shuffled")
            + table(["column", *map(escape, measures.values())], lines) + "</div>\n")

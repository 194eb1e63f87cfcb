"""The lines that tell what was found out about a table: in the log of a run, and by inspect."""

import datetime

from data import encode
from data.columns import describe_form
from data.rows import SHOWN
from flatprop.runs.text import printable

MOST_COLUMNS = 20       # with a line each
LONGEST_NAME = 24


def lines(about, rare=()):
    """The lines for the `about` of a data set, see data.table.Table; none where there is none.

    rare, {class: examples}, are the classes that are in the training part alone.
    """
    if about is None:
        return []
    told = []
    if "columns" in about:
        told += [heading_line(about), *column_lines(about["columns"])]
    last = about.get("columns", [{}])[-1]
    told += label_lines(about["label"], "the last column" + (
        " but the weights'" if last.get("weight") else ""))
    for name, count in dict(rare).items():
        told.append(f"warning    class {printable(name, LONGEST_NAME)!r} has {count} "
                    f"example{'s' if count > 1 else ''}, too few to share: all are in the training "
                    "part, none is validated or tested")
    return told


def inspect(raw, paths):
    """The lines of flatprop inspect for a data.own.Raw."""
    where = " ".join(map(str, paths))
    if raw.columns is None:
        first = [f"arrays     {where}: x {raw.x.shape}, y {raw.y.shape}"]
        if raw.weights is not None:
            low, high = raw.weights.min(), raw.weights.max()
            first.append(f"weights    {low:g} to {high:g}, how much each row counts in training")
    else:
        first = [f"data       {where}: {len(raw.x):,} rows, {encode.width(raw.columns):,} inputs"]
    if raw.classes is not None:
        counts = [int((raw.y == label).sum()) for label in range(len(raw.classes))]
        held = [f"{printable(name, LONGEST_NAME)} {count:,}"
                for name, count in zip(raw.classes, counts, strict=True)]
        more = f" and {len(held) - 20} more" if len(held) > 20 else ""
        classes = [f"classes    {', '.join(held[:20])}{more}"]
    else:
        classes = []
    return [*first, *lines(raw.about), *classes]


def heading_line(about):
    """How the table was taken apart."""
    text = f"table      {SHOWN.get(about['separator'], repr(about['separator']))} between cells; "
    text += f"line 1 is {'a heading' if about['heading'] else 'a row'}: {about['why']}"
    if about["why"] != "as asked":
        text += f" (--header {'no' if about['heading'] else 'yes'} overrules)"
    if about["comments"]:
        text += f"; {about['comments']} comment line{'s' if about['comments'] > 1 else ''}"
    return text


def column_lines(columns):
    """A line for each column, at most a screen of them: what is not plain goes before numbers."""
    chosen = columns
    if len(columns) > MOST_COLUMNS:
        order = {"left out": 0, "date": 1, "category": 2, "number": 3}
        kept = sorted(columns, key=lambda each: (order[each["kind"]], "form" not in each,
                                                 not each.get("missing")))[:MOST_COLUMNS]
        chosen = [each for each in columns if any(each is one for one in kept)]
    names = [printable(each["name"], LONGEST_NAME) for each in chosen]
    width = max(map(len, names))
    shown = [f"  {name:{width}}  {column_text(each)}"
             for name, each in zip(names, chosen, strict=True)]
    if len(chosen) < len(columns):
        rest = [each["kind"] for each in columns if not any(each is one for one in chosen)]
        counts = ", ".join(f"{rest.count(kind):,} {kind}" for kind in dict.fromkeys(rest))
        shown.append(f"  ... and {len(rest):,} more: {counts}")
    return shown


def column_text(about):
    """What one column was taken for."""
    kind, missing = about["kind"], about.get("missing", 0)
    if kind == "left out":
        text = f"left out: {about['why']}"
        return text + ("" if about["why"] == "as asked" else of_numbers(about))
    text = kind
    if kind == "category":
        text += f", {about['levels']:,} levels" + of_numbers(about)
        if "alike" in about:
            first, other = (printable(level, LONGEST_NAME) for level in about["alike"])
            text += f", {first!r} and {other!r} are two of them"
    elif "low" in about:
        text += f", {value(about, 'low')} to {value(about, 'high')}"
        if about.get("form"):
            text += f", written as {describe_form(about['form'])}"
    if about.get("weight"):
        text += ", how much the row counts in training, no input"
    return text + (f", {missing:,} missing" if missing else "")


def of_numbers(about):
    """How many cells of a column of words are numbers."""
    return f", {about['numbers']:,} of the cells are numbers" if about.get("numbers") else ""


def value(about, name):
    """The lowest or highest value of a column."""
    if about["kind"] != "date":
        return f"{about[name]:.6g}"
    return (datetime.datetime(1970, 1, 1) + datetime.timedelta(days=about[name])).strftime(
        "%Y-%m-%d")


def label_lines(label, last="the last column"):
    """What is predicted, and who decided it; last is what to call the column taken by default."""
    guessed = ", guessed: " if label["guessed"] else ", "
    text = f"label      {', '.join(label['names'])}: " if "names" in label else "label      y: "
    text += f"{label['task']}{guessed}{label['why']}"
    if label.get("other"):
        text += f" (--task {label['other']} overrules)"
    told = [text]
    if not label.get("chosen", True):
        told.append(f"           it is {last} (--label COLUMN names another)")
    if label.get("missing"):
        told.append(f"warning    {label['missing']:,} row"
                    f"{'s have' if label['missing'] > 1 else ' has'} no label, and "
                    f"{'are' if label['missing'] > 1 else 'is'} left out")
    return told

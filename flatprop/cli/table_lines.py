"""The lines that tell what was found out about a table: in the log of a run, and by inspect."""

import datetime

from data import encode
from data.column_forms import describe_form
from data.rows import SHOWN
from flatprop.runs.text import printable
from flatprop.system import quote
from flatprop.training.build import TRANSPOSED

MOST_COLUMNS = 20       # with a line each
LONGEST_NAME = 24
MOST_DOUBTS = 5
LABELS = {"label", "labels", "target", "targets", "class", "classes", "y", "outcome", "response"}


def lines(about, rare=(), folds=None):
    """The lines for the `about` of a data set, see data.table.Table; none where there is none.

    rare, {class: examples}, are the classes that are in the training part alone; of so many folds,
    those that not every fold has examples of.
    """
    if about is None:
        return []
    told = []
    if "columns" in about:
        told += [heading_line(about), *column_lines(about["columns"])]
    last = about.get("columns", [{}])[-1]
    told += label_lines(about["label"], "the last column" + (
        " but the weights'" if last.get("weight") else ""),
                        [each["name"] for each in about.get("columns", ())])
    told += doubts(about)
    for name, count in dict(rare).items():
        held = (f"warning    class {printable(name, LONGEST_NAME)!r} has {count} "
                f"example{'s' if count > 1 else ''}, too few")
        told.append(f"{held} for {folds} folds: not each of them has one" if folds else
                    f"{held} to share: all are in the training part, none is validated or tested")
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
    if about["separator"] is None:
        return "table      Parquet, which names its columns"
    text = f"table      {SHOWN.get(about['separator'], repr(about['separator']))} between cells; "
    kind = "a heading" if about["heading"] else "a row"
    text += f"line {about.get('line', 1)} is {kind}: {about['why']}"
    if about["why"] != "as asked":
        text += f" (--header {'no' if about['heading'] else 'yes'} overrules)"
    if about["comments"]:
        text += f"; {about['comments']} comment line{'s' if about['comments'] > 1 else ''}"
    if about.get("again"):
        text += f"; {about['again']:,} line{'s' if about['again'] > 1 else ''} like it left out"
    for name in about.get("shared", ())[:MOST_DOUBTS]:
        shown = printable(name, LONGEST_NAME)
        text += f"; several columns are named {shown!r}: here {shown + ' (1)'!r} and so on"
    titles = about.get("titles") or ()
    if titles:
        text += (f"; {len(titles)} line{'s' if len(titles) > 1 else ''} above it left out, such as "
                 f"{printable(titles[0], LONGEST_NAME)!r}")
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
            example = about.get("example")
            text += ", written as " + describe_form(
                about["form"], None if example is None else printable(example, LONGEST_NAME))
        name = quote(printable(about["name"], LONGEST_NAME))
        if about.get("padded"):
            text += f", with zeros in front, as codes have (--categorical {name} makes levels)"
        elif about.get("powers"):
            text += f", written as 1E5, as codes may be (--categorical {name} makes levels)"
        elif about.get("long"):
            text += f", too long to be told apart exactly (--categorical {name} makes levels)"
    if about.get("weight"):
        text += ", how much the row counts in training, no input"
    return text + (f", {missing:,} missing" if missing else "")


def doubts(about):
    """Warnings of what may not be what it looks like."""
    told, label = [], about["label"]
    columns = about.get("columns", ())
    if about.get("transposed"):
        told.append(f"warning    {TRANSPOSED}? {about['rows']:,} rows of {len(columns):,} cells, "
                    "the first a name; a row is an example, and a column is an input")
    if about.get("totals"):
        told.append(totals_line(about["totals"]))
    if about.get("copies"):
        told.append(copies_line(about["copies"]))
    if about.get("subtotals"):
        told.append(subtotals_line(about["subtotals"]))
    for each in [each for each in columns if each.get("suspect")][:MOST_DOUBTS]:
        told.append(suspect_line(each))
    for each in [each for each in columns if each.get("id") and "why" not in each][:MOST_DOUBTS]:
        name = printable(each["name"], LONGEST_NAME)
        told.append(f"warning    column {name!r} {each['id']}, and no two of its numbers are "
                    f"alike; if it is one: --ignore {quote(name)}")
    for each in [each for each in columns if each.get("ids")][:MOST_DOUBTS]:
        name = printable(each["name"], LONGEST_NAME)
        told.append(f"warning    column {name!r} is named as an id, with several rows of each of "
                    f"its {each['ids']:,} values: rows of one id may be in training and test both, "
                    f"and it is an input; if it is one: --ignore {quote(name)}, and --test-data "
                    "with rows of other ids")
    for each in about.get("leaks", ())[:MOST_DOUBTS]:
        name = printable(each["name"], LONGEST_NAME)
        told.append(f"warning    column {name!r} tells {', '.join(label['names'])} by itself: "
                    f"{each['why']}; if it is the label in other words: --ignore {quote(name)}")
    for each in columns if label["task"] == "classification" else ():
        if each["name"] in label.get("names", ()) and each.get("alike"):
            first, other = (printable(level, LONGEST_NAME) for level in each["alike"])
            told.append(f"warning    {first!r} and {other!r} are two classes; if they are one, "
                        "write them alike")
    return told


def copies_line(copies):
    """The warning of rows that come again."""
    often = f"each {copies['times']:,} times" if copies["times"] else (
        f"and {copies['again']:,} rows come again")
    return (f"warning    the {copies['rows']:,} rows are {copies['different']:,} different ones, "
            f"{often}, inputs and label: copies of test rows are trained on, and the scores are "
            "too good; take the copies out of the file")


def suspect_line(about):
    """The warning of numbers, or dates, of a column that may stand for missing ones."""
    shown = [value if isinstance(value, str) else f"{value:.15g}" for value, _ in about["suspect"]]
    cells = " and ".join(f"{each} in {count:,} cells" for each, (_, count) in zip(
        shown, about["suspect"], strict=True))
    is_one, kind = len(shown) == 1, "dates" if about["kind"] == "date" else "numbers"
    return (f"warning    column {printable(about['name'], LONGEST_NAME)!r}: {cells} "
            f"{'is' if is_one else 'are'} far from all other {kind}; if "
            f"{'it stands' if is_one else 'they stand'} for missing ones: --missing "
            f"{' '.join(map(quote, shown))}")


def totals_line(totals):
    """The warning of a last line that holds totals."""
    names = [printable(name, LONGEST_NAME) for name in totals["names"]]
    said = [f"says {printable(totals['word'], LONGEST_NAME)!r}"] if totals["word"] else []
    if names:
        shown = ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
        said.append(f"holds the sum of the numbers above it ({shown})")
    return (f"warning    the last row, line {totals['line']}, {' and '.join(said)}: a line of "
            "totals is no example; take it out of the file")


def subtotals_line(found):
    """The warning of lines that hold subtotals."""
    names = [printable(name, LONGEST_NAME) for name in found["names"]]
    shown = ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
    count, lines = found["count"], ", ".join(map(str, found["lines"]))
    more = f" and {count - len(found['lines']):,} more" if count > len(found["lines"]) else ""
    word = printable(found["word"], LONGEST_NAME)
    rows = (f"{count:,} rows, lines {lines}{more}, hold" if count > 1 else
            f"the row in line {lines} holds")
    return (f"warning    {rows} the sums of the rows above ({shown}), as {word!r}: "
            "lines of subtotals are no examples; take them out of the file")


def of_numbers(about):
    """How many cells of a column of words are numbers."""
    return f", {about['numbers']:,} of the cells are numbers" if about.get("numbers") else ""


def value(about, name):
    """The lowest or highest value of a column: of dates within a day the time besides."""
    if about["kind"] != "date":
        return f"{about[name]:.{'0f' if 1e6 <= abs(about[name]) < 1e15 else '6g'}}"
    start = datetime.datetime(1970, 1, 1)
    last = (datetime.datetime.max - start) // datetime.timedelta(seconds=1)
    # 24:00 on 9999-12-31 is a date of a table, but none of Python's.
    moment = start + datetime.timedelta(seconds=min(round(about[name] * 86_400), last))
    within_a_day = 0 < about["high"] - about["low"] < 1
    return moment.strftime("%Y-%m-%d %H:%M:%S" if within_a_day else "%Y-%m-%d")


def label_lines(label, last="the last column", names=()):
    """What is predicted, and who decided it; last is what to call the column taken by default,
    names are those of all columns."""
    guessed = ", guessed: " if label["guessed"] else ", "
    text = f"label      {', '.join(label['names'])}: " if "names" in label else "label      y: "
    text += f"{label['task']}{guessed}{label['why']}"
    if label.get("other"):
        text += f" (--task {label['other']} overrules)"
    told = [text]
    if not label.get("chosen", True):
        like = next((name for name in names if name.casefold() in LABELS
                     and name not in label.get("names", ())), None)
        doubt = " (--label COLUMN names another)" if like is None else (
            f", though one is named {like!r} (--label {quote(like)} predicts it)")
        told.append(f"           it is {last}{doubt}")
        if label.get("id"):
            told.append(f"warning    {printable(label['names'][0], LONGEST_NAME)} is another whole "
                        "number in each row, as an id is or a count of the rows; if it is one: "
                        f"--label {'COLUMN' if like is None else quote(like)}")
    for name, place in label.get("places", {}).items():
        told.append(f"           it is the column named {name!r}, number {place} of the table")
    if label.get("missing"):
        words = ", ".join(repr(printable(word, 8)) for word in label.get("words", ())[:5])
        told.append(f"warning    {label['missing']:,} row"
                    f"{'s have' if label['missing'] > 1 else ' has'} no label"
                    f"{f' ({words})' if words else ''}, and "
                    f"{'are' if label['missing'] > 1 else 'is'} left out")
        if words:
            name = quote(printable(label["names"][0], LONGEST_NAME))
            told[-1] += f"; --categorical {name} makes classes of words"
    return told

"""A model card: what others need to know of one run, as Markdown. Needs NumPy alone.

Whatever comes from the run passes through escape, so that a name is shown as it is, whatever it
holds: as a link, a picture, HTML or another cell it would be taken only without that.
"""

import datetime
import math

from flatprop.runs import metrics
from flatprop.runs.evaluation import MOST_CLASSES, most_confused
from flatprop.runs.report import column_worth, performance
from flatprop.runs.report.text import clean, duration, number, percent, plural

MOST_COLUMNS, MOST_VALUES = 200, 12     # columns that are listed, and categories of each
LONGEST_NAME, LONGEST_COMMAND = 100, 20_000
PLAIN = frozenset(" ,.-/()%+=;'")       # with letters and digits, no marks of Markdown in a line
FEW = 30                                # test examples of a class, below which its result is rough
SURE = 1.96                             # standard deviations on either side that hold 95%


def build(record, tested, reason, command, doubts):
    """The Markdown of a Record. tested: a Performance, or None and then the reason why.

    command is the line to type that trains such a run; doubts are texts on its data.
    """
    parts = [*head(record), *results(record, tested, reason), *by_class(tested), *folds(record),
             *data(record, tested), *columns(record), *worth(tested),
             *limits(record, tested, doubts), *making(record, command)]
    return "\n\n".join(parts) + "\n"


def escape(value, longest=LONGEST_NAME):
    """Any value as text in a line or a cell of Markdown that is shown as it is."""
    text = "".join(c if c.isalnum() or c in PLAIN or ord(c) > 127 else
                   "\\_" if c == "_" else f"&#{ord(c)};" for c in clean(value, longest))
    return text.replace("www.", "www&#46;")


def table(head, rows, text=1):
    """A table of cells that are Markdown already, the first `text` columns words, then numbers."""
    lines = [head, ["---" if i < text else "---:" for i in range(len(head))], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def head(record):
    """The title, and what the model predicts from what."""
    fitted, sizes = record.saved.preprocessing, record.saved.description["sizes"]
    names = fitted.target if isinstance(fitted.target, list) else [fitted.target]
    target = " and ".join(f"**{escape(name)}**" for name in names if name)
    kind = (f"one of {len(record.classes):,} classes" if record.classes is not None else
            plural(sizes[-1], "number"))
    inputs = (plural(sizes[0] - (0 if record.folds else fitted.added), "number")
              if fitted.columns is None else plural(len(fitted.columns), "column"))
    return [f"# {escape(record.name)}",
            f"It predicts {target}{', ' if target else ''}{kind}, from {inputs}. The model: "
            f"{escape(record.network)}, {plural(record.parameters, 'parameter')} "
            f"({record.saved.description['dtype']})."]


def results(record, tested, reason):
    """The result on the test part, and how sure it is."""
    parts = ["## Results"]
    if record.stale:
        parts.append("The run was gone on with after its test and has not come to its end: it has "
                     "no result of these weights.")
    if tested is None:
        parts.append(f"The test part cannot be had: {escape(reason, 1000)}")
        rows = [[name, percent(value) if name == "accuracy" else number(value)]
                for name, value in (record.result or {}).items() if value is not None]
        return [*parts, "What the run wrote down:", table(["", "test"], rows)] if rows else [
            *parts, *validation(record)]
    count, quality = len(tested.y), tested.quality
    if record.classes is None:
        rows = [["R²", metrics.value_text(quality["r2"])],
                ["mean absolute error", number(quality["mean_absolute_error"])],
                ["loss", number(quality["loss"])]]
        more = "R² is 0 for a model that always says the mean, and 1 for one without an error."
    else:
        low, high = interval(quality["accuracy"], count)
        most = max(each["count"] for each in quality["classes"])
        rows = [["accuracy", percent(quality["accuracy"])],
                ["balanced accuracy", percent(quality["balanced_accuracy"])],
                ["AUC", metrics.value_text(quality["auc"])], ["loss", number(quality["loss"])]]
        more = (f"With so many examples the accuracy is {percent(low)} to {percent(high)} (95%, "
                f"Wilson's interval). To say the commonest class always would be right on "
                f"{percent(most / count)}.")
    changed = performance.change(record, tested)
    return [*parts, f"On the test part, {plural(count, 'example')} that training did not see:",
            table(["", "test"], rows), more, *[changed] * bool(changed)]


def validation(record):
    """The result of the validation part, for a run that has no other."""
    loss, metric = record.validation["val_loss"], record.validation["val_metric"]
    rows = [[escape(record.metric), percent(metric) if record.metric == "accuracy" else
             number(metric)]] if metric is not None else []
    rows += [["loss", number(loss)]] if loss is not None else []
    if not rows:
        return []
    of = f"the mean of {len(record.folds)} folds" if record.folds else "of the best epoch"
    return [f"On the validation part ({of}), by which the best weights were chosen, so that on new "
            "rows they may do a little worse:", table(["", "validation"], rows)]


def interval(share, count):
    """The 95% interval of a share of so many examples: E. B. Wilson, JASA 22 (1927), 209-212."""
    z = SURE * SURE / count
    middle = share + z / 2
    half = math.sqrt(z * share * (1 - share) + z * z / 4)
    return max(0.0, (middle - half) / (1 + z)), min(1.0, (middle + half) / (1 + z))


def by_class(tested):
    """Precision, recall and F1 of each class, and the commonest mistakes."""
    if tested is None or tested.predicted is None:
        return []
    names, quality = tested.record.classes, tested.quality
    if len(names) > MOST_CLASSES:
        return ["## By class", f"{len(names):,} classes are too many to list."]
    rows = [[escape(name), *(percent(one[of]) for of in ("precision", "recall", "f1")),
             f"{one['count']:,}"] for name, one in zip(names, quality["classes"], strict=True)]
    parts = ["## By class", table(["class", "precision", "recall", "F1", "examples"], rows)]
    pairs = [f"{escape(names[i])} taken for {escape(names[j])} ({count:,})"
             for i, j, count in most_confused(quality["confusion"], 5)]
    return [*parts, f"The commonest mistakes: {', '.join(pairs)}."] if pairs else parts


def folds(record):
    """The best epoch and the validation result of each fold."""
    if not record.folds:
        return []
    best = [fold.best or {} for fold in record.folds]
    rows = [[escape(fold.name), f"{entry.get('epoch', 0):,} of {len(fold.history):,}",
             number(entry.get("val_loss"))] for fold, entry in zip(record.folds, best, strict=True)]
    measured = any(entry.get("val_metric") is not None for entry in best)
    if measured:
        rows = [[*row, metrics.value_text(entry.get("val_metric"))]
                for row, entry in zip(rows, best, strict=True)]
    return [
        "## Folds", "Each network is judged by its own share of the rows, which it was not trained "
        "on. The test result is that of their average.",
        table(["fold", "best epoch", "validation loss", *[escape(record.metric)] * measured], rows)]


def data(record, tested):
    """Where the examples are from, and how they were split."""
    options, about = record.options, record.saved.preprocessing.about
    rows = [[name.replace("_", " "), escape(words_of(options[name]), 1000)] for name in (
        "data", "label", "task", "val_data", "test_data", "folds", "fold", "val", "test", "seed")
            if options.get(name) is not None]
    known = metrics.as_number(about.get("rows")) if isinstance(about, dict) else None
    if known is not None:
        rows.append(["rows of the table", number(known)])
    if tested is not None:
        rows.append(["examples of the test part", f"{len(tested.y):,}"])
    if record.environment.get("data_hash"):
        rows.append(["hash", escape(record.environment["data_hash"])])
    return ["## Data", table(["", ""], rows, 2)] if rows else []


def words_of(value):
    """The value of an option as it is typed."""
    return " ".join(map(str, value)) if isinstance(value, list) else str(value)


def columns(record):
    """The inputs: of each column its kind, and its range or its categories."""
    held = record.saved.preprocessing.columns
    if held is None:
        return []
    known = about_columns(record.saved.preprocessing.about)
    rows = [[escape(each["name"]), escape(each["kind"]), range_of(each, known), missing(each, known)
             ] for each in held[:MOST_COLUMNS]]
    more = [f"And {len(held) - len(rows):,} more."] if len(held) > len(rows) else []
    return ["## Columns", table(["column", "kind", "values", "missing"], rows, 3), *more]


def about_columns(about):
    """{name: dict} of what was found out about each column; about is any value of a file."""
    found = about.get("columns") if isinstance(about, dict) else None
    return {each["name"]: each for each in (found if isinstance(found, list) else [])
            if isinstance(each, dict) and isinstance(each.get("name"), str)}


def missing(column, known):
    """How many cells of a column are empty, as text."""
    return number(metrics.as_number(known.get(column["name"], {}).get("missing")))


def range_of(column, known):
    """The lowest and highest value of a column, or its categories, as Markdown."""
    if column["kind"] == "category":
        shown = ", ".join(escape(each or "(empty)", 40) for each in column["values"][:MOST_VALUES])
        rest = len(column["values"]) - MOST_VALUES
        return shown + (f" and {rest:,} more" if rest > 0 else "")
    about = known.get(column["name"], {})
    ends = [metrics.as_number(about.get(name)) for name in ("low", "high")]
    if None in ends:
        return "–"
    return " to ".join(day(end) if column["kind"] == "date" else
                       f"{end:,.0f}" if 1e6 <= abs(end) < 1e15 else f"{end:,.6g}" for end in ends)


def day(count):
    """The date so many days after 1970-01-01."""
    try:
        return (datetime.datetime(1970, 1, 1) + datetime.timedelta(count)).strftime("%Y-%m-%d")
    except OverflowError:       # 24:00 on 9999-12-31, or a forged number
        return "–"


def worth(tested):
    """What each column of a table is worth, by shuffling its values."""
    found = column_worth.of_columns(tested)
    if found is None:
        return []
    parts, (columns, rows) = [f"## {column_worth.WORTH}"], found
    if columns is None:
        return [*parts, escape(column_worth.too_long(tested), 1000)]
    measures = column_worth.measures_of(columns)
    lines = [[escape(one["column"]), *(column_worth.text_of(one[name]) for name in measures)]
             for one in columns[:column_worth.MOST]]
    return [*parts, column_worth.explanation(rows, tested, len(columns)),
            table(["column", *measures.values()], lines)]


def limits(record, tested, doubts):
    """What the results do not say, as a list."""
    told = ["What it is meant for, where the data is from and whom it stands for, the run does not "
            "know: write it here."]
    if tested is not None:
        told.append("The result is of one test part. Of data of another time or place it says "
                    "nothing.")
    if tested is not None and tested.predicted is not None:
        few = [escape(name) for name, one in zip(record.classes, tested.quality["classes"],
                                                 strict=True) if one["count"] < FEW]
        told += [f"Of these classes the test part has fewer than {FEW} examples, so that their "
                 f"results are rough: {', '.join(few[:20])}{' ...' * (len(few) > 20)}."
                 ] if few else []
    if record.saved.preprocessing.columns is not None:
        told.append("Numbers outside the ranges above were never seen in training, and a category "
                    "that was not counts as none.")
    return ["## Limits", "\n".join(f"- {each}" for each in told + [
        escape(each, 1000) for each in doubts])]


def making(record, command):
    """The command, the training, the versions and the date."""
    environment = record.environment
    rows = [["training", duration(record.seconds)]]
    if record.best is not None:
        rows.append(["best epoch", f"{record.best['epoch']:,} of {len(record.history):,}"])
    rows += [[name.replace("_", " "), escape(environment[name])] for name in (
        "started", "flatprop", "python", "numpy", "system") if environment.get(name)]
    # A line that is indented is shown as it is; clean leaves it one line.
    return ["## How it was made", f"    {clean(command, LONGEST_COMMAND)}" if command else
            "It was fitted in Python, by flatprop.estimators.",
            table(["", ""], rows, 2)]

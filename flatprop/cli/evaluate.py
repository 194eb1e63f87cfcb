"""flatprop evaluate: score the model of a run on labelled examples, and show it in tables."""

import contextlib
import json

from data.by_name import NAMES
from data.errors import DataError
from flatprop import width
from flatprop.cli import common_options, devices, reading_again
from flatprop.cli.command import make_parser, run_command
from flatprop.runs import evaluation, folds, importance, model_inputs, new_data, predictions
from flatprop.runs.metrics import value_text
from flatprop.runs.text import loss_text, printable
from flatprop.training import own_model, threads
from flatprop.usage.errors import UsageError, whole
from layers.by_name import MARGIN_LOSSES

MOST_COLUMNS = 40       # whose importance is printed
LARGEST_MATRIX = 20     # classes; of more, the most confused pairs are listed
LONGEST_NAME = 24


def main(argv=None, open_device=devices.open_device):
    """Run the command; gives its exit code. open_device(name) gives what --device names."""
    return run_command("evaluate", lambda: run(parser().parse_args(argv), open_device))


def parser():
    """The parser of the command line."""
    made = make_parser("evaluate")
    common_options.add_run(made)
    made.add_argument("--data", nargs="+", default=None, metavar="FILE",
                      help="labelled examples: a table, a .npz with x and y (of one with x_test "
                           "and y_test, these), or two .npy, x and y (default: the run's own "
                           "test part)")
    made.add_argument("--label", nargs="+", default=None, metavar="COLUMN",
                      help="the label's column in a table, by its name, or its number from 1 or "
                           "from -1 at the end (default: the one of the training table)")
    common_options.add_encoding(made)
    common_options.add_accept_changes(made)
    own_model.add_option(made)
    threads.add_threads(made)
    devices.add_device(made)
    made.add_argument("--importance", action="store_true",
                      help="tell how much worse each column makes it when its values are shuffled "
                           "among the rows")
    made.add_argument("--repeats", type=whole(1), metavar="N",
                      help="how often each is shuffled, for --importance (default: 5)")
    common_options.add_seed(made, "of the shuffles of --importance (default: 0)")
    made.add_argument("--json", action="store_true", help="print one JSON object")
    made.stray = say_option
    return made


def say_option(args, words):
    """A line that says how these words are given to evaluate."""
    if args.json and words[0].endswith(".json"):
        return f"{words[0]}: --json prints; to keep what it prints, type > {words[0]} at the end"
    return (f"{' '.join(words)}: labelled examples are given with --data: "
            + common_options.swap(args.run, words[0], "flatprop evaluate {} --data {}"))


def run(args, open_device):
    """Evaluate, from the options to the table or the JSON."""
    if args.data is None and args.label is not None:
        raise UsageError("--label goes with --data FILE.csv")
    if args.data is not None and len(args.data) > 2:
        raise UsageError(f"--data takes one file, or two .npy (x and y), not {len(args.data)}; "
                         "has a * matched several?")
    if args.data is not None and args.data[0] in NAMES:
        raise UsageError(f"--data {args.data[0]}: sets by name are for training; without --data "
                         "the run's own test part is taken, with it a file of yours")
    for option, value in (("--repeats", args.repeats), ("--seed", args.seed)):
        if value is not None and not args.importance:
            raise UsageError(f"{option} goes with --importance, which shuffles columns")
    changed = common_options.what_changed_means(args, warn)
    saved = devices.load(args, changed, open_device)
    names = predictions.class_names(saved)
    if args.data is None:
        pairs = own_test_part(args.run, saved, changed)
    else:
        pairs = new_data.read_examples(args.data, saved, args.label, warn, args.encoding)
    if args.importance:
        x, y = importance.gather(pairs)
        pairs = evaluation.batches(x, y)
    with contextlib.ExitStack() as until:
        threads.use_for(args.threads, saved, until)
        scored = list(evaluation.score(saved.model, pairs))
        columns = None if not args.importance else importance.of_columns(
            saved, x, y, args.repeats or importance.REPEATS, args.seed or 0)
    if names is None:
        result = evaluation.regression(scored, saved.preprocessing)
    else:
        result = evaluation.classification(scored, len(names),
                                           saved.description["loss"] not in MARGIN_LOSSES)
    if args.json:
        print(as_json(args, names, result | ({} if columns is None else {"importance": columns})))
    else:
        text = as_text(args, saved.preprocessing, names, result)
        if columns is not None:
            text += "\n\n" + "\n".join(importance_lines(columns, result["examples"], args))
        print(width.fold_on_terminal(text))


def warn(text):
    width.say(f"flatprop evaluate: warning: {text}")


def own_test_part(run, saved, changed):
    """The run's own test part in batches (x, y), ready for the model; changed as for build."""
    try:
        x, y = reading_again.test_part(run, saved, changed)
        if folds.is_average(saved):
            y = folds.learned(y, saved)
        model_inputs.check_test_part(saved, x, y)
    except DataError as error:
        raise DataError(f"the run's own test part: {error}; or give others, --data FILE",
                        remedy=error.remedy) from error
    return evaluation.batches(x, y)


def as_text(args, fitted, names, result):
    """The result as lines for people; fitted is the run's Preprocessing."""
    where = "its own test part" if args.data is None else " ".join(args.data)
    count = folds.count(args.run)
    average = "" if count is None else f", the average of {count} networks"
    lines = [f"run        {args.run}, {args.which} weights{average}",
             f"data       {where}: {result['examples']:,} examples"]
    lines += (regression_lines(result, fitted) if names is None else
              class_lines(result, names))
    return "\n".join(lines)


def as_json(args, names, result):
    """The result as one line of JSON; what has no value is null."""
    if names is not None:
        classes = [{"class": name} | one
                   for name, one in zip(names, result["classes"], strict=True)]
        result = result | {"classes": classes}
    count = folds.count(args.run)
    about = {"run": args.run, "which": args.which, "data": args.data} | (
        {} if count is None else {"folds": count})
    return json.dumps(about | result, allow_nan=False)


def class_lines(result, names):
    """The lines for a result of evaluation.classification; names are those of the classes."""
    names = [printable(name, LONGEST_NAME) for name in names]
    rows = [["class", "precision", "recall", f"{'F1':>6}", f"{'count':>9}"]]
    macro = result["macro"] | {"count": result["examples"]}
    for name, one in zip([*names, "macro average"], [*result["classes"], macro], strict=True):
        scores = [one["precision"], one["recall"], one["f1"]]
        rows.append([name, *("-" if score is None else f"{score:.4f}" for score in scores),
                     f"{one['count']:,}"])
    lines = [f"loss               {loss_text(result['loss'])}",
             f"accuracy           {result['accuracy']:.4f}",
             f"balanced accuracy  {result['balanced_accuracy']:.4f}",
             f"AUC                {value_text(result['auc'])}"]
    if result["log_loss"] is not None:
        lines.append(f"log loss           {loss_text(result['log_loss'])}")
    lines += ["", *table_lines(rows)]
    if result["confusion"] is None:
        return lines
    small = len(names) <= LARGEST_MATRIX
    matrix = matrix_lines(result["confusion"], names) if small else None
    return [*lines, "", *(matrix or pair_lines(result["confusion"], names))]


def matrix_lines(confusion, names):
    """The confusion matrix, a row for each class, a column for each prediction; zeros as dots.

    The columns have names, or numbers where that is too wide. None if that is too wide as well.
    """
    short = [name if len(name) <= 8 else name[:7] + "…" for name in names]
    numbers = [str(place) for place in range(1, len(names) + 1)]
    numbered = [f"{number} {name}" for number, name in zip(numbers, names, strict=True)]
    for heads, firsts in ((short, names), (numbers, numbered)):
        rows = [[first, *(str(count or ".") for count in row)]
                for first, row in zip(firsts, confusion, strict=True)]
        lines = table_lines([["", *heads], *rows])
        if len(lines[0]) <= width.columns():
            return ["confusion matrix (rows: the class; columns: what it was taken for)", *lines]
    return None


def table_lines(rows):
    """Rows of texts as lines with columns, the first to the left and the others to the right."""
    left, *widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return ["  ".join([f"{first:{left}}", *map(str.rjust, rest, widths)]) for first, *rest in rows]


def pair_lines(confusion, names):
    """The most confused pairs of classes."""
    found = evaluation.most_confused(confusion)
    if not found:
        return ["no class was taken for another"]
    longest = max(len(names[i]) for i, _, _ in found)
    other = max(len(names[j]) for _, j, _ in found)
    return ["most confused",
            *(f"{names[i]:{longest}}  taken for {names[j]:{other}}  {count:7,} times"
              for i, j, count in found)]


def importance_lines(columns, examples, args):
    """The lines on what each column is worth, of importance.of_columns."""
    repeats = args.repeats or importance.REPEATS
    how = f"{repeats} shuffles" if repeats > 1 else "one shuffle"
    measures = [name for name in columns[0] if name != "column"]
    rows = [["column", *(f"{'lost' if name in importance.HIGH_IS_GOOD else 'more'} {name}"
                         for name in measures)]]
    for one in columns[:MOST_COLUMNS]:
        rows.append([printable(one["column"], LONGEST_NAME), *(
            f"{number_text(one[name]['mean'])} +- {number_text(one[name]['error'])}"
            for name in measures)])
    more = len(columns) - MOST_COLUMNS
    return [f"importance: what shuffling a column's values among the {examples:,} rows costs",
            f"(the mean of {how}, and its standard error over the rows)", *table_lines(rows),
            *([f"and {more:,} more, which --json has"] if more > 0 else [])]


def number_text(value):
    """A number that may have any unit; - for None."""
    if value is None:
        return "-"
    size = abs(value)
    return f"{round(value, 4) + 0.0:.4f}" if size < 10 else (
        f"{value:.4g}" if size < 1000 else f"{value:,.0f}")


def regression_lines(result, fitted):
    """The lines for a result of evaluation.regression; fitted is the Preprocessing."""
    r2 = "not defined: the target never varies"
    if result["r2"] is not None:
        r2 = loss_text(result["r2"], 4)
    lines = [f"loss                 {loss_text(result['loss'])}",
             f"mean absolute error  {result['mean_absolute_error']:.6g}",
             f"R^2                  {r2}"]
    what = ", half the squared error of a row, on average"
    if fitted.target_mean is None:
        lines[0] += what
    else:
        lines[0] += ", of standardized targets"
        lines.insert(1, f"loss in their unit   {result['loss_in_unit']:.6g}{what}")
    return lines

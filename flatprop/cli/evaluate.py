"""flatprop evaluate: score the model of a run on labelled examples, and show it in tables."""

import json

from data.errors import DataError
from flatprop.cli import build, common_options
from flatprop.cli.command import make_parser, run_command
from flatprop.cli.errors import UsageError
from flatprop.runs import evaluation, model_inputs, new_data, predictions, saved_model
from flatprop.runs.text import printable

LARGEST_MATRIX = 20     # classes; of more, the most confused pairs are listed
LONGEST_NAME = 24


def main(argv=None):
    """Run the command; gives its exit code."""
    return run_command("evaluate", lambda: run(parse(argv)))


def parse(argv):
    """The command line."""
    parser = make_parser("evaluate")
    common_options.add_run(parser)
    parser.add_argument("--data", nargs="+", default=None, metavar="FILE",
                        help="labelled examples: a .csv, a .npz with x and y (of one with x_test "
                             "and y_test, these), or two .npy, x and y (default: the run's own "
                             "test part)")
    parser.add_argument("--label", default=None, metavar="COLUMN",
                        help="the label's column in a .csv, by its name, or its number from 1 or "
                             "from -1 at the end (default: the one of the training table)")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    return parser.parse_args(argv)


def run(args):
    """Evaluate, from the options to the table or the JSON."""
    if args.data is None and args.label is not None:
        raise UsageError("--label goes with --data FILE.csv")
    if args.data is not None and len(args.data) > 2:
        raise UsageError(f"--data takes one file, or two .npy (x and y), not {len(args.data)}")
    saved = saved_model.load(args.run, args.which)
    names = predictions.class_names(saved)
    if args.data is None:
        pairs = own_test_part(args.run, saved)
    else:
        pairs = new_data.read_examples(args.data, saved, names, args.label)
    scored = evaluation.score(saved.model, pairs)
    if names is None:
        result = evaluation.regression(scored)
    else:
        result = evaluation.classification(scored, len(names))
    print(as_json(args, names, result) if args.json else as_text(args, names, result))


def own_test_part(run, saved):
    """The run's own test part in batches (x, y), ready for the model."""
    x, y = build.test_part(run)
    try:
        model_inputs.check_test_part(saved, x, y)
    except DataError as error:
        raise DataError(f"{error}; give --data") from error
    return evaluation.batches(x, y)


def as_text(args, names, result):
    """The result as lines for people."""
    where = "its own test part" if args.data is None else " ".join(args.data)
    lines = [f"run        {args.run}, {args.which} weights",
             f"data       {where}: {result['examples']:,} examples"]
    lines += regression_lines(result) if names is None else class_lines(result, names)
    return "\n".join(lines)


def as_json(args, names, result):
    """The result as one line of JSON; what has no value is null."""
    if names is not None:
        classes = [{"class": name} | one
                   for name, one in zip(names, result["classes"], strict=True)]
        result = result | {"classes": classes}
    return json.dumps({"run": args.run, "which": args.which, "data": args.data} | result,
                      allow_nan=False)


def class_lines(result, names):
    """The lines for a result of evaluation.classification; names are those of the classes."""
    names = [printable(name, LONGEST_NAME) for name in names]
    width = max(len(name) for name in [*names, "macro average"])
    lines = [
        f"loss       {result['loss']:.6f}",
        f"accuracy   {result['accuracy']:.4f}",
        "",
        f"{'class':{width}}  precision  recall      F1  {'count':>9}",
    ]
    for name, one in zip(names, result["classes"], strict=True):
        lines.append(f"{name:{width}}  {class_numbers(one)}  {one['count']:9,}")
    lines.append(f"{'macro average':{width}}  {class_numbers(result['macro'])}  "
                 f"{result['examples']:9,}")
    if result["confusion"] is None:
        return lines
    if len(names) <= LARGEST_MATRIX:
        return [*lines, "", *matrix_lines(result["confusion"], names)]
    return [*lines, "", *pair_lines(result["confusion"], names)]


def class_numbers(one):
    """Precision, recall and F1 in columns; a dash for what has no value."""
    parts = (one["precision"], one["recall"], one["f1"])
    texts = ["-" if part is None else f"{part:.4f}" for part in parts]
    return f"{texts[0]:>9}  {texts[1]:>6}  {texts[2]:>6}"


def matrix_lines(confusion, names):
    """The confusion matrix, a row for each class, a column for each prediction; zeros as dots."""
    cells = [["." if not count else str(count) for count in row] for row in confusion]
    heads = [name if len(name) <= 8 else name[:7] + "…" for name in names]
    left = max(len(name) for name in names)
    widths = [max(len(head), *(len(row[j]) for row in cells)) for j, head in enumerate(heads)]

    def line(first, rest):
        ends = (f"{text:>{width}}" for text, width in zip(rest, widths, strict=True))
        return f"{first:{left}}  {'  '.join(ends)}"

    return ["confusion matrix (rows: the class; columns: what it was taken for)", line("", heads),
            *(line(name, row) for name, row in zip(names, cells, strict=True))]


def pair_lines(confusion, names):
    """The most confused pairs of classes."""
    found = evaluation.most_confused(confusion)
    if not found:
        return ["no class was taken for another"]
    width = max(len(names[i]) for i, _, _ in found)
    other = max(len(names[j]) for _, j, _ in found)
    return ["most confused", *(f"{names[i]:{width}}  taken for {names[j]:{other}}  {count:7,} times"
                               for i, j, count in found)]


def regression_lines(result):
    """The lines for a result of evaluation.regression."""
    r2 = "not defined: the target never varies" if result["r2"] is None else f"{result['r2']:.4f}"
    return [
        f"loss                 {result['loss']:.6f}",
        f"mean absolute error  {result['mean_absolute_error']:.6g}",
        f"R^2                  {r2}",
    ]

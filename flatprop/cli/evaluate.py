"""flatprop evaluate: score the model of a run on labelled examples, and show it in tables."""

import json
import sys

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
    parser = make_parser("evaluate")
    common_options.add_run(parser)
    parser.add_argument("--data", nargs="+", default=None, metavar="FILE",
                        help="labelled examples: a .csv, a .npz with x and y (of one with x_test "
                             "and y_test, these), or two .npy, x and y (default: the run's own "
                             "test part)")
    parser.add_argument("--label", nargs="+", default=None, metavar="COLUMN",
                        help="the label's column in a .csv, by its name, or its number from 1 or "
                             "from -1 at the end (default: the one of the training table)")
    common_options.add_encoding(parser)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    return run_command("evaluate", lambda: run(parser.parse_args(argv)))


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
        pairs = new_data.read_examples(args.data, saved, names, args.label, warn, args.encoding)
    scored = evaluation.score(saved.model, pairs)
    if names is None:
        result = evaluation.regression(scored)
    else:
        result = evaluation.classification(scored, len(names))
    print(as_json(args, names, result) if args.json else as_text(args, names, result))


def warn(text):
    print(f"flatprop evaluate: warning: {text}", file=sys.stderr, flush=True)


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
    rows = [["class", "precision", "recall", f"{'F1':>6}", f"{'count':>9}"]]
    macro = result["macro"] | {"count": result["examples"]}
    for name, one in zip([*names, "macro average"], [*result["classes"], macro], strict=True):
        scores = [one["precision"], one["recall"], one["f1"]]
        rows.append([name, *("-" if score is None else f"{score:.4f}" for score in scores),
                     f"{one['count']:,}"])
    lines = [f"loss       {result['loss']:.6f}", f"accuracy   {result['accuracy']:.4f}", "",
             *table_lines(rows)]
    if result["confusion"] is None:
        return lines
    if len(names) <= LARGEST_MATRIX:
        return [*lines, "", *matrix_lines(result["confusion"], names)]
    return [*lines, "", *pair_lines(result["confusion"], names)]


def matrix_lines(confusion, names):
    """The confusion matrix, a row for each class, a column for each prediction; zeros as dots."""
    heads = [name if len(name) <= 8 else name[:7] + "…" for name in names]
    rows = [[name, *(str(count or ".") for count in row)]
            for name, row in zip(names, confusion, strict=True)]
    return ["confusion matrix (rows: the class; columns: what it was taken for)",
            *table_lines([["", *heads], *rows])]


def table_lines(rows):
    """Rows of texts as lines with columns, the first to the left and the others to the right."""
    left, *widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return ["  ".join([f"{first:{left}}", *map(str.rjust, rest, widths)]) for first, *rest in rows]


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

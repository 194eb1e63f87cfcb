"""Evaluate the model that a run has saved, on the run's own test part or on a file of
labelled examples.

examples:
  flatprop evaluate runs/2025-01-31-1                         its own test part
  flatprop evaluate runs/2025-01-31-1 --data new.csv          a table like that of training
  flatprop evaluate runs/2025-01-31-1 --data x.npy y.npy --json
"""

import json

from data.errors import DataError
from flatprop.cli import common_options, run_data, score_tables
from flatprop.cli.command import make_parser, run_command
from flatprop.cli.errors import UsageError
from flatprop.runs import evaluation, model_inputs, new_data, predictions, saved_model


def main(argv=None):
    """Run the command; gives its exit code."""
    return run_command("evaluate", lambda: run(parse(argv)))


def parse(argv):
    """The command line."""
    parser = make_parser("evaluate", __doc__)
    common_options.add_run(parser)
    parser.add_argument("--data", nargs="+", default=None, metavar="FILE",
                        help="labelled examples: a .csv, a .npz with x and y (of one with x_test "
                             "and y_test, these), or two .npy, x and y (default: the run's own "
                             "test part)")
    parser.add_argument("--label", default=None, metavar="COLUMN",
                        help="the label's column in a .csv, by its name, or its number from 1 or "
                             "from -1 at the end (default: the one of the training table)")
    common_options.add_json(parser)
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
    x, y = run_data.test_part(run)
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
    if names is None:
        return "\n".join(lines + score_tables.regression(result))
    return "\n".join(lines + score_tables.classification(result, names))


def as_json(args, names, result):
    """The result as one line of JSON; what has no value is null."""
    if names is not None:
        classes = [{"class": name} | one
                   for name, one in zip(names, result["classes"], strict=True)]
        result = result | {"classes": classes}
    return json.dumps({"run": args.run, "which": args.which, "data": args.data} | result,
                      allow_nan=False)

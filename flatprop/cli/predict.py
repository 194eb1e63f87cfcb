"""flatprop predict: read a chunk of inputs, score it, write it, go on."""

import itertools
import sys
from pathlib import Path

from flatprop.cli import common_options
from flatprop.cli.command import make_parser, run_command
from flatprop.cli.errors import UsageError, whole
from flatprop.cli.progress import report_progress
from flatprop.runs import new_data, new_tables, prediction_files, predictions, saved_model


def main(argv=None):
    """Run the command; gives its exit code."""
    parser = make_parser("predict")
    common_options.add_run(parser)
    parser.add_argument("input", metavar="INPUT", help="the inputs, or - (see below)")
    common_options.add_out(parser, "OUTPUT", "where the predictions go, or - (see below)",
                           required=True)
    parser.add_argument("--chunk", type=whole(1), default=None, metavar="N",
                        help="rows at a time (default: 1024, fewer where they are very long)")
    common_options.add_encoding(parser)
    parser.add_argument("--quiet", action="store_true",
                        help="no progress and no warnings on standard error")
    return run_command("predict", lambda: run(parser.parse_args(argv)))


def run(args):
    """Predict, from the options to the written file."""
    kind = output_kind(args.out, args.input)
    saved = saved_model.load(args.run, args.which)
    names, loss = predictions.class_names(saved), saved.description["loss"]

    def warn(text):
        if not args.quiet:
            print(f"flatprop predict: warning: {text}", file=sys.stderr, flush=True)

    rows_of_x = new_data.read_inputs(args.input, saved, args.chunk, warn, args.encoding)
    chunks = predict_chunks(saved.model, loss, names, rows_of_x)
    # The first is computed now: its errors come before any output.
    chunks = itertools.chain(list(itertools.islice(chunks, 1)), chunks)
    chunks = report_progress(chunks, "flatprop predict", args.quiet)
    columns = predictions.columns(loss, names, saved.description["sizes"][-1],
                                  new_tables.targets_of(saved))
    dtype = saved.model.theta.dtype

    def write(file):
        if kind == ".npy":
            width = len(columns) - (names is not None)
            return prediction_files.write_npy(file, width, dtype, chunks)
        return prediction_files.write_csv(file, columns, names, dtype, chunks)

    if kind == "-":
        write(sys.stdout.buffer)
        return
    rows = common_options.write_out(args.out, write)
    if not args.quiet:
        print(f"{args.out}: {rows:,} {'row' if rows == 1 else 'rows'}")


def output_kind(output, given):
    """.csv, .npy or -: what OUTPUT asks for. Raises UsageError if it cannot be written."""
    if output == "-":
        return "-"
    path = Path(output)
    if path.suffix.lower() not in (".csv", ".npy"):
        raise UsageError(f"-o {output}: its name must end in .csv or .npy, or be - for CSV on "
                         "standard output")
    if path.is_dir() or not path.parent.is_dir():
        problem = "is a folder" if path.is_dir() else "lies in a folder that is not there"
        raise UsageError(f"-o {output}: {problem}: name a file in a folder that is")
    if given != "-" and path.exists() and Path(given).exists() and path.samefile(given):
        raise UsageError(f"-o {output}: is the input itself: name another file")
    return path.suffix.lower()


def predict_chunks(model, loss, names, rows_of_x):
    """For each chunk of inputs: labels (n,) or None, and the numbers reported, (n, K)."""
    before = 0
    for x in rows_of_x:
        scores = predictions.finite_scores(model, x, before)
        before += len(x)
        yield (None if names is None else predictions.labels(scores),
               predictions.values(loss, scores).astype(scores.dtype))

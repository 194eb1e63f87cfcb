"""flatprop predict: read a chunk of inputs, score it, write it, go on."""

import itertools
import sys
from pathlib import Path

import numpy as np

from flatprop import system, width
from flatprop.cli import common_options
from flatprop.cli.command import make_parser, run_command
from flatprop.cli.errors import UsageError, whole
from flatprop.cli.progress import report_progress
from flatprop.runs import folds, new_data, new_tables, prediction_files, predictions


def main(argv=None):
    """Run the command; gives its exit code."""
    return run_command("predict", lambda: run(parser().parse_args(argv)))


def parser():
    """The parser of the command line."""
    made = make_parser("predict")
    common_options.add_run(made)
    made.add_argument("input", metavar="INPUT", help=(
        "the new inputs. A .csv has the columns of the training table, by name and in any order "
        "where there is a heading; the label's column may be there, others are named in a warning "
        "and ignored. A .npy is an array with a row (or an image) for each example, which is not "
        "read into memory at once; a .npz holds it as x. With -, CSV is read from standard input"))
    common_options.add_out(made, "OUTPUT", (
        "where the predictions go (must be given). A .csv has for classes a column prediction and "
        "for each class a column p(CLASS), its probability (of an SVM: score(CLASS)), for "
        "regression a column prediction, or prediction1, prediction2, ... A .npy has the same "
        "numbers as an array: a row for each input, a column for each class or output. With -, "
        "CSV is written to standard output"), required=True)
    made.add_argument("--chunk", type=whole(1), default=None, metavar="N",
                      help="rows at a time (default: 1024, fewer where they are very long)")
    common_options.add_encoding(made)
    made.add_argument("--quiet", action="store_true",
                      help="no progress and no warnings on standard error")
    made.stray = lambda args, words: (
        f"{words[0]}: INPUT is one file, {args.input}; has a * matched several? Type the command "
        "once for each")
    return made


def run(args):
    """Predict, from the options to the written file."""
    if not Path(args.run).is_dir() and Path(args.input).is_dir():
        raise UsageError(f"RUN {args.run} and INPUT {args.input} are swapped: type "
                         + common_options.swap(args.run, args.input, "flatprop predict {} {} -o ")
                         + system.quote(args.out))
    kind = output_kind(args.out, args.input)
    saved = folds.load(args.run, args.which)
    names = predictions.class_names(saved)

    def warn(text):
        if not args.quiet:
            width.say(f"flatprop predict: warning: {text}")

    rows_of_x = new_data.read_inputs(args.input, saved, args.chunk, warn, args.encoding)
    # In the unit of the data a large mean may need more digits than the network's numbers have.
    dtype = np.dtype(np.float64 if saved.preprocessing.target_mean is not None else
                     saved.model.theta.dtype)
    chunks = predict_chunks(saved, names, rows_of_x, dtype)
    # The first is computed now: its errors come before any output.
    chunks = itertools.chain(list(itertools.islice(chunks, 1)), chunks)
    chunks = report_progress(chunks, "flatprop predict", args.quiet)
    columns = predictions.columns(saved.description["loss"], names,
                                  saved.description["sizes"][-1], new_tables.targets_of(saved))

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
    common_options.check_out(output, ends=(".csv", ".npy"),
                             more=", or be - for CSV on standard output")
    path = Path(output)
    if given != "-" and path.exists() and Path(given).exists() and path.samefile(given):
        raise UsageError(f"-o {output}: is the input itself: name another file")
    return path.suffix.lower()


def predict_chunks(saved, names, rows_of_x, dtype):
    """For each chunk of inputs: labels (n,) or None, and the numbers reported, (n, K) of dtype."""
    before = 0
    for x in rows_of_x:
        scores = predictions.finite_scores(saved.model, x, before)
        before += len(x)
        yield (None if names is None else predictions.labels(scores),
               predictions.values(saved, scores).astype(dtype))

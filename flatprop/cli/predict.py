"""flatprop predict: read a chunk of inputs, score it, write it, go on."""

import contextlib
import itertools
import sys
from pathlib import Path

import numpy as np

from flatprop import ending, system, width
from flatprop.cli import common_options, devices
from flatprop.cli.command import make_parser, run_command
from flatprop.cli.progress import report_progress
from flatprop.runs import new_data, new_tables, prediction_files, predictions
from flatprop.training import own_model, threads
from flatprop.usage.errors import UsageError, whole


def main(argv=None, open_device=devices.open_device):
    """Run the command; gives its exit code. open_device(name) gives what --device names."""
    return run_command("predict", lambda: start(argv, open_device))


def start(argv, open_device):
    """Do what the command line says."""
    with contextlib.ExitStack() as until:
        run(parser().parse_args(argv), until, open_device)


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
        "for each class a column p(CLASS), its probability (of a margin loss, svm or "
        "squared_hinge: score(CLASS)), for regression a column prediction, or prediction1, "
        "prediction2, ... A .npy has the same numbers as an array: a row for each input, a column "
        "for each class or output. With -, CSV is written to standard output"), required=True)
    made.add_argument("--chunk", type=whole(1), default=None, metavar="N",
                      help="rows at a time (default: 1024, fewer where they are very long)")
    made.add_argument("--keep", nargs="+", default=[], metavar="COLUMN",
                      help="columns of a table to write before the predictions, as they stand "
                           "there, each by its name or its number (default: none)")
    common_options.add_encoding(made)
    common_options.add_accept_changes(made)
    own_model.add_option(made)
    threads.add_threads(made)
    devices.add_device(made)
    made.add_argument("--quiet", action="store_true",
                      help="no progress and no warnings on standard error")
    made.stray = lambda args, words: (
        f"{words[0]}: INPUT is one file, {args.input}; has a * matched several? Type the command "
        "once for each")
    return made


def run(args, until, open_device):
    """Predict, from the options to the written file; BLAS has its threads until `until`, an
    ExitStack, is closed.
    """
    if not Path(args.run).is_dir() and Path(args.input).is_dir():
        raise UsageError(f"RUN {args.run} and INPUT {args.input} are swapped: type "
                         + common_options.swap(args.run, args.input, "flatprop predict {} {} -o ")
                         + system.quote(args.out))
    kind = output_kind(args.out, args.input)
    check_keep(args, kind)

    def warn(text):
        if not args.quiet:
            width.say(f"flatprop predict: warning: {text}")

    changed = common_options.what_changed_means(args, warn)
    saved = devices.load(args, changed, open_device)
    threads.use_for(args.threads, saved, until)
    names = predictions.class_names(saved)
    kept = []
    rows_of_x = new_data.read_inputs(args.input, saved, args.chunk, warn, args.encoding, args.keep,
                                     kept.extend)
    # In the unit of the data a large mean may need more digits than the network's numbers have.
    dtype = np.dtype(np.float64 if saved.preprocessing.target_mean is not None else
                     saved.description["dtype"])
    chunks = predict_chunks(saved, names, rows_of_x, dtype)
    # The first is computed now: its errors come before any output.
    chunks = itertools.chain(list(itertools.islice(chunks, 1)), chunks)
    chunks = report_progress(chunks, "flatprop predict", args.quiet)
    columns = predictions.columns(saved.description["loss"], names,
                                  saved.description["sizes"][-1],
                                  new_tables.targets_of(saved.preprocessing))

    def write(file):
        if kind == ".npy":
            width = len(columns) - (names is not None)
            return prediction_files.write_npy(file, width, dtype, chunks)
        return prediction_files.write_csv(file, columns, names, dtype, chunks, kept)

    if kind == "-":
        write(sys.stdout.buffer)
        return
    rows = common_options.write_out(args.out, write)
    if not args.quiet:
        ending.confirm(f"{args.out}: {rows:,} {'row' if rows == 1 else 'rows'}")


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


def check_keep(args, kind):
    """Refuse --keep where there are no columns, or none can be written. Raises UsageError."""
    if args.keep and kind == ".npy":
        raise UsageError(f"--keep goes with a .csv, and -o {args.out} holds numbers alone: name a "
                         ".csv")
    if args.keep and args.input != "-" and Path(args.input).suffix.lower() in (".npy", ".npz"):
        raise UsageError(f"--keep goes with a table, and {args.input} has no columns with names: "
                         "leave it out")


def predict_chunks(saved, names, rows_of_x, dtype):
    """For each chunk of inputs: labels (n,) or None, the numbers reported, (n, K) of dtype, and
    the cells of the columns to keep."""
    before = 0
    for x, cells in rows_of_x:
        scores = predictions.finite_scores(saved.model, x, before)
        before += len(x)
        yield (None if names is None else predictions.labels(scores),
               predictions.values(saved, scores).astype(dtype), cells)

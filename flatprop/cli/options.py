"""The options of train.py, in the groups its --help shows."""

import argparse
import sys

from flatprop.cli import config
from flatprop.cli.errors import Parser, UsageError, number, one_of, whole

DESCRIPTION = """Train a neural network and report how well it does on data it has not seen.
Without options: a fully connected net on the handwritten digits that come with flatprop."""

EXAMPLES = """examples:
  python train.py
  python train.py --data FILE.csv --label COLUMN
  python train.py --data spiral --hidden 32 --epochs 100
  python train.py --data wave --model two_layer_regressor --hidden 20 --epochs 200
  python train.py --data mnist --data-dir DIR --hidden 512 512
  python train.py --resume runs/DATE-1"""


def parse(argv, names):
    """Read the command line. names gives the choices of each option that takes a name.

    With --resume the options are those of the run that is resumed, but for what may be given anew.
    """
    argv = sys.argv[1:] if argv is None else list(argv)
    if any(word.split("=")[0] == "--resume" for word in argv):
        for word in argv:
            option = word.split("=")[0]
            if option in OWN:
                raise UsageError(f"{option} does not go with --resume, which uses the run's own "
                                 "options; --epochs, --checkpoint-every, --progress and --quiet do")
        given = resume_parser().parse_args(argv)
        words = config.to_argv(config.of_run(given.resume), given.resume)
        args = full_parser(names).parse_args(words)
        args.resume, args.overwrite = given.resume, False
        args.out, args.config, args.print_config = given.resume, None, False
        for name in AGAIN:
            if getattr(given, name) is not None:
                setattr(args, name, getattr(given, name))
        return args
    first, _ = config_parser().parse_known_args(argv)
    if first.config is not None:
        argv = config.to_argv(config.of_file(first.config), first.config) + argv
    args = full_parser(names).parse_args(argv)
    args.resume = None
    return args


def config_parser():
    """A parser of --config alone, which must be read before the rest."""
    first = Parser(prog="train.py", add_help=False, allow_abbrev=False)
    first.add_argument("--config")
    return first


def resume_parser():
    """The options that go with --resume."""
    again = Parser(prog="train.py", allow_abbrev=False, description="Go on with a run. Its own "
                   "options are used; only these can be given anew.")
    again.add_argument("--resume", metavar="RUN", required=True, help="the run's folder")
    again.add_argument("--epochs", type=whole(0), metavar="N", help="train to N epochs in all; "
                       "a schedule that depends on their number then is that of N")
    add_display(again, None)
    return again


# What a run has of its own.
OWN = {"--" + name.replace("_", "-") for name in config.KNOWN if name != "epochs"} | {
    "--out", "--overwrite", "--config", "--print-config", "--find-rate", "--sanity"}
# What may be given anew with --resume.
AGAIN = ("epochs", "checkpoint_every", "progress", "quiet")


def add_display(group, progress):
    """The options of checkpoints and of what is shown, for train.py with --resume and without."""
    group.add_argument("--checkpoint-every", type=interval, metavar="STEPS|SECONDS",
                       default=progress and (None, 30.0),
                       help="how often to save: 500 for steps, 30s for seconds (default: 30s)")
    group.add_argument("--progress", type=one_of(PROGRESS), metavar="NAME", default=progress,
                       help="auto, bar (needs tqdm), lines (one an epoch) or none (default: auto, "
                            "a bar on a terminal that has tqdm, else lines)")
    group.add_argument("--quiet", action="store_true", default=None if progress is None else False,
                       help="print the result alone")


PROGRESS = ["auto", "bar", "lines", "none"]


def full_parser(names):
    """The parser of train.py's options."""
    parser = Parser(
        prog="train.py", description=DESCRIPTION, epilog=EXAMPLES, allow_abbrev=False,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )

    def choose(group, option, text, default, shown=None):
        listed = ", ".join(names[option])
        group.add_argument(option, type=one_of(names[option]), default=default, metavar="NAME",
                           help=f"{text}: {listed} (default: {default or shown})")

    def give(group, option, kind, metavar, text, default, shown=None):
        shown = default if shown is None else shown
        group.add_argument(option, type=kind, default=default, metavar=metavar,
                           help=f"{text} (default: {shown})")

    data = parser.add_argument_group("data")
    data.add_argument("--data", nargs="+", default=["digits"], metavar="NAME|FILE",
                      help=f"a data set: {', '.join(names['--data'])}; or a file of your own: a "
                           ".csv, an .npz with x and y (or x_train, y_train, x_test, y_test), or "
                           "two .npy, x and y, of any size (default: digits)")
    give(data, "--data-dir", str, "DIR", "the folder with the files of mnist, fashion_mnist or "
         "cifar10", None, "downloaded, with the extra download")
    give(data, "--label", str, "COLUMN", "what to predict in a .csv: a column's name, or its "
         "number from 1", None, "the last column")
    choose(data, "--task", "what to make of the label", None, "by the label's values")
    give(data, "--examples", whole(1), "N", "examples to make, for the made sets", 600)
    give(data, "--val", number(0, 1, low_too=False), "F",
         "the fraction of the data held back to choose the best weights", 0.1)
    give(data, "--test", number(0, 1, low_too=False), "F",
         "the fraction held back for the final test; mnist has test files of its own", 0.2)
    choose(data, "--standardize", "take off the mean and divide by the spread of the training "
           "split, of the whole dataset or of each feature", None,
           "dataset for images, feature for the rest")

    net = parser.add_argument_group("network")
    choose(net, "--model", "the network", "fully_connected_net")
    net.add_argument("--hidden", type=whole(1), nargs="*", default=None, metavar="H",
                     help="the size of each hidden layer, as in --hidden 512 512 (default: 256 256 "
                          "256 fully connected, 64 two-layer)")
    choose(net, "--activation", "after each hidden layer of a fully connected net", None, "relu")
    choose(net, "--norm", "before each activation of a fully connected net", None,
           "batch for images, none for the rest")
    give(net, "--dropout", number(0, 1), "P",
         "the probability of dropping a hidden unit of a fully connected net", None,
         "0.3 for images, 0 for the rest")
    choose(net, "--loss", "the loss", None, "softmax for classes, square for regression")
    choose(net, "--init", "how the first weights are drawn", "he")
    give(net, "--init-scale", number(0, low_too=False), "S",
         "the standard deviation of --init normal", 0.01)
    choose(net, "--dtype", "the precision of all arithmetic", "float32")

    training = parser.add_argument_group("training")
    choose(training, "--update-rule", "how a gradient moves the weights", "adam")
    give(training, "--lr", number(0, low_too=False), "RATE", "the learning rate", 0.004)
    choose(training, "--lr-schedule", "how the rate changes with the steps", "cosine")
    give(training, "--lr-factor", number(0, 1, low_too=False, high_too=True), "F",
         "of step, exponential and inverse_time: what changes the rate every --lr-every epochs",
         0.5)
    give(training, "--lr-every", number(0, low_too=False), "EPOCHS",
         "of step, exponential and inverse_time", 10.0)
    give(training, "--lr-power", number(0, low_too=False), "P", "of polynomial", 1.0)
    give(training, "--lr-final", number(0), "RATE", "of polynomial and cosine: the last rate", 0.0)
    give(training, "--warmup", number(0), "EPOCHS", "let the rate climb to --lr first", 0.0)
    give(training, "--momentum", number(0, 1), "MU", "of momentum and nesterov", 0.9)
    give(training, "--weight-decay", number(0), "D", "of adamw, decoupled from the loss", 0.01)
    training.add_argument("--reg", type=number(0), nargs="+", default=[1e-4], metavar="LAMBDA",
                          help="L2: adds LAMBDA * sum(W^2) to the loss, one value for all weight "
                               "matrices or one for each (default: 0.0001)")
    give(training, "--batch-size", batch_size, "B", "examples in a minibatch, or full", 64)
    give(training, "--epochs", whole(0), "N", "passes over the training data", 25)
    give(training, "--patience", whole(1), "N",
         "stop after N epochs without a better validation result", None, "never")
    give(training, "--clip", number(0, low_too=False), "NORM",
         "shorten gradients longer than this", None, "never")
    give(training, "--seed", whole(0), "N", "the same seed gives the same result, bit for bit", 0)

    run = parser.add_argument_group("the run")
    give(run, "--out", str, "FOLDER", "where to keep the run; none keeps nothing", None,
         "runs/DATE-N")
    run.add_argument("--overwrite", action="store_true", help="replace the run in --out")
    run.add_argument("--resume", metavar="RUN", help="go on with a run that was interrupted, or "
                     "for more --epochs; see --resume RUN --help")
    give(run, "--layers", str, "DIR", "train on the layers that you wrote in DIR, the folder of "
         "the exercises; the log says which are yours", None, "the project's")
    add_display(run, "auto")
    run.add_argument("--config", metavar="FILE.toml", help="read options from a file, such as "
                     "epochs = 50; those on the command line go before")
    run.add_argument("--print-config", action="store_true",
                     help="print all options as such a file, and stop")
    first = parser.add_argument_group("first questions, instead of training")
    first.add_argument("--find-rate", action="store_true",
                       help="try rising learning rates on a few batches, and suggest one")
    first.add_argument("--sanity", action="store_true",
                       help="chance loss, overfitting a few examples, L2, and a gradient check")
    return parser


def interval(text):
    """An argparse type: a number of steps, or of seconds with an s. -> (steps, seconds)"""
    if text.endswith("s"):
        return None, number(0)(text[:-1])
    return whole(1)(text), None


def batch_size(text):
    """An argparse type: a whole number from 1, or full, which is given as None."""
    return None if text == "full" else whole(1)(text)

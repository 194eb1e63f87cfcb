"""The options of train.py, in the groups its --help shows."""

import argparse

from cli.errors import Parser, number, one_of, whole

DESCRIPTION = """Train a neural network and report how well it does on data it has not seen.
Without options: a fully connected net on the handwritten digits that come with flatprop."""

EXAMPLES = """examples:
  python train.py
  python train.py --data spiral --hidden 32 --epochs 100
  python train.py --data wave --model two_layer_regressor --hidden 20 --epochs 200
  python train.py --data mnist --data-dir DIR --hidden 512 512"""


def parse(argv, names):
    """Read the command line. names gives the choices of each option that takes a name."""
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
    choose(data, "--data", "the data set", "digits")
    give(data, "--data-dir", str, "DIR", "the folder with the files of mnist", None, "none")
    give(data, "--examples", whole(1), "N", "examples to make, for the made sets", 600)
    give(data, "--val", number(0, 1, low_too=False), "F",
         "the fraction of the data held back to choose the best weights", 0.1)
    give(data, "--test", number(0, 1, low_too=False), "F",
         "the fraction held back for the final test; mnist has test files of its own", 0.2)
    choose(data, "--standardize", "take off the mean and divide by the spread of the training "
           "split, of the whole dataset or of each feature", None,
           "dataset for images, feature for the rest")

    net = parser.add_argument_group("network")
    choose(net, "--model", "the network", "fully_connected")
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
         "of step, exponential and inverse_time", 10)
    give(training, "--lr-power", number(0, low_too=False), "P", "of polynomial", 1.0)
    give(training, "--lr-final", number(0), "RATE", "of polynomial and cosine: the last rate", 0.0)
    give(training, "--warmup", number(0), "EPOCHS", "let the rate climb to --lr first", 0)
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
    return parser.parse_args(argv)


def batch_size(text):
    """An argparse type: a whole number from 1, or full, which is given as None."""
    return None if text == "full" else whole(1)(text)

"""The options of train, one table: of it are made the parser, the files of options and the docs."""

import argparse
import functools
from collections.abc import Callable, Collection
from pathlib import Path
from typing import NamedTuple

from data import own
from data.by_name import NAMES
from flatprop.training.augmentation import change
from flatprop.training.example_weights import class_weight
from flatprop.training.goes_with import GOES_WITH
from flatprop.training.own_model import network
from flatprop.training.threads import AUTO, count
from flatprop.usage.errors import Parser, layer_size, number, one_of, whole
from flatprop.usage.other_words import same_name
from layers.by_name import ACTIVATIONS, DROPOUTS, LOSSES, NORMS
from models.by_name import INITS, MODELS
from solvers.by_name import METRICS, SCHEDULES, UPDATE_RULES

DEVICES = ("cpu", "cuda")


class Option(NamedTuple):
    """An option of train: lr is --lr on the command line, and the key lr in a file.

    kind turns a text into the value, or is the names to choose from; None makes a switch.
    default_text says the default where the value does not; for_tables is the default for tables of
    your own, where that is another. in_file: "run" for what makes the run
    (in config.json and in TOML files), "toml" for what a TOML file may hold besides, else "".
    with_resume: whether it may be given anew with --resume.
    """

    name: str
    kind: Callable | Collection | None
    default: object
    metavar: str | None
    text: str
    default_text: str = ""
    nargs: str | None = None
    in_file: str = "run"
    with_resume: bool = False
    for_tables: object = "the same"


def checkpoint_interval(text):
    """An argparse type: a number of steps, or of seconds with an s. -> (steps, seconds)"""
    try:
        return (None, number(0)(text[:-1])) if text.endswith("s") else (whole(1)(text), None)
    except argparse.ArgumentTypeError as error:
        raise argparse.ArgumentTypeError(
            f"{text!r} must be a whole number of steps, such as 500, or seconds with an s, such as "
            "30s") from error


def batch_size(text):
    """An argparse type: a whole number from 1, or full."""
    if text.lower() in ("all", "max", "whole", "-1", "none"):
        raise argparse.ArgumentTypeError(f"{text!r} is full here: one batch of all examples")
    return "full" if text.lower() == "full" else whole(1)(text)


def fold_count(text):
    """An argparse type: a number of folds, from 2, or 0 for none."""
    count = whole(0)(text)
    if count == 1:
        raise argparse.ArgumentTypeError("1 fold leaves nothing to train on: give 2 or more, or 0 "
                                         "for one network, judged by --val")
    return count


def rate(text):
    """An argparse type: a learning rate, a number above 0."""
    if text.lower() in ("auto", "find", "best", "adaptive"):
        raise argparse.ArgumentTypeError(f"{text!r} must be a number: --find-rate suggests one")
    return positive(text)


def processes(text):
    """An argparse type: mpi."""
    if text.isdecimal():
        raise argparse.ArgumentTypeError(f"{text!r} must be mpi, and mpiexec says how many: "
                                         f"mpiexec -n {text} flatprop train --processes mpi")
    return one_of(["mpi"], "processes")(text)


def data_name(text):
    """An argparse type: a data set's name, in any case and with any dashes, or what was given."""
    return same_name(text, NAMES) or text


def layers_folder(text):
    """An argparse type: the folder of --layers."""
    if text.strip("[()] ").replace(",", "").isdigit() and not Path(text).is_dir():
        raise argparse.ArgumentTypeError(f"{text} is no folder with layers of your own; the sizes "
                                         "of the hidden layers are --hidden H ... here")
    return text


def separator(text):
    """An argparse type: what is between cells, one character; spaces are any number of them."""
    text = {"tab": "\t", "\\t": "\t", "spaces": " ", "space": " ", "comma": ",",
            "semicolon": ";"}.get(text, text)
    if len(text) != 1 or text.isalnum() or text in '"\r\n#':
        raise argparse.ArgumentTypeError(f"{text!r} must be one character, tab or spaces")
    return text


probability = number(0, 1)
positive = number(0, low_too=False)
not_negative = number(0)

GROUPS = {
    "data": [
        Option("data", data_name, ["digits"], "NAME|FILE",
               f"a data set: {', '.join(NAMES)}; or a file of your own: a .csv, .parquet, or .npz "
               "with x and y (or x_train, y_train, x_test, y_test), or two .npy, x and y, of any "
               "size", "digits", nargs="+", with_resume=True),
        Option("data_dir", str, None, "DIR", "the folder with the files of mnist, fashion_mnist "
               "or cifar10", "downloaded, with the extra download"),
        Option("label", str, None, "COLUMN", "what to predict in a table: a column's name, or its "
               "number from 1; several, of numbers", "the last column", nargs="+"),
        Option("task", ["classification", "regression"], None, "NAME",
               "what to make of the label", "by the label's values"),
        Option("examples", whole(1), 600, "N", "how many examples to make, for --data "
               "spiral, moons, xor, blobs and wave"),
        Option("val", probability, 0.1, "F",
               "the fraction of the data held back to choose the best weights; 0: none, the last "
               "weights count as the best"),
        Option("test", probability, 0.2, "F",
               "the fraction held back for the final test, or 0; mnist has test files of its own"),
        Option("val_data", str, None, "FILE", "labelled examples with the columns of --data, to "
               "choose the best weights by", "a part held back, --val", nargs="+",
               with_resume=True),
        Option("test_data", str, None, "FILE", "the same for the final test",
               "a part held back, --test", nargs="+", with_resume=True),
        Option("folds", fold_count, 0, "K", "cross-validation: deal the rows that are not the "
               "test part out into K shares, and train K networks, each judged by another share "
               "and trained on the others; predict and evaluate average them; 0 is one network",
               "0; for tables 10, fewer if there are fewer than 20 such rows", for_tables=None),
        Option("fold", whole(1), None, "M", "train the network of fold M alone, from 1 to K, as an "
               "ordinary run", "all of them"),
        Option("standardize", ["robust", "dataset", "feature", "range", "none"], None, "NAME",
               "take off the mean and divide by the spread of the training split, of the whole "
               "dataset or of each feature; robust: the median and the quartiles of each feature, "
               "far values drawn in, with an input that tells of missing ones; range: divide by "
               "the largest size alone, as pixels by 255",
               "robust for tables, dataset for images, feature for the rest", for_tables="robust"),
        Option("bins", whole(0), [0], "N", "give each number besides as how far it fills each of N "
               "bins between quantiles; with several N the networks of --folds take them in turn",
               nargs="+", for_tables=[48, 0]),
        Option("pca", whole(1), None, "K", "give the network the K principal components of "
               "the inputs in their place, those of the training part", "the inputs"),
        Option("augment", change, None, "WORD=VALUE", "change the images of every batch at random: "
               "shift=2, by up to 2 pixels; rotate=15, up to 15 degrees; scale=0.15, each side up "
               "to that share longer or shorter; elastic=34,4, bent by Simard's alpha and sigma; "
               "for digits, mnist, fashion_mnist and cifar10", "as they are", nargs="+"),
        Option("targets", ["standardized", "clipped", "as_they_are"], "standardized", "NAME",
               "what a regression learns: its targets with their mean taken off and divided by "
               "their spread, so that their unit does not matter, or the targets; clipped: "
               "standardized, and predictions keep to the range of the training part",
               for_tables="clipped"),
    ],
    "reading a table": [
        Option("header", ["yes", "no"], None, "yes|no", "whether line 1 names the columns",
               "found out"),
        Option("separator", separator, None, "CHAR", "what is between cells: a character, or tab "
               "or spaces", "found out"),
        Option("encoding", str, None, "NAME", "of text that is not UTF-8, such as latin-1",
               "UTF-8, or what the file's first bytes say"),
        Option("decimal", ["comma", "point"], None, "SIGN", "the decimal sign of all numbers",
               "found out, column by column"),
        Option("missing", str, None, "WORD", "more words that mean that a cell is missing",
               "NA, ?, - and their like", nargs="+"),
        Option("categorical", str, None, "COLUMN", "columns of categories, though written as "
               "numbers or mostly", "found out, column by column", nargs="+"),
        Option("numeric", str, None, "COLUMN", "columns of numbers, in which other cells count as "
               "missing", "found out, column by column", nargs="+"),
        Option("ignore", str, None, "COLUMN", "columns to leave out", "none", nargs="+"),
        Option("sample_weight", str, None, "COLUMN", "the column of numbers, or the array of a "
               ".npz, that says how much each row counts in training; it is no input",
               "all the same"),
    ],
    "network": [
        Option("model", network, "fully_connected_net", "NAME|FILE.py:CLASS", "the network: "
               f"{', '.join(MODELS)}; or a class of your own, whose code is run, made as "
               "CLASS(inputs, *hidden, outputs, rng=, dtype=)", with_resume=True),
        Option("hidden", layer_size, None, "H", "the size of each hidden layer, as in --hidden 512 "
               "512; without a value: no hidden layer",
               "256 256 256 fully connected, or 128 128 for a table; 64 two-layer", nargs="*"),
        Option("activation", ACTIVATIONS, None, "NAME",
               "after each hidden layer of a fully connected net", "relu"),
        Option("maxout_pieces", whole(1), 2, "K", "for --activation maxout: of how many affine "
               "pieces a unit is the largest"),
        Option("norm", NORMS, None, "NAME", "before each activation of a fully connected net",
               "batch for images, none for the rest"),
        Option("dropout", probability, None, "P", "the probability of dropping a hidden unit of a "
               "fully connected net; or one for the inputs and one for each hidden layer, as in "
               "--dropout 0.2 0.5 0.5", "0.3 for images, 0.1 for tables, 0 for the rest",
               nargs="+"),
        Option("dropout_kind", DROPOUTS, "bernoulli", "NAME", "what --dropout does; gaussian "
               "multiplies each unit by a normal random number whose mean is 1 and whose variance "
               "is that of dropping"),
        Option("noise", not_negative, None, "S", "in training, the standard deviation of Gaussian "
               "noise on the inputs of a fully connected net, as they are after --standardize; or "
               "one for the inputs and one for each hidden layer, after its norm, before gamma and "
               "beta, as in --noise 0.3 0.5 0.5", "none", nargs="+"),
        Option("noise_final", number(0, 1, high_too=True), 1.0, "SHARE", "for --noise: the share "
               "of it that is left at the end; it falls along a straight line over the epochs"),
        Option("loss", LOSSES, None, "NAME", "the loss, what training makes small",
               "softmax for classes, square for regression"),
        Option("label_smoothing", probability, None, "S", "the share of each label that training "
               "spreads over all classes, for the softmax loss of a fully connected net",
               "0.1 for tables, 0 for the rest"),
        Option("class_weight", class_weight, None, "balanced|CLASS=W", "how much the rows of each "
               "class count in training: balanced for as much in all as any other's, or the "
               "weights of some classes, the others' being 1", "all the same", nargs="+"),
        Option("init", INITS, "he", "NAME", "how the first weights are drawn"),
        Option("init_scale", positive, 0.01, "S", "the standard deviation of --init normal"),
        Option("dtype", ["float32", "float64"], "float32", "NAME",
               "the precision of all arithmetic"),
    ],
    "training": [
        Option("update_rule", UPDATE_RULES, "adam", "NAME", "how a gradient moves the weights",
               for_tables="adamw"),
        Option("lr", rate, 0.004, "RATE", "the learning rate", for_tables=0.005),
        Option("lr_schedule", SCHEDULES, "cosine", "NAME", "how the rate changes with the steps"),
        Option("lr_factor", number(0, 1, low_too=False, high_too=True), 0.5, "F",
               "for --lr-schedule step, exponential and inverse_time: what changes the rate "
               "every --lr-every epochs"),
        Option("lr_every", positive, 10.0, "EPOCHS", "for the same schedules: epochs until "
               "--lr-factor has changed the rate once"),
        Option("lr_power", positive, 1.0, "P", "for --lr-schedule polynomial: the power of what is "
               "left; 1 is a straight line"),
        Option("lr_final", not_negative, 0.0, "RATE", "for --lr-schedule polynomial and cosine: "
               "the rate at the end"),
        Option("warmup", not_negative, 0.0, "EPOCHS", "epochs in which the rate climbs to --lr "
               "first"),
        Option("lr_hold", not_negative, 0.0, "EPOCHS", "epochs of the full rate, after --warmup, "
               "before --lr-schedule begins"),
        Option("momentum", probability, 0.9, "MU", "for --update-rule momentum and nesterov: how "
               "much of the last step goes on"),
        Option("momentum_final", probability, None, "MU", "let momentum climb from --momentum to "
               "this along a straight line", "it stays"),
        Option("momentum_epochs", positive, None, "EPOCHS", "for --momentum-final: in so many "
               "epochs", "all epochs"),
        Option("beta2", probability, 0.999, "B", "for --update-rule adam and adamw: how much of "
               "the mean square of the gradients goes on", for_tables=0.95),
        Option("weight_decay", not_negative, 0.01, "D", "for --update-rule adamw: how fast weights "
               "shrink, apart from the loss"),
        Option("reg", not_negative, [1e-4], "LAMBDA", "L2: adds LAMBDA * sum(W^2) to the loss, one "
               "value for all weight matrices or one for each", nargs="+", for_tables=[0.0]),
        Option("batch_size", batch_size, 64, "B", "examples in a minibatch, or full",
               for_tables=256),
        Option("epochs", whole(0), 25, "N", "passes over the training data; with --resume, how "
               "many in all, for the schedule too", "25; for tables 40, more if these are few "
               "steps and fewer if very many", with_resume=True, for_tables=None),
        Option("average", probability, None, "DECAY", "judge and keep an average of the weights "
               "over the steps, in which each counts DECAY times as much as the next, or at first, "
               "at step t, (1 + t) / (10 + t) times", "the weights of the last step alone"),
        Option("fresh_statistics", None, False, None, "at the end, estimate the running statistics "
               "of --norm batch anew for the weights that are kept, from the training rows, in "
               "batches, without dropout and noise"),
        Option("patience", whole(1), None, "N",
               "stop after N epochs without a better validation result", "never",
               with_resume=True),
        Option("min_delta", not_negative, 1e-4, "D", "for --patience: a validation loss that is "
               "lower by less than this share of a guess's loss is no better; the best weights are "
               "chosen by any difference"),
        Option("best_by", ["loss", *METRICS], None, "NAME",
               "which validation result chooses the best epoch",
               "accuracy of classes, balanced_accuracy with --class-weight, loss of a regression"),
        Option("refit", None, False, None, "train once more at the end, on training and validation "
               "rows together, for as many epochs as the best weights had"),
        Option("clip", positive, None, "NORM", "shorten gradients longer than this", "never"),
        Option("max_norm", positive, None, "C", "after each update, scale the incoming weights of "
               "a unit, a column of a weight matrix, down to this length at most", "never"),
        Option("seed", whole(0), 0, "N", "the same seed gives the same result, bit for bit"),
    ],
    "the run": [
        Option("out", str, None, "FOLDER", "where to keep the run; none keeps nothing",
               "runs/DATE-N", in_file="toml"),
        Option("overwrite", None, False, None, "replace the run in --out", in_file=""),
        Option("resume", str, None, "RUN", "go on with a run that was interrupted, or for more "
               "--epochs, or more --patience; of the rest, --checkpoint-every, --progress, "
               "--compiled, --device, --captured, --quiet and --threads go with it, and --data, "
               "which says where its data is now, --layers, without which no code of yours is run, "
               "and --accept-changes", "none", in_file="", with_resume=True),
        Option("sweep", str, None, "FILE.toml", "train a run for each of many settings, and say "
               "which is best by validation: a file of options with several values each, as in lr "
               "= [0.001, 0.01]; with trials = 20 so many are drawn at random, of ranges too, as "
               "in lr = { low = 1e-4, high = 0.1, log = true }; --resume goes on", "one setting",
               in_file=""),
        Option("layers", layers_folder, None, "DIR", "train on the layers that you wrote in DIR, "
               "the folder of the exercises; the log says which are yours; a file alone, of "
               "--config or --resume, runs no code", "the project's", with_resume=True),
        Option("accept_changes", None, False, None, "go on, with a warning, where a file of the "
               "run was edited or is of another run, or its data has changed, and take all as they "
               "are from now on", in_file="", with_resume=True),
        Option("checkpoint_every", checkpoint_interval, (None, 30.0), "STEPS|SECONDS",
               "how often to save: 500 for steps, 30s for seconds", "30s", in_file="",
               with_resume=True),
        Option("progress", ["auto", "bar", "lines", "none"], "auto", "NAME",
               "what is shown, a bar (needs tqdm) or a line for each epoch",
               "auto, a bar on a terminal that has tqdm, else lines", in_file="toml",
               with_resume=True),
        Option("jobs", whole(1), None, "N", "how many processes train folds at the same time, each "
               "on one core; the result does not depend on it", "as many as there are cores",
               in_file="toml", with_resume=True),
        Option("threads", count, AUTO, "N|auto|free", "how many threads multiply matrices, for one "
               "network; auto: one for a small net, more for a large one, as far as there are "
               "processors to use; free: as far as others leave them free as training starts; "
               "results are the same to the bit for one number of them", "auto",
               with_resume=True),
        Option("processes", processes, None, "mpi", "let all processes that `mpiexec -n N flatprop "
               "train ...` has started train one network, each on its rows of every minibatch, on "
               "one machine or several, with the extra mpi: the same result to rounding",
               "this one alone", in_file="", with_resume=True),
        Option("compiled", ["auto", "yes", "no"], "auto", "auto|yes|no", "train in epochs that "
               "numba compiles, with the extra fast: the same as without to rounding, not to the "
               "bit; the run keeps which it was", "auto, for long runs of networks it knows, if "
               "numba and SciPy are there", with_resume=True),
        Option("device", DEVICES, "cpu", "cpu|cuda", "what takes the steps: cuda is an "
               "NVIDIA GPU, with the extra gpu; the same as the processor's to rounding, and a run "
               "may change between them (not yet measured on a GPU)", with_resume=True),
        Option("captured", ["yes", "no"], "no", "yes|no", "yes: let the GPU take each step as one "
               "captured CUDA graph, which is checked first against the layers; where that cannot "
               "be, call by call, and the log says why (not yet measured on a GPU)",
               with_resume=True),
        Option("tf32", None, False, None, "let the GPU's products round their factors to 10 bits, "
               "which is faster"),
        Option("quiet", None, False, None, "print the result and warnings alone", in_file="",
               with_resume=True),
        Option("config", str, None, "FILE.toml", "read options from a file, such as epochs = 50; "
               "those on the command line win", "none", in_file=""),
        Option("print_config", None, False, None, "print the options as such a file, and stop",
               in_file=""),
    ],
    "first questions, instead of training": [
        Option("dry_run", None, False, None, "tell what the columns of a table are taken for, as "
               "flatprop inspect does", in_file=""),
        Option("find_rate", None, False, None,
               "try rising learning rates on a few batches, and suggest one", in_file=""),
        Option("sanity", None, False, None,
               "chance loss, overfitting a few examples, L2, and a gradient check", in_file=""),
    ],
}
OPTIONS = [option for group in GROUPS.values() for option in group]


def words_of(option):
    """How an option is typed: ["--lr"]."""
    short = ["-o"] if option.name == "out" else []
    return [*short, "--" + option.name.replace("_", "-")]


def text_of(option):
    """What an option does, the names it takes, and its default."""
    text, default = option.text, option.default_text
    if isinstance(option.kind, Collection):
        text += f": {', '.join(option.kind)}"
    if option.kind is not None and option.default is not None and not default:
        default = shown(option.default)
        if option.for_tables != "the same":
            default += f", {shown(option.for_tables)} for tables"
    return f"{text} (default: {default})" if default else text


def shown(default):
    """A default as it is typed."""
    return " ".join(f"{each:g}" for each in default) if isinstance(default, list) else str(default)


def default_of(option, data):
    """The default of an option for the words of --data."""
    table = data[0] not in NAMES and own.is_table(data[0])
    return option.default if option.for_tables == "the same" or not table else option.for_tables


def add(parser, names):
    """Add the options of these names to a parser, or to a group of one."""
    for option in (option for option in OPTIONS if option.name in names):
        words, text, kind = words_of(option), text_of(option), option.kind
        depends = option.name in GOES_WITH or option.for_tables != "the same"
        default = None if depends else option.default       # config.settle fills it in
        if kind is None:
            parser.add_argument(*words, action="store_true", default=default, help=text)
            continue
        kind = one_of(kind, option.name) if isinstance(kind, Collection) else kind
        parser.add_argument(*words, type=kind, default=default, nargs=option.nargs,
                            metavar=option.metavar, help=text)


@functools.cache
def parser():
    """The parser of all options, without the help of a command, made once."""
    return add_all(Parser(allow_abbrev=False))


def add_all(made):
    """Add all options to a parser, and give that."""
    made.command, made.alone = "train", "--data"
    for title, options in GROUPS.items():
        group = made.add_argument_group(title)
        add(group, [option.name for option in options])
    return made

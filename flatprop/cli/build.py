"""From the options of train to the data, the network and the Solver."""

import functools
from pathlib import Path

import numpy as np

from data import by_name, foreign_files, own, prepare
from data.by_name import FILES, IMAGES, NAMES
from data.errors import DataError
from data.open_file import missing
from data.own import SUFFIXES
from data.reading import Reading
from flatprop.cli import config, own_layers
from flatprop.cli.errors import UsageError, closest
from flatprop.cli.small_networks import hidden_sizes
from flatprop.runs import run_directory
from models import by_name as models
from solvers import metrics, schedules
from solvers.by_name import SCHEDULES, UPDATE_RULES
from solvers.compiled import loops
from solvers.solver import Solver


def load_data(args, rng):
    """The data set that the options name, ready for training.

    -> a dict: train, val and test, each (x, y); classes, how many, 0 for regression; outputs, how
    many; standardize, "dataset", "feature" or "none"; preprocessing, a Preprocessing; rare, see
    data.prepare; raw, x and y as they were read, and what they are called
    Raises UsageError or DataError.
    """
    raw = read(args, rng)
    per = args.standardize or ("dataset" if args.data[0] in IMAGES else "feature")
    try:
        examples = prepare.parts(
            raw, val_fraction=args.val, test_fraction=args.test, per=per,
            dtype=np.dtype(args.dtype), rng=rng,
            scale_targets=args.targets == "standardized")
    except DataError:
        raise
    except ValueError as error:
        test = "" if args.test is None else f", --test {args.test:g}"
        remedy = "" if ";" in str(error) else "; give smaller fractions, or more data"
        label = (raw.about or {}).get("label", {})
        if label.get("guessed"):
            remedy += f" ({label['why']}, so it was taken for {label['task']}: --task, --label)"
        elif args.task == "classification":
            remedy += ", or --task regression, if the label is a number"
        raise UsageError(f"--val {args.val:g}{test}: {error}{remedy}") from error
    classes = 0 if raw.classes is None else len(raw.classes)
    outputs = classes or examples["train"][1].shape[1]
    return examples | {"classes": classes, "outputs": outputs, "standardize": per,
                       "raw": (raw.x, raw.y, {"columns": raw.columns, "classes": raw.classes,
                                              "target": raw.target})}


def read(args, rng):
    """The data set as it is, a data.own.Raw. Raises UsageError or DataError."""
    name = args.data[0]
    check_data(args.data)
    if name not in NAMES:
        return own.read(args.data, label=args.label, task=args.task, reading=reading_of(args))
    try:
        return by_name.read(name, rng, examples=args.examples, folder=args.data_dir)
    except DataError as error:
        if name in FILES and args.data_dir is None:     # then its files could not be fetched
            raise DataError(f"{error} (--data-dir DIR)", file=error.file) from error
        raise DataError(f"--data-dir {error}", file=error.file) from error
    except ValueError as error:
        raise UsageError(f"--examples: {error}") from error


def reading_of(args):
    """What the options say about a table, a Reading."""
    words = {name: tuple(vars(args)[name] or ())
             for name in ("missing", "categorical", "numeric", "ignore")}
    header = None if args.header is None else args.header == "yes"
    decimal = {None: None, "comma": ",", "point": "."}[args.decimal]
    return Reading(header, args.separator, args.encoding, decimal, **words)


def check_data(words):
    """Raise UsageError unless the words of --data are one data set, or look like files."""
    name, *others = words
    files = name not in NAMES
    if files and own.suffix_of(name) not in SUFFIXES:
        raise UsageError(f"--data {name or repr(name)}: {no_data(name)}")
    if not files and others:
        raise UsageError(f"--data {name} takes no second word, {others[0]}: leave it out; of files "
                         "two .npy can be given, and options begin with --")


def no_data(name):
    """What is wrong with a word of --data that is no set and no file that is read, and the remedy.
    """
    path = Path(name)
    if not name:
        return f"names nothing; give a file, or one of {', '.join(NAMES)}"
    if path.is_dir():
        if (path / "config.json").is_file():
            return f"is a run and no data; flatprop evaluate {name} tests it, --resume goes on"
        return f"is a folder; give a file in it that ends in {', '.join(SUFFIXES)}"
    absent = missing(path, f"give a file ending in {', '.join(SUFFIXES)}")
    end = closest(name, NAMES, "data") if absent.startswith("does not exist; give") else ""
    if not end and not path.exists() and (path.suffix or "; give" not in absent):
        return absent
    if path.is_file() and not path.suffix:
        return f"its name must end in what it holds, {', '.join(SUFFIXES)}: rename it"
    return foreign_files.remedy_of(path) or (
        f"neither a data set nor a file ending in {', '.join(SUFFIXES)}.{end} The sets are "
        f"{', '.join(NAMES)}")


def describe_network(args, examples):
    """The description of the network (models/by_name.py) for these options and data."""
    inputs, outputs = examples["train"][0].shape[1], examples["outputs"]
    regression = not examples["classes"]
    loss = args.loss or ("square" if regression else "softmax")
    shown = " ".join(args.data)
    if not (regression or args.resume or args.targets == "standardized"):
        raise UsageError(f"--targets goes with regression, and --data {shown} has classes: leave "
                         "it out")
    if args.model == "two_layer_regressor" and loss != "square":
        raise UsageError("--model two_layer_regressor has the square loss: its data is --data "
                         "wave, or a file with numbers to predict; for classes there is "
                         "--model two_layer_net")
    if (loss == "square") != regression:
        fit = "square" if regression else "softmax, svm, or logistic of two classes"
        task = "" if args.data[0] in NAMES else (
            f", or --task {'classification' if regression else 'regression'}")
        raise UsageError(f"--loss {loss} does not fit --data {shown}, which is "
                         f"{'regression' if regression else 'classification'}: give {fit}{task}")
    if loss == "logistic":
        if outputs != 2:
            raise UsageError(f"--loss logistic needs two classes; --data {shown} has {outputs}: "
                             "give softmax or svm")
        outputs = 1

    usual = {"linear_classifier": [], "fully_connected_net": [256, 256, 256]}
    hidden = hidden_sizes(args.model, args.hidden, usual.get(args.model, [64]),
                          f"--model {args.model}")

    description = {"kind": args.model, "sizes": [inputs, *hidden, outputs], "loss": loss,
                   "dtype": args.dtype}
    if args.model == "fully_connected_net":
        # A student's own net may be without norms and dropout, as its exercise allows.
        theirs = (own_layers.authors() or {}).get("models/fully_connected_net.py") == "yours"
        images = args.data[0] in IMAGES and not theirs
        description |= {
            "activation": args.activation or "relu",
            "norm": args.norm or ("batch" if images else "none"),
            "dropout": (0.3 if images else 0.0) if args.dropout is None else args.dropout,
        }
    return description


def make_network(args, description, rng):
    """The network of a description, its weights drawn as the options say."""
    init = models.INITS[args.init]
    if args.init == "normal":
        init = functools.partial(init, scale=args.init_scale)
    try:
        return models.build(description, init=init, rng=rng)
    except (MemoryError, ValueError, OverflowError) as error:
        chain = " - ".join(map(str, description["sizes"]))
        raise UsageError(f"--hidden: a net {chain} cannot be made: {error}; give smaller sizes"
                         ) from error


def make_solver(args, model, examples, rng):
    """The Solver the options name."""
    train, val = examples["train"], examples["val"]
    size = min(args.batch_size or len(train[0]), len(train[0]))
    steps = -(-len(train[0]) // size)
    reg = args.reg[0] if len(args.reg) == 1 else args.reg
    if len(args.reg) not in (1, len(model.weights)):
        raise UsageError(f"--reg has {len(args.reg)} values for {len(model.weights)} weight "
                         f"matrices: give one, or one for each of {', '.join(model.weights)}")
    try:
        return Solver(
            model, train, val, update_rule=update_rule(args), schedule=schedule(args, steps),
            reg=reg, batch_size=size, epochs=args.epochs, rng=rng, clip=args.clip,
            compiled=loops.pays(model.theta.size, args.epochs * steps), patience=args.patience,
            min_delta=args.min_delta or 0.0,
            metric=metrics.accuracy if examples["classes"] else None)
    except ValueError as error:
        raise UsageError(str(error)) from error


def update_rule(args):
    """The update rule --update-rule names."""
    make_rule = UPDATE_RULES[args.update_rule]
    if args.update_rule in ("momentum", "nesterov"):
        return make_rule(args.momentum)
    if args.update_rule == "adamw":
        return make_rule(weight_decay=args.weight_decay)
    return make_rule()


def schedule(args, steps):
    """The schedule --lr-schedule names; steps is the number of steps in an epoch.

    Raises UsageError.
    """
    if args.lr_final is not None and args.lr_final > args.lr:
        raise UsageError(f"--lr-final {args.lr_final:g} is above --lr {args.lr:g}, from which the "
                         "rate falls to it: give a smaller one")
    if args.warmup > args.epochs > 0 and not args.resume:
        raise UsageError(f"--warmup {args.warmup:g} is longer than --epochs {args.epochs}, and "
                         "--lr is never reached: give fewer epochs of it")
    warmup = round(args.warmup * steps)
    total = max(args.epochs * steps - warmup, 1)
    if args.lr_schedule == "constant":
        numbers = ()
    elif args.lr_schedule == "cosine":
        numbers = total, args.lr_final
    elif args.lr_schedule == "polynomial":
        numbers = total, args.lr_power, args.lr_final
    else:
        numbers = args.lr_factor, max(args.lr_every * steps, 1)
        if args.lr_schedule == "step":
            numbers = numbers[::-1]
    chosen = SCHEDULES[args.lr_schedule](args.lr, *numbers)
    return schedules.warm_up(chosen, warmup) if warmup else chosen


def test_part(run):
    """The test part of a run's data, prepared as for training. -> x (N, D), y (N, ...)

    Raises DataError if the data is not where it was, or config.json holds no options of training.
    """
    try:
        args = config.of_run(run)
    except UsageError as error:
        raise DataError(f"{Path(run) / 'config.json'}: {error}") from error
    try:
        rng, _, _ = np.random.default_rng(args.seed).spawn(3)
        examples = load_data(args, rng)
    except UsageError as error:
        raise DataError(str(error)) from error
    if not run_directory.is_same_data(run, *examples["raw"]):
        raise DataError(f"{run}: the data is no longer what the run was trained on; give --data")
    return examples["test"]

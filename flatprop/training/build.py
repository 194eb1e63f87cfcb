"""From the options of train to the data, the network and the Solver."""

import functools
import hashlib

import numpy as np

from data import labels, own, prepare
from data.by_name import IMAGES, NAMES
from data.errors import DataError
from data.reading import Reading
from flatprop import captured, device
from flatprop.runs import run_directory
from flatprop.training import augmentation, authors, compiled, config, example_weights, own_model
from flatprop.usage.errors import UsageError
from models import by_name as models
from solvers import contract, metrics, schedules
from solvers.by_name import METRICS, SCHEDULES, UPDATE_RULES
from solvers.solver import Solver

FOLDS = 10                                  # of a table,
LEAST_STEPS, MOST_STEPS = 200, 20_000       # and its training, where nobody says
TRANSPOSED = "is the table transposed"


def prepare_data(args, raw, warnings, rng, refit=False, fitted=None):
    """A data.own.Raw split and made ready for training.

    -> a dict: train, val and test, each (x, y), or None for none; classes, how many, 0 for
    regression; outputs, how many; standardize, the name in --standardize; preprocessing, a
    Preprocessing; rare, see data.prepare; warnings; raw, x and y as they were read, and what they
    are called
    With refit the validation rows are trained on; fitted is as in data.prepare. Raises UsageError
    or DataError.
    """
    if fitted is None:
        labels.check_vary(raw.y, raw.classes, raw.target, "y" if args.data == [
            config.FROM_PYTHON] else " ".join(map(str, args.data)))
    per = args.standardize or ("dataset" if args.data[0] in IMAGES else "feature")
    try:
        examples = prepare.parts(
            raw, val_fraction=args.val or 0, test_fraction=args.test or 0, per=per,
            dtype=np.dtype(args.dtype), rng=rng, refit=refit, fitted=fitted,
            scale_targets=args.targets == "standardized", clip_targets=args.targets == "clipped",
            class_weights=example_weights.of_classes(args, raw),
            bin_count=args.bins[((args.fold or 1) - 1) % len(args.bins)], folds=args.folds,
            fold=args.fold, components=args.pca)
    except DataError:
        raise
    except ValueError as error:
        given = ", ".join(f"--{name} {value}" for name, value in
                          (("folds", args.folds or None), ("val", args.val),
                           ("test", args.test or None))
                          if value is not None)
        fewer = "fewer folds" if args.folds else "smaller fractions"
        remedy = "" if ";" in str(error) else f"; give {fewer}, or more data"
        label = (raw.about or {}).get("label", {})
        if label.get("guessed"):
            remedy += f" ({label['why']}, so it was taken for {label['task']}: --task, --label)"
        elif args.task == "classification" and args.data != [config.FROM_PYTHON]:
            remedy += ", or --task regression, if the label is a number"
        if (raw.about or {}).get("transposed"):
            remedy += f"; {TRANSPOSED}? A row is an example, and a column is an input"
        raise UsageError(f"{given or '--data'}: {error}{remedy}") from error
    classes = 0 if raw.classes is None else len(raw.classes)
    outputs = classes or examples["train"][1].shape[1]
    return examples | {"classes": classes, "outputs": outputs, "standardize": per,
                       "warnings": warnings, "raw": named(args, raw)}


def named(args, raw):
    """The x and y of a data set, and what a user would call it: what a hash of it is made of."""
    names = {"columns": raw.columns, "classes": raw.classes, "target": raw.target}
    if args.sample_weight is not None:      # they are data as well
        names["weights"] = hashlib.sha256(raw.weights.tobytes()).hexdigest()
    parts = {}
    for name, files, part in (("val", args.val_data, raw.val), ("test", args.test_data, raw.test)):
        if part is not None:
            (parts if files is None else names)[name] = run_directory.hash_of(*part)
    if parts:
        names[run_directory.PARTS] = parts
    return raw.x, raw.y, names


def generators(args):
    """The random generators of a run: for the data and its split, the weights, and the order.

    Those of a fold depend on the seed and the fold's number; the split is the same for all folds.
    """
    for_split, for_weights, for_order = np.random.default_rng(args.seed).spawn(3)
    if args.fold is not None:
        for_weights, for_order = np.random.default_rng([args.seed, args.fold]).spawn(2)
    return for_split, for_weights, for_order


def reading_of(args):
    """What the options say about a table, a Reading."""
    words = {name: tuple(vars(args)[name] or ())
             for name in ("missing", "categorical", "numeric", "ignore")}
    header = None if args.header is None else args.header == "yes"
    decimal = {None: None, "comma": ",", "point": "."}[args.decimal]
    return Reading(header, args.separator, args.encoding, decimal, weight=args.sample_weight,
                   **words)


def describe_network(args, examples):
    """The description of the network (models/by_name.py) for these options and data."""
    inputs, outputs = examples["train"][0].shape[1], examples["outputs"]
    regression = not examples["classes"]
    loss = args.loss or ("square" if regression else "softmax")
    theirs = own_model.description(args, inputs, outputs)
    if theirs is not None:
        loss = theirs["loss"]
    shown = " ".join(args.data)
    if args.targets == "as_they_are" and not (regression or args.resume):
        raise UsageError(f"--targets goes with regression, and --data {shown} has classes: leave "
                         "it out")
    if args.model == "two_layer_regressor" and loss != "square":
        raise UsageError("--model two_layer_regressor has the square loss: its data is --data "
                         "wave, or a file with numbers to predict; for classes there is "
                         "--model two_layer_net")
    if (loss == "square") != regression:
        fit = "square" if regression else "softmax, svm, squared_hinge, or logistic of two classes"
        task = "" if args.data[0] in NAMES else (
            f", or --task {'classification' if regression else 'regression'}")
        raise UsageError(f"--loss {loss} does not fit --data {shown}, which is "
                         f"{'regression' if regression else 'classification'}: give {fit}{task}")
    if loss == "logistic":
        if outputs != 2:
            raise UsageError(f"--loss logistic needs two classes; --data {shown} has {outputs}: "
                             "give softmax, svm or squared_hinge")
        outputs = 1

    if theirs is not None:
        return theirs
    table = args.data[0] not in NAMES and own.is_table(args.data[0])
    if args.label_smoothing and loss != "softmax":
        raise UsageError(f"--label-smoothing goes with the softmax loss of classes, not with the "
                         f"{loss} loss: leave it out")
    usual = {"linear_classifier": [],
             "fully_connected_net": [128, 128] if table else [256, 256, 256]}
    hidden = hidden_sizes(args.model, args.hidden, usual.get(args.model, [64]),
                          f"--model {args.model}")

    description = {"kind": args.model, "sizes": [inputs, *hidden, outputs], "loss": loss,
                   "dtype": args.dtype}
    if args.model == "fully_connected_net":
        # A student's own net may be without norms and dropout, as its exercise allows.
        theirs = (authors.of_layers() or {}).get("models/fully_connected_net.py") == "yours"
        images = args.data[0] in IMAGES and not theirs
        dropout = 0.3 if images else 0.1 if table and not theirs else 0.0
        description |= {
            "activation": args.activation or "relu",
            "norm": args.norm or ("batch" if images else "none"),
            "dropout": dropout if args.dropout is None else args.dropout,
        }
        if args.maxout_pieces not in (None, 2):
            description["pieces"] = args.maxout_pieces
        if args.noise not in (None, 0):
            description["noise"] = args.noise
        if args.dropout_kind == "gaussian":
            description["dropout_kind"] = args.dropout_kind
        for name in ("dropout", "noise"):
            check_count(name, description.get(name), hidden)
        smoothing = args.label_smoothing
        if smoothing is None and table and loss == "softmax" and not theirs:
            smoothing = 0.1
        if smoothing:
            description["smoothing"] = smoothing
    return description


def settle_folds(args, raw):
    """Fill in how many folds a table is cut into where nobody says. Raises UsageError for a fold
    that is none of them."""
    if args.folds is None:
        tested = 0 if raw.test is not None else round(len(raw.y) * args.test)
        args.folds = min(FOLDS, max(2, (len(raw.y) - tested) // 2))
    if args.fold is not None and args.fold > args.folds:
        raise UsageError(f"--fold {args.fold}: there are {args.folds}, by --folds {args.folds}: "
                         f"give 1 to {args.folds}")


def check_count(name, values, hidden):
    """Refuse a list of values unless it has one for the inputs and one for each hidden layer."""
    if isinstance(values, list) and len(values) != 1 + len(hidden):
        one = "one" if not hidden else f"one, or {1 + len(hidden)}"
        raise UsageError(f"--{name} has {len(values)} values, and the net {len(hidden)} hidden "
                         f"layers: give {one}, the first for the inputs")


def settle_epochs(args, examples):
    """Fill in how many epochs a table is trained where nobody says: as many as a trial of 15 tables
    shows to be enough, and of a large one fewer. All folds of a run have the same number.
    """
    if args.epochs is not None:
        return
    steps = steps_of_epoch(args, examples)
    args.epochs = min(max(40, -(-LEAST_STEPS // steps)), max(5, MOST_STEPS // steps))


def steps_of_epoch(args, examples):
    """How many steps an epoch has, the same for all folds of a run, give or take one."""
    rows = len(examples["train"][0])
    if args.folds:
        rows += len(examples["val"][0])
        rows -= -(-rows // args.folds)
    return 1 if args.batch_size == "full" else -(-rows // args.batch_size)


def make_network(args, description, rng):
    """The network of a description, its weights drawn as the options say."""
    if own_model.is_own(args.model):
        return own_model.make(args.model, description["sizes"], rng, args.dtype)
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
    size = len(train[0]) if args.batch_size == "full" else min(args.batch_size, len(train[0]))
    steps = -(-len(train[0]) // size)
    reg = args.reg[0] if len(args.reg) == 1 else args.reg
    if len(args.reg) not in (1, len(model.weights)):
        raise UsageError(f"--reg has {len(args.reg)} values for {len(model.weights)} weight "
                         f"matrices: give one, or one for each of {', '.join(model.weights)}")
    if args.fresh_statistics and not contract.statistics(model).size:
        raise UsageError("--fresh-statistics goes with --norm batch, whose statistics they are: "
                         "leave it out")
    try:
        solver = Solver(
            model, train, val, update_rule=update_rule(args), schedule=schedule(args, steps),
            momentum_schedule=momentum_schedule(args, steps), reg=reg,
            augment=augmentation.of(args, examples), batch_size=size, epochs=args.epochs, rng=rng,
            clip=args.clip, max_norm=args.max_norm, average=args.average,
            freshens=bool(args.fresh_statistics),
            noise_schedule=noise_schedule(args, steps),
            compiled=compiled.settle(args, model, train, size, steps_of_epoch(args, examples)),
            patience=args.patience,
            min_delta=args.min_delta or 0.0, metric=metric_of(args, examples))
        if args.on is not None:
            device.take_over(solver, args.on)
            if args.captured == "yes":
                captured.use(solver)
    except (TypeError, ValueError) as error:    # a TypeError of a model of one's own
        if isinstance(error, TypeError) and not own_model.is_own(args.model):
            raise
        raise UsageError(str(error)) from error
    solver.best_by_loss = args.best_by == "loss"
    return solver


def metric_of(args, examples):
    """The function of solvers/metrics.py that --best-by names, or the usual one; None for a
    regression that is judged by its loss. Raises UsageError where it has no value.
    """
    is_classes, name = bool(examples["classes"]), args.best_by
    if name in (None, "loss"):
        return metrics.accuracy if is_classes else None
    if (name == "r2") == is_classes:
        fit = ("accuracy, loss, balanced_accuracy or auc" if is_classes else "loss or r2")
        raise UsageError(f"--best-by {name} does not go with "
                         f"{'classes' if is_classes else 'regression'}: give {fit}")
    metric = METRICS[name]
    if examples["val"] is not None:
        _, y = examples["val"]
        scores = np.zeros((len(y), examples["outputs"]))
        if metric(scores, y) is None:
            what = "an output never varies" if name == "r2" else "one class alone occurs"
            raise UsageError(f"--best-by {name} has no value in the validation part, where {what}: "
                             f"give {'fewer --folds' if args.folds else 'a larger --val'}, or "
                             "another --best-by")
    return metric


def update_rule(args):
    """The update rule --update-rule names."""
    make_rule = UPDATE_RULES[args.update_rule]
    if args.update_rule in ("momentum", "nesterov"):
        return make_rule(args.momentum)
    if args.update_rule == "adam":
        return make_rule(beta2=args.beta2)
    if args.update_rule == "adamw":
        return make_rule(beta2=args.beta2, weight_decay=args.weight_decay)
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
    if args.lr_hold and args.warmup + args.lr_hold > args.epochs > 0 and not args.resume:
        before = f"--warmup {args.warmup:g} and " if args.warmup else ""
        longer = "are together longer" if before else "is longer"
        raise UsageError(f"{before}--lr-hold {args.lr_hold:g} {longer} than --epochs {args.epochs}"
                         f", and --lr-schedule {args.lr_schedule} never begins: give fewer epochs "
                         "of it")
    warmup, hold = round(args.warmup * steps), round((args.lr_hold or 0) * steps)
    total = max(args.epochs * steps - warmup - hold, 1)
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
    chosen = schedules.hold(SCHEDULES[args.lr_schedule](args.lr, *numbers), hold)
    return schedules.warm_up(chosen, warmup) if warmup else chosen


def momentum_schedule(args, steps):
    """How momentum climbs, None where it stays; steps is the number of steps in an epoch."""
    if args.momentum_final is None:
        return None
    epochs = args.momentum_epochs or max(args.epochs, 1)
    return schedules.climb(args.momentum, args.momentum_final, max(round(epochs * steps), 1))


def noise_schedule(args, steps):
    """How the share of noise falls, None where it stays; steps is the number of them in an epoch.
    """
    if args.noise_final in (None, 1):
        return None
    return schedules.polynomial(1.0, max(args.epochs * steps, 1), 1.0, args.noise_final)


def hidden_sizes(model, given, usual, title):
    """The sizes of a model's hidden layers: those given, or if that is None the usual ones.

    Raises UsageError, with title for the model, for a number of layers that it cannot have.
    """
    hidden = usual if given is None else given
    if model != "fully_connected_net" and len(hidden) != len(usual):
        raise UsageError(f"{title} has one hidden layer: give --hidden one number" if usual else
                         f"--hidden does not go with {title}, which has no hidden layer: leave it "
                         "out")
    return hidden

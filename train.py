"""Train a neural network from the command line: parse, build, train, print.

Every name a user can give becomes an object here, those of layers in layers/by_name.py.
"""

import functools
import os
import sys

import numpy as np

from cli import describe, options
from cli.errors import UsageError
from data import blobs, digits, mnist, moons, prepare, spiral, wave, xor
from data.errors import DataError
from layers.by_name import ACTIVATIONS, LOSSES, NORMS
from models import initialization
from models.fully_connected_net import FullyConnectedNet
from models.linear_classifier import LinearClassifier
from models.two_layer_net import TwoLayerNet
from models.two_layer_regressor import TwoLayerRegressor
from solvers import fused, metrics, schedules
from solvers.divergence import Diverged
from solvers.solver import Solver
from solvers.update_rules.adagrad import Adagrad
from solvers.update_rules.adam import Adam
from solvers.update_rules.adamw import Adamw
from solvers.update_rules.momentum import Momentum
from solvers.update_rules.nesterov import Nesterov
from solvers.update_rules.rmsprop import Rmsprop
from solvers.update_rules.sgd import Sgd

MADE = {"spiral": spiral, "moons": moons, "xor": xor, "blobs": blobs, "wave": wave}
IMAGES = {"digits", "mnist"}
INITS = {
    "he": initialization.he, "xavier": initialization.xavier, "lecun": initialization.lecun,
    "normal": initialization.normal, "zeros": initialization.zeros,
}
NAMES = {
    "--data": ["digits", *MADE, "mnist"], "--standardize": ["dataset", "feature", "none"],
    "--model": ["fully_connected", "two_layer", "two_layer_regressor", "linear"],
    "--activation": list(ACTIVATIONS), "--norm": list(NORMS), "--loss": list(LOSSES),
    "--init": list(INITS), "--dtype": ["float32", "float64"],
    "--update-rule": ["sgd", "momentum", "nesterov", "adagrad", "rmsprop", "adam", "adamw"],
    "--lr-schedule": ["constant", "step", "exponential", "inverse_time", "polynomial", "cosine"],
}


def main(argv=None):
    """Run the command; gives its exit code."""
    args = options.parse(argv, NAMES)
    try:
        run(args)
    except (UsageError, DataError) as error:
        print(f"train.py: error: {error}", file=sys.stderr)
        return 2
    except Diverged as error:
        print(f"train.py: diverged: {error} (--lr, --clip)", file=sys.stderr)
        return 3
    except BrokenPipeError:
        # Whoever read our output has left; Python must not try to flush what remains.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except KeyboardInterrupt:
        print("train.py: interrupted", file=sys.stderr)
        return 130
    return 0


def run(args):
    """One training run, from its options to the test result."""
    for_split, for_weights, for_order = np.random.default_rng(args.seed).spawn(3)
    examples = load(args, for_split)
    model, title = build_model(args, examples, for_weights)
    solver = build_solver(args, model, examples, for_order)

    loss_name = model.loss_layer.__name__.removeprefix("layers.").replace("_", " ")
    log = describe.network(model, title)
    log += describe.objective(loss_name, solver.reg, model.weights)
    log += describe.data(args.data, examples)
    print("\n".join(log), flush=True)

    solver.train()
    solver.use_best()
    loss, accuracy = solver.evaluate(*examples["test"])
    if solver.history:
        print(f"best epoch {solver.best['epoch']} of {len(solver.history)}, by validation")
    print(f"test loss {loss:.6f}")
    if accuracy is not None:
        print(f"test accuracy {accuracy:.4f}")


def load(args, rng):
    """The data set by parts: train, val and test, each (x, y), and what is to be known of them."""
    test = None
    if args.data == "mnist":
        if args.data_dir is None:
            raise UsageError("--data mnist needs --data-dir, the folder with its IDX files")
        x, y, *test = mnist.load(args.data_dir)
    elif args.data_dir is not None:
        raise UsageError(f"--data-dir goes with --data mnist, not with --data {args.data}")
    elif args.data == "digits":
        x, y = digits.load()
    else:
        try:
            x, y = MADE[args.data].make(args.examples, rng)
        except ValueError as error:
            raise UsageError(f"--examples: {error}") from error

    per = args.standardize or ("dataset" if args.data in IMAGES else "feature")
    try:
        examples = prepare.parts(x, y, test, val_fraction=args.val, test_fraction=args.test,
                                 per=per, dtype=args.dtype, rng=rng)
    except ValueError as error:
        raise UsageError(f"--val {args.val:g}, --test {args.test:g}: {error}") from error
    classes = int(y.max()) + 1 if y.dtype.kind == "i" else 0
    return examples | {"classes": classes, "outputs": classes or y.shape[1], "standardize": per}


def build_model(args, examples, rng):
    """The network the options name, and a title for it."""
    inputs, outputs = examples["train"][0].shape[1], examples["outputs"]
    regression = not examples["classes"]
    loss_name = args.loss or ("square" if regression else "softmax")
    if args.model == "two_layer_regressor" and loss_name != "square":
        raise UsageError("--model two_layer_regressor has the square loss: its data is --data wave")
    if (loss_name == "square") != regression:
        raise UsageError(f"--loss {loss_name} does not fit --data {args.data}, which is "
                         f"{'regression' if regression else 'classification'}")
    if loss_name == "logistic":
        if outputs != 2:
            raise UsageError(f"--loss logistic needs two classes; --data {args.data} has {outputs}")
        outputs = 1

    default = {"linear": [], "fully_connected": [256, 256, 256]}.get(args.model, [64])
    hidden = default if args.hidden is None else args.hidden
    if args.model == "linear" and hidden:
        raise UsageError("--hidden does not go with --model linear, which has no hidden layer")
    if args.model.startswith("two_layer") and len(hidden) != 1:
        raise UsageError(f"--model {args.model} has one hidden layer: give --hidden one number")
    if args.model != "fully_connected":
        for option, given in (("--activation", args.activation), ("--norm", args.norm),
                              ("--dropout", args.dropout)):
            if given is not None:
                raise UsageError(f"{option} goes with --model fully_connected, not {args.model}")

    images = args.data in IMAGES
    activation = args.activation or "relu"
    norm = args.norm or ("batch" if images else "none")
    drop = (0.3 if images else 0.0) if args.dropout is None else args.dropout
    init = INITS[args.init]
    if args.init == "normal":
        init = functools.partial(init, scale=args.init_scale)
    sizes = [inputs, *hidden, outputs]
    chain = " - ".join(str(size) for size in sizes)
    loss_layer = LOSSES[loss_name]
    try:
        if args.model == "linear":
            model = LinearClassifier(*sizes, loss_layer=loss_layer, init=init, rng=rng,
                                     dtype=args.dtype)
        elif args.model == "two_layer":
            model = TwoLayerNet(*sizes, loss_layer=loss_layer, init=init, rng=rng, dtype=args.dtype)
        elif args.model == "two_layer_regressor":
            model = TwoLayerRegressor(*sizes, init=init, rng=rng, dtype=args.dtype)
        else:
            model = FullyConnectedNet(
                sizes, activation=ACTIVATIONS[activation], loss_layer=loss_layer,
                norm=NORMS[norm], drop=drop, init=init, rng=rng, dtype=args.dtype)
    except (MemoryError, ValueError, OverflowError) as error:
        raise UsageError(f"--hidden: a net {chain} cannot be made: {error}") from error
    title = f"{args.model} {chain}"
    if args.model == "fully_connected" and hidden:
        title += f", {activation}" if activation != "none" else ", no activation"
        title += f", {norm} norm" if norm != "none" else ""
        title += f", dropout {drop:g}" if drop else ""
    return model, title


def build_solver(args, model, examples, rng):
    """The Solver the options name."""
    train, val = examples["train"], examples["val"]
    size = min(args.batch_size or len(train[0]), len(train[0]))
    steps = -(-len(train[0]) // size)
    in_one_loop = fused.pays(model.theta.size, args.epochs * steps)
    reg = args.reg[0] if len(args.reg) == 1 else args.reg
    if len(args.reg) not in (1, len(model.weights)):
        raise UsageError(f"--reg has {len(args.reg)} values for {len(model.weights)} weight "
                         f"matrices: give one, or one for each of {', '.join(model.weights)}")
    try:
        return Solver(
            model, train, val, update_rule=build_update_rule(args, model, in_one_loop),
            schedule=build_schedule(args, steps), reg=reg, batch_size=size, epochs=args.epochs,
            rng=rng, fused=in_one_loop, clip=args.clip, patience=args.patience,
            metric=metrics.accuracy if examples["classes"] else None,
            on_epoch=lambda entry: print(describe.epoch_line(entry, args.epochs), file=sys.stderr),
        )
    except ValueError as error:
        raise UsageError(str(error)) from error


def build_update_rule(args, model, in_one_loop):
    """The update rule --update-rule names. AdamW decays the weights alone, which lie first."""
    weights = slice(0, sum(model.params[name].size for name in model.weights))
    rule = args.update_rule
    if rule == "momentum":
        return Momentum(args.momentum, in_one_loop)
    if rule == "nesterov":
        return Nesterov(args.momentum, in_one_loop)
    if rule == "adamw":
        return Adamw(weight_decay=args.weight_decay, decayed=weights, fused=in_one_loop)
    make = {"sgd": Sgd, "adagrad": Adagrad, "rmsprop": Rmsprop, "adam": Adam}[rule]
    return make(fused=in_one_loop)


def build_schedule(args, steps):
    """The schedule --lr-schedule names; steps is the number of steps in an epoch."""
    warmup = round(args.warmup * steps)
    total = max(args.epochs * steps - warmup, 1)
    every = max(args.lr_every * steps, 1)
    kind = args.lr_schedule
    if kind == "constant":
        schedule = schedules.constant(args.lr)
    elif kind == "step":
        schedule = schedules.step(args.lr, every, args.lr_factor)
    elif kind == "exponential":
        schedule = schedules.exponential(args.lr, args.lr_factor, every)
    elif kind == "inverse_time":
        schedule = schedules.inverse_time(args.lr, args.lr_factor, every)
    elif kind == "polynomial":
        schedule = schedules.polynomial(args.lr, total, args.lr_power, args.lr_final)
    else:
        schedule = schedules.cosine(args.lr, total, args.lr_final)
    return schedules.warm_up(schedule, warmup) if warmup else schedule


if __name__ == "__main__":
    sys.exit(main())

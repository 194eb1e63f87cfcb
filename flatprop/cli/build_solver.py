"""From the options to the Solver, its update rule and its schedule."""

from flatprop.cli.errors import UsageError
from solvers import fused, metrics, schedules
from solvers.solver import Solver
from solvers.update_rules.adagrad import Adagrad
from solvers.update_rules.adam import Adam
from solvers.update_rules.adamw import Adamw
from solvers.update_rules.momentum import Momentum
from solvers.update_rules.nesterov import Nesterov
from solvers.update_rules.rmsprop import Rmsprop
from solvers.update_rules.sgd import Sgd

UPDATE_RULES = ["sgd", "momentum", "nesterov", "adagrad", "rmsprop", "adam", "adamw"]
SCHEDULES = ["constant", "step", "exponential", "inverse_time", "polynomial", "cosine"]


def make(args, model, examples, rng, on_step=None, on_epoch=None):
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
            model, train, val, update_rule=update_rule(args, model, in_one_loop),
            schedule=schedule(args, steps), reg=reg, batch_size=size, epochs=args.epochs,
            rng=rng, fused=in_one_loop, clip=args.clip, patience=args.patience,
            metric=metrics.accuracy if examples["classes"] else None,
            on_step=on_step, on_epoch=on_epoch,
        )
    except ValueError as error:
        raise UsageError(str(error)) from error


def update_rule(args, model, in_one_loop):
    """The update rule --update-rule names. AdamW decays the weights alone, which lie first."""
    weights = slice(0, sum(model.params[name].size for name in model.weights))
    rule = args.update_rule
    if rule == "momentum":
        return Momentum(args.momentum, in_one_loop)
    if rule == "nesterov":
        return Nesterov(args.momentum, in_one_loop)
    if rule == "adamw":
        return Adamw(weight_decay=args.weight_decay, decayed=weights, fused=in_one_loop)
    make_rule = {"sgd": Sgd, "adagrad": Adagrad, "rmsprop": Rmsprop, "adam": Adam}[rule]
    return make_rule(fused=in_one_loop)


def schedule(args, steps):
    """The schedule --lr-schedule names; steps is the number of steps in an epoch."""
    warmup = round(args.warmup * steps)
    total = max(args.epochs * steps - warmup, 1)
    every = max(args.lr_every * steps, 1)
    kind = args.lr_schedule
    if kind == "constant":
        chosen = schedules.constant(args.lr)
    elif kind == "step":
        chosen = schedules.step(args.lr, every, args.lr_factor)
    elif kind == "exponential":
        chosen = schedules.exponential(args.lr, args.lr_factor, every)
    elif kind == "inverse_time":
        chosen = schedules.inverse_time(args.lr, args.lr_factor, every)
    elif kind == "polynomial":
        chosen = schedules.polynomial(args.lr, total, args.lr_power, args.lr_final)
    else:
        chosen = schedules.cosine(args.lr, total, args.lr_final)
    return schedules.warm_up(chosen, warmup) if warmup else chosen

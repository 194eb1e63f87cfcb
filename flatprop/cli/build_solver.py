"""From the options to the Solver, its update rule and its schedule."""

from flatprop.cli.errors import UsageError
from solvers import metrics, schedules
from solvers.by_name import SCHEDULES, UPDATE_RULES
from solvers.compiled import loops
from solvers.solver import Solver


def make(args, model, examples, rng, on_step=None, on_epoch=None):
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
            metric=metrics.accuracy if examples["classes"] else None,
            on_step=on_step, on_epoch=on_epoch,
        )
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
    """The schedule --lr-schedule names; steps is the number of steps in an epoch."""
    warmup = round(args.warmup * steps)
    total = max(args.epochs * steps - warmup, 1)
    every = max(args.lr_every * steps, 1)
    numbers = {
        "constant": (), "step": (every, args.lr_factor), "exponential": (args.lr_factor, every),
        "inverse_time": (args.lr_factor, every),
        "polynomial": (total, args.lr_power, args.lr_final), "cosine": (total, args.lr_final),
    }[args.lr_schedule]
    chosen = SCHEDULES[args.lr_schedule](args.lr, *numbers)
    return schedules.warm_up(chosen, warmup) if warmup else chosen

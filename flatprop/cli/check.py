"""Check gradients against differences of the forward pass, and say what is wrong with them.

As a library:

    from gradient_check import check, check_model
    check(affine.forward, affine.backward, x, W, b).raise_if_wrong()
    print(check_model(model, x, y).text())

As a command: python gradient_check.py --help
"""

import argparse
import json
import os
import sys
import time

import numpy as np

from data.errors import DataError
from flatprop.cli.errors import Parser, UsageError, number, one_of, whole
from flatprop.gradcheck import model_subjects, report, subjects
from flatprop.gradcheck.layer_check import check
from flatprop.gradcheck.model_check import check_model
from layers.by_name import ACTIVATIONS, LOSSES, NORMS

__all__ = ["check", "check_model", "main"]

DESCRIPTION = """Check gradients, entry by entry, against differences of the forward pass, and say
what is wrong with them. Every entry agrees, sits at a kink, lies below the noise floor of the
differences, or is wrong; only the last fails, with exit code 1."""

EXAMPLES = """examples:
  python gradient_check.py affine                    a layer of layers/ or layers/gates/
  python gradient_check.py --all                     every layer and every model
  python gradient_check.py my_layers/affine.py       a file with forward and backward; on inputs as
                                                     for layers/affine.py, or on its own inputs(rng)
  python gradient_check.py --model fully_connected_net --hidden 10 10 --norm batch"""

MODELS = ["linear_classifier", "two_layer_net", "two_layer_regressor", "fully_connected_net"]


def main(argv=None):
    """Run the command; gives its exit code."""
    args = parse(argv)
    try:
        checks = chosen(args)
        wrong = run(checks, args)
    except (UsageError, DataError) as error:
        print(f"gradient_check.py: error: {error}", file=sys.stderr)
        return 2
    except BrokenPipeError:
        # Whoever read our output has left; Python must not try to flush what remains.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except KeyboardInterrupt:
        print("gradient_check.py: interrupted", file=sys.stderr)
        return 130
    return 1 if wrong else 0


def parse(argv):
    """The command line."""
    parser = Parser(prog="gradient_check.py", description=DESCRIPTION, epilog=EXAMPLES,
                    allow_abbrev=False, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("layers", nargs="*", metavar="LAYER",
                        help="the name of a layer, or a file ending in .py")
    parser.add_argument("--all", action="store_true", help="every layer and every model")
    parser.add_argument("--model", type=one_of(MODELS), metavar="NAME",
                        help=f"a model: {', '.join(MODELS)}")
    parser.add_argument("--seeds", type=whole(1), default=1, metavar="K",
                        help="check on the inputs of so many seeds (default: 1)")
    parser.add_argument("--seed", type=whole(0), default=0, metavar="K",
                        help="the first seed (default: 0)")
    parser.add_argument("--json", action="store_true", help="one line of JSON for each subject")
    net = parser.add_argument_group("the model")
    net.add_argument("--hidden", type=whole(1), nargs="*", default=[10], metavar="H",
                     help="the size of each hidden layer (default: 10)")
    net.add_argument("--activation", type=one_of(ACTIVATIONS), default="relu", metavar="NAME",
                     help=f"{', '.join(ACTIVATIONS)} (default: relu)")
    net.add_argument("--norm", type=one_of(NORMS), default="none", metavar="NAME",
                     help=f"{', '.join(NORMS)} (default: none)")
    net.add_argument("--dropout", type=number(0, 1), default=0.0, metavar="P",
                     help="the probability of dropping a hidden unit (default: 0)")
    net.add_argument("--loss", type=one_of(["softmax", "svm"]), default="softmax", metavar="NAME",
                     help="softmax or svm, where there are classes (default: softmax)")
    return parser.parse_args(argv)


def chosen(args):
    """What the options ask for: a list of functions rng -> Report. Raises UsageError."""
    if not (args.layers or args.all or args.model):
        raise UsageError("name a layer, a file, --model NAME or --all. --help shows examples")
    checks = []
    for name in args.layers:
        try:
            subject = subjects.from_file(name) if name.endswith(".py") else subjects.named(name)
        except ValueError as error:
            raise UsageError(error) from error
        checks.append(layer_check(subject))
    if args.all:
        checks += [layer_check(subject) for subject in subjects.LAYERS]
        checks += [model_check(name, make) for name, make in model_subjects.MODELS.items()]
    if args.model:
        if args.model.startswith("two_layer") and len(args.hidden) != 1:
            raise UsageError(f"--model {args.model} has one hidden layer: --hidden takes one size")
        checks.append(model_check(args.model, lambda rng: build(args, rng)))
    return checks


def layer_check(subject):
    """A function rng -> Report on the layer."""
    return lambda rng: check(subject.forward, subject.backward, *subject.inputs(rng), rng=rng,
                             wrt=subject.wrt, rows=subject.rows, name=subject.name)


def model_check(name, make):
    """A function rng -> Report on the model that make(rng) gives with its batch."""
    return lambda rng: check_model(*make(rng), rng=rng, name=name)


def build(args, rng):
    """The model of the options, with a batch."""
    loss = LOSSES[args.loss]
    if args.model == "fully_connected_net":
        return model_subjects.fully_connected(
            rng, args.hidden, activation=ACTIVATIONS[args.activation], norm=NORMS[args.norm],
            drop=args.dropout, loss_layer=loss)
    if args.model == "linear_classifier":
        return model_subjects.linear(rng, loss)
    if args.model == "two_layer_net":
        return model_subjects.two_layer(rng, loss, args.hidden[0])
    return model_subjects.regressor(rng, args.hidden[0])


def run(checks, args):
    """Check everything on every seed, and print as it goes. Gives whether anything is wrong."""
    colours = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
    started, reports = time.perf_counter(), []
    if not args.json:
        print(report.heading(), flush=True)
    for make_report in checks:
        for seed in range(args.seed, args.seed + args.seeds):
            reports.append(make_report(np.random.default_rng(seed)))
            done = reports[-1]
            print(json.dumps(done.as_dict()) if args.json else done.text(colours), flush=True)
    if not args.json:
        print(report.summary(reports, time.perf_counter() - started))
    return any(each.wrong for each in reports)


if __name__ == "__main__":
    sys.exit(main())

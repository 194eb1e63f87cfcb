"""flatprop check, the same as gradient_check.py: gradients against differences."""

import json
import sys
import time
from pathlib import Path

import numpy as np

from flatprop import system
from flatprop.cli import common_options, small_networks
from flatprop.cli.command import make_parser, run_command
from flatprop.gradcheck import model_subjects, report, subjects
from flatprop.gradcheck.layer_check import check
from flatprop.gradcheck.model_check import check_model
from flatprop.usage.errors import UsageError, closest, one_of, whole
from models.by_name import MODELS, build
from models.initialization import he, normal, xavier


def main(argv=None):
    """Run the command; gives its exit code."""
    return run_command("check", lambda: run(parser().parse_args(argv)))


def parser():
    """The parser of the command line."""
    made = make_parser("check")
    made.add_argument("layers", nargs="*", metavar="LAYER",
                      help="the name of a layer in layers/ or layers/gates/, or a file ending in "
                           ".py with forward, backward and, if need be, inputs(rng) (default: "
                           "none; then --model or --all is needed)")
    subjects_group = made.add_argument_group("what else to check")
    subjects_group.add_argument("--all", action="store_true",
                                help="every layer and every model")
    subjects_group.add_argument("--model", type=one_of(MODELS, "model"), metavar="NAME",
                                help=f"a model: {', '.join(MODELS)} (default: none)")
    small_networks.add_options(made.add_argument_group("the model of --model"), "10")
    inputs = made.add_argument_group("the inputs, which are random")
    inputs.add_argument("--seeds", type=whole(1), default=1, metavar="K",
                        help="check on the inputs of so many seeds (default: 1)")
    common_options.add_seed(inputs, "the first seed (default: 0)", default=0)
    made.add_argument("--contract", action="store_true",
                      help="let breaches of the layer contract count too: another dtype than the "
                           "inputs', integers taken, gradients that differ by rounding between two "
                           "calls (default: they are remarks)")
    made.add_argument("--json", action="store_true",
                      help="print one line of JSON for each subject")
    return made


def run(args):
    """Check everything on every seed, and print as it goes. Gives the exit code."""
    checks = chosen_checks(args)
    colours = system.has_colours(sys.stdout)
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
    return 1 if any(each.wrong for each in reports) else 0


def chosen_checks(args):
    """What the options ask for: a list of functions rng -> Report. Raises UsageError."""
    if not (args.layers or args.all or args.model):
        raise UsageError("name a layer, a file, --model NAME or --all. --help shows examples")
    given = [name for name in ("hidden", "loss", "activation", "norm", "dropout", "noise")
             if vars(args)[name] is not None]
    if given and not args.model:
        raise UsageError(f"--{given[0]} goes with --model NAME, and with nothing else")
    layers = [find_layer(name) for name in args.layers]
    twice = [f"--model {args.model}"] * bool(args.model and not given)
    twice += [each.name for each in layers if each in subjects.LAYERS]
    if args.all and twice:
        raise UsageError(f"--all checks every layer and every model: leave {twice[0]} out")
    models = []
    if args.all:
        layers += subjects.LAYERS
        models += model_subjects.MODELS.items()
    if args.model:
        models.append((args.model, model_maker(args)))
    return [layer_check(each, args.contract) for each in layers] + [
        model_check(*each, args.contract) for each in models]


def find_layer(name):
    """The Subject of that name, or of a file ending in .py. Raises UsageError or DataError."""
    by_name = {each.name: each for each in subjects.LAYERS}
    if name in by_name:
        return by_name[name]
    if name.endswith(".py"):
        return subjects.from_file(name)
    if ".py:" in name:
        raise UsageError(f"{name}: check takes a file with forward and backward: give "
                         f"{name.partition(':')[0]}")
    if name and Path(name).is_dir():
        files = sorted(map(str, Path(name).glob("*.py"))) or ["FILE.py"]
        raise UsageError(f"{name} is a folder: give files in it, such as {files[0]}")
    if name in MODELS:
        raise UsageError(f"{name} is a model: --model {name}")
    beside = f"{name}.py"
    if Path(beside).is_file():
        raise UsageError(f"unknown layer {name!r}. Is it the file {beside}?")
    if Path(name).is_file() or "/" in name or "." in name:
        raise UsageError(f"{name} is no layer: give a file ending in .py, with forward and "
                         f"backward in it, or a layer's name, such as {next(iter(by_name))}")
    raise UsageError(f"unknown layer {name!r}.{closest(name, by_name, 'layer')} "
                     f"Give a file ending in .py, or one of {', '.join(by_name)}")


def layer_check(subject, contract):
    """A function rng -> Report on the layer; contract: whether breaches of it count."""
    return lambda rng: check(subject.forward, subject.backward, *subject.inputs(rng), rng=rng,
                             wrt=subject.wrt, rows=subject.rows, contract=contract,
                             name=subject.name)


def model_check(name, make, contract):
    """A function rng -> Report on the model that make(rng) gives with its batch."""
    return lambda rng: check_model(*make(rng), rng=rng, contract=contract, name=name)


def model_maker(args):
    """A function rng -> (model, x, y), of the model that the options name. Raises UsageError."""
    outputs = 2 if args.model == "two_layer_regressor" else model_subjects.CLASSES
    description = small_networks.describe(
        args.model, args, model_subjects.INPUTS, [] if args.model == "linear_classifier" else [10],
        1 if args.loss == "logistic" else outputs)
    init = {"linear_classifier": normal, "two_layer_regressor": xavier}.get(args.model, he)
    return lambda rng: model_subjects.with_batch(build(description, init, rng), rng)

"""The options of train: those of the command line, over those of --config FILE or --resume RUN.

Code that a file or a run names is run only where the command line names it too.
"""

import tomllib
from pathlib import Path

from data import foreign_files, own
from data.by_name import NAMES
from data.errors import DataError
from data.open_file import read_file
from flatprop import system, width
from flatprop.cli import command
from flatprop.cli.common_options import what_changed_means
from flatprop.runs import checksums
from flatprop.runs.text import printable
from flatprop.training import options, own_model, places
from flatprop.training.config import (
    FROM_PYTHON,
    check_folds,
    check_layers,
    content_of_run,
    keep_device,
    keep_threads,
    settle,
    to_words,
)
from flatprop.training.options import OPTIONS, words_of
from flatprop.usage.errors import UsageError
from models.by_name import MODELS

LARGEST = 2**20     # bytes of a TOML file: options take hundreds


def parser():
    """The parser of train: all options, with its help."""
    made = options.add_all(command.make_parser("train"))
    made.usage = f"{made.prog} [--data NAME|FILE ...] [options]"
    return made


def parse(argv, typed=None):
    """The options of the command line and of --config or --resume; typed are those that
    typed_options gives for it. Raises UsageError, DataError.
    """
    parser, typed = options.parser(), typed or typed_options(argv)
    words, source, kept = [], "", None
    if typed.resume is not None:
        check_goes_with_resume(argv)
        source = f"--resume {typed.resume}"
        try:
            checksums.check(typed.resume, what_changed_means(typed, warn))
            kept = content_of_run(typed.resume)
            words = to_words(kept["options"], Path(typed.resume) / "config.json")
        except DataError as error:
            raise DataError(f"--resume {error}", file=error.file, remedy=error.remedy) from error
    elif typed.config is not None:
        source = f"--config {typed.config}"
        words = to_words(options_of_file(typed.config), source)
    try:
        held = parser.parse_args(words)
    except UsageError as error:     # it names an option, where the file has a key
        option, space, text = str(error).partition(" ")
        key = option.removeprefix("--").replace("-", "_")
        file = source if kept is None else Path(typed.resume) / "config.json"
        raise UsageError(f"{file}: {key}{space}{text}") from error
    args = parser.parse_args(words + argv)
    settle(args, typed, held, None if typed.resume is not None else source)
    check_keeping(args, typed)
    check_folds(args)
    check_layers(args)
    keep_threads(args, typed, kept)
    keep_device(args, kept)
    args.run_id = None if kept is None else kept.get(checksums.RUN_ID)
    if kept is not None and args.data == [FROM_PYTHON]:
        raise UsageError(f"--resume {typed.resume}: an estimator was fitted to a table in Python, "
                         "which no file holds: go on there, with flatprop.estimators.load and "
                         "warm_start")
    if kept is not None:
        places.find_again(args, typed.resume, kept, given=[
            option.name for option in OPTIONS if is_typed(option, argv)])
    check_code_is_asked_for(args, typed, source, kept)
    return args


def typed_options(argv):
    """The options of the command line alone, as they were typed. Raises UsageError."""
    made = parser()
    made.stray = say_option
    return made.parse_args(argv)


def warn(text):
    width.say(f"{command.name('train')}: warning: {text}")


def check_code_is_asked_for(args, typed, source, kept):
    """Refuse to run the code that a file alone names; kept is the content of the config.json of a
    run that is gone on with, or None. Raises UsageError."""
    if args.layers is not None and typed.layers is None and not args.print_config:
        raise UsageError(f"{source}: trains on the code in {printable(args.layers, 200)}, and code "
                         "is only run if the command line says so: add "
                         f"--layers {system.quote(printable(args.layers, 200))} if you trust it")
    if own_model.is_own(args.model) and not own_model.is_own(typed.model) and (
            not args.print_config):
        own_model.check_asked_for(source, args.model, typed.model)
    usual = options.parser().get_default("model")
    held = args.model if kept is None else kept["options"].get("model", usual)
    if held != args.model and not own_model.same_class(str(held), args.model):
        raise UsageError(f"--model {printable(args.model, 200)} does not go with {source}, which "
                         f"trains {printable(str(held), 200)}: leave it out")


def check_keeping(args, typed):
    """Refuse options about a run's folder, its saving and its log that would change nothing."""
    instead = "--find-rate" if args.find_rate else "--sanity" if args.sanity else None
    saves_anew = args.checkpoint_every != options.parser().get_default("checkpoint_every")
    for option, given in (("--overwrite", args.overwrite), ("--checkpoint-every", saves_anew)):
        if given and instead:
            raise UsageError(f"{option} does not go with {instead}, which keeps nothing")
    if args.overwrite and args.out in (None, "none"):
        raise UsageError("--overwrite goes with --out FOLDER: the run there is replaced")
    if saves_anew and args.out == "none":
        raise UsageError("--checkpoint-every does not go with --out none, which keeps nothing")
    if args.quiet and typed.progress in ("bar", "lines"):
        raise UsageError(f"--progress {typed.progress} does not go with --quiet, which shows none")


def say_option(_args, words):
    """A line that says with which option these words are given to train, or None."""
    path, typed = Path(words[0]), system.quote(words[0])
    pair = " ".join(map(system.quote, words[:2])) if words[1:] else f"{typed} y.npy"
    if words[0] in NAMES or own.suffix_of(path) in (*own.TABLES, ".npz"):
        return f"{words[0]}: the data is given with --data {typed}"
    if path.suffix.lower() == ".npy":
        return f"{words[0]}: the data is given with --data {pair}"
    if (path / "config.json").is_file():
        return f"{words[0]}: a run is gone on with by --resume {typed}"
    if words[0] in MODELS:
        return f"{words[0]}: the network is given with --model {typed}"
    if path.suffix.lower() == ".toml":
        return f"{words[0]}: a file of options is given with --config {typed}"
    if path.exists():
        remedy = foreign_files.remedy_of(path) or "is none of the files that --data takes"
        return f"{words[0]}: {remedy} (--data FILE.csv)"
    return None


def check_goes_with_resume(argv):
    """Raise UsageError for an option that a run has of its own."""
    for option in OPTIONS:
        if not option.with_resume and is_typed(option, argv):
            raise UsageError(f"{words_of(option)[-1]} does not go with --resume, which uses the "
                             "run's own options; --epochs, --patience, --checkpoint-every, "
                             "--progress, --compiled, --device, --captured, --quiet and --threads "
                             "do, and --data, where the data is elsewhere now, --layers or --model "
                             "of a run with code of your own, and --accept-changes")


def is_typed(option, argv):
    """Whether a command line has this option."""
    return bool({word.split("=")[0] for word in argv} & {*words_of(option)})


def options_of_file(path):
    """The options of a TOML file: {name: value}. Raises UsageError."""
    try:
        text = read_file(path, "a TOML file; --print-config prints one", LARGEST)
        return tomllib.loads(text.decode("utf-8"))
    except DataError as error:
        raise UsageError(f"--config {error}") from error
    except (ValueError, RecursionError) as error:
        raise UsageError(f"--config {path}: not a TOML file: {error}; its lines are like "
                         "epochs = 50, and --print-config prints one") from error

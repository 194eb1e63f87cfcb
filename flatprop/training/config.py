"""The options of a training beside each other, as words, and as the config.json of a run has them.

What a file holds is turned into the words of a command line, so that it is checked as they are.
"""

import json

from data import json_file
from data.by_name import NAMES
from data.errors import DataError
from flatprop import system
from flatprop.runs import checksums, run_directory
from flatprop.training import options, places
from flatprop.training.goes_with import GOES_WITH, is_met, refusal, unmet
from flatprop.training.options import OPTIONS, words_of
from flatprop.usage.errors import UsageError
from flatprop.usage.other_words import about_option, slip_of
from models.by_name import OLD_NAMES

# 2 has defaults of their own for tables, 3 a checksum, 4 more options.
VERSION, READ = checksums.VERSIONS["config.json"], (1, 2, 3, 4)
# A table whose options hold one of these is not cut into folds, unless asked for.
OF_ONE_NETWORK = ("val", "val_data", "refit", "layers")
# Options of one or several values, that are kept as a number where it is one.
FROM_PYTHON = "(a table in Python).csv"      # what a run says that an estimator was fitted to
ONE_OR_MORE = ("dropout", "noise")


def of_run(run):
    """The options with which a run was trained. Raises UsageError, DataError."""
    parser, kept = options.parser(), content_of_run(run)
    args = parser.parse_args(to_words(kept["options"], run))
    settle(args, parser.parse_args([]), args, None)
    places.find_again(args, run, kept)
    return args


def of_words(words, chosen=()):
    """The options of these words, as of_run has them: what means nothing beside the others is left
    out, and refused if it is among chosen, words that somebody gave now. Raises UsageError."""
    parser = options.parser()
    args = parser.parse_args(words)
    settle(args, parser.parse_args(list(chosen)), args, None)
    check_folds(args)
    keep_threads(args, args, None)
    keep_device(args, None)
    args.run_id = None
    return args


def settle(args, typed, held, source):
    """Refuse options that mean nothing beside the others; fill in the defaults of those that do.

    args holds all, typed what the command line has alone, held what the file of that source has;
    source is None for a run. Raises UsageError.
    """
    args.on = None      # the Device, which a training opens
    for name in ONE_OR_MORE:
        if isinstance(vars(args)[name], list) and len(vars(args)[name]) == 1:
            vars(args)[name] = vars(args)[name][0]
    for each in (args, held):
        if each.folds is None and any(vars(each)[name] is not None for name in OF_ONE_NETWORK):
            each.folds = 0
    for option in OPTIONS:
        if option.name not in GOES_WITH and vars(args)[option.name] is None:
            vars(args)[option.name] = options.default_of(option, args.data)
    for option in (each for each in OPTIONS if each.name in GOES_WITH):
        name, value = option.name, vars(args)[option.name]
        if is_met(name, args):
            vars(args)[name] = options.default_of(option, args.data) if value is None else value
            continue
        if vars(typed)[name] is not None:
            raise UsageError(refusal(name, args))
        # Runs and files of older versions hold every default. And where the command line makes
        # another choice than the file, what went with the file's is left out.
        usual = None, option.default, option.for_tables
        if not (source is None or value in usual or is_met(name, held)):
            raise UsageError(f"{source}: {refusal(name, args)}")
        vars(args)[name] = None
    if args.class_weight and args.best_by is None and is_met("best_by", args):
        args.best_by = "balanced_accuracy"      # for the accuracy hardly tells of rare classes


def keep_threads(args, typed, kept):
    """What a run that is gone on with, whose config.json is kept, says of threads: as many as it
    had, unless others are typed; args.threads_before is their number. A run of a version without
    the option has None: as many as BLAS starts by itself.
    """
    args.threads_text = args.threads_before = None
    if kept is not None:
        before = kept["options"].get("threads")
        args.threads_before = before if type(before) is int else None
        if before is None and typed.threads is None:
            args.threads = None


def keep_device(args, kept):
    """args.device_before: the device that a run had which is gone on with, whose config.json is
    kept; None of a new one."""
    args.device_before = None if kept is None else kept["options"].get("device") or "cpu"


def check_layers(args):
    """Refuse options that the losses of the exercises cannot follow."""
    for option, given in (("--class-weight", args.class_weight), ("--sample-weight",
                          args.sample_weight), ("--label-smoothing", args.label_smoothing)):
        if args.layers is not None and given:
            raise UsageError(f"{option} does not go with --layers: the losses of the exercises "
                             "take neither weights nor smoothed labels; leave one out")


def check_folds(args):
    """Refuse options that do not go with cross-validation."""
    if args.folds and args.layers is not None:
        raise UsageError("--folds does not go with --layers, which trains one network: leave one "
                         "of them out")


def content_of_run(run):
    """What config.json of a run holds: "options" {name: value}, old names replaced by those of now,
    and where its files are, flatprop/training/places.py. Raises DataError."""
    path = run_directory.check_run(run) / "config.json"
    plain = json_file.read(path)
    version = plain.get("version") if isinstance(plain, dict) else None
    if version not in READ:
        raise DataError(run_directory.other_version(path, version, VERSION))
    held = plain.get("options")
    if not isinstance(held, dict):
        raise DataError(f"{path}: holds no options; put a copy of it back, or train anew")
    if isinstance(held.get("model"), str):
        held["model"] = OLD_NAMES.get(held["model"], held["model"])
    held.setdefault("compiled", "no")       # of versions that had none
    if version == 1:
        add_older_defaults(held)
    return plain


def add_older_defaults(held):
    """Add to the options of a run of version 1 what it meant by those that it lacks."""
    held.setdefault("targets", "as_they_are")
    held |= {"bins": [0], "folds": 0}
    if held.get("patience") is not None:
        held.setdefault("min_delta", 0.0)
    named = isinstance(held.get("data"), list) and held["data"][:1] and held["data"][0] in NAMES
    if held.get("update_rule") in ("adam", "adamw"):
        held["beta2"] = 0.999
    if not named:
        held["standardize"] = held.get("standardize") or "feature"
        if held.get("model") == "fully_connected_net":
            held["hidden"] = [256] * 3 if held.get("hidden") is None else held["hidden"]
            held["dropout"] = held.get("dropout") or 0.0
            held.setdefault("label_smoothing", 0.0)


def to_words(held, source):
    """Options {name: value} as words of a command line. Raises UsageError for one not known."""
    known = {option.name: option for option in OPTIONS if option.in_file}
    words = []
    for name, value in held.items():
        plain = name.replace("-", "_")
        if isinstance(value, dict):
            raise UsageError(f"{source}: [{name}] is a section, and options stand alone: leave the "
                             "line with [ ] out")
        if plain not in known:
            about = about_option(name, [word for option in OPTIONS for word in words_of(option)
                                        if option.in_file])
            slip = slip_of(name, known)
            raise UsageError(f"{source}: " + (about or f"unknown option {name}." + (
                f" Did you mean {slip}?" if slip else "")))
        if value is None:
            continue
        option = "--" + plain.replace("_", "-")
        if known[plain].kind is None:
            if type(value) is not bool:
                raise UsageError(f"{source}: {name} must be true or false")
            words += [option] if value else []
            continue
        values = value if isinstance(value, list) else [value]
        if not all(type(each) in (str, int, float) for each in values):
            raise UsageError(f"{source}: {name} must be a number, text, or a list of these")
        texts = [each if isinstance(each, str) else repr(each) for each in values]
        words += [option, *texts] if isinstance(value, list) else [f"{option}={texts[0]}"]
    return words


def command_of(held, start):
    """The command line that trains with options {name: value}: start, and those that are not as
    they are without a word. Names that train does not know are left out."""
    usual, known = options.parser(), {option.name for option in OPTIONS if option.in_file}
    return " ".join([start, *(to_type(name, value) for name, value in held.items()
                              if name in known and value is not None
                              and value != usual.get_default(name))])


def to_type(name, value):
    """An option with its value as a shell takes it."""
    option = "--" + name.replace("_", "-")
    if value is True:
        return option
    values = [system.quote(str(each)) for each in (value if isinstance(value, list) else [value])]
    joined = "=" if len(values) == 1 and values[0].startswith("-") else " "
    return f"{option}{joined}{' '.join(values)}".rstrip()


def of_args(args):
    """What makes a run, as plain data to be kept in config.json: {name: value}."""
    held = {option.name: vars(args)[option.name] for option in OPTIONS if option.in_file == "run"}
    return held | {option.name: held[option.name] or None for option in OPTIONS
                   if option.name in held and option.kind is None}      # a switch not given: None


def as_toml(args):
    """What makes a run as a TOML file, options without a value as a comment."""
    # Numbers, texts and lists of them are written in TOML as in JSON.
    lines = []
    for name, value in of_args(args).items():
        if value is not None:
            lines.append(f"{name} = {json.dumps(value, ensure_ascii=False)}")
        elif is_met(name, args):
            lines.append(f"# {name}: not given")
        else:
            lines.append(f"# {name}: goes with {unmet(name, args).words}")
    return "\n".join(lines)

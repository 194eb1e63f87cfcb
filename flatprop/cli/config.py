"""The options of train from the command line, a TOML file, or the config.json of a run.

What a file holds is turned into the words of a command line, so that it is checked as they are.
"""

import json
import sys
import tomllib
from pathlib import Path

from data import json_file
from data.errors import DataError
from flatprop.cli import options
from flatprop.cli.errors import UsageError
from flatprop.cli.goes_with import GOES_WITH, is_met, refusal
from flatprop.cli.options import OPTIONS, words_of
from flatprop.cli.other_words import about_option, slip_of
from models.by_name import OLD_NAMES

VERSION = 1
LARGEST = 2**20     # bytes of a TOML file: options take hundreds


def parse(argv=None):
    """The options of the command line and of --config or --resume. Raises UsageError, DataError."""
    argv = sys.argv[1:] if argv is None else list(argv)
    parser = options.parser()
    typed = parser.parse_args(argv)
    words, source = [], ""
    if typed.resume is not None:
        check_goes_with_resume(argv)
        words, source = to_words(options_of_run(typed.resume), typed.resume), None
    elif typed.config is not None:
        source = f"--config {typed.config}"
        words = to_words(options_of_file(typed.config), source)
    args = parser.parse_args(words + argv)
    settle(args, typed, parser.parse_args(words), source)
    check_keeping(args, typed)
    return args


def of_run(run):
    """The options with which a run was trained. Raises UsageError, DataError."""
    parser = options.parser()
    args = parser.parse_args(to_words(options_of_run(run), run))
    settle(args, parser.parse_args([]), args, None)
    return args


def settle(args, typed, held, source):
    """Refuse options that mean nothing beside the others; fill in the defaults of those that do.

    args holds all, typed what the command line has alone, held what the file of that source has;
    source is None for a run. Raises UsageError.
    """
    for option in (each for each in OPTIONS if each.name in GOES_WITH):
        name, value = option.name, vars(args)[option.name]
        if is_met(name, args):
            vars(args)[name] = option.default if value is None else value
            continue
        if vars(typed)[name] is not None:
            raise UsageError(refusal(name, args))
        # Runs and files of older versions hold every default. And where the command line makes
        # another choice than the file, what went with the file's is left out.
        if not (source is None or value in (None, option.default) or is_met(name, held)):
            raise UsageError(f"{source}: {refusal(name, args)}")
        vars(args)[name] = None


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


def check_goes_with_resume(argv):
    """Raise UsageError for an option that a run has of its own."""
    for option in OPTIONS:
        if not option.with_resume and {word.split("=")[0] for word in argv} & {*words_of(option)}:
            raise UsageError(f"{words_of(option)[-1]} does not go with --resume, which uses the "
                             "run's own options; --epochs, --checkpoint-every, --progress and "
                             "--quiet do")


def options_of_file(path):
    """The options of a TOML file: {name: value}. Raises UsageError."""
    try:
        if Path(path).stat().st_size > LARGEST:
            raise UsageError(f"--config {path}: it is too large to be a file of options")
        return tomllib.loads(Path(path).read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageError(f"--config {path}: {error.strerror or error}") from error
    except (ValueError, RecursionError) as error:
        raise UsageError(f"--config {path}: not a TOML file: {error}") from error


def options_of_run(run):
    """The options of a run: {name: value}, old names replaced by those of now. Raises DataError."""
    path = Path(run) / "config.json"
    plain = json_file.read(path)
    if not isinstance(plain, dict) or plain.get("version") != VERSION:
        raise DataError(f"{path} is not of version {VERSION}")
    held = plain.get("options")
    if not isinstance(held, dict):
        raise DataError(f"{path} holds no options")
    if isinstance(held.get("model"), str):
        held["model"] = OLD_NAMES.get(held["model"], held["model"])
    return held


def to_words(held, source):
    """Options {name: value} as words of a command line. Raises UsageError for one not known."""
    known = [option.name for option in OPTIONS if option.in_file]
    words = []
    for name, value in held.items():
        plain = name.replace("-", "_")
        if plain not in known:
            about = about_option(name, [word for option in OPTIONS for word in words_of(option)
                                        if option.in_file])
            slip = slip_of(name, known)
            raise UsageError(f"{source}: " + (about or f"unknown option {name}." + (
                f" Did you mean {slip}?" if slip else "")))
        if value is None:
            continue
        option = "--" + plain.replace("_", "-")
        values = value if isinstance(value, list) else [value]
        if not all(type(each) in (str, int, float) for each in values):
            raise UsageError(f"{source}: {name} must be a number, text, or a list of these")
        texts = [each if isinstance(each, str) else repr(each) for each in values]
        words += [option, *texts] if isinstance(value, list) else [f"{option}={texts[0]}"]
    return words


def of_args(args):
    """What makes a run, as plain data to be kept in config.json: {name: value}."""
    held = {option.name: vars(args)[option.name] for option in OPTIONS if option.in_file == "run"}
    if args.batch_size is None:
        held["batch_size"] = "full"
    return held


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
            lines.append(f"# {name}: goes with {GOES_WITH[name].words}")
    return "\n".join(lines)

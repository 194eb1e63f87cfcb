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
from flatprop.cli.errors import UsageError, closest
from flatprop.cli.options import OPTIONS, words_of
from models.by_name import OLD_NAMES

VERSION = 1
LARGEST = 2**20     # bytes of a TOML file: options take hundreds


def parse(argv=None):
    """The options of the command line and of --config or --resume. Raises UsageError, DataError."""
    argv = sys.argv[1:] if argv is None else list(argv)
    parser = options.parser()
    args = parser.parse_args(argv)
    if args.resume is not None:
        check_goes_with_resume(argv)
        held, source = options_of_run(args.resume), args.resume
    elif args.config is not None:
        held, source = options_of_file(args.config), f"--config {args.config}"
    else:
        return args
    return parser.parse_args(to_words(held, source) + argv)


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
    held.setdefault("targets", "as_they_are")       # as they were in runs before this was an option
    return held


def to_words(held, source):
    """Options {name: value} as words of a command line. Raises UsageError for one not known."""
    known = [option.name for option in OPTIONS if option.in_file]
    words = []
    for name, value in held.items():
        plain = name.replace("-", "_")
        if plain not in known:
            raise UsageError(f"{source}: unknown option {name}.{closest(plain, known)}")
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
    return "\n".join(f"# {name}: not given" if value is None else
                     f"{name} = {json.dumps(value, ensure_ascii=False)}"
                     for name, value in of_args(args).items())

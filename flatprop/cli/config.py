"""Options from files: a TOML file of the user's, or the config.json of a run.

Whatever they hold is turned into the words of a command line, so that it is checked as they are.
"""

import tomllib
from pathlib import Path

from data import json_file
from flatprop.cli.errors import UsageError, closest
from models.by_name import OLD_NAMES

VERSION = 1
LARGEST = 2**20     # bytes of a TOML file: options take hundreds
# In a file too, but no part of a run: what to do with it, and how to show it.
TRANSIENT = ("config", "print_config", "resume", "overwrite", "out", "progress", "quiet",
             "checkpoint_every", "find_rate", "sanity")
SETTABLE = ("out", "progress")      # of these, what a TOML file may hold

# The options that a file may hold; the parser checks their values.
KNOWN = (
    "data", "data_dir", "label", "task", "examples", "val", "test", "standardize", "model",
    "hidden", "activation", "norm", "dropout", "loss", "init", "init_scale", "dtype",
    "update_rule", "lr", "lr_schedule", "lr_factor", "lr_every", "lr_power", "lr_final", "warmup",
    "momentum", "weight_decay", "reg", "batch_size", "epochs", "patience", "clip", "seed",
    "layers",
)


def of_file(path):
    """The options of a TOML file: {name: value}. Raises UsageError."""
    try:
        if Path(path).stat().st_size > LARGEST:
            raise UsageError(f"--config {path}: it is too large to be a file of options")
        return tomllib.loads(Path(path).read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageError(f"--config {path}: {error.strerror or error}") from error
    except (ValueError, RecursionError) as error:
        raise UsageError(f"--config {path}: not a TOML file: {error}") from error


def of_run(run):
    """The options of a run: {name: value}. Raises DataError or UsageError."""
    path = Path(run) / "config.json"
    plain = json_file.read(path)
    if not isinstance(plain, dict) or plain.get("version") != VERSION:
        raise UsageError(f"--resume {run}: {path} is not of version {VERSION}")
    options = plain.get("options")
    if not isinstance(options, dict):
        raise UsageError(f"--resume {run}: {path} holds no options")
    model = options.get("model")
    return options | {"model": OLD_NAMES[model]} if model in OLD_NAMES else options


def to_argv(options, source):
    """Options as words of a command line. Raises UsageError for one that is not known."""
    words = []
    for name, value in options.items():
        plain = name.replace("-", "_")
        if plain not in (*KNOWN, *SETTABLE):
            raise UsageError(f"{source}: unknown option {name}.{closest(plain, KNOWN)}")
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
    """The options of a run as plain data, to be kept: {name: value}."""
    return {name: "full" if name == "batch_size" and value is None else value
            for name, value in vars(args).items() if name not in TRANSIENT}


def as_toml(args):
    """All options as a TOML file, those without a value as a comment."""
    lines = []
    for name, value in of_args(args).items():
        if value is None:
            lines.append(f"# {name}: not given")
        elif isinstance(value, list):
            lines.append(f"{name} = [{', '.join(map(toml_value, value))}]")
        else:
            lines.append(f"{name} = {toml_value(value)}")
    return "\n".join(lines)


def toml_value(value):
    """A number or text as TOML writes it."""
    if isinstance(value, str):
        escaped = value.replace("\\", "\\\\").replace('"', '\\"')
        return '"' + "".join(c if c >= " " else f"\\u{ord(c):04x}" for c in escaped) + '"'
    return repr(value)

"""The settings that a sweep tries, of a TOML file: options of train with several values each.

    trials = 20                                  # draw so many at random; without it, all of a grid
    lr = { low = 1e-4, high = 0.1, log = true }  # a range to draw from
    hidden = [[64], [128, 128]]                  # values to choose from
    activation = ["relu", "tanh"]
"""

import itertools
import json
import math

import numpy as np

from flatprop.cli import command_line
from flatprop.training import config, options
from flatprop.usage.errors import UsageError

MOST = 10_000       # settings
DIGITS = 4          # of a number that is drawn from a range, so that it can be typed
TRIES = 100         # draws for each setting, until one is new
# The settings are compared by the same measure on the same rows: what would change these is not
# swept. And the folder of layers is code.
FIXED = ("seed", "refit", "best_by", "class_weight", "threads", "compiled")
SWEPT = [option.name for group in ("network", "training") for option in options.GROUPS[group]
         if option.name not in FIXED] + ["standardize", "bins"]


def read(path, given, seed):
    """The settings of a file, a list of {option: value}, each of them once.

    given {option: value} is what all have in common; what means nothing beside the others, such as
    momentum beside another update rule, is left out of a setting. Raises UsageError.
    """
    spaces = {name.replace("-", "_"): space
              for name, space in command_line.options_of_file(path).items()}
    trials = spaces.pop("trials", None)
    if trials is not None and (type(trials) is not int or not 1 <= trials <= MOST):
        raise UsageError(f"--sweep {path}: trials must be a whole number from 1 to {MOST:,}")
    if not spaces:
        raise UsageError(f"--sweep {path}: names no option: its lines are like "
                         "lr = [0.001, 0.01]")
    for name, space in spaces.items():
        check(path, name, space, trials)
    chosen = grid(path, spaces) if trials is None else drawn(spaces, seed, trials)
    found, used = {}, set()
    for setting in chosen:
        args = config.of_words(config.to_words(given | setting, f"--sweep {path}"))
        kept = {name: value for name, value in setting.items() if vars(args)[name] is not None}
        used.update(kept)
        found.setdefault(json.dumps(kept), kept)
        if trials is not None and len(found) == trials:
            break
    for name in spaces:
        if name not in used:
            args = config.of_words(config.to_words(given, f"--sweep {path}"))
            raise UsageError(f"--sweep {path}: {config.refusal(name, args)}")
    return list(found.values())


def check(path, name, space, trials):
    """Refuse an option that is not swept, or values that cannot be. Raises UsageError."""
    config.to_words({name: None}, f"--sweep {path}")        # which knows words of others
    if name not in SWEPT:
        why = (" is the same for all, so that the same rows judge them by the same measure: give "
               f"--{name.replace('_', '-')} on the command line" if name in FIXED else
               " is no option that can be swept. These can: "
               f"{', '.join(SWEPT)}")
        raise UsageError(f"--sweep {path}: {name}{why}")
    values = space
    if isinstance(space, dict):
        values = check_range(path, name, space, trials)
    elif not isinstance(space, list) or not space:
        raise UsageError(f"--sweep {path}: {name} must be a list of values, such as [1, 2], or a "
                         "range, such as { low = 1, high = 2 }; one that all have goes onto the "
                         f"command line, --{name.replace('_', '-')}")
    if name == "model" and any(isinstance(each, str) and ".py:" in each for each in values):
        raise UsageError(f"--sweep {path}: model names code, which only the command line may: give "
                         "--model there")
    parser = options.parser()
    for value in values:
        try:
            parser.parse_args(config.to_words({name: value}, name))
        except UsageError as error:
            option, space, text = str(error).partition(" ")
            raise UsageError(f"--sweep {path}: {name}{':' * (option[-1] == ':')}{space}{text}"
                             ) from error


def check_range(path, name, space, trials):
    """The ends of a range {"low", "high", "log"}. Raises UsageError."""
    low, high, log = space.get("low"), space.get("high"), space.get("log", False)
    numbers = all(type(each) in (int, float) and math.isfinite(each) for each in (low, high))
    if set(space) - {"low", "high", "log"} or not numbers or type(log) is not bool or low >= high:
        raise UsageError(f"--sweep {path}: the range of {name} must be like "
                         "{ low = 0.001, high = 0.1, log = true }, low below high")
    if log and low <= 0:
        raise UsageError(f"--sweep {path}: {name} has log = true, so low must be above 0")
    if trials is None:
        raise UsageError(f"--sweep {path}: {name} is a range, of which is drawn at random: say how "
                         "often, as in trials = 20, or give a list of values")
    return low, high


def grid(path, spaces):
    """All settings, the last option changing fastest. Raises UsageError where they are too many."""
    count = math.prod(map(len, spaces.values()))
    if count > MOST:
        raise UsageError(f"--sweep {path}: a grid of {count:,} settings is more than {MOST:,}: "
                         "trials = 20 draws some at random")
    for values in itertools.product(*spaces.values()):
        yield dict(zip(spaces, values, strict=True))


def drawn(spaces, seed, trials):
    """Different settings at random, fewer than TRIES draws for each of so many trials: the values
    in a file may not make so many. The first ones are the same however many are taken.
    """
    rng, seen = np.random.default_rng(seed), set()
    for _ in range(TRIES * trials):
        setting = {name: draw(space, rng) for name, space in spaces.items()}
        if (text := json.dumps(setting)) not in seen:
            seen.add(text)
            yield setting


def draw(space, rng):
    """A value of a list, or of a range: evenly, or evenly in its logarithm; a whole number where
    both its ends are."""
    if isinstance(space, list):
        return space[int(rng.integers(len(space)))]
    low, high = space["low"], space["high"]
    whole = type(low) is type(high) is int
    if space.get("log"):
        value = math.exp(rng.uniform(math.log(low), math.log(high)))
    elif whole:
        return int(rng.integers(low, high, endpoint=True))
    else:
        value = rng.uniform(low, high)
    value = round(value) if whole else float(f"{value:.{DIGITS}g}")
    return min(max(value, low), high)

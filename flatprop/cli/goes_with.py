"""Options of train that mean something only together with a choice: which, and with what.

Given with another choice such an option is refused, as it would change nothing. Its default is
filled in where it does mean something, and is None elsewhere, in config.json too.
"""

from collections.abc import Callable
from typing import NamedTuple

from data.by_name import FILES, MADE, NAMES
from data.own import is_table


class Needs(NamedTuple):
    """What an option goes with: choice is the name of the other option, met(value) whether its
    value will do, words what to say: "--init normal"; remedy, what to say besides.
    """

    choice: str
    met: Callable
    words: str
    remedy: str = ""


def one(choice, *names, remedy=""):
    """Needs for one of these values of a choice."""
    option = "--" + choice.replace("_", "-")
    return Needs(choice, names.__contains__, f"{option} {' or '.join(names)}", remedy)


NET = one("model", "fully_connected_net")
GOES_WITH = {       # option -> what it needs
    "data_dir": Needs("data", lambda data: data[0] in FILES, f"--data {' or '.join(FILES)}"),
    "label": Needs("data", lambda data: data[0] not in NAMES, "a file of your own"),
    "task": Needs("data", lambda data: data[0] not in NAMES, "a file of your own"),
    **dict.fromkeys(("header", "separator", "encoding", "decimal", "missing", "categorical",
                     "numeric", "ignore"),
                    Needs("data", lambda data: data[0] not in NAMES and is_table(data[0]),
                          "a table of your own")),
    "examples": Needs("data", lambda data: data[0] in MADE, f"--data {' or '.join(MADE)}"),
    "test": Needs("data", lambda data: data[0] not in FILES, "data without test files of its own"),
    "activation": NET, "norm": NET, "dropout": NET,
    "init_scale": one("init", "normal"),
    "momentum": one("update_rule", "momentum", "nesterov"),
    "weight_decay": one("update_rule", "adamw", remedy="L2 is --reg here, and is half of what "
                        "PyTorch's weight_decay means"),
    "lr_factor": one("lr_schedule", "step", "exponential", "inverse_time"),
    "lr_every": one("lr_schedule", "step", "exponential", "inverse_time"),
    "lr_power": one("lr_schedule", "polynomial"),
    "min_delta": Needs("patience", lambda patience: patience is not None, "--patience N"),
    "lr_final": one("lr_schedule", "polynomial", "cosine"),
}


def is_met(name, args):
    """Whether the option of that name means something, with the other options as they are."""
    return name not in GOES_WITH or GOES_WITH[name].met(vars(args)[GOES_WITH[name].choice])


def refusal(name, args):
    """The line with which an option is refused that means nothing."""
    needs = GOES_WITH[name]
    chosen = vars(args)[needs.choice]
    chosen = " ".join(chosen) if isinstance(chosen, list) else chosen
    without = "" if chosen is None else f", not with --{needs.choice.replace('_', '-')} {chosen}"
    return (f"--{name.replace('_', '-')} goes with {needs.words}{without}"
            + (needs.remedy and f"; {needs.remedy}"))

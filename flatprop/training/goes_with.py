"""Options of train that mean something only together with a choice: which, and with what.

Given with another choice such an option is refused, as it would change nothing. Its default is
filled in where it does mean something, and is None elsewhere, in config.json too.
"""

from collections.abc import Callable
from typing import NamedTuple

from data.by_name import FILES, IMAGES, MADE, NAMES
from data.own import is_table, is_text, suffix_of
from models.by_name import MODELS


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
OWN_FILE = "--data FILE names it"
OWN = Needs("data", lambda data: data[0] not in NAMES, "a file of your own", OWN_FILE)
ONE_NETWORK = Needs("folds", lambda folds: folds == 0, "one network, --folds 0")
FOLDS = Needs("folds", lambda folds: folds != 0, "--folds K")      # None: as many as usual
CPU = Needs("device", lambda device: device != "cuda", "--device cpu")
ALONE = Needs("processes", lambda name: name is None, "one process")
VALIDATION = Needs("val", lambda val: val != 0, "validation")     # None: with --val-data
GOES_WITH = {       # option -> what it needs, or a list
    "data_dir": Needs("data", lambda data: data[0] in FILES, f"--data {' or '.join(FILES)}"),
    "label": OWN, "task": OWN, "val_data": [OWN, ONE_NETWORK], "test_data": OWN,
    **dict.fromkeys(("header", "separator", "encoding"),
                    Needs("data", lambda data: data[0] not in NAMES and is_text(data[0]),
                          "a table of your own in text", OWN_FILE)),
    **dict.fromkeys(("decimal", "missing", "categorical", "numeric", "ignore"),
                    Needs("data", lambda data: data[0] not in NAMES and is_table(data[0]),
                          "a table of your own", OWN_FILE)),
    "val": [Needs("folds", lambda folds: folds == 0, "one network",
                  "each fold is judged by its share: leave it out"),
            Needs("val_data", lambda files: files is None, "data of which a part is held back")],
    "fold": FOLDS, "jobs": FOLDS,
    "threads": Needs("folds", lambda folds: folds == 0, "one network, --folds 0",
                     "each fold has one thread, and --jobs says how many are trained at a time"),
    "device": [ONE_NETWORK, Needs("layers", lambda layers: layers is None, "the project's layers",
                                  "yours may make arrays that are not on the device")],
    "tf32": one("device", "cuda"), "captured": one("device", "cuda"),
    "compiled": CPU,   # None: folds
    "processes": [ONE_NETWORK, Needs("refit", lambda refit: not refit, "one training",
                                     "it does not go with --refit: leave one out"),
                  Needs("layers", lambda layers: layers is None, "the layers of the project"),
                  CPU,
                  # Of a model of one's own nobody knows what it computes from the whole batch.
                  Needs("model", MODELS.__contains__, f"--model {' or '.join(MODELS)}")],
    "sample_weight": Needs("data", lambda data: data[0] not in NAMES and (
        is_table(data[0]) or suffix_of(data[0]) == ".npz"), "a table or a .npz of your own"),
    "examples": Needs("data", lambda data: data[0] in MADE, f"--data {' or '.join(MADE)}"),
    "test": [Needs("data", lambda data: data[0] not in FILES, "data without test files of its own"),
             Needs("test_data", lambda files: files is None, "data of which a part is held back")],
    "accept_changes": Needs("resume", lambda run: run is not None, "--resume RUN"),
    "patience": VALIDATION, "best_by": VALIDATION, "refit": [ONE_NETWORK, VALIDATION],
    "activation": NET, "norm": NET, "dropout": NET, "label_smoothing": NET,
    "noise": NET, "dropout_kind": NET,
    "noise_final": Needs("noise", lambda noise: noise is not None, "--noise S"),
    "maxout_pieces": one("activation", "maxout"),
    "init": Needs("model", lambda model: ":" not in model, "a model of flatprop's own",
                  "a class of your own draws its weights itself"),
    "init_scale": one("init", "normal"),
    "momentum": one("update_rule", "momentum", "nesterov"),
    "augment": [Needs("data", lambda data: data[0] in IMAGES,
                      f"images of known sizes, --data {' or '.join(IMAGES)}"),
                Needs("standardize", lambda per: per in (None, "dataset", "range", "none"),
                      "--standardize dataset, range or none", "all pixels are to have one unit"),
                Needs("bins", lambda bins: not any(bins), "--bins 0"), CPU,
                Needs("pca", lambda count: count is None, "pixels, without --pca"),
                ALONE],
    "fresh_statistics": [NET, ALONE], "average": [CPU, ALONE],
    "momentum_final": one("update_rule", "momentum", "nesterov"),
    "momentum_epochs": Needs("momentum_final", lambda final: final is not None,
                             "--momentum-final MU"),
    "beta2": one("update_rule", "adam", "adamw"),
    "weight_decay": one("update_rule", "adamw", remedy="L2 is --reg here, and is half of what "
                        "PyTorch's weight_decay means"),
    "lr_factor": one("lr_schedule", "step", "exponential", "inverse_time"),
    "lr_every": one("lr_schedule", "step", "exponential", "inverse_time"),
    "lr_hold": Needs("lr_schedule", lambda name: name != "constant", "a rate that changes"),
    "lr_power": one("lr_schedule", "polynomial"),
    "min_delta": Needs("patience", lambda patience: patience is not None, "--patience N"),
    "lr_final": one("lr_schedule", "polynomial", "cosine"),
}


def unmet(name, args):
    """The Needs of the option of that name that the other options do not meet, or None."""
    needs = GOES_WITH.get(name, [])
    for each in needs if isinstance(needs, list) else [needs]:
        if not each.met(vars(args)[each.choice]):
            return each
    return None


def used(held):
    """Of options {name: value}, as a run has kept them, those that mean something with the others.

    Runs of older versions hold every default. What is not known is kept, and so is all that is no
    sound value of an option, as any file may hold.
    """
    try:
        return {name: value for name, value in held.items()
                if value is not None and meets(name, held)}
    except (TypeError, ValueError, KeyError, IndexError, AttributeError):
        return held


def meets(name, held):
    """Whether the option of that name means something beside options {name: value}, as far as
    these are known."""
    needs = GOES_WITH.get(name, [])
    return all(each.choice not in held or each.met(held[each.choice])
               for each in (needs if isinstance(needs, list) else [needs]))


def is_met(name, args):
    """Whether the option of that name means something, with the other options as they are."""
    return unmet(name, args) is None


def refusal(name, args):
    """The line with which an option is refused that means nothing."""
    needs = unmet(name, args)
    chosen = vars(args)[needs.choice]
    chosen = " ".join(map(str, chosen)) if isinstance(chosen, list) else (
        f"{chosen:g}" if isinstance(chosen, float) else chosen)
    besides = "" if not chosen else f", not with --{needs.choice.replace('_', '-')} {chosen}"
    return (f"--{name.replace('_', '-')} goes with {needs.words}{besides}"
            + (needs.remedy and f"; {needs.remedy}"))

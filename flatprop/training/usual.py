"""What a run used of the options that nobody gave, for whoever compares it with others."""

from data.by_name import IMAGES, NAMES
from data.own import is_table
from flatprop.training import options
from flatprop.training.goes_with import GOES_WITH, meets
from flatprop.training.options import OPTIONS


def of_run(held, network, is_classes, target):
    """{name: its value, or a text that says it} of the options that a run has kept as None though
    they mean something beside its others.

    held is what config.json has; network, the options that its description tells of; is_classes,
    whether it tells classes apart; target, the name of what it predicts, or names. What a run does
    not name at all, its version did not have. Any value of a file is taken, and nothing found where
    one is not sound.
    """
    whole = dict.fromkeys(GOES_WITH) | network | {
        name: value for name, value in held.items() if value is not None}
    try:
        return {name: value for name, value in network.items() if held.get(name) is None} | {
            option.name: default_of(option, whole, is_classes, target) for option in OPTIONS
            if option.name in held and held[option.name] is None and option.name not in network
            and meets(option.name, whole)}
    except (TypeError, ValueError, KeyError, IndexError, AttributeError):
        return {}


def default_of(option, whole, is_classes, target):
    """What an option is that nobody gave; whole {name: value} are the others, and the
    rest is as in of_run."""
    data = whole["data"]
    if option.kind is None:
        return False
    if option.name == "label":
        return target or option.default_text
    if option.name == "task":
        return "classification" if is_classes else "regression"
    if option.name == "best_by":
        return "accuracy" if is_classes else "loss"
    if option.name == "label_smoothing":        # which the description has where there is some
        return 0.0
    if option.name == "standardize":
        table = data[0] not in NAMES and is_table(data[0])
        return "robust" if table else "dataset" if data[0] in IMAGES else "feature"
    value = options.default_of(option, data)
    return option.default_text or None if value is None else value

"""What to say where an argument, or the value of an option, was left out: how it is typed."""

import re

REQUIRED = "the following arguments are required: "


def complete(parser, message):
    """A message of argparse, and behind it how to type what it misses."""
    if message.startswith(REQUIRED):
        needed = [action for action in parser._actions if action.required]
        typed = " ".join(shown(action, parser) for action in needed)
        names = message.removeprefix(REQUIRED).split(", ")
        texts = [f"{value_name(action)}: {' '.join(action.help.split())}" for action in needed
                 if action.help and {*action.option_strings, value_name(action),
                                     "/".join(action.option_strings)} & {*names}]
        also = f" ({'; '.join(texts)})" if texts else ""
        return f"{message}, as in {parser.prog} {typed}{also}"
    found = re.fullmatch(r"argument (\S+): (expected .* argument|ignored explicit argument (.*))",
                         message)
    if found is None:
        return message
    action = next(each for each in parser._actions
                  if "/".join(each.option_strings) == found[1])
    if found[3]:
        return f"{action.option_strings[-1]} takes no value: leave {found[3]} out"
    return f"{message}, as in {shown(action, parser)}"


def shown(action, parser):
    """An argument as it is typed: RUN, --epochs 25, -o OUTPUT."""
    if not action.option_strings:
        return value_name(action)
    value = action.default
    value = value[0] if isinstance(value, list) and value else value
    plain = value if type(value) in (int, float, str) else value_name(action)
    return f"{action.option_strings[0]} {plain}"


def value_name(action):
    """What help calls an argument, or the value of an option."""
    return str(action.metavar or action.dest.upper())

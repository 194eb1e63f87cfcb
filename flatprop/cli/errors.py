"""Errors that a user causes: one line that names the option and the remedy, and exit code 2."""

import argparse
import difflib
import math
import sys

# Options of earlier versions -> what is typed now: the first of these that the command has.
RENAMED = {"--sizes": ("--inputs N --hidden H ... --outputs C", "--hidden H ..."),
           "--output": ("--out", "--dir"), "--save": ("--out", "--dir")}


class UsageError(Exception):
    """A choice of the user's that cannot work; its text is one line."""


def closest(word, known):
    """' Did you mean X?', if one of the known words looks like this one, else ''."""
    matches = difflib.get_close_matches(word, known, n=1, cutoff=0.5)
    return f" Did you mean {matches[0]}?" if matches else ""


class Parser(argparse.ArgumentParser):
    """An ArgumentParser whose errors are UsageErrors, and which knows what an old word means now.

    alone: the option that a word without one was in earlier versions, or None
    stray: a function of the options and the words that belong to none, which says where they belong
           in a line, or gives None
    """

    alone = stray = None

    def parse_args(self, args=None, namespace=None):
        """The options as a Namespace. Raises UsageError."""
        args = sys.argv[1:] if args is None else list(args)
        known = [text for action in self._actions for text in action.option_strings]
        for word in args:
            option = word.split("=")[0]
            now = [text for text in RENAMED.get(option, ()) if text.split()[0] in known]
            if now and option not in known:
                self.error(f"{option} is now {now[0]}")
        options, unknown = self.parse_known_args(args, namespace)
        if unknown:
            word = unknown[0].split("=")[0]
            where = None if self.stray is None or word.startswith("-") else (
                self.stray(options, unknown))
            if where is not None:
                self.error(where)
            if self.alone and not word.startswith("-"):
                self.error(f"{unknown[0]} alone is now {self.alone} {unknown[0]}")
            self.error(f"unknown argument {word}.{closest(word, known)} --help lists them all")
        return options

    def error(self, message):
        raise UsageError(message)

    def print_help(self, file=None):
        """Print the help. Raises OSError where it cannot be written, which argparse hides."""
        print(self.format_help(), end="", file=file, flush=True)


def one_of(names):
    """An argparse type: one of these names, or an error with the closest of them."""
    def parse(text):
        if text not in names:
            raise argparse.ArgumentTypeError(f"unknown name {text!r}.{closest(text, names)} "
                                             f"Choose from {', '.join(names)}")
        return text
    return parse


def number(low, high=math.inf, low_too=True, high_too=False):
    """An argparse type: a finite number in the interval from low to high."""
    interval = f"{'[' if low_too else '('}{low:g}, {high:g}{']' if high_too else ')'}"

    def parse(text):
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        inside = low < value < high or (low_too and value == low) or (high_too and value == high)
        if not inside:
            raise argparse.ArgumentTypeError(f"{text!r} must be a number in {interval}")
        return value
    return parse


def whole(low):
    """An argparse type: a whole number, low or more."""
    def parse(text):
        try:
            value = int(text)
        except ValueError:
            value = low - 1
        if value < low:
            raise argparse.ArgumentTypeError(f"{text!r} must be a whole number, {low} or more")
        return value
    return parse

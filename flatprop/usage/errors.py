"""Errors that a user causes: one line that names the option and the remedy, and exit code 2."""

import argparse
import math
import re
import sys

from flatprop import __version__
from flatprop.usage import other_words


class UsageError(Exception):
    """A choice of the user's that cannot work; its text is one line."""


def closest(word, known, section=None):
    """What a name that is not known may mean, as a sentence with a space before it, or "".

    known are the names that are; section is where other_words.toml has the names of others.
    """
    known = list(known)
    about = section and other_words.about_name(word, known, section)
    if about:
        return f" {about[0].upper()}{about[1:]}."
    slip = other_words.slip_of(word, known)
    return f" Did you mean {slip}?" if slip else ""


class Parser(argparse.ArgumentParser):
    """An ArgumentParser whose errors are UsageErrors, and which knows words of other programs.

    command: its name, such as "exercises check"
    alone: the option that is meant by a word which stands without one, or None
    stray: a function of the options and the words that belong to none, which says where they belong
           in a line, or gives None
    """

    command = alone = stray = None

    def __init__(self, **options):
        super().__init__(**options)
        # As Python 3.14 has it, so that -1=5 is a value too, of --class-weight.
        self._negative_number_matcher = re.compile(r"-\.?\d")
        self.add_argument("--version", action="version", version=f"flatprop {__version__}",
                          help="print the version, and stop")

    def parse_known_args(self, args=None, namespace=None):
        """As argparse has it, but unknown options are refused first. Raises UsageError."""
        args = sys.argv[1:] if args is None else list(args)
        if args == ["help"] and not self.positionals():
            args = ["--help"]
        for word in args[:args.index("--") if "--" in args else None]:
            self.check_option(word)
        return super().parse_known_args(args, namespace)

    def parse_args(self, args=None, namespace=None):
        """The options as a Namespace. Raises UsageError."""
        args = sys.argv[1:] if args is None else list(args)
        options, unknown = self.parse_known_args(args, namespace)
        if unknown:
            where = None if self.stray is None else self.stray(options, unknown)
            if where is not None:
                self.error(where)
            self.refuse_word(unknown[0], args)
        return options

    def known(self):
        """All options: ["-h", "--help", ...]."""
        return [text for action in self._actions for text in action.option_strings]

    def positionals(self):
        """The arguments that stand alone, by their names in the help: ["RUN"]."""
        return [action.metavar for action in self._actions if not action.option_strings]

    def about(self, option):
        """A line on an option that the command does not have, or None."""
        return other_words.about_option(option, self.known(), self.positionals(), self.command)

    def check_option(self, word):
        """Raise UsageError if the word is an option that the command does not have."""
        option, known = word.split("=")[0], self.known()
        if not re.match(r"--\w|-[A-Za-z]", word) or " " in word or option in known:
            return
        attached = word[:2] in known        # -oFILE, if it is no other word such as -output
        if attached and re.search("[^a-z-]", option):
            return
        about = self.about(option)
        if about:
            self.error(about)
        if not attached:
            slip = other_words.slip_of(option, [each for each in known if each.startswith("--")])
            self.error(f"unknown argument {option}.{f' Did you mean {slip}?' if slip else ''} "
                       "--help lists them all")

    def refuse_word(self, word, args):
        """Raise UsageError for a word that stands where none can."""
        before = args[max(args.index(word) - 1, 0)] if word in args else ""
        switch = next((each for each in self._actions if before in each.option_strings), None)
        if switch is not None and switch.nargs == 0:
            self.error(f"{before} is a switch, without a value: leave {word} out")
        name, equals, value = word.partition("=")
        if equals or name.isupper() or other_words.same_name(name, self.known()):
            about = self.about(name)
            if about:
                self.error(about)
        if self.alone and not equals:
            self.error(f"{word} alone is {self.alone} {word} here")
        self.error(f"unknown argument {word}: an option goes before it. --help lists them all")

    def error(self, message):
        """Raise UsageError for an error in argparse's words."""
        missing = re.match("the following arguments are required: (.*)", message)
        if missing:
            needed = [each for each in self._actions if each.required and each.nargs != "*"]
            names = [each for each in missing[1].split(", ")
                     if each in ["/".join(action.option_strings) or action.metavar
                                 for action in needed]]
            typed = " ".join([self.prog, *map(self.typed, needed)])
            raise UsageError(f"missing: {', '.join(names)}; type {typed}")
        about = re.match(r"argument ([^:]+): (.*)", message, re.DOTALL)
        if not about:
            raise UsageError(message)
        option, text = about[1].split("/")[-1], about[2]
        action = next((each for each in self._actions if option in each.option_strings), None)
        if action is not None and re.match("expected (one|at least one) argument", text):
            text = f"needs a value, as in {self.typed(action)}"
        elif text.startswith("ignored explicit argument"):
            text = "is a switch, without a value"
        elif text.startswith("not allowed with argument"):
            text = f"does not go with {text.split()[-1]}"
        else:
            option += ":"
        raise UsageError(f"{option} {text}")

    def typed(self, action):
        """How an option or argument is typed: "--out FILE"."""
        return " ".join(filter(None, [*action.option_strings[-1:], action.metavar]))

    def print_help(self, file=None):
        """Print the help. Raises OSError where it cannot be written, which argparse hides."""
        print(self.format_help(), end="", file=file, flush=True)


def one_of(names, section=None):
    """An argparse type: one of these names, in any case and with any dashes, or an error.

    section is where other_words.toml has what others call them.
    """
    def parse(text):
        name = other_words.same_name(text, names)
        if name is None:
            raise argparse.ArgumentTypeError(
                f"unknown name {text!r}.{closest(text, names, section)} "
                f"Choose from {', '.join(names)}")
        return name
    return parse


def number(low, high=math.inf, low_too=True, high_too=False):
    """An argparse type: a finite number in the interval from low to high."""
    interval = f"{low:g} or more" if low_too else f"more than {low:g}"
    if high < math.inf:
        interval += f" and {'at most' if high_too else 'less than'} {high:g}"

    def parse(text):
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        inside = low < value < high or (low_too and value == low) or (high_too and value == high)
        if not inside:
            raise argparse.ArgumentTypeError(
                f"{text!r} must be a number, {interval}"
                f"{other_words.about_number(text, share=high == 1)}")
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
            raise argparse.ArgumentTypeError(f"{text!r} must be a whole number, {low} or more"
                                             f"{other_words.about_number(text, whole=True)}")
        return value
    return parse


def layer_size(text):
    """An argparse type: the size of a layer, a whole number from 1."""
    sizes = re.findall(r"\d+", text)
    listed = re.fullmatch(r"[\[(]?[1-9]\d*( ?[,;x*/-] ?[1-9]\d*)*,?[\])]?", text)
    if listed and not text.isdecimal():
        raise argparse.ArgumentTypeError(f"{text!r} must be whole numbers with spaces between "
                                         f"them (write {' '.join(sizes)})")
    return whole(1)(text)

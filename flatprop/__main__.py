"""flatprop COMMAND, also python -m flatprop COMMAND."""

import importlib
import sys

from flatprop import check_core
from flatprop.cli.errors import closest

# command -> its module, whose main(argv) gives the exit code, and what it does in one line
COMMANDS = {
    "train": ("flatprop.cli.train", "train a network, on the digits or on your own data"),
    "evaluate": ("flatprop.cli.evaluate", "score a trained run on labelled examples"),
    "predict": ("flatprop.cli.predict", "predict from new inputs with a trained run"),
    "export": ("flatprop.cli.export", "write a trained run as ONNX or safetensors"),
    "report": ("flatprop.cli.report", "write an HTML page on one run, or on several"),
    "draw": ("flatprop.cli.draw", "draw the circuit of a net or of a function"),
    "check": ("flatprop.cli.check", "check gradients, and say what is wrong with them"),
    "lecture": ("flatprop.lecture.__main__", "the lecture, part by part, with living numbers"),
    "exercises": ("flatprop.exercises.__main__", "write the layers yourself; grade a class"),
}


def main(argv=None):
    """Run the command that argv names; gives its exit code."""
    argv = sys.argv[1:] if argv is None else argv
    if not argv or argv[0] in ("-h", "--help"):
        print(help_text())
        return 0
    if argv[0] not in COMMANDS:
        print(f"flatprop: error: unknown command {argv[0]!r}.{closest(argv[0], COMMANDS)} "
              "flatprop --help lists them all", file=sys.stderr)
        return 2
    try:
        check_core()
    except ImportError as error:
        print(f"flatprop: error: {error}", file=sys.stderr)
        return 2
    module, _ = COMMANDS[argv[0]]
    return importlib.import_module(module).main(argv[1:])


def help_text():
    """The commands, one in a line."""
    lines = ["usage: flatprop COMMAND ...", "", "Backpropagation you can read: neural networks as "
             "flat code on NumPy.", ""]
    lines += [f"  {command:9}  {text}" for command, (_, text) in COMMANDS.items()]
    return "\n".join([*lines, "", "flatprop COMMAND --help tells the rest."])


if __name__ == "__main__":
    sys.exit(main())

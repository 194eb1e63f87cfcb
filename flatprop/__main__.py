"""flatprop COMMAND, also python -m flatprop COMMAND."""

import importlib
import sys

from flatprop import check_core
from flatprop.cli.errors import UsageError, closest

# command -> its module, whose main(argv) gives the exit code, and what it does in one line
COMMANDS = {
    "train": ("flatprop.cli.train", "train a network, on the digits or on your own data"),
    "inspect": ("flatprop.cli.inspect", "tell what the columns of a table are taken for"),
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
    try:
        check_core()
    except ImportError as error:
        print(f"flatprop: error: {error}", file=sys.stderr)
        return 2
    command = argv[0] if argv else "--help"
    if command in COMMANDS:
        try:
            module = importlib.import_module(COMMANDS[command][0])
        except KeyboardInterrupt:       # Ctrl-C before the command has begun
            print(f"flatprop {command}: interrupted", file=sys.stderr)
            return 130
        return module.main(argv[1:])
    # This imports from data, which is known to be ours only now.
    from flatprop.cli.command import run_command
    return run_command("", lambda: list_commands(command))


def list_commands(word):
    """Print the commands, one in a line, if word is --help. Raises UsageError."""
    if word not in ("-h", "--help"):
        raise UsageError(f"unknown command {word!r}.{closest(word, COMMANDS)} flatprop --help "
                         "lists them all")
    print("usage: flatprop COMMAND ...\n\nBackpropagation you can read: neural networks as flat "
          "code on NumPy.\n")
    for command, (_, text) in COMMANDS.items():
        print(f"  {command:9}  {text}")
    print("\nflatprop COMMAND --help tells the rest.")


if __name__ == "__main__":
    sys.exit(main())

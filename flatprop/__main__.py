"""flatprop COMMAND, also python -m flatprop COMMAND."""

import importlib
import sys

try:
    from flatprop import __version__, check_core, check_python
except ImportError:     # with python -m, beside a folder flatprop that is no package: a clone
    sys.exit("flatprop: error: the folder flatprop that is here hides the package; start from "
             "another folder, or type flatprop without python -m")

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
    if argv[:1] == ["help"] and argv[1:2] and argv[1] in COMMANDS:
        argv = [*argv[1:], "--help"]            # flatprop help COMMAND
    command = argv[0] if argv else "--help"
    try:
        problem = describe_problem()
        if problem is not None:
            from flatprop import width
            width.say(f"flatprop: error: {problem}")
            return 2
        if command in COMMANDS:
            module = importlib.import_module(COMMANDS[command][0])
    except KeyboardInterrupt:       # Ctrl-C before the command has begun
        print(f"flatprop {command}: interrupted", file=sys.stderr)
        return 130
    if command in COMMANDS:
        return module.main(argv[1:])
    # This imports from data, which is known to be ours only now.
    from flatprop.cli.command import run_command
    return run_command("", lambda: list_commands(command))


def describe_problem():
    """Why no command can run here, in one line; None if nothing is in the way."""
    try:
        check_python()
        check_core()
    except ImportError as error:
        return " ".join(str(error).split())
    return None


def list_commands(word):
    """Print the commands, one in a line, if word is --help; or the version. Raises UsageError."""
    from flatprop.cli.errors import UsageError, closest
    if word in ("--version", "-V", "version"):
        print(f"flatprop {__version__}")
        return
    if word not in ("-h", "--help", "help"):
        raise UsageError(f"unknown command {word!r}.{closest(word, COMMANDS, 'flatprop')} "
                         "flatprop --help lists them all")
    from flatprop import width
    from flatprop.cli.help_text import in_columns
    rows = [(command, text) for command, (_, text) in COMMANDS.items()]
    print(width.fold("usage: flatprop COMMAND ...\n\nBackpropagation you can read: neural networks "
                     "as flat code on NumPy.\n\ncommands:"))
    print("\n".join(in_columns(rows, width.columns())))
    print("\nflatprop COMMAND --help tells the rest.\nflatprop --version prints the version.\n\n"
          "examples:\n  flatprop train\n  flatprop check affine\n"
          "  flatprop lecture simple_circuit")


if __name__ == "__main__":
    sys.exit(main())

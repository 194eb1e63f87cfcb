"""flatprop COMMAND, also python -m flatprop COMMAND."""

import sys

try:        # nothing else is imported before the command is guarded
    from flatprop import __version__, forget_submissions
    if sys.argv[1:2] == ["exercises"]:
        forget_submissions()
    from flatprop import ending
except ImportError:     # with python -m, beside a folder flatprop that is no package: a clone
    sys.exit("flatprop: error: the folder flatprop that is here hides the package; start from "
             "another folder, or type flatprop without python -m")
except KeyboardInterrupt:
    print("flatprop: interrupted", file=sys.stderr)
    sys.exit(130)

# command -> its module, whose main(argv) gives the exit code, and what it does in one line
COMMANDS = {
    "train": ("flatprop.cli.train", "train a network, on the digits or on your own data"),
    "inspect": ("flatprop.cli.inspect", "tell what the columns of a table are taken for"),
    "evaluate": ("flatprop.cli.evaluate", "score a trained run on labelled examples"),
    "predict": ("flatprop.cli.predict", "predict from new inputs with a trained run"),
    "export": ("flatprop.cli.export", "write a trained run as ONNX or safetensors"),
    "report": ("flatprop.cli.report", "write an HTML page on one run, or on several"),
    "runs": ("flatprop.cli.runs", "list runs with their results, sorted and filtered"),
    "draw": ("flatprop.cli.draw", "draw the circuit of a net or of a function"),
    "check": ("flatprop.cli.check", "check gradients, and say what is wrong with them"),
    "lecture": ("flatprop.lecture.__main__", "the lecture, part by part, with living numbers"),
    "exercises": ("flatprop.exercises.__main__", "write the layers yourself; grade a class"),
}


def main(argv=None):
    """Run the command that argv names; gives its exit code.

    argv: the words behind flatprop; by default those of the command line, and as in start()
    """
    return start(sys.argv[1:]) if argv is None else run(argv)


def start(argv):
    """The same in a process of its own, which is guarded from now on until it ends."""
    ending.guard(argv[0] if argv and argv[0] in COMMANDS else "")
    try:
        return run(argv)
    finally:
        ending.ignore_signals()


def run(argv):
    """What main() does, in any process."""
    import importlib
    if argv[:1] == ["help"] and argv[1:2] and argv[1] in COMMANDS:
        argv = [*argv[1:], "--help"]            # flatprop help COMMAND
    command = argv[0] if argv else "--help"
    problem = describe_problem()
    if problem is not None:
        import contextlib

        from flatprop import width
        with contextlib.suppress(BrokenPipeError):
            width.say(f"flatprop: error: {problem}")
        ending.give_up(sys.stderr)
        return ending.WRONG
    if command in COMMANDS:
        return importlib.import_module(COMMANDS[command][0]).main(argv[1:])
    # This imports from data, which is known to be ours only now.
    from flatprop.cli.command import run_command
    return run_command("", lambda: list_commands(command))


def describe_problem():
    """Why no command can run here, in one line; None if nothing is in the way."""
    from flatprop.needs import check_core, check_python
    try:
        check_python()
        check_core()
    except ImportError as error:
        return " ".join(str(error).split())
    return None


def list_commands(word):
    """Print the commands, one in a line, if word is --help; or the version. Raises UsageError."""
    from flatprop.usage.errors import UsageError, closest
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

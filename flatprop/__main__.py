"""flatprop COMMAND, also python -m flatprop COMMAND."""

import importlib
import sys

from flatprop import check_core

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
    try:
        check_core()
    except ImportError as error:
        print(f"flatprop: error: {error}", file=sys.stderr)
        return 2
    module, _ = COMMANDS[argv[0]]
    return importlib.import_module(module).main(argv[1:])


if __name__ == "__main__":
    sys.exit(main())

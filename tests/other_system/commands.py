"""Imports every module of the project and runs its ordinary commands, in one process.

    python commands.py FILE

In a folder where it may write. Started with a faked system, see sitecustomize.py, which is beside
this. FILE gets the outcome as JSON: {"import NAME" or a command: [exit code or error, output]}.
"""

import _thread
import contextlib
import importlib
import io
import json
import sys
import threading
import traceback
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TOPS = ("data", "layers", "models", "solvers", "flatprop")
# Run with bare names, or as a program, in the process of a student's code.
INSIDE = ("flatprop.exercises.sandbox.child", "flatprop.exercises.sandbox.serve")
REPORT = "flatprop.runs.report."      # needs matplotlib
COMPILED = tuple(f"solvers.compiled.{name}" for name in ("kernels", "native", "steps", "updates"))

COMMANDS = """
train --epochs 2 --hidden 16 --out run --progress lines
train --resume run --epochs 3
train --data table.csv --label label --folds 0 --epochs 1 --out table
train --data table.csv --label label --folds 2 --epochs 2 --out folds --jobs 2
train --resume folds --epochs 3
evaluate run
evaluate run --json
evaluate table --data table.csv --label label
predict run x.npy -o p.csv
predict run x.npy -o p.npy
predict table table.csv -o -
predict folds table.csv -o -
export run --to onnx -o net.onnx
export run --to safetensors -o net.safetensors
report run -o page.html --images plots
draw two_layer_net -o net.svg
draw sigmoid_neuron --listing -o s.svg
check affine relu
check --model two_layer_net
lecture
lecture 2
lecture all -o drawings
lecture page -o page.html
exercises init
exercises list
exercises check
exercises check relu
exercises hint relu
exercises hint relu
exercises solution relu --give-up
exercises reset relu
exercises watch
exercises grade submissions --json grades.json --jobs 1
exercises bundle jupyter -o notebooks
exercises bundle gradescope -o autograder.zip
train --layers solutions --epochs 1 --hidden 16 --out own
"""


def modules():
    """The dotted names of all modules."""
    files = sorted(file for top in TOPS for file in (ROOT / top).rglob("*.py"))
    names = [".".join(file.relative_to(ROOT).with_suffix("").parts) for file in files]
    return [name.removesuffix(".__init__") for name in names] + ["train", "gradient_check"]


def main():
    """Import, run, and write the outcome."""
    outcome = {}
    for name in modules():
        if "practice" in name or name in INSIDE:
            continue
        if name.startswith(REPORT) and sys.modules.get("matplotlib", True) is None:
            continue
        if name in COMPILED and sys.modules.get("numba", True) is None:
            continue
        if name.startswith("flatprop.estimators") and sys.modules.get("sklearn", True) is None:
            continue
        try:
            importlib.import_module(name)
        except Exception as error:
            outcome[f"import {name}"] = [f"{type(error).__name__}: {error}", ""]
    for line in COMMANDS.strip().splitlines():
        if line.startswith("lecture") and sys.platform == "darwin":
            continue    # seconds of drawing, as on Linux
        outcome[line] = run(line.split())
    Path(sys.argv[1]).write_text(json.dumps(outcome, indent=1), encoding="utf-8")


def run(words):
    """[the exit code of a command, or the error; what it prints]."""
    from flatprop.__main__ import main as flatprop
    out, err = (io.TextIOWrapper(io.BytesIO(), sys.stdout.encoding, sys.stdout.errors)
                for _ in range(2))
    if words[-1] == "watch":        # until Ctrl-C
        threading.Timer(1.5, _thread.interrupt_main).start()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            code = flatprop(words)
        except SystemExit as error:
            code = error.code
        except BaseException:
            code = traceback.format_exc()
    for stream in (out, err):
        stream.flush()
    return [code, "".join(each.buffer.getvalue().decode(each.encoding) for each in (out, err))]


if __name__ == "__main__":
    main()

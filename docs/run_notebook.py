"""Run every cell of docs/notebook.ipynb, and keep what it shows, or compare it.

    python docs/run_notebook.py             # writes the outputs into the notebook
    python docs/run_notebook.py --check     # exit code 1 if a cell fails or shows other words

The cells are written in Jupyter or by hand, the outputs by this alone. They are run here as Jupyter
runs them, one after the other in one namespace, in a temporary folder; what goes to standard
error, such as a progress bar, is not kept. Words are compared as type_sessions.py compares those of
a page; pictures are not, but they must be there. It needs what the cells import, and no Jupyter.
"""

import argparse
import ast
import contextlib
import io
import json
import linecache
import os
import sys
import tempfile
import uuid
from pathlib import Path

import type_sessions

NOTEBOOK = Path(__file__).with_name("notebook.ipynb")


def run_cells(book):
    """Run the code cells of a notebook -> the outputs of each, in order."""
    names, found = {"__name__": "__main__"}, []
    for cell in book["cells"]:
        if cell["cell_type"] == "code":
            found.append(run_cell("".join(cell["source"]), names, len(found) + 1))
    return found


def run_cell(source, names, number):
    """Run one cell -> its outputs, as nbformat has them. Raises what the cell raises."""
    file, printed = f"<cell {number}>", io.StringIO()
    linecache.cache[file] = len(source), None, source.splitlines(keepends=True), file
    body, shown = ast.parse(source).body, None
    last = body.pop().value if isinstance(body[-1], ast.Expr) else None
    with contextlib.redirect_stdout(printed):
        exec(compile(ast.Module(body, []), file, "exec"), names)
        if last is not None:
            shown = eval(compile(ast.Expression(last), file, "eval"), names)
    outputs = []
    if printed.getvalue():
        outputs.append({"output_type": "stream", "name": "stdout",
                        "text": printed.getvalue().splitlines(keepends=True)})
    if shown is not None:
        data = {"text/plain": repr(shown).splitlines(keepends=True)}
        if hasattr(shown, "_repr_html_"):
            data["text/html"] = shown._repr_html_().splitlines(keepends=True)
        outputs.append({"output_type": "execute_result", "execution_count": number,
                        "data": data, "metadata": {}})
    return outputs


def words(outputs):
    """What outputs say in words, and a line for each that is a picture besides."""
    lines = []
    for each in outputs:
        data = each.get("data", {"text/plain": each.get("text")})
        lines += [line.rstrip("\n") for line in data["text/plain"]]
        lines += ["(shown as HTML)"] * ("text/html" in data)
    return lines


def main():
    """Run the cells; gives the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="compare, and write nothing")
    args = parser.parse_args()
    book, wrong = json.loads(NOTEBOOK.read_text("utf-8")), 0
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        outputs = run_cells(book)
    cells = [cell for cell in book["cells"] if cell["cell_type"] == "code"]
    for number, (cell, found) in enumerate(zip(cells, outputs, strict=True), 1):
        command = type_sessions.Command("", "", words(cell["outputs"]), "")
        differs = type_sessions.difference(command, "\n".join(words(found)), 0)
        wrong += bool(differs)
        print(f"cell {number} {'DIFFERS' if differs else 'ok'}", *differs, sep="\n    ")
        cell["outputs"], cell["execution_count"] = found, number
    if args.check:
        return 1 if wrong else 0
    for cell in book["cells"]:      # as Jupyter itself saves a notebook
        cell.setdefault("id", uuid.uuid4().hex[:8])
        cell.setdefault("metadata", {})
    text = json.dumps(book, indent=1, ensure_ascii=False, sort_keys=True)
    NOTEBOOK.write_text(f"{text}\n", "utf-8")
    return 0


if __name__ == "__main__":
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")      # before the cells import NumPy
    sys.exit(main())

"""Type hints: the .pyi files say what the .py files beside them have, and a type checker finds with
them what is wrong in a program, and nothing else.
"""

import ast
import json
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from layer_cases import every_case, prepare

ROOT = Path(__file__).resolve().parents[1]
HINTS = ROOT / "tests" / "hints"
STUBS = sorted(path for top in ("layers", "models", "solvers") for path in (ROOT / top).rglob(
    "*.pyi") if path.stem != "_types")


def definitions(path):
    """{name: its nodes} of the functions of a file, and of the methods of its classes."""
    found = {}
    for node in ast.parse(path.read_text("utf-8")).body:
        body = node.body if isinstance(node, ast.ClassDef) else [node]
        prefix = f"{node.name}." if isinstance(node, ast.ClassDef) else ""
        for each in body:
            if isinstance(each, ast.FunctionDef):
                found.setdefault(prefix + each.name, []).append(each)
    return found


def arguments(node):
    """The arguments of a function without their hints, defaults included, as text."""
    taken = ast.parse(ast.unparse(node)).body[0].args       # a copy
    for each in ast.walk(taken):
        if isinstance(each, ast.arg):
            each.annotation = None
    return ast.unparse(taken)


@pytest.mark.parametrize("stub", STUBS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_a_stub_has_the_arguments_and_defaults_of_its_module(stub):
    code, hints = definitions(stub.with_suffix(".py")), definitions(stub)
    protocols = {node.name for node in ast.parse(stub.read_text("utf-8")).body
                 if isinstance(node, ast.ClassDef) and "Protocol" in map(ast.unparse, node.bases)}
    for name, nodes in hints.items():
        if name.partition(".")[0] not in protocols:
            assert {arguments(node) for node in nodes} == {arguments(code[name][0])}, name
    # All that is public in layers/, the methods in models/, and what makes a Solver.
    part = {"layers": "", "models": "."}.get(stub.relative_to(ROOT).parts[0], "Solver.__init__")
    public = {name for name in code if part in name and (
        not name.rpartition(".")[2].startswith("_") or name.endswith(".__init__"))}
    assert public <= {*hints}, f"{stub.name} lacks {public - {*hints}}"


def test_every_layer_model_rule_and_schedule_has_a_stub():
    code = {path for folder in ("layers", "layers/gates", "models", "solvers/update_rules")
            for path in (ROOT / folder).glob("*.py") if path.stem != "__init__"}
    code |= {ROOT / "solvers" / f"{name}.py" for name in ("solver", "schedules", "metrics")}
    lacking = {path.relative_to(ROOT).as_posix() for path in code
               if path.with_suffix(".pyi") not in STUBS}
    assert not lacking, f"write a .pyi beside {lacking}: see that of another layer"


def results(name, function):
    """How many results a stub says that a function of a layer has: () for one that is no tuple."""
    node = definitions(ROOT / f"{name.replace('.', '/')}.pyi")[function][0]
    returned = node.returns if function == "backward" else node.returns.slice.elts[0]
    if isinstance(returned, ast.Subscript) and returned.value.id == "tuple":
        return len(returned.slice.elts)
    return ()


@every_case
def test_a_stub_says_how_many_results_there_are(case):
    _, out, cache, dout = prepare(case)
    grads = case.backward(dout, cache)
    for function, value in (("forward", out), ("backward", grads)):
        found = len(value) if isinstance(value, tuple) else ()
        assert results(case.module.__name__, function) == found
        assert all(isinstance(each, float | np.ndarray) for each in np.atleast_1d(
            np.array([*value], object) if found else value))


@pytest.fixture(scope="module")
def pyright():
    """A function that gives what pyright finds in files, or by its settings: {(file, line)}."""
    if find_spec("pyright") is None:
        pytest.skip("pyright is not installed")
    clean = os.environ | {"PYTHONPATH": str(ROOT)}
    version = subprocess.run([sys.executable, "-m", "pyright", "--version"], capture_output=True,
                             text=True, env=clean)
    if version.returncode:
        pytest.skip(f"pyright does not start: {version.stderr[-200:]}")

    def run(*files):
        done = subprocess.run([sys.executable, "-m", "pyright", "--outputjson", "--pythonpath",
                               sys.executable, *map(str, files)], cwd=ROOT, capture_output=True,
                              text=True, env=clean)
        answer = json.loads(done.stdout)
        assert answer["summary"]["filesAnalyzed"] >= max(1, len(files))
        return {(Path(each["file"]).name, each["range"]["start"]["line"] + 1): each["message"]
                for each in answer["generalDiagnostics"]}
    return run


@pytest.mark.slow
@pytest.mark.processes
def test_pyright_finds_the_mistakes_of_a_program_and_no_others(pyright):
    pytest.importorskip("sklearn")      # without it nothing is known of the estimators
    lines = (HINTS / "wrong.py").read_text("utf-8").splitlines()
    wrong = {("wrong.py", number) for number, line in enumerate(lines, 1)
             if line.endswith("  # wrong")}
    assert len(wrong) > 40
    found = pyright(HINTS / "right.py", HINTS / "wrong.py")
    assert {*found} == wrong, {place: found.get(place) for place in {*found} ^ wrong}


@pytest.mark.slow
@pytest.mark.processes
def test_pyright_finds_nothing_in_the_public_modules(pyright):
    pytest.importorskip("sklearn")
    assert pyright() == {}


@pytest.mark.slow
@pytest.mark.processes
def test_the_program_in_which_nothing_is_wrong_runs(tmp_path):
    pytest.importorskip("sklearn")
    done = subprocess.run([sys.executable, "-W", "error", HINTS / "right.py"], cwd=tmp_path,
                          env=os.environ | {"PYTHONPATH": str(ROOT)}, capture_output=True,
                          text=True)
    assert done.returncode == 0, done.stderr

"""Arrows between the packages point down, and every import is one that an editor can resolve.

The sources are read, not run.
"""

import ast
import functools
import re
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
CORE = ("layers", "models", "solvers", "data")
TOPS = (*CORE, "flatprop", "train.py", "gradient_check.py")

# Of the commands: their parser, with the options that many of them have, and their way of ending.
PARSER = ("flatprop.cli.errors", "flatprop.cli.common_options")
ENDING = ("flatprop.cli.command", "flatprop.cli.signals")

# What a package may import of the project, besides its own modules. A name stands for all that is
# below it, unless that has an entry of its own. What flatprop/__init__.py itself defines may be
# imported by all that is below flatprop: it has run before them.
DOWN = {
    "layers": (),
    "data": (),
    "models": ("layers",),
    "solvers": ("models", "layers", "data"),
    "flatprop.circuits": CORE,
    "flatprop.gradcheck": CORE,
    "flatprop.runs": (*CORE, "flatprop.circuits", "flatprop.gradcheck"),
    "flatprop.lecture": (*CORE, "flatprop.circuits", "flatprop.gradcheck", "flatprop.runs",
                         *PARSER, *ENDING),
    # Students are given gradient_check.py.
    "flatprop.exercises": (*CORE, "flatprop.circuits", "flatprop.gradcheck", "flatprop.runs",
                           *PARSER, *ENDING, "gradient_check"),
    "flatprop.cli": (*CORE, "flatprop.circuits", "flatprop.gradcheck", "flatprop.runs",
                     "flatprop.cli"),
    # --layers DIR trains with a student's finished exercises.
    "flatprop.cli.own_layers": (*CORE, "flatprop.cli", "flatprop.exercises"),
    "flatprop": (),
    "flatprop.__main__": (*CORE, "flatprop"),
    "train": ("flatprop.__main__",),
    "gradient_check": ("flatprop.cli", "flatprop.gradcheck"),
}

# What some extra brings: {its name in setup.cfg: the modules that are imported}.
MODULES = {"scikit-learn": "sklearn"}

# Files that find or run modules in another way than by an import, each with its reason.
OTHER_WAYS = {
    "models/parameters.py": "a copied or unpickled model imports its layers again",
    "flatprop/exercises/sandbox/child.py": "sets the path of the process that runs a student's code"
                                           ", in which its neighbours come by their bare names",
    "flatprop/exercises/sandbox/serve.py": "imports a student's files, and wire beside it",
    "flatprop/exercises/grading/batch.py": "gives its workers the path it has itself",
    "flatprop/exercises/grading/submission.py": "imports the catalogue that it is told",
    "flatprop/exercises/notebooks.py": "writes a notebook that finds this checkout",
    "flatprop/__init__.py": "--layers DIR starts again in a copy of the project",
    "flatprop/cli/draw_subjects.py": "runs the user's file that is drawn",
    "flatprop/gradcheck/subjects.py": "lists the layers, and runs the user's file that is checked",
    "flatprop/__main__.py": "imports the one command that is asked for",
}
TRICKS = re.compile(r"sys\.path\b|__path__|os\.symlink\(|symlink_to|import_module|__import__\("
                    r"|spec_from_file_location|exec_module|\brunpy\b|\bPYTHONPATH\b|\bexec\(")
OPTION = re.compile(r"(?<![\w-])--[a-z][\w-]*")


def sources():
    """The Python files below TOPS, as paths from the root."""
    files = []
    for top in TOPS:
        files += [ROOT / top] if top.endswith(".py") else sorted((ROOT / top).rglob("*.py"))
    return [file.relative_to(ROOT).as_posix() for file in files]


def module_name(file):
    """flatprop/cli/draw.py -> flatprop.cli.draw"""
    return file.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def file_of(name):
    """The file of a module or package of the tree, by its dotted name, or None."""
    path = ROOT.joinpath(*name.split("."))
    files = [path.with_suffix(".py"), path / "__init__.py"]
    return next((file for file in files if file.is_file()), None)


@functools.cache
def names_in(file):
    """The names that a file gives to anything."""
    names = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            names.add(node.name)
        elif isinstance(node, ast.alias):
            names.add(node.asname or node.name)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.add(node.id)
    return names


def resolves(name):
    """Whether a dotted name is a module of the tree, or a name that one gives to something."""
    module, _, last = name.rpartition(".")
    file = file_of(module) if module else None
    return file_of(name) is not None or (file is not None and last in names_in(file))


def imports(file):
    """(line, dotted name) for each import in a file, wherever it stands; of `from a import b` it
    is a.b."""
    for node in ast.walk(ast.parse((ROOT / file).read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file}:{node.lineno}: a relative import"
            yield from ((node.lineno, f"{node.module}.{alias.name}") for alias in node.names)


def is_in(name, packages):
    """Whether a dotted name is one of these packages or below one."""
    return any(name == package or name.startswith(package + ".") for package in packages)


def home(name):
    """The entry of DOWN that a module belongs to."""
    return max((package for package in DOWN if is_in(name, [package])), key=len)


def points_down(package, name):
    """Whether an entry of DOWN may import a dotted name of the project."""
    of_flatprop = name.startswith("flatprop.") and name.count(".") == 1 and file_of(name) is None
    return (home(name) == package or is_in(name, DOWN[package])
            or (of_flatprop and is_in(package, ["flatprop"])))


@pytest.mark.parametrize("package", DOWN)
def test_no_arrow_points_up(package):
    up, files = [], [file for file in sources() if home(module_name(file)) == package]
    for file in files:
        for line, name in imports(file):
            ours = is_in(name, [top.removesuffix(".py") for top in TOPS])
            if ours and not points_down(package, name):
                up.append(f"{file}:{line} imports {name}")
    assert files
    assert not up, "\n".join(up)


def beside(file):
    """Modules that lie beside a file."""
    return {path.stem for path in (ROOT / file).parent.glob("*.py")}


def extras():
    """The modules that the extras of setup.cfg bring."""
    text = (ROOT / "setup.cfg").read_text(encoding="utf-8")
    section = text.split("[options.extras_require]")[1].split("\n[")[0]
    names = re.findall(r"^ +([\w-]+)", section, re.MULTILINE)
    return {MODULES.get(name, name) for name in names}


def test_every_import_resolves_from_a_clone():
    known, lost = {"numpy", *sys.stdlib_module_names, *extras()}, []
    for file in sources():
        # In its own process the sandbox's child has the folder of its neighbours on the path.
        near = beside(file) if file.startswith("flatprop/exercises/sandbox/") else set()
        for line, name in imports(file):
            if not (resolves(name) or name.split(".")[0] in known | near):
                lost.append(f"{file}:{line} imports {name}")
    assert not lost, "\n".join(lost)


def test_modules_are_found_by_imports_alone():
    other = {file for file in sources() if TRICKS.search((ROOT / file).read_text(encoding="utf-8"))}
    assert other == set(OTHER_WAYS)
    assert not [file for file in sources() if (ROOT / file).is_symlink()]


def test_the_core_names_no_option_of_a_command():
    named = []
    for file in sources():
        if file.split("/")[0] in CORE:      # docstrings and comments too: the core has no commands
            text = (ROOT / file).read_text(encoding="utf-8")
            named += [f"{file}: {option}" for option in OPTION.findall(text)]
    assert not named, "\n".join(named)

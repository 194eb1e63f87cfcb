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
SYSTEM = ("flatprop.system", "flatprop.ending", "flatprop.width", "flatprop.needs",
          "flatprop.processors")
TOOLS = (*CORE, *SYSTEM, "flatprop.circuits", "flatprop.gradcheck", "flatprop.plots",
         "flatprop.spreadsheet", "flatprop.learning_platforms", "flatprop.runs", "flatprop.device",
         "flatprop.captured")
# Of the commands: the options that many of them have, and their way of ending.
COMMANDS = ("flatprop.usage", "flatprop.cli.common_options", "flatprop.cli.command")

# What a package may import of the project, besides its own modules. A name stands for all that is
# below it, unless that has an entry of its own. What flatprop/__init__.py itself defines may be
# imported by all that is below flatprop: it has run before them.
DOWN = {
    "layers": (), "data": (), "models": ("layers",), "solvers": ("models", "layers", "data"),
    "flatprop.circuits": (*CORE, *SYSTEM), "flatprop.gradcheck": (*CORE, *SYSTEM),
    "flatprop.plots": (), "flatprop.system": (), "flatprop.ending": (), "flatprop.needs": (),
    "flatprop.processors": (), "flatprop.device": CORE, "flatprop.cublas": CORE,
    "flatprop.captured": (*CORE, "flatprop.device", "flatprop.cublas"),
    "flatprop.spreadsheet": (), "flatprop.learning_platforms": SYSTEM,
    "flatprop.width": ("flatprop.ending",),
    "flatprop.runs": TOOLS,
    "flatprop.usage": (), "flatprop.training": (*TOOLS, "flatprop.usage"),
    "flatprop.lecture": (*TOOLS, *COMMANDS),
    "flatprop.exercises": (*TOOLS, *COMMANDS, "gradient_check"),    # students are given that
    "flatprop.epoch_text": ("flatprop.runs",),
    "flatprop.cli": (*TOOLS, "flatprop.usage", "flatprop.training", "flatprop.epoch_text",
                     "flatprop.cli"),
    # --layers DIR
    "flatprop.cli.own_layers": (*CORE, *SYSTEM, "flatprop.usage", "flatprop.training",
                                "flatprop.exercises"),
    # Another way to the same training: it takes the options, without words.
    "flatprop.estimators": (*TOOLS, "flatprop.usage", "flatprop.training", "flatprop.notebook"),
    "flatprop.notebook": (*TOOLS, "flatprop.epoch_text"),
    "flatprop": (), "flatprop.__main__": (*CORE, "flatprop"),
    "flatprop.commands_page": ("flatprop",), "train": ("flatprop.__main__",),
    "gradient_check": ("flatprop.__main__", "flatprop.gradcheck"),
}

# Files that find or run modules in another way than by an import, each with its reason.
OTHER_WAYS = {
    "models/parameters.py": "a copied or unpickled model imports its layers again",
    "flatprop/exercises/sandbox/child.py": "sets the path of the process that runs a student's code"
                                           ", in which its neighbours come by their bare names",
    "flatprop/exercises/sandbox/serve.py": "imports a student's files, and wire beside it",
    "flatprop/exercises/grading/batch.py": "gives its workers the path it has itself",
    "flatprop/cli/workers.py": "gives its workers the path it has itself",
    "flatprop/exercises/grading/submission.py": "imports the catalogue that it is told",
    "flatprop/exercises/notebooks.py": "writes a notebook that finds this checkout",
    "flatprop/__init__.py": "--layers DIR starts again in a copy of the project",
    "flatprop/needs.py": "advises on PYTHONPATH",
    "flatprop/gradcheck/subjects.py": "lists the layers, and runs the user's file that is checked",
    "flatprop/__main__.py": "imports the one command that is asked for",
    "flatprop/exercises/__main__.py": "imports the one command that is asked for",
    "flatprop/exercises/clinic.py": "imports each patient of a list in TOML",
    "flatprop/exercises/sandbox/absent.py": "stands in for modules that are not to be had",
    "flatprop/exercises/checks/probe.py": "imports a student's file again, to see what it kept",
}
TRICKS = re.compile(r"sys\.path\b|__path__|os\.symlink\(|symlink_to|import_module|__import__\("
                    r"|spec_from_file_location|exec_module|\brunpy\b|\bPYTHONPATH\b|\bexec\(")
# What differs between systems has one module, and these rooms of their own.
ROOMS = {
    "flatprop/system.py": "for commands",
    "flatprop/ending.py": "for commands too, and imports little: signals",
    "data/atomic.py": "the core has no flatprop: renaming a file that somebody has open",
    "data/open_file.py": "the core has no flatprop: opening without a wait for a pipe",
    "flatprop/cublas.py": "which library CuPy has loaded, and its calls",
    "flatprop/processors.py": "for commands: affinity, quotas, time waited",
    "solvers/compiled/blas_threads.py": "the core has no flatprop: libraries and their calls",
    "solvers/compiled/memory.py": "the core has no flatprop: glibc's malloc",
    "flatprop/exercises/sandbox/processes.py": "forks children where it can",
    "flatprop/exercises/sandbox/walls.py": "the child has no flatprop: limits and users",
    "flatprop/exercises/sandbox/child.py": "the child has no flatprop: forks, sessions",
    "flatprop/exercises/sandbox/audit.py": "the child has no flatprop: names what is refused",
    "flatprop/exercises/grading/budget.py": "limits the memory of the process itself",
}
DIFFERS = re.compile(
    r"sys\.platform|platform\.system|os\.name\b|os\.(get|set)e?[ug]id|os\.(fork|kill|killpg|setsid)\b"
    r"|^\s*(import|from) (fcntl|pwd|grp|resource|termios|tty|pty|msvcrt|ctypes|select|shlex)\b"
    r"|getattr\(os,|signal\.SIG(TERM|KILL|HUP|BREAK|ALRM)|/proc/|NO_COLOR|\\x1b\[|\\033", re.M)
OPTION = re.compile(r"(?<![\w-])--[a-z][\w-]*")


@functools.cache
def sources():
    """{file: (its text, its syntax tree)} of the project's Python files, outside of tests."""
    files = [ROOT / "train.py", ROOT / "gradient_check.py"]
    for top in (*CORE, "flatprop"):
        files += sorted((ROOT / top).rglob("*.py"))
    texts = {file.relative_to(ROOT).as_posix(): file.read_text(encoding="utf-8") for file in files}
    return {file: (text, ast.parse(text)) for file, text in texts.items()}


@functools.cache
def modules():
    """{dotted name: file} of them."""
    return {file.removesuffix(".py").removesuffix("/__init__").replace("/", "."): file
            for file in sources()}


@functools.cache
def names_in(module):
    """The names that a module gives to anything."""
    nodes = list(ast.walk(sources()[modules()[module]][1]))
    return {*(node.name for node in nodes if isinstance(node, ast.FunctionDef | ast.ClassDef)),
            *(node.asname or node.name for node in nodes if isinstance(node, ast.alias)),
            *(node.id for node in nodes
              if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store))}


def imports(file):
    """(line, dotted name) of each import, wherever it stands; a.b of `from a import b`."""
    for node in ast.walk(sources()[file][1]):
        if isinstance(node, ast.Import | ast.ImportFrom):
            assert not getattr(node, "level", 0), f"{file}:{node.lineno}: a relative import"
            start = f"{node.module}." if isinstance(node, ast.ImportFrom) else ""
            yield from ((node.lineno, start + alias.name) for alias in node.names)


def is_in(name, packages):
    """Whether a dotted name is one of these packages or below one."""
    return any(f"{name}.".startswith(f"{package}.") for package in packages)


def home(name):
    """The entry of DOWN that a module belongs to."""
    return max((package for package in DOWN if is_in(name, [package])), key=len)


def points_down(package, name):
    """Whether an entry of DOWN may import a dotted name; what is not the project's it may."""
    if not is_in(name, DOWN):
        return True
    of_flatprop = re.fullmatch(r"flatprop\.\w+", name) and name not in modules()
    return (home(name) == package or is_in(name, DOWN[package])
            or (of_flatprop and is_in(package, ["flatprop"])))


@pytest.mark.parametrize("package", DOWN)
def test_no_arrow_points_up(package):
    files = [file for module, file in modules().items() if home(module) == package]
    assert files
    assert not [f"{file}:{line} imports {name}" for file in files for line, name in imports(file)
                if not points_down(package, name)]


def test_every_import_resolves_from_a_clone():
    setup = (ROOT / "setup.cfg").read_text(encoding="utf-8").replace("scikit-learn", "sklearn")
    setup = setup.replace("cupy-cuda12x", "cupy")
    wanted = setup.split("extras_require]")[1].split("\n[")[0]
    extras = re.findall(r"^\s+(?!flatprop)([\w-]+)", wanted, re.MULTILINE)
    # scikit-learn brings joblib.
    known, lost = {"numpy", "joblib", *sys.stdlib_module_names, *extras}, []
    for file in sources():
        # In its own process the sandbox's child has the folder of its neighbours on the path.
        folder = (ROOT / file).parent
        near = {path.stem for path in folder.glob("*.py")} if folder.name == "sandbox" else ()
        for line, name in imports(file):
            module, _, last = name.rpartition(".")
            ours = name in modules() or (module in modules() and last in names_in(module))
            if not ours and name.split(".")[0] not in known.union(near):
                lost.append(f"{file}:{line} imports {name}")
    assert not lost


def test_modules_are_found_by_imports_alone():
    assert {file for file, (text, _) in sources().items() if TRICKS.search(text)} == set(OTHER_WAYS)
    assert not [file for file in sources() if (ROOT / file).is_symlink()]


def test_what_differs_between_systems_is_in_its_rooms():
    assert {file for file, (text, _) in sources().items() if DIFFERS.search(text)} == set(ROOMS)


def test_the_core_names_no_option_of_a_command():
    # In docstrings and comments neither: the core has no commands.
    assert not [f"{file}: {option}" for file, (text, _) in sources().items()
                if file.split("/")[0] in CORE for option in OPTION.findall(text)]

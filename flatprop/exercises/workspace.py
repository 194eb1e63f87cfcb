"""The student's folder: the files to write, the state of each exercise, and the child's tree.

    layers/, models/, solvers/, data/, practice/, clinic/    the files, stubs at first
    state.json                                               which exercises passed; hints taken
    backups/                                                 what reset has put away
"""

import contextlib
import functools
import hashlib
import itertools
import json
import re
import shutil
import sys
import time
from pathlib import Path

from data import atomic
from data.open_file import read_file
from flatprop import system, width
from flatprop.cli.command import to_type
from flatprop.cli.common_options import check_folder_out
from flatprop.exercises import clinic, stubs
from flatprop.exercises.catalogue import EXERCISES
from flatprop.needs import CORE, ROOT
from flatprop.usage.errors import UsageError, closest

HERE = Path(__file__).resolve().parent
README = HERE / "readme_of_students.md"
AT_FIRST = {"status": "open", "hints": 0, "given_up": False, "reference": None}
STATE, BACKUPS = "state.json", "backups"
LARGEST = 2**22     # bytes of the state, which takes a few thousand
# An import statement, and in it the names, with dots before and between them.
IMPORT = re.compile(rb"\bfrom[ \t]+([.\w]+)[ \t]+import\b[ \t]*(\([^)]{0,2000}|[^\n#;]{0,2000})"
                    rb"|\bimport[ \t]+()([^\n#;]{0,2000})")
IMPORTED = 200      # names in one file that are looked for
# What no file of a student's may hide.
TAKEN = sys.stdlib_module_names | {"numpy", "probe"}
NOT_COMPILED = """def of(solver):
    raise ImportError("compiled=... needs numba, and is not for exercises")


compiled_step = of
"""
# In place of files that use the system, which a child may not.
STAND_INS = {
    "solvers/compiled/memory.py": 'def keep_freed():\n    """Nothing to keep in a short life."""\n',
    "solvers/compiled/blocks.py": NOT_COMPILED, "solvers/compiled/loops.py": NOT_COMPILED,
}


def reference(file, well=False):
    """The project's own text of one of the student's files.

    well: of a patient of the clinic the text without the mistake
    """
    for patient in clinic.PATIENTS:
        if patient.file == file:
            return clinic.text(patient, well)
    return read((HERE if file.startswith("practice/") else ROOT) / file)


def solution(file):
    """A right text of one of the student's files."""
    return reference(file, well=True)


def next_exercise(state, after=None):
    """The next exercise that has not passed: after one, if there is such, else the first."""
    place = 0 if after is None else EXERCISES.index(after) + 1
    return next((each for each in EXERCISES[place:] + EXERCISES[:place]
                 if state[each.id]["status"] != "passed"), None)


def targets():
    """What a student writes, over all exercises: {file: [function, ...]}."""
    found = {}
    for exercise in EXERCISES:
        for file, names in exercise.targets:
            found.setdefault(file, []).extend(names)
    return found


@functools.cache
def starting_texts():
    """What a student starts from: {file: text}."""
    notes = {each.targets[0][0]: each.note for each in EXERCISES}
    return {file: stubs.stub(reference(file), names, notes.get(file, ""))
            for file, names in targets().items()}


def init(folder):
    """Write what is missing of a student's folder; gives the files written. Keeps all others."""
    check_folder_out(folder, "--dir")
    folder, written = Path(folder), []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for file, text in starting_texts().items():
            if not (folder / file).exists():
                write(folder / file, text)
                written.append(file)
        if not (folder / "README.md").exists():
            readme = read(README).format(folder=width.harmless(str(folder)))
            write(folder / "README.md", readme)
        if not (folder / STATE).exists():
            save_state(folder, {})
    except OSError as error:
        raise UsageError(f"--dir {folder}: {error.strerror or error}: name another folder"
                         ) from error
    return written


def find(folder):
    """The student's folder: the one named, this one, or the usual one. Raises UsageError."""
    for place in [folder] if folder else [".", "solutions"]:
        if (Path(place) / STATE).is_file():
            return Path(place)
    if folder is None:
        raise UsageError(f"there are no exercises here yet: {to_type('exercises')} init")
    if Path(folder).is_file():
        raise UsageError(f"{folder} is a file, and exercises are in a folder; give the one that "
                         "flatprop exercises init has made")
    close = closest(str(folder), [each.parent.name for each in Path().glob(f"*/{STATE}")])
    init = f"{to_type('exercises')} init --dir {system.quote(folder)}"
    raise UsageError(f"there are no exercises in {folder}.{close} {init} puts them there")


def load_state(folder):
    """{id: {"status", "hints", "given_up", "reference"}}, of every exercise. Raises UsageError.

    status: "open", "passed", or "again" if the reference has changed since it passed
    """
    path = Path(folder) / STATE
    try:
        kept = json.loads(read_file(path, "the state as it was", LARGEST).decode("utf-8"))
        kept = kept["exercises"]
        state = {exercise.id: {**AT_FIRST, **kept.get(exercise.id, {})} for exercise in EXERCISES}
        if not all(type(entry["hints"]) is int for entry in state.values()):
            raise ValueError("hints are counted in whole numbers")
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise UsageError(f"{path} cannot be read ({error}): delete it, and flatprop exercises "
                         f"init --dir {folder} makes a new one; your own files stay") from error
    for exercise, entry in zip(EXERCISES, state.values(), strict=True):
        if entry["status"] == "passed" and entry["reference"] != hash_of(exercise):
            entry["status"] = "again"
    return state


def save_state(folder, state):
    """Write the state; exercises never touched are left out."""
    kept = {id: entry for id, entry in state.items() if entry != AT_FIRST}
    path = Path(folder) / STATE
    with writing(path):
        write(path, json.dumps({"version": 1, "exercises": kept}, indent=2) + "\n")


@contextlib.contextmanager
def writing(path):
    """Within this context an OSError is a UsageError, with what to do about it."""
    try:
        yield
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror or error}: your folder is to be one that you "
                         "may write to, with space left") from error


def hash_of(exercise):
    """A short hash of the project's files behind an exercise."""
    texts = [reference(file) for file, _ in exercise.targets]
    return hashlib.sha256("\0".join(texts).encode()).hexdigest()[:16]


def reset(folder, exercise):
    """Put an exercise's files into backups/, and the stubs in their place; gives the backup."""
    folder = Path(folder)
    name = f"{exercise.id}-{time.strftime('%Y%m%d-%H%M%S')}"
    names = itertools.chain([name], (f"{name}-{number}" for number in itertools.count(2)))
    backup = next(filter(lambda place: not place.exists(), map((folder / BACKUPS).joinpath, names)))
    with writing(folder):
        for file, _ in exercise.targets:
            if (folder / file).exists():
                keep(backup / file, (folder / file).read_bytes())
                shutil.copystat(folder / file, backup / file)
            write(folder / file, starting_texts()[file])
    return backup


def compose(folder, exercise, into):
    """Make, in the empty folder `into`, the tree that a child runs in.

    The exercise's targets, its `own` files, and what these import of the student's other files,
    come from the student, everything else from the project. -> {file: bytes} of the student's
    """
    into = Path(into)
    mine = students_files(Path(folder), exercise)
    for file, data in mine.items():
        put(into / file, data)
    for file in needs(taken(exercise), exercise.also):
        put(into / file, (STAND_INS.get(file) or read(ROOT / file)).encode())
    shutil.copyfile(HERE / "checks/probe.py", into / "probe.py")
    for inside in filter(Path.is_dir, list(into.rglob("*"))):
        if not (inside / "__init__.py").exists():
            put(inside / "__init__.py", b"")
    return mine


def taken(exercise):
    """The files that an exercise takes from a student."""
    return (*[file for file, _ in exercise.targets], *exercise.own)


@functools.cache
def needs(files, also):
    """The project's files that these import, and what they import themselves; also too."""
    found = [*files, *also]
    for file in found:
        source = (STAND_INS.get(file) or reference(file)).encode()
        found += [each for each in imported(ROOT, file, source) if each not in found]
    return found[len(files):]


def students_files(folder, exercise):
    """{file: bytes} of what an exercise takes from a student; a file that is not there is not."""
    files, waiting = {}, [*taken(exercise)]
    ours = {*needs(taken(exercise), exercise.also), "probe.py"}
    for file in waiting:
        data = plain_bytes(folder / file) if file not in files and file not in ours else None
        if data is not None:
            files[file] = utf8(data)[0]
            waiting += imported(folder, file, files[file])
    return files


def imported(folder, file, source):
    """The student's own files that a file's import statements name; its text is not parsed."""
    names = (name for found in IMPORT.finditer(source) for name in module_names(*found.groups()))
    # As Python finds them from the top, and beside the file, where it is run by itself.
    places = [Path(file).parent, *Path(file).parent.parents]
    for name in itertools.islice(dict.fromkeys(names), IMPORTED):
        for place in dict.fromkeys(places):
            for path in (place / f"{name}.py", place / name / "__init__.py"):
                # The packages are the project's: what stands in a student's __init__ is not run.
                hides = path.parts[0].removesuffix(".py") in TAKEN or (
                    path.name == "__init__.py" and path.parts[0] in (*CORE, "practice", "clinic"))
                if not hides and (folder / path).is_file():
                    yield path.as_posix()


def module_names(start, names, _, modules):
    """The modules that a match of IMPORT may mean, "layers/affine" for one."""
    if modules is not None:
        names = re.findall(rb"[\w.]+", modules)
    else:
        start = start.lstrip(b".")
        names = [start, *[start + b"." * bool(start) + name
                          for name in re.findall(rb"\w+", names)]]
    return [name.strip(b".").decode("utf-8", "replace").replace(".", "/") for name in names if name]


def utf8(data):
    """(Python source in an encoding that Python can read, the one it was in, or "")."""
    for mark in ("\ufeff".encode("utf-16-le"), "\ufeff".encode("utf-16-be")):
        if data.startswith(mark):
            return data.decode("utf-16", "replace").encode("utf-8", "replace"), "UTF-16"
    return data, ""


def is_started(folder, exercise):
    """Whether any of an exercise's files is there and is not as init wrote it; always where whole
    files are to be mended.

    Whether a function is written is asked of the module, in the child, and not of its text.
    """
    whole = any(not names and plain_bytes(Path(folder) / file) is not None
                for file, names in exercise.targets)
    return whole or is_changed(folder, exercise)


def is_changed(folder, exercise):
    """Whether any of an exercise's files is there and is not as init wrote it."""
    for file, _ in exercise.targets:
        data = plain_bytes(Path(folder) / file)
        if data is not None and plain_lines(data) != plain_lines(starting_texts()[file].encode()):
            return True
    return False


def plain_lines(source):
    """The lines of a text, however an editor saved it."""
    return utf8(source)[0].removeprefix(b"\xef\xbb\xbf").strip().splitlines()


def copy_core(folder, into):
    """Copy the core into the folder `into`, with the student's finished files in place of ours.

    -> {file: "yours", "partly written" or "not written"}; only "yours" are taken from the student
    """
    authors = {}
    for name in CORE:
        shutil.copytree(ROOT / name, Path(into) / name,
                        ignore=shutil.ignore_patterns("__pycache__", "*.pyc"))
    for file, names in targets().items():
        data = plain_bytes(Path(folder) / file)
        if Path(file).parts[0] not in CORE or data is None:
            continue
        missing = stubs.names_to_write(data.decode("utf-8", "replace"), names)
        authors[file] = "not written" if len(missing) == len(names) else "partly written"
        if not missing:
            authors[file] = "yours"
            put(Path(into) / file, data)
    return authors


def plain_bytes(path):
    """The bytes of a plain file, or None for a link, or what is no file."""
    try:
        return path.read_bytes() if path.is_file() and not path.is_symlink() else None
    except OSError:
        return None


def read(path):
    """A text file."""
    return Path(path).read_text(encoding="utf-8")


def write(path, text):
    """A text file of the student's, its folder made if need be."""
    keep(path, text.encode())


def keep(path, data):
    """Bytes as a file that is to last, its folder made if need be."""
    atomic.make_folder(path.parent)
    atomic.write_bytes(path, data)


def put(path, data):
    """Bytes as a file of a tree that is thrown away, its folder made if need be."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)

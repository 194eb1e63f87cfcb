"""Whether the JSON files of a run are as flatprop wrote them, and all of the same run.

Each holds "run_id", of the run that it belongs to, and "checksum": the SHA-256 of the rest, and
four digits for each entry, by which an edited one can be named. There is no secret in it: it is
against accidents and careless edits, and not against who computes it anew. Files of older versions
have neither. The whole of it is in docs/runs.md.
"""

import contextlib
import hashlib
import json
from pathlib import Path

import numpy as np

from data import atomic, json_file
from data.errors import DataError
from data.open_file import is_there
from flatprop.runs import run_directory
from flatprop.runs.errors import refuse
from flatprop.runs.text import printable
from solvers import contract

CHECKSUM, RUN_ID = "checksum", "run_id"
SIGNED = ("config.json", "environment.json", "model.json", "test.json", "folds.json")
VERSIONS = {"config.json": 4, "model.json": 4}  # that are written now
SINCE = {"config.json": 3, "model.json": 4}     # those from which on there are checksums
CHECKPOINTS_SINCE = 2
DIGITS = 4          # for each entry
MOST_NAMES = 3      # that are told
LARGEST = 2**22     # bytes of a file of which the edited entries are looked for
ARRAYS = "sha256"   # in what a checkpoint has besides its arrays, the hashes of both
COPY = "put a copy of it back"


def write(path, content, run_id):
    """Write a dict of plain data as indented JSON with its checksum, whole or not at all.

    run_id is that of its run, None of a run of an older version. Raises OSError.
    """
    signed = unsigned(json.loads(json.dumps(content)))
    if run_id is not None:
        signed[RUN_ID] = run_id
    signed[CHECKSUM] = checksum(Path(path).name, signed)
    atomic.write_text(path, json.dumps(signed, indent=2) + "\n")


def unsigned(plain):
    """A dict without what write() adds to it."""
    return {name: value for name, value in plain.items() if name not in (CHECKSUM, RUN_ID)}


def new_id(*contents):
    """The id of a run that begins with this: plain data with the time in it."""
    return digest(contents)[:32]


def id_of(run):
    """The id of a run, a Path; None if it is of an older version, or is none. Raises DataError.

    It is that of its config.json; of its model.json where that is not there, as in a run that was
    kept from Python, or cannot be read.
    """
    config, model = run / "config.json", run / "model.json"
    if not is_there(model):
        return id_in(config) if is_there(config) else None
    with contextlib.suppress(DataError):
        return id_in(config)
    return id_in(model)


def id_in(path):
    """The id in a JSON file, or None. Raises DataError."""
    plain = json_file.read(path)
    if not isinstance(plain, dict):
        raise DataError(f"{path}: must hold names with values; {COPY}, or train anew", file=path)
    run_id = plain.get(RUN_ID)
    return run_id if isinstance(run_id, str) else None


def id_of_part(run_id, name):
    """The id of a fold of a run with this id, or of its search: by the name of its folder."""
    return None if run_id is None else f"{run_id}/{name}"


def check(run, changed=refuse):
    """Look whether the JSON files of a run, its folds and its search are as they were written.

    changed(problem, remedy) is called for each that is not. Raises DataError, by default for the
    first of them.
    """
    if not str(run):        # which names none
        return
    run = Path(run)
    for folder, run_id in parts(run, id_of(run)):
        for path in (folder / name for name in SIGNED):
            if is_there(path):
                check_file(path, run_id, changed)


def parts(run, run_id):
    """Pairs (folder, id) of a run and of the runs within it."""
    folders = [*run_directory.folds_in(run), run / run_directory.SEARCH] if run.is_dir() else []
    return [(run, run_id), *((folder, id_of_part(run_id, folder.name)) for folder in folders)]


def check_file(path, run_id, changed):
    """Look whether the JSON file at path is as it was written, and of the run with this id."""
    try:
        plain = json_file.read(path)
    except DataError as error:
        if run_id is None:      # then who needs it says so
            return
        if changed is refuse:   # no other answer would help whoever needs it
            raise
        changed(*str(error).split("; ", 1))
        return
    check_content(path, plain, run_id, changed)


def check_content(path, plain, run_id, changed):
    """The same for what was read of it. Raises DataError for what a newer flatprop has written."""
    def tell(problem, remedy=COPY):
        changed(f"{path}: {problem}", remedy)

    if not isinstance(plain, dict):
        if run_id is not None and changed is not refuse:
            tell("must hold names with values")
        elif run_id is not None:
            raise DataError(f"{path}: must hold names with values; {COPY}", file=path)
        return
    version, known = plain.get("version"), VERSIONS.get(path.name)
    if known is not None and isinstance(version, int) and version > known:
        raise DataError(run_directory.other_version(path, version, known), file=path)
    if CHECKSUM not in plain:
        if is_signed(path.name, plain, run_id):
            tell("was edited since flatprop wrote it, and has no checksum")
    elif (edited := edit_of(path.name, plain)) is not None:
        tell(f"was edited since flatprop wrote it{edited}")
    elif plain.get(RUN_ID) != run_id:
        tell(f"is of {owner(plain.get(RUN_ID), run_id)}")


def owner(found, wanted):
    """Words for whose file it is that has this id, where another is wanted."""
    run, _, part = str(found).partition("/")
    if run != str(wanted).partition("/")[0]:
        return "another run than the run's config.json"
    return f"{printable(part, 40)} of this run" if part else "the run as a whole"


def is_signed(name, plain, run_id):
    """Whether a JSON file with this content has a checksum, or ought to, in a run with this id."""
    version = plain.get("version")
    return CHECKSUM in plain or RUN_ID in plain or run_id is not None or (
        name in SINCE and isinstance(version, int) and version >= SINCE[name])


def edit_of(name, plain):
    """Which entries of a dict with a checksum, in a file of this name, were edited, such as
    " (options.seed)"; "" if that is not known; None if none was."""
    rest = {key: value for key, value in plain.items() if key != CHECKSUM}
    whole, *kept = str(plain[CHECKSUM]).split() or [""]
    try:
        text = canonical([name, rest])
        if whole == hashlib.sha256(text).hexdigest():
            return None
        if len(text) > LARGEST:
            return ""
        now = marks(rest)
    except RecursionError:
        return ""
    if len(kept) != len(now):
        return " (entries are gone or new)"
    edited = [key for key, old in zip(now, kept, strict=True) if now[key] != old]
    # With a new name among them, those behind it in their order differ too.
    return "" if len(edited) > MOST_NAMES else listed(edited)


def listed(names):
    """" (options.seed)": names in brackets, not too many of them; "" for none."""
    shown = [printable(name, 40) for name in names[:MOST_NAMES]]
    shown += ["..."] if len(names) > MOST_NAMES else []
    return f" ({', '.join(shown)})" if shown else ""


def checksum(name, plain):
    """The checksum of a file's name and the dict of plain data in it: that of both, and the digits
    of each entry."""
    return " ".join([digest([name, plain]), *marks(plain).values()])


def marks(plain):
    """{"options.seed": its digits, "version": ...} of what is in a dict, and in dicts in it."""
    found = {}
    for name, value in plain.items():
        inner = value.items() if isinstance(value, dict) else ()
        found |= {f"{name}.{each}": digest(of)[:DIGITS] for each, of in inner} or {
            name: digest(value)[:DIGITS]}
    return dict(sorted(found.items()))


def sign_arrays(arrays, about, run_id):
    """about, the plain data that a checkpoint has besides its arrays {name: array}, with the id of
    its run and the hashes of all."""
    about = {name: value for name, value in about.items() if name not in (RUN_ID, ARRAYS)}
    about |= {} if run_id is None else {RUN_ID: run_id}
    return about | {ARRAYS: hashes(arrays, about)}


def hashes(arrays, about):
    """{name: SHA-256} of arrays, their dtypes and shapes, and of what stands besides, "about"."""
    found = {"about": digest(about)}
    for name, array in arrays.items():
        held = np.ascontiguousarray(array)
        one = hashlib.sha256(f"{held.dtype.str} {np.shape(array)}".encode())
        if held.nbytes:
            one.update(held.reshape(-1).view(np.uint8).data)
        found[name] = one.hexdigest()
    return found


def edit_of_arrays(arrays, about, run_id):
    """Words for what is wrong with a checkpoint, arrays {name: array} with about among them as it
    was read, in a run with this id; None if nothing is, or if it is of an older version."""
    known = about.get(ARRAYS)
    if known is None and run_id is None and about.get("version", 1) < CHECKPOINTS_SINCE:
        return None
    if not isinstance(known, dict):
        return "was edited since flatprop wrote it, and has no checksum"
    try:
        now = hashes({name: array for name, array in arrays.items() if name != "about"},
                     {name: value for name, value in about.items() if name != ARRAYS})
    except RecursionError:
        return "was edited since flatprop wrote it (about)"
    edited = [name for name in sorted({*known, *now}) if known.get(name) != now.get(name)]
    if edited:
        return f"was edited since flatprop wrote it{listed(edited)}"
    found = about.get(RUN_ID)       # None of one that was saved by hand, from Python
    if found is None or run_id is None or found == run_id:
        return None
    return f"is of {owner(found, run_id)}"


def of_weights(models):
    """The SHA-256 of the weights and running statistics of some models together."""
    found = hashlib.sha256()
    for model in models:
        for array in (model.theta, contract.statistics(model)):
            found.update(np.ascontiguousarray(array).data)
    return found.hexdigest()


def digest(plain):
    """The SHA-256 of plain data, whatever the order of its names."""
    return hashlib.sha256(canonical(plain)).hexdigest()


def canonical(plain):
    """Plain data as the bytes of which its SHA-256 is taken."""
    return json.dumps(plain, sort_keys=True).encode()


def sign_anew(run, data_hash=None):
    """Write the checksums of all JSON files of a run anew, as they are now; with data_hash its data
    is from now on that of this hash. Raises OSError."""
    run = Path(run)
    for folder, run_id in parts(run, id_of(run)):
        for path in (folder / name for name in SIGNED):
            with contextlib.suppress(DataError):        # what cannot be read stays as it is
                plain = json_file.read(path)
                if not isinstance(plain, dict):
                    continue
                of_data = data_hash is not None and path.name == "environment.json"
                if of_data or is_signed(path.name, plain, run_id):
                    write(path, plain | ({"data_hash": data_hash} if of_data else {}), run_id)

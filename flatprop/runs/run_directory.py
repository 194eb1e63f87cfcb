"""The folder of a run: what was asked for, on what machine, and what came of it.

    config.json       every option, resolved
    environment.json  versions, machine, command line, hash of the data
    model.json        the network and its preprocessing (flatprop/runs/saved_model.py)
    last.npz          the checkpoint training goes on from (flatprop/runs/checkpoint.py)
    best.npz          the best weights so far
    metrics.jsonl     one line of JSON an epoch; metrics.csv the same as a table (metrics.py)
    curves.svg        losses and metrics by epoch
    log.txt           what was printed
    lock              locked by the process that writes into the folder (lock.py)
    test.json         the result on the test part, once training has ended
    search/           with --refit, the first training, such a folder too (flatprop/cli/refit.py)

Of cross-validation (flatprop/runs/folds.py) there are config.json, environment.json, log.txt and
test.json, the result of the average, besides

    fold-1, fold-2    a folder with all of the above for each fold
    folds.json        the best epoch and validation result of each fold
"""

import contextlib
import datetime
import hashlib
import itertools
import json
import os
import platform
import sys
from pathlib import Path

import numpy as np

from data import atomic, extras, json_file, npz_file
from data.errors import DataError
from data.open_file import check_file, is_there, missing, name_file
from flatprop import __version__
from flatprop.runs import lock, trials
from flatprop.runs.errors import RunError, RunExists

OURS = ("config.json", "environment.json", "model.json", "last.npz", "best.npz", "metrics.jsonl",
        "metrics.csv", "curves.svg", "log.txt", "test.json", lock.NAME)
OF_FOLDS = (*OURS, "folds.json")
TRAINED = ("last.npz", "best.npz", "test.json", "model.json")     # what training leaves
SEARCH = "search"
# With these begins a hash of the names too, and of the parts that come with the data as well.
NAMED, WITH_PARTS = "2-", "3-"
PARTS = "parts"      # the entry of the names that holds the hashes of those
ENDING = 10.0        # seconds that processes get to end whose parent was killed
HASHED = 2**28      # bytes of x that are hashed; of more, rows spread over the whole


def create(folder, locks, replace=False):
    """Make the folder of a new run. With replace, the files of a run that is there are removed.

    It is held until locks, an ExitStack, is closed. Raises RunExists if the folder holds something,
    RunBusy if another process holds it, RunError if it holds no run or cannot be made.
    """
    folder = Path(folder)
    try:
        if not is_there(folder / lock.NAME):        # or who holds it is to be said
            check_free(folder, replace)
        atomic.make_folder(folder)
        hold(folder, locks)
        check_free(folder, replace)
        remove(folder)
    except OSError as error:
        raise RunError(f"{folder}: {error.strerror or error}") from error
    return folder


def check_free(folder, replace):
    """Refuse a folder that holds something; with replace, one that holds no run."""
    if not is_there(folder):
        return
    if folder.is_dir():
        left = {path.name for path in leftovers(folder)}
        if not any(path.name not in left for path in folder.iterdir() if path.name != lock.NAME):
            return
    if not replace:
        raise RunExists(f"{folder} is there already")
    if not is_there(folder / "config.json"):
        raise RunError(f"{folder} does not look like a run, so nothing in it is removed")


def hold(folder, locks):
    """Hold a run's folder for this process, until locks, an ExitStack, is closed; and remove what a
    killed one left. Raises RunBusy if another holds it or a part of it, RunError or OSError.
    """
    locks.enter_context(lock.hold(folder))
    for part in [*folds_in(folder), folder / SEARCH]:
        if is_there(part / lock.NAME):
            with lock.hold(part, ENDING):       # and free it for who trains it
                pass
    sweep(folder)


def remove_training(folder):
    """Remove what training has left in the folder of a run, which is to be trained anew."""
    for name in TRAINED:
        (folder / name).unlink(missing_ok=True)


def remove(folder):
    """Remove the files of a run, of its folds and its search, and nothing else; and with theirs,
    emptied folders. The lock of the run, which is held, stays.

    config.json, by which a run is known, goes last, once the others are gone for good: where
    something cannot be removed, or the power fails meanwhile, it can be tried again.
    """
    config = folder / "config.json"
    for part in [*folds_in(folder), folder / SEARCH]:
        if part.is_symlink():       # what it leads to may be another's
            part.unlink()
            continue
        for name in sorted(OURS, key=place_of_removal):
            (part / name).unlink(missing_ok=True)
        with contextlib.suppress(OSError):      # it holds something else too, or is not there
            part.rmdir()
    for name in sorted(OF_FOLDS, key=place_of_removal):
        if name not in (lock.NAME, config.name):
            (folder / name).unlink(missing_ok=True)
    if config.is_file():
        atomic.flush_folder(folder)
        config.unlink()
        atomic.flush_folder(folder)


def place_of_removal(name):
    """When a file of a run is removed, of all: last.npz first, or it would lack what it needs, and
    config.json last, by which a run is known, so that what cannot be removed can be tried again.
    """
    return {"last.npz": 0, "config.json": 2}.get(name, 1)


def folds_in(folder):
    """The folders of a run's folds, or links to some."""
    return [path for path in folder.glob("fold-*")
            if path.name.removeprefix("fold-").isdecimal() and path.is_dir()]


def check_run(run, file="config.json"):
    """The Path of a run's folder, if it holds this file. Raises DataError with the remedy."""
    path = Path(run)
    with name_file(run):
        if str(run) and (path / file).is_file():
            return path
        if str(run) and (path / file).exists():
            check_file(path / file, "a copy of the file that was there")
        if str(run) and path.is_dir():
            os.listdir(path)        # where it may not be looked into, this raises why
        raise DataError(f"{str(run) or repr(run)}: {why_no_run(run, file)}")


def check_files(folder):
    """Refuse a run, a Path, in which one of its files is no ordinary one, before it is written to:
    a pipe would be waited for. Raises DataError."""
    with name_file(folder):
        for part in (folder, *folds_in(folder), folder / SEARCH):
            for path in (part / name for name in OF_FOLDS):
                if path.exists() and not path.is_file():
                    raise DataError(f"{path}: is not a file; put a copy of the file back that was "
                                    "there, or train anew", file=path)


def why_no_run(run, file):
    """What is wrong with a path that is no run, as it holds no such file, and the remedy."""
    path, runs = Path(run), newest_runs(Path("runs"))
    remedy = "give the folder of a run, as train leaves it" + (
        f"; runs are in {runs[0].parent} (last: {runs[0]})" if runs else "")
    if not str(run):
        return f"names no run; {remedy}"
    if not path.exists():
        return missing(path, remedy)
    if not path.is_dir():
        if (path.parent / trials.NAME).is_file():
            return f"is a file of a sweep and no run; give its runs, {path.parent / 'trial-*'}"
        inside = (path.parent / file).is_file()
        return f"is a file and no run; {f'give its folder, {path.parent}' if inside else remedy}"
    if (path / "config.json").is_file() and (path / SEARCH).is_dir():
        return f"is being trained; until its second training begins there is {path / SEARCH}"
    inside, best = newest_runs(path), trials.best_in(path)
    if best is not None and best in inside:
        return f"is no run but a sweep; give one of its runs (the best: {best})"
    if inside:
        return f"is no run but holds runs; give one (last: {inside[0]})"
    return f"is no run: it has no {file}; {remedy}"


def read_weights(path):
    """The arrays in a checkpoint of a run. Raises DataError, with what else there is to use."""
    path = Path(path)
    try:
        return npz_file.read(path)
    except DataError as error:
        other = {"best": "last", "last": "best"}[path.stem]
        remedy = "train anew"
        if path.stem == "best" and (path.parent / "last.npz").is_file():
            remedy = f"--which {other} takes the other weights, or train anew"
        problem = str(error).removeprefix(f"{path}: ").split(";")[0]
        raise DataError(f"{path}: the weights of the run: {problem}; put a copy back, or "
                        f"{remedy}", file=path) from error


def other_version(path, found, known):
    """The error of a file of a run that another version of flatprop has written."""
    newer = isinstance(found, int) and found > known
    return (f"{path}: is of version {str(found)[:20]}, and {known} is read here; " + (
        f"made by a newer flatprop: {extras.upgrade()}" if newer else
        "it is damaged, or no file of a run: put a copy back, or train anew"))


def newest_runs(parent):
    """The folders of the runs in a folder, the one written last first."""
    try:
        runs = [path for path in parent.iterdir() if (path / "config.json").is_file()]
        return sorted(runs, key=lambda path: (path / "config.json").stat().st_mtime, reverse=True)
    except OSError:
        return []


def sweep(folder):
    """Remove the temporary files of a process that was killed as it wrote; see data/atomic.py."""
    for place in (folder, *folds_in(folder), folder / SEARCH):
        for left in leftovers(place):
            left.unlink(missing_ok=True)


def leftovers(folder):
    """The temporary files in a folder of a process that was killed as it wrote."""
    return [left for name in OF_FOLDS for left in folder.glob(f".{name}.*.tmp")]


def create_numbered(parent, locks):
    """Make parent/DATE-N, with the next free N. Two that start at once get two numbers.

    It is held until locks, an ExitStack, is closed. Raises RunError if it cannot be made.
    """
    parent, date = Path(parent), datetime.date.today().isoformat()
    try:
        atomic.make_folder(parent)
        taken = [path.name.removeprefix(f"{date}-") for path in parent.glob(f"{date}-*")]
        last = max((int(each) for each in taken if each.isdecimal()), default=0)
        for number in itertools.count(last + 1):
            with contextlib.suppress(FileExistsError):
                folder = parent / f"{date}-{number}"
                atomic.make_folder(folder, exist_ok=False)
                hold(folder, locks)
                return folder
    except OSError as error:
        raise RunError(f"{parent}: {error.strerror or error}") from error


def environment(data_hash):
    """What a result depends on besides its options, as plain data."""
    threads = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")
    return {
        "command": sys.argv, "flatprop": __version__, "python": platform.python_version(),
        "numpy": np.__version__,
        "system": platform.platform(), "processor": platform.machine(), "cores": os.cpu_count(),
        "threads": {name: os.environ[name] for name in threads if name in os.environ},
        "data_hash": data_hash,
        "started": datetime.datetime.now().isoformat(timespec="seconds"),
    }


def hash_of(x, y, names=None, kind=WITH_PARTS):
    """A hash of a data set, to notice that it has changed. x and y arrays, mapped ones too.

    names, plain data, are what a user would call it: its columns, classes and label; and PARTS.
    Without names, and with those of the kind NAMED, it is the hash of earlier versions.
    """
    found = hashlib.sha256(f"{x.shape} {x.dtype} {y.shape} {y.dtype}".encode())
    if names is not None:
        counted = {name: value for name, value in names.items()
                   if kind == WITH_PARTS or name != PARTS}
        found.update(json.dumps(counted, sort_keys=True).encode())
    found.update(np.ascontiguousarray(y).data)
    step = max(1, -(-x.nbytes // HASHED))
    rows = max(1, 2**22 // max(1, x.nbytes // len(x)))
    for start in range(0, len(x), rows * step):
        found.update(np.ascontiguousarray(x[start : start + rows]).data)
    return ("" if names is None else kind) + found.hexdigest()


def is_same_data(run, x, y, names):
    """Whether a run was trained on this data; True of one that does not say what it was."""
    path = Path(run) / "environment.json"
    plain = json_file.read(path)
    if not isinstance(plain, dict):
        raise DataError(f"{path}: must hold names with values; put a copy of it back, or train "
                        "anew", file=path)
    known = plain.get("data_hash")
    if not isinstance(known, str):
        return True
    kind = known[:2] if known.startswith((NAMED, WITH_PARTS)) else None
    return known == hash_of(x, y, names if kind else None, kind)

"""Where the files of a run are: it keeps their paths, and its own, and finds them again from there.

config.json holds the words as they were typed, and besides "places", {option: [absolute paths]} of
those options whose words are paths, and "run", the absolute path of the run's folder.
"""

import contextlib
import os
from pathlib import Path, PurePosixPath, PureWindowsPath

from data import json_file
from data.by_name import NAMES
from flatprop.runs import checksums
from flatprop.usage.errors import UsageError

FOLDERS = ("data_dir", "layers")
PATHS = ("data", "val_data", "test_data", *FOLDERS)


def of_args(args, run):
    """What config.json keeps of a run in this folder: {"places", "run"}."""
    places = {name: [os.path.abspath(word) for word in words_of(args, name)] for name in PATHS}
    return {"places": {name: paths for name, paths in places.items() if paths},
            "run": os.path.abspath(run)}


def words_of(args, name):
    """The paths that an option has been given, a list."""
    value = vars(args)[name]
    if value is None or (name == "data" and value[0] in NAMES):
        return []
    return value if isinstance(value, list) else [value]


def find_again(args, run, held, given=()):
    """Replace the paths among the options of a run, args, by where these files are now.

    held is the content of its config.json; given are the options of which the command line says
    where their files are. A file is looked for where it was; from the run's folder as it was seen
    from there, for both may have been moved; in the current folder, by its path and then by its
    name; and beside the run. Raises UsageError for an option given that the run has not.
    """
    places, then = held.get("places"), held.get("run")
    places = places if isinstance(places, dict) else {}
    for name in PATHS:
        words = words_of(args, name)
        if name in given and not held["options"].get(name):
            raise UsageError(f"--{name.replace('_', '-')} does not go with --resume {run}, which "
                             "was trained without")
        if not words or name in given:
            continue
        known = places.get(name)
        if not isinstance(known, list) or len(known) != len(words):
            known = [None] * len(words)         # of a run of an older version
        is_there = Path.is_dir if name in FOLDERS else Path.is_file
        found = [find(word, place, then, run, is_there)
                 for word, place in zip(words, known, strict=True)]
        vars(args)[name] = found if isinstance(vars(args)[name], list) else found[0]


def find(word, place, then, run, is_there):
    """The path, as short as can be, of what was typed as word and lay at place; or word."""
    run, name = Path(run), Path(word).name
    tried = [Path(word), Path(name), run.parent / name]
    if isinstance(place, str) and isinstance(then, str):
        with contextlib.suppress(ValueError):           # on another disk, as Windows has them
            tried.insert(0, run.resolve() / os.path.relpath(place, then))
        tried.insert(0, Path(place))
    for path in tried:
        with contextlib.suppress(OSError, ValueError):
            if is_there(path):
                return shortest(os.path.abspath(path), word)
    return word


def shortest(path, word):
    """An absolute path as it was typed, or from the current folder, if it is the same there."""
    if os.path.abspath(word) == path:
        return word
    return os.path.relpath(path) if Path(path).is_relative_to(Path.cwd()) else path


def remember(folder, args):
    """Keep in config.json where the files of a run are now, if it is elsewhere. Raises OSError."""
    path = folder / "config.json"
    held = json_file.read(path)
    new = held | of_args(args, folder)
    if new != held:
        checksums.write(path, new, held.get(checksums.RUN_ID))


def name_of(word):
    """The last part of an absolute path, of any system; other words as they are."""
    path = absolute(word)
    return word if path is None else path.name


def absolute(word):
    """The pure path that a word is, if it is an absolute one of some system, else None."""
    paths = [PurePosixPath(word), PureWindowsPath(word)] if isinstance(word, str) else []
    return next((path for path in paths if path.is_absolute()), None)


def by_name(held):
    """Options {name: value}, as a run has kept them, with files and folders that were given by
    absolute paths as their names."""
    return {name: value if name not in (*PATHS, "model") else
            [name_of(each) for each in value] if isinstance(value, list) else name_of(value)
            for name, value in held.items()}


def without_folders(text, held, run):
    """A text on a run and its files without the folders of absolute paths; held are its options."""
    words = [str(run)]
    for name in PATHS:
        value = held.get(name)
        words += value if isinstance(value, list) else [value]
    found = {path.parent for path in map(absolute, words) if path is not None}
    for folder in sorted(found, key=lambda each: -len(str(each))):
        if folder != folder.parent:
            mark = "\\" if isinstance(folder, PureWindowsPath) else "/"
            text = text.replace(f"{folder}{mark}", "")
    return text

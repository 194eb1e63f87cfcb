"""From what was handed in to a plain copy, and the folder in it that holds the exercises.

A folder or a zip, as it comes out of an LMS: perhaps with another folder or zip round the files, or
the whole clone with the student's folder in it.
"""

import os
import zipfile

from flatprop.exercises import stubs
from flatprop.exercises.sandbox import safe_copy

SOURCE_BYTES = 1 << 18      # of a file
ZIP_FILES, ZIP_BYTES = 5000, 64 << 20
INNER_ZIPS, FOLDERS = 5, 8
# In the project's own folder, and in that of its first versions.
PROJECTS = (os.path.join("flatprop", "exercises", "catalogue.py"),
            os.path.join("exercises", "catalogue.py"))
NAMES = 3           # of files in the reason why a submission is refused
ARCHIVES = (".gz", ".tar", ".tgz", ".xz", ".bz2", ".rar", ".7z")


def receive(path, base, exercises):
    """Copy a submission into base, plain Python files alone -> (folder, note). Raises Refused.

    folder holds the exercises; note: which folder that is, if there were several, else ""
    """
    copy = os.path.join(base, "submission")
    os.mkdir(copy)
    if os.path.islink(path):
        raise safe_copy.Refused("is a link")
    if os.path.isdir(path):
        safe_copy.copy_tree(path, copy, (".py",))
    elif os.path.isfile(path):
        unzip(path, copy, ".py", safe_copy.FILE_BYTES)
    else:
        raise safe_copy.Refused("is no folder and no plain file")     # a pipe would be waited for
    files = [file for exercise in exercises for file, _ in exercise.targets]
    found = exercise_folders(copy, files)
    if not found:
        unzip_inner(path, base, copy)
        found = exercise_folders(copy, files)
    if not found:
        raise safe_copy.Refused(refusal(path, files))
    return choose_folder(found, copy, exercises)


def exercise_folders(copy, files):
    """The folders that hold any of the files, but for a clone's own and for backups of reset."""
    found = []
    for folder, inside, _ in os.walk(copy):
        inside.sort()
        own = [file for file in PROJECTS if os.path.isfile(os.path.join(folder, file))]
        if own:
            inside.remove(own[0].split(os.sep)[0])
        elif any(os.path.isfile(os.path.join(folder, file)) for file in files):
            found.append(folder)
            inside[:] = [name for name in inside if name != "backups"]
    return found


def choose_folder(found, copy, exercises):
    """The folder in which most exercises are begun, the first of equal ones -> (folder, note)."""
    if len(found) == 1:
        return found[0], ""
    if len(found) > FOLDERS:
        raise safe_copy.Refused(f"holds the exercises in more than {FOLDERS} folders")
    counts = [sum(has_work(folder, exercise) for exercise in exercises) for folder in found]
    place = counts.index(max(counts))
    names = ["its top folder" if folder == copy else os.path.relpath(folder, copy)
             for folder in found]
    others = ", ".join(names[:place] + names[place + 1:])
    return found[place], f"graded is {names[place]}, not {others}"


def has_work(folder, exercise):
    """Whether the folder holds anything of the exercise that is no stub."""
    for file, names in exercise.targets:
        try:
            with open(os.path.join(folder, file), encoding="utf-8", errors="replace") as source:
                text = source.read(SOURCE_BYTES + 1)
                # To parse a large file takes five hundred times its size in memory.
                missing = [] if len(text) > SOURCE_BYTES else stubs.names_to_write(text, names)
        except OSError:
            continue
        if not names or len(missing) < len(names):
            return True
    return False


def unzip_inner(path, base, copy):
    """Unpack the zips that lie in a submission, each into a folder of its name. Raises Refused."""
    if not os.path.isdir(path):
        outer, path = path, os.path.join(base, "zips")
        os.mkdir(path)
        unzip(outer, path, ".zip", ZIP_BYTES)
    found = [os.path.relpath(os.path.join(folder, name), path)
             for folder, names in safe_copy.walk(path) for name in names
             if name.lower().endswith(".zip") and not name.startswith(".")]
    if len(found) > INNER_ZIPS:
        raise safe_copy.Refused(f"holds more than {INNER_ZIPS} zips")
    for name in found:
        try:
            unzip(os.path.join(path, name), os.path.join(copy, name), ".py", safe_copy.FILE_BYTES)
        except safe_copy.Refused as error:
            raise safe_copy.Refused(f"{name}, in it, {error}") from None


def unzip(path, copy, suffix, most):
    """Unpack a zip's files that end with suffix, each of at most so many bytes. Raises Refused."""
    if os.path.getsize(path) > ZIP_BYTES:
        raise safe_copy.Refused(f"has more than {ZIP_BYTES >> 20} MB")
    try:
        with zipfile.ZipFile(path) as archive:
            members = [(each, parts) for each in archive.infolist()
                       if each.filename.lower().endswith(suffix) and (parts := safe_path(each))]
            if len(members) > ZIP_FILES:
                raise safe_copy.Refused(f"has more than {ZIP_FILES} files")
            total = 0
            for member, parts in members:
                if member.flag_bits & 1:
                    raise safe_copy.Refused("is encrypted")
                with archive.open(member) as file:
                    data = file.read(most + 1)
                total += len(data)
                if len(data) > most or total > ZIP_BYTES:
                    raise safe_copy.Refused("unpacks to too much")
                target = os.path.join(copy, *parts)
                os.makedirs(os.path.dirname(target), exist_ok=True)
                with open(target, "wb") as file:
                    file.write(data)
    except (safe_copy.Refused, OSError):
        raise
    except Exception as error:      # of zipfile, zlib, lzma, bz2, struct: a file may be anything
        raise safe_copy.Refused(f"is no folder and no zip that can be read ({error})") from None


def safe_path(member):
    """The path of a file in a zip as a list of names; None if hidden, a tool's, or leading out."""
    parts = [part for part in member.filename.replace("\\", "/").split("/")
             if part not in ("", ".")]
    if ".." in parts or ":" in member.filename or len(parts) > safe_copy.DEPTH \
            or any(part.startswith(".") or part in safe_copy.IGNORED_FOLDERS for part in parts):
        return None
    return parts


def refusal(path, files):
    """Why a submission without any of the files is refused: what it has instead."""
    if os.path.isdir(path):
        names = [name for _, inside in safe_copy.walk(path) for name in inside]
    else:
        with zipfile.ZipFile(path) as archive:
            names = [parts[-1] for each in archive.infolist()
                     if not each.is_dir() and (parts := safe_path(each))]
    names = [name for name in names if not name.startswith(".")]
    if not names:
        return f"holds no {files[0]} or the like: it is empty"
    more = f" and {len(names) - NAMES} more" if len(names) > NAMES else ""
    return f"holds no {files[0]} or the like, but {', '.join(names[:NAMES])}{more}" \
        f"{advice(names, files)}"


def advice(names, files):
    """What to do about a submission of these files, if its names say it."""
    if {os.path.basename(file) for file in files} & set(names):
        return "; hand files in with their folders"
    if any(name.endswith(".ipynb") for name in names):
        return "; a notebook writes its files into the folder work, which is to be handed in"
    if any(name.lower().endswith(ARCHIVES) for name in names):
        return "; of archives only zips are opened"
    return ""

"""From what was handed in to plain copies, a folder for each attempt at the exercises.

As it comes out of an LMS: perhaps with another folder or archive round the files, or the whole
clone with the student's folder in it, an environment, data; names in another case, or no folders.
"""

import os
from typing import NamedTuple

from flatprop.exercises.grading.listing import ARCHIVE_BYTES, ARCHIVES, Refused, list_files
from flatprop.exercises.workspace import utf8

SOURCE_BYTES = 1 << 16      # of a file; some of twice the size take Python seconds to compile
INNER, FOLDERS = 5, 8
SOURCES, ALL_BYTES = 4000, 8 << 20      # Python files of each kind, counted twice, and their bytes
# In the project's own folder, and in that of its first versions.
PROJECTS = (("flatprop", "exercises", "catalogue.py"), ("exercises", "catalogue.py"))
ENVIRONMENT = "pyvenv.cfg"
NAMES = 3           # of files in a note, or in the reason why a submission is refused
MANY = 100          # files left out that are worth a word
OTHERS = (".tar", ".xz", ".bz2", ".rar", ".7z", ".gz")


class Attempt(NamedTuple):
    """One folder of exercises, as a plain copy."""

    folder: str         # of the copy
    too_large: tuple    # files of exercises that are left out


class Contents:
    """What lies in a submission: the Python files, {parts: bytes}, and the names of the others.

    names: of the exercises' files, without their folders
    """

    def __init__(self, names):
        self.sources, self.archives, self.others, self.too_large = {}, [], [], []
        # However much else there is, exercises have room of their own.
        self.names, self.room = names, {True: [SOURCES, ALL_BYTES], False: [SOURCES, ALL_BYTES]}

    def takes(self, name, size):
        """Whether there is room for a file of this name and size; then there is less."""
        room = self.room[name in self.names]
        room[0], room[1] = room[0] - 1, room[1] - size
        return min(room) >= 0


def receive(path, base, files, budget):
    """Copy a submission into base -> (attempts, notes): the folders with any of the files.

    files: of the exercises, "layers/relu.py"; notes: what was read otherwise than it was handed in.
    Raises Refused.
    """
    contents = Contents({file.split("/")[-1] for file in files})
    take_in(path, (), contents, budget)
    found = find_attempts(contents, files)
    if not found and contents.archives:
        take_in_archives(path, base, contents, budget)
        found = find_attempts(contents, files)
    if not found:
        raise Refused(refusal(contents, files))
    if len(found) > FOLDERS:
        raise Refused(f"holds the exercises in more than {FOLDERS} folders")
    notes = ["its folders are graded one by one, and each exercise counts where it is best: "
             + ", ".join("/".join(root) or "the top" for root in found)] if found[1:] else []
    attempts = []
    for number, root in enumerate(found):
        others = [each for each in found if each != root and lies_in(each, [root])]
        mine = {parts: data for parts, data in contents.sources.items()
                if lies_in(parts, [root]) and not lies_in(parts, others)}
        attempts.append(copy_attempt(os.path.join(base, f"attempt-{number}"), root, mine, files,
                                     contents, notes))
    if budget.entries < 0:
        notes.append("has too many files: the rest was not looked at")
    elif len(contents.others) >= MANY:
        notes.append(f"{len(contents.others)} files that are no exercises were left out, "
                     f"{contents.others[0]} the first")
    return attempts, notes


def take_in(path, prefix, contents, budget):
    """Add what lies at a path to contents."""
    for parts, read in list_files(path, budget):
        parts = (*prefix, *parts)
        name = parts[-1].lower()
        if name.endswith(ARCHIVES):
            contents.archives.append(parts)
        data = read(SOURCE_BYTES + 1) if name.endswith(".py") and contents.takes(name, 0) else None
        if data is not None and len(data) > SOURCE_BYTES:
            contents.too_large.append(parts)
        elif data is not None and contents.takes(name, len(data)):
            contents.sources[parts] = data
        else:
            contents.others.append("/".join(parts))


def take_in_archives(path, base, contents, budget):
    """Add what lies in the archives that lie in a submission."""
    if len(contents.archives) > INNER:
        raise Refused(f"holds more than {INNER} archives")
    wanted, contents.archives = set(contents.archives), []
    for parts, read in list_files(path, budget):
        if parts not in wanted:
            continue
        inner = os.path.join(base, "inner")
        with open(inner, "wb") as file:
            file.write(read(ARCHIVE_BYTES + 1) or b"")
        try:
            take_in(inner, parts, contents, budget)
        except Refused as error:
            raise Refused(f"{'/'.join(parts)}, in it, {error}") from None


def lies_in(parts, folders):
    """Whether a path is one of the folders, or lies in one."""
    return any(parts[:len(each)] == each for each in folders)


def find_attempts(contents, files):
    """The folders, as parts, in which any of the files lie; not a clone's own, nor backups'."""
    wanted = {tuple(file.split("/")) for file in files}
    clones = [parts[:-len(own)] for parts in contents.sources for own in PROJECTS
              if parts[-len(own):] == own]
    environments = [tuple(name.split("/"))[:-1] for name in contents.others
                    if name.split("/")[-1] == ENVIRONMENT]
    contents.sources = {parts: data for parts, data in contents.sources.items()
                        if not lies_in(parts, environments)}
    found = set()
    for parts in [*contents.sources, *contents.too_large]:
        low = tuple(part.casefold() for part in parts)
        found |= {parts[:-size] for size in (2, 3) if low[-size:] in wanted}
    ours = [(*each, own) for each in clones for own in ("flatprop", "exercises")]
    backups = [(*root, "backups") for root in found]
    found = {root for root in found if root not in clones and not lies_in(root, ours + backups)}
    return sorted(found or find_flat(contents, wanted), key=lambda root: (len(root), root))


def find_flat(contents, wanted):
    """The folders with files of exercises that have lost their own folders."""
    names, folders = {path[-1] for path in wanted}, {part for path in wanted for part in path[:-1]}
    return {parts[:-1] for parts in contents.sources if parts[-1].casefold() in names
            and (*parts[:-1], "")[-2:][0].casefold() not in folders}


def copy_attempt(folder, root, sources, files, contents, notes):
    """Write the Python files of one attempt into a folder, in UTF-8, under the names they should
    have. Adds to notes."""
    by_low = {tuple(file.split("/")): file for file in files}
    by_name = {file.split("/")[-1]: file for file in files}
    folders = {file.split("/")[0] for file in files}
    placed = {}
    # What is named as it should be comes first, then what lies in its folder.
    for parts in sorted(sources, key=lambda each: ("/".join(each[len(root):]) not in files,
                                                   -len(each))):
        inside = parts[len(root):]
        low = tuple(part.casefold() for part in inside)
        file = by_low.get(low) or (by_name.get(low[0]) if len(low) == 1 else None)
        if file is None or file in placed:
            file = "/".join((low[0] if low[0] in folders else inside[0], *inside[1:]))
        elif file != "/".join(inside):
            notes.append(f"{'/'.join(parts)} was taken for {file}")
        placed.setdefault(file, sources[parts])
    for file, data in placed.items():
        text, encoding = utf8(data)
        if encoding:
            notes.append(f"{file} is in {encoding}, which Python does not read; graded as UTF-8")
        path = os.path.join(folder, file)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as out:
            out.write(text)
    large = ["/".join(parts[len(root):]) for parts in contents.too_large
             if parts[:len(root)] == root]
    os.makedirs(folder, exist_ok=True)
    return Attempt(folder, tuple(large))


def refusal(contents, files):
    """Why a submission without any of the files is refused: what it has instead."""
    names = sorted({*contents.others, *("/".join(each) for each in contents.sources)})
    names = [name.split("/")[-1] for name in names]
    if not names:
        return f"holds no {files[0]} or the like: it is empty"
    more = f" and {len(names) - NAMES} more" if len(names) > NAMES else ""
    return f"holds no {files[0]} or the like, but {', '.join(names[:NAMES])}{more}{advice(names)}"


def advice(names):
    """What to do about a submission of these files, if its names say it."""
    if any(name.endswith(".ipynb") for name in names):
        return "; a notebook writes its files into the folder work, which is to be handed in"
    if any(name.lower().endswith(OTHERS) for name in names):
        return "; of archives only zip and tar.gz are opened"
    return ""

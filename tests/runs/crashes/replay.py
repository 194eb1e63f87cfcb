"""What may be on a disk after a power cut, of a run whose calls to the system were recorded.

A record is text, a call a line, its words separated by tabs, as tests/runs/faults/calls.c writes
it; the bytes that were written stand in a file beside it, RECORD.bytes. Replayed up to a call, it
gives what the disk may hold if the power fails there:

- what a file holds is safe once that was synced;
- a name (of a new file or folder, a renamed one, one removed) is safe once its folder was synced;
- all else may be there or not, each by itself and in any order: a file under its new name without
  what was written into it, zeros in its place, a part of it; a later rename without an earlier one.
"""

import dataclasses
import hashlib
import os
from pathlib import Path

import calls

BLOCK = 512     # bytes that a disk writes at once

# How much is there of what was not synced: (of the names, of what files hold).
KINDS = {
    "all": ("all", "all"), "synced": ("none", "none"), "names": ("all", "none"),
    "zeros": ("all", "zeros"), "part": ("all", "prefix"), "data": ("none", "all"),
    "mixed": ("some", "any"),
}
DATA = ("all", "none", "zeros", "prefix", "blocks")


@dataclasses.dataclass
class File:
    """What programs see of a file, and what of it was synced."""

    now: bytearray = dataclasses.field(default_factory=bytearray)
    synced: bytes = b""


@dataclasses.dataclass
class Folder:
    """The names in a folder, {name: File or Folder}, those synced, and the changes since then.

    A change is {name: File, Folder or None}: a rename has two names, of which both are there or
    none.
    """

    now: dict = dataclasses.field(default_factory=dict)
    synced: dict = dataclasses.field(default_factory=dict)
    changes: list = dataclasses.field(default_factory=list)

    def change(self, names):
        """Give names in the folder to files or folders; None takes a name away."""
        self.changes.append(names)
        update(self.now, names)


def update(names, change):
    """Make a change in {name: File or Folder}."""
    for name, what in change.items():
        names.pop(name, None)
        if what is not None:
            names[name] = what


def read_record(path):
    """The calls of a record: lists of words, the bytes of a write in the place of where they are.
    """
    written, found = Path(f"{path}.bytes").read_bytes(), []
    for kind, *words in calls.read(path):
        if kind == "write":
            file, position, length, offset = words
            content = written[int(offset) : int(offset) + int(length)]
            assert len(content) == int(length), words
            words = [file, int(position), content]
        found.append([kind, *words])
    return found


def snapshot(path):
    """A folder as it is on the disk, all of it synced."""
    found = Folder()
    for each in sorted(Path(path).iterdir()):
        if each.is_dir():
            found.now[each.name] = snapshot(each)
        else:
            content = each.read_bytes()
            found.now[each.name] = File(bytearray(content), content)
    found.synced = dict(found.now)
    return found


class Disk:
    """A folder, at the path root, to which calls are replayed one by one."""

    def __init__(self, root, start):
        self.root, self.tree = str(root), start
        self.open = {}      # what the record calls an open file -> File or Folder

    def find(self, path):
        """(the Folder that a path is in, its name); (None, ".") for the root itself."""
        inside = os.path.relpath(path, self.root)
        if inside == ".":
            return None, inside
        *folders, name = Path(inside).parts
        assert ".." not in folders, path
        found = self.tree
        for each in folders:
            found = found.now[each]
        return found, name

    def at(self, path):
        """What is at a path, a File or Folder; None if there is nothing."""
        folder, name = self.find(path)
        return self.tree if folder is None else folder.now.get(name)

    def replay(self, call):
        """Do what a call of a record did."""
        kind, *words = call
        if kind == "open":
            path, flags, file = words[0], words[1].split("|"), words[2]
            found = self.at(path)
            if found is None:
                assert "CREAT" in flags, call
                found = File()
                folder, name = self.find(path)
                folder.change({name: found})
            elif "TRUNC" in flags:
                del found.now[:]
            self.open[file] = found
        elif kind == "write":
            file, position, content = words
            now = self.open[file].now
            now.extend(bytes(max(0, position - len(now))))
            now[position : position + len(content)] = content
        elif kind in ("truncate", "truncate-path"):
            file = self.open[words[0]] if kind == "truncate" else self.at(words[0])
            now, length = file.now, int(words[1])
            del now[length:]
            now.extend(bytes(length - len(now)))
        elif kind == "fsync":
            sync(self.open[words[0]])
        elif kind == "close":
            self.open.pop(words[0], None)
        elif kind == "rename":
            (folder, old), (other, new) = map(self.find, words)
            assert folder is other, f"{call}: between two folders"
            folder.change({old: None, new: folder.now[old]})
        elif kind in ("unlink", "rmdir"):
            folder, name = self.find(words[0])
            folder.change({name: None})
        elif kind == "mkdir":
            folder, name = self.find(words[0])
            folder.change({name: Folder()})
        else:
            raise ValueError(f"{call}: no such call")

    def state(self, kind, rng):
        """What the disk may hold, {path below the root: bytes, or None for a folder}; kind is of
        KINDS, rng draws what is open.
        """
        names, data = KINDS[kind]
        return dict(state_of(self.tree, "", names, data, rng))


def sync(what):
    """Make what a file holds, or the names of a folder, safe."""
    if isinstance(what, File):
        what.synced = bytes(what.now)
    else:
        what.synced, what.changes = dict(what.now), []


def state_of(folder, path, names, data, rng):
    """Yield (path, bytes or None) of all that is in a folder, and below it, after the power cut."""
    held = dict(folder.synced)
    for change in folder.changes:
        if names == "all" or (names == "some" and rng.random() < 0.5):
            update(held, change)
    for name, what in held.items():
        if isinstance(what, Folder):
            yield path + name, None
            yield from state_of(what, f"{path}{name}/", names, data, rng)
        else:
            chosen = DATA[rng.integers(len(DATA))] if data == "any" else data
            yield path + name, content_of(what, chosen, rng)


def content_of(file, data, rng):
    """What a file holds after the power cut, if so much of what was not synced is there."""
    now, synced = bytes(file.now), file.synced
    if data == "all" or now == synced:
        return now
    if data == "none":
        return synced
    if data == "prefix":        # what was there before and is so still is there
        return now[: rng.integers(len(os.path.commonprefix([now, synced])), len(now) + 1)]
    # The length is that of now; where nothing was written yet there are zeros.
    before = synced[: len(now)] + bytes(max(0, len(now) - len(synced)))
    if data == "zeros":
        return before
    return b"".join((now if rng.random() < 0.5 else before)[i : i + BLOCK]
                    for i in range(0, len(now), BLOCK))


def write_state(state, root):
    """Put a state into an empty folder."""
    for path, content in state.items():
        if content is None:
            (Path(root) / path).mkdir()
        else:
            (Path(root) / path).write_bytes(content)


def digest(state):
    """A hash of a state, to know it again."""
    found = hashlib.sha256()
    for path, content in sorted(state.items()):
        found.update(f"{path}\0{-1 if content is None else len(content)}\0".encode())
        found.update(content or b"")
    return found.hexdigest()


def states(root, start, record, promised, count, rng):
    """Yield so many different states, or as many as there are: (the number of calls before the
    power cut, kind, state).

    For each, a number of calls and a kind are drawn, of which there are as many of each kind.
    promised[n] is what is asked of a state after n calls: two are different if that is.
    """
    drawn = {}      # number of calls -> kinds
    order = rng.permutation(len(record) * len(KINDS))
    seen, found = set(), 0
    # A part of the draws at a time, in the order of the calls, until there are enough.
    for first in range(0, len(order), count):
        drawn = {}
        for each in order[first : first + count]:
            drawn.setdefault(int(each) // len(KINDS), []).append(
                list(KINDS)[int(each) % len(KINDS)])
        disk = Disk(root, copy_of(start))
        for number, call in enumerate(record):
            disk.replay(call)
            for kind in drawn.get(number, ()):
                state = disk.state(kind, rng)
                known = digest(state), str(promised[number + 1])
                if known not in seen and found < count:
                    seen.add(known)
                    found += 1
                    yield number + 1, kind, state
        if found >= count:
            return


def copy_of(folder):
    """A copy of a Folder of which all is synced."""
    found = Folder()
    for name, what in folder.now.items():
        found.now[name] = (copy_of(what) if isinstance(what, Folder) else
                           File(bytearray(what.now), what.synced))
    found.synced = dict(found.now)
    return found

"""Copying what a student handed in: plain files of plain sizes, nothing that points elsewhere."""

import os
import stat

SUFFIXES = (".py", ".npz", ".npy", ".json", ".csv", ".txt", ".md", ".toml")
FILE_BYTES, TREE_BYTES, FILES, DEPTH = 4 << 20, 64 << 20, 2000, 12
# Folders that tools make: caches, what a Mac adds to a zip, installed packages.
IGNORED_FOLDERS = ("__pycache__", "__MACOSX", "site-packages", "node_modules")


class Refused(Exception):
    """A folder, or a submission, that cannot be taken; the reason in one line."""


def copy_tree(source, target, suffixes=SUFFIXES):
    """Copy the plain files below source, but hidden ones and caches, to target, for all to read.

    Raises Refused for a file or a folder that is too large, or a file that cannot be read.
    """
    copied, total = 0, 0
    for folder, names in walk(source):
        inside = os.path.join(target, os.path.relpath(folder, source))
        for name in names:
            wanted = name.endswith(suffixes) and not name.startswith(".")
            data = read_plain(os.path.join(folder, name), FILE_BYTES + 1) if wanted else None
            if data is None:
                continue
            if len(data) > FILE_BYTES:
                raise Refused(f"{name} has more than {FILE_BYTES >> 20} MB")
            copied, total = copied + 1, total + len(data)
            if copied > FILES or total > TREE_BYTES:
                raise Refused(f"more than {FILES} files or {TREE_BYTES >> 20} MB")
            os.makedirs(inside, exist_ok=True)
            with open(os.path.join(inside, name), "wb") as file:
                file.write(data)
    open_up(target)


def walk(top):
    """(folder, its names of files) below top, links not followed, in a fixed order."""
    waiting, seen = [(os.fspath(top), 0)], 0
    while waiting:
        folder, depth = waiting.pop()
        names = []
        with os.scandir(folder) as entries:
            for entry in entries:
                seen += 1
                if seen > 20 * FILES:
                    raise Refused(f"more than {20 * FILES} files")
                if entry.is_dir(follow_symlinks=False):
                    if not entry.name.startswith(".") and entry.name not in IGNORED_FOLDERS \
                            and depth < DEPTH:
                        waiting.append((entry.path, depth + 1))
                elif entry.is_file(follow_symlinks=False):
                    names.append(entry.name)
        yield folder, sorted(names)


def read_plain(path, most):
    """At most so many bytes of a plain file; None for what is not one. Raises Refused."""
    try:
        # Neither follows a link that was put here meanwhile, nor waits for a pipe.
        flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
        descriptor = os.open(path, flags | getattr(os, "O_BINARY", 0))
    except PermissionError as error:        # to leave it out would be to grade without it
        raise Refused(f"{os.path.basename(path)} cannot be read: {error.strerror}") from None
    except OSError:
        return None
    with open(descriptor, "rb") as file:
        return file.read(most) if stat.S_ISREG(os.fstat(descriptor).st_mode) else None


def open_up(folder):
    """Let every user read what is below folder, and none but the owner write."""
    for inside, _, names in os.walk(folder):
        os.chmod(inside, 0o755)
        for name in names:
            os.chmod(os.path.join(inside, name), 0o644)

"""What lies in a submission: a folder, a zip or a tar.gz, as pairs of a path and a way to read it.

A path is a tuple of names. The files of upper folders come first, so that where there are too many
the exercises are seen all the same; a tar.gz has an order of its own.
"""

import contextlib
import gzip
import io
import os
import stat
import tarfile
import zipfile

ARCHIVE_BYTES, UNPACKED_BYTES, LIST_BYTES = 64 << 20, 256 << 20, 8 << 20
ARCHIVES = (".zip", ".tar.gz", ".tgz")
DEPTH = 12
# Folders that tools make: caches, what a Mac adds to a zip, installed packages.
IGNORED_FOLDERS = ("__pycache__", "__MACOSX", "site-packages", "node_modules")


class Refused(Exception):
    """A submission that cannot be taken; the reason in one line."""


def list_files(path, budget):
    """(parts, read) of every plain file; read(most) gives at most so many bytes of it.

    Stops when the budget has no entries left; of a tar.gz, a file is to be read at once. Raises
    Refused.
    """
    if os.path.islink(path):
        raise Refused("is a link")
    if os.path.isdir(path):
        return in_folder(path, budget)
    if not os.path.isfile(path):
        raise Refused("is no folder and no plain file")     # a pipe would be waited for
    if os.path.getsize(path) > ARCHIVE_BYTES:
        raise Refused(f"has more than {ARCHIVE_BYTES >> 20} MB")
    return in_archive(path, budget)


def in_folder(top, budget):
    """The same of a folder, links not followed."""
    waiting = [(os.fspath(top), ())]
    for folder, parts in waiting:
        if budget.entries < 0:
            return
        entries = []
        with os.scandir(folder) as found:
            for entry in found:
                budget.entries -= 1
                if budget.entries < 0:
                    break
                entries.append(entry)
        for entry in sorted(entries, key=lambda each: each.name):
            inside = (*parts, entry.name)
            if entry.is_dir(follow_symlinks=False):
                if is_wanted((*inside, "")):
                    waiting.append((entry.path, inside))
            elif entry.is_file(follow_symlinks=False) and is_wanted(inside):
                yield inside, lambda most, path=entry.path: read_plain(path, most)


def read_plain(path, most):
    """At most so many bytes of a plain file; None for what is not one. Raises Refused."""
    try:
        # Neither follows a link that was put here meanwhile, nor waits for a pipe.
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except PermissionError as error:        # to leave it out would be to grade without it
        raise Refused(f"{os.path.basename(path)} cannot be read: {error.strerror}") from None
    except OSError:
        return None
    with open(descriptor, "rb") as file:
        return file.read(most) if stat.S_ISREG(os.fstat(descriptor).st_mode) else None


def is_wanted(parts):
    """Whether a path is looked at: not hidden, a tool's, too deep, or leading out."""
    return (len(parts) <= DEPTH and ".." not in parts
            and not any(part.startswith(".") or ":" in part for part in parts)
            and not any(part in IGNORED_FOLDERS for part in parts[:-1]))


def in_archive(path, budget):
    """The same of a zip or a tar.gz."""
    with archive_errors():
        with open(path, "rb") as file:
            is_gzip = file.read(2) == b"\x1f\x8b"
        for parts, read in in_tar(path, budget) if is_gzip else in_zip(path, budget):
            def read_it(most, read=read):
                with archive_errors():
                    return read(most)
            yield parts, read_it


@contextlib.contextmanager
def archive_errors():
    """Within this context, what archives raise is Refused: a file may be anything."""
    try:
        yield
    except (Refused, MemoryError):
        raise
    except Exception as error:      # of zipfile, tarfile, zlib, lzma, bz2, struct
        if isinstance(error, OSError) and error.errno is not None:
            raise
        raise Refused(f"is no folder, zip or tar.gz that can be read ({error})") from None


class ShortReads(io.FileIO):
    """A file of which only so much is read at a time: a zip's list of entries is read whole."""

    def read(self, size=-1):
        data = super().read(LIST_BYTES + 1 if size < 0 else min(size, LIST_BYTES + 1))
        if len(data) > LIST_BYTES:
            raise Refused("lists too many files: hand in the exercises alone")
        return data


def in_zip(path, budget):
    """The same of a zip. The list of its entries is taken in only if it is of a bearable size."""
    with ShortReads(path) as file, zipfile.ZipFile(file) as archive:
        members = [(split(each.filename), each) for each in archive.infolist()
                   if not each.is_dir()]
        for parts, member in sorted(members, key=lambda each: (len(each[0]), each[0])):
            budget.entries -= 1
            if budget.entries < 0:
                return
            if is_wanted(parts):
                yield parts, lambda most, member=member: read_member(archive, member, most)


def split(name):
    """The path of a name in an archive."""
    return tuple(part for part in name.replace("\\", "/").split("/") if part not in ("", "."))


def read_member(archive, member, most):
    """At most so many bytes of a zip's entry."""
    if member.flag_bits & 1:
        raise Refused("is encrypted")
    with archive.open(member) as file:
        return file.read(most)


class Measured:
    """A file that is read forward alone, up to UNPACKED_BYTES."""

    def __init__(self, file):
        self.file, self.left = file, UNPACKED_BYTES

    def read(self, size):
        data = self.file.read(min(size, 1 << 20))
        self.left -= len(data)
        if self.left < 0:
            raise Refused(f"unpacks to more than {UNPACKED_BYTES >> 20} MB")
        return data


def in_tar(path, budget):
    """The same of a tar.gz, in the order that it has."""
    with gzip.open(path) as file, tarfile.open(fileobj=Measured(file), mode="r|") as archive:
        for member in archive:
            archive.members = []        # which would keep all of them
            budget.entries -= 1
            if budget.entries < 0:
                return
            parts = split(member.name)
            if member.isreg() and not member.issparse() and is_wanted(parts):
                yield parts, lambda most, member=member: archive.extractfile(member).read(most)

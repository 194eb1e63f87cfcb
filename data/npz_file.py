"""NPZ files, NumPy's format for several arrays by name: a zip archive of NPY files.

What an archive says of itself is only a claim: of every member the sizes in the archive's
directory, the member's NPY header and what is really there must agree before it is believed, and
nothing is unpacked beyond them. No Python objects are read, so no file can run code.
"""

import io
import os
import zipfile
import zlib

import numpy as np

from data import npy_file
from data.errors import DataError
from data.open_file import open_file

LIMIT = 2**30                   # bytes unpacked, unless the file itself is larger
LARGEST_READ = 2**22            # bytes: of the directory, which zipfile reads in one piece
CHUNK = 2**20                   # bytes unpacked at a time
MOST_DEFLATED = 1032            # no deflated byte stands for more (zlib's technical notes)
AGAIN = "save it again with numpy.savez"


def read(path, only=None):
    """The arrays in an NPZ file by name, in the file's order.

    path -> {name: array}, each an array of its own, in the machine's byte order; only those of the
    names in only, if that is given
    Raises DataError where the file is missing, unreadable, no zip archive, damaged or cut short;
    where a member is no NPY file, encrypted, there twice, of Python objects, or not as large as it
    claims; or where it all takes more than 1 GiB unpacked though the file itself is smaller.
    """
    with open_file(path, "the path of an .npz file") as opened:
        file = _Careful(opened.raw)
        try:
            file_size = os.fstat(file.fileno()).st_size
            with zipfile.ZipFile(file) as archive:
                members = archive.infolist()
                _check_members(members, path, file_size)
                return {member.filename.removesuffix(".npy"): _read_member(archive, member, path)
                        for member in members
                        if only is None or member.filename.removesuffix(".npy") in only}
        except (DataError, OSError):
            raise
        except MemoryError as error:
            raise DataError(f"{path}: its arrays do not fit into memory; use fewer rows, or .npy "
                            "files of x and y") from error
        except Exception as error:  # a damaged archive raises any of a dozen kinds
            reason = " ".join(str(error).split())[:200]
            raise DataError(f"{path}: is no NPZ file, or a damaged one ({reason}); {AGAIN}"
                            ) from error
        finally:
            file.detach()       # open_file closes it


class _Careful(io.BufferedReader):
    """A file that gives no more than LARGEST_READ bytes at once: zipfile asks for what a forged
    directory says."""

    def read(self, size=-1):
        if size is not None and size > LARGEST_READ:
            raise zipfile.BadZipFile(f"its directory takes {size} bytes")
        return super().read(LARGEST_READ if size is None or size < 0 else size)


def _check_members(members, path, file_size):
    """Raise DataError where an archive's directory cannot be true, or is not of an NPZ file."""
    seen = set()
    if not members:
        raise DataError(f"{path}: holds no arrays; {AGAIN}")
    for member in members:
        name = f"{path}: {member.filename[:60]!r}"
        if not member.filename.endswith(".npy"):
            raise DataError(f"{name} in it is no array; {AGAIN}")
        if member.filename in seen:
            raise DataError(f"{name} is in it twice; {AGAIN}")
        seen.add(member.filename)
        if member.flag_bits & 0x41:
            raise DataError(f"{name} is encrypted; {AGAIN}")
        packed, size = member.compress_size, member.file_size
        if member.compress_type == zipfile.ZIP_STORED:
            possible = packed == size
        elif member.compress_type == zipfile.ZIP_DEFLATED:
            possible = size <= MOST_DEFLATED * packed
        else:
            raise DataError(f"{name} is compressed in a way numpy.savez never does "
                            f"(method {member.compress_type}); {AGAIN}")
        if not possible or member.header_offset + packed > file_size:
            raise DataError(f"{name} claims {size} bytes, from {packed} in a file of {file_size}: "
                            f"the file is cut short or damaged; {AGAIN}")
    total, limit = sum(member.file_size for member in members), max(LIMIT, file_size)
    if total > limit:
        raise DataError(f"{path}: takes {total} bytes unpacked, at most {limit} are read; save it "
                        "with numpy.savez, which does not compress, or use fewer rows")


def _read_member(archive, member, path):
    """The array in one member of an archive."""
    name = f"{path}: {member.filename[:60]!r}"
    try:
        with archive.open(member) as file:
            header = npy_file.read_header(file, name, AGAIN)
            if header.start + header.size != member.file_size:
                raise DataError(
                    f"{name}: {header.dtype} of shape {header.shape} takes {header.size} bytes, "
                    f"{member.file_size - header.start} are there; {AGAIN}")
            elements, place = np.empty(header.size, np.uint8), 0
            while place < header.size:
                count = file.readinto(elements[place : place + CHUNK])
                if count == 0:
                    raise EOFError
                place += count
            file.read(1)                        # nothing is left; asking compares the checksum
    except EOFError as error:
        raise DataError(f"{name} is cut short; {AGAIN}") from error
    except (zipfile.BadZipFile, zlib.error) as error:
        reason = " ".join(str(error).split())[:200]
        raise DataError(f"{name} is damaged ({reason}); {AGAIN}") from error
    array = np.ndarray(header.shape, header.dtype, elements, order="F" if header.fortran else "C")
    npy_file.check_text(array, name, AGAIN)
    return array.astype(header.dtype.newbyteorder("="), copy=False)

"""Mutated files for the project's readers: each may be read or be a DataError, nothing else.

    python tests/runs/fuzz_files.py --count 5000 --seed 0

Valid small files are changed at random, and hostile ones written on purpose. The readers run in a
child process under limits of memory and time. What a case does is decided by the seed, its number
and its kind, so any one can be repeated: --start N --count 1. Needs a Unix system.
"""

import argparse
import gzip
import importlib.util
import io
import os
import random
import signal
import struct
import subprocess
import sys
import tempfile
import traceback
import warnings
import zipfile
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

import fuzz_runs  # noqa: E402
from fuzz_hostile import HOSTILE  # noqa: E402
from fuzz_mutations import mutate  # noqa: E402
from run_cases import COLUMNS  # noqa: E402

from data import cifar, encode, mnist, npy_file, npz_file, own  # noqa: E402
from data.errors import DataError  # noqa: E402

MEMORY = 2 * 2**30              # bytes of address space
SECONDS = 20                    # for one case
SHOWN = 10                      # offenders


def csv_bytes():
    """A table with numbers, an empty cell, categories, quotes and a label."""
    rows = ["age,colour,weight,size,label"]
    rows += [f'{i},{"red" if i % 3 else "blue"},{i},{i / 7:.3f},"a, {i % 2}"' for i in range(12)]
    return "\r\n".join([*rows, "12,red,,1e-3,é", ""]).encode()


def forms_bytes():
    """A table with comments, decimal commas, dates, thousands and percent, between semicolons."""
    rows = ["# by hand", ";price;day;share;note;label"]
    rows += [f"{i};{1 + i % 3}.250,{i % 10}0 €;{1 + i % 28}.{1 + i % 12}.2024;{i},5%;n{i % 4};"
             f"{'ja' if i % 3 else 'nein'}" for i in range(24)]
    return "\n".join([*rows, "24;-;?;7%;n1;NA", ""]).encode()


def npz_bytes(save=np.savez):
    """Arrays of several kinds, x and y among them."""
    rng, file = np.random.default_rng(0), io.BytesIO()
    save(file, x=rng.standard_normal((8, 3)).astype(np.float32), y=np.arange(8) % 2,
         names=np.array(["a", "bc"]), f=np.asfortranarray(rng.standard_normal((2, 3))))
    return file.getvalue()


def text_npz_bytes():
    """Train and test arrays, labels in text."""
    file = io.BytesIO()
    x, y = np.arange(24, dtype=np.uint8).reshape(6, 2, 2), np.array(["cat", "dog", "é"] * 2)
    np.savez_compressed(file, x_train=x, y_train=y, x_test=x[:3], y_test=y[:3])
    return file.getvalue()


def npy_bytes(order="C"):
    """One array of float64."""
    file = io.BytesIO()
    np.save(file, np.asarray(np.random.default_rng(0).standard_normal((6, 4)), order=order))
    return file.getvalue()


def parquet_bytes(compression="none"):
    """The table of csv_bytes as Parquet, with a null, a date and a coded column besides."""
    import pyarrow
    import pyarrow.parquet
    table = pyarrow.table({
        "age": [*range(12), None], "day": pyarrow.array([i * 30 for i in range(13)],
                                                        pyarrow.date32()),
        "colour": pyarrow.array(["red" if i % 3 else "blue" for i in range(13)]
                                ).dictionary_encode(),
        "size": [i / 7 for i in range(13)], "label": [f"a, {i % 2}" for i in range(13)]})
    into = io.BytesIO()
    pyarrow.parquet.write_table(table, into, compression=compression, row_group_size=8)
    return into.getvalue()


def idx_bytes():
    """Three pictures of 4 by 5."""
    return bytes([0, 0, 8, 3]) + struct.pack(">3I", 3, 4, 5) + bytes(range(60))


def cifar_bytes():
    """Two records."""
    return (b"\3" + bytes(3072)) + (b"\t" + bytes(range(256)) * 12)


def read_csv(path):
    """As train.py reads a table, however the label is named."""
    return [own.read([path], label=label, task=task)
            for label, task in ((None, None), ("1", "regression"), ("-2", "classification"))]


def read_rows(path):
    """As flatprop predict reads a table."""
    return [encode.encode(rows, COLUMNS, path, lines, {})
            for lines, rows in encode.read_rows(path, COLUMNS, 5)]


def read_npz(path):
    """As train.py reads arrays."""
    return own.read([path], label=None, task=None)


def read_npy(path):
    """As train.py reads two mapped arrays, here both the same file."""
    raw = own.read([path, path], label=None, task=None)
    return np.array(npy_file.open_mapped(path)), np.array(raw.x)


# {name, which the file's name ends in: (make valid bytes, reader of a path)}
KINDS = {
    "csv": (csv_bytes, read_csv),
    "rows.csv": (csv_bytes, read_rows),
    "forms.csv": (forms_bytes, read_csv),
    "utf16.csv": (lambda: csv_bytes().decode().encode("utf-16"), read_csv),
    "csv.gz": (lambda: gzip.compress(forms_bytes(), mtime=0), read_csv),
    "npz": (npz_bytes, npz_file.read),
    "deflated.npz": (lambda: npz_bytes(np.savez_compressed), npz_file.read),
    "own.npz": (npz_bytes, read_npz),
    "text.npz": (text_npz_bytes, read_npz),
    "npy": (npy_bytes, read_npy),
    "fortran.npy": (lambda: npy_bytes("F"), read_npy),
    "idx": (idx_bytes, mnist.read),
    "idx.gz": (lambda: gzip.compress(idx_bytes(), mtime=0), mnist.read),
    "bin": (cifar_bytes, cifar.read),
    **fuzz_runs.KINDS,
}
if importlib.util.find_spec("pyarrow"):
    KINDS |= {"parquet": (parquet_bytes, read_csv),
              "packed.parquet": (lambda: parquet_bytes("gzip"), read_csv)}


def case(kind, rng):
    """The bytes of one case of a kind: mutated once, or a few times, or hostile on purpose."""
    family = kind if kind in HOSTILE else kind.rpartition(".")[2]
    if family in HOSTILE and rng.random() < 0.01:
        return rng.choice(HOSTILE[family])()
    content = KINDS[kind][0]()
    # Half of the time what is in an archive is mutated, and packed again with a right checksum.
    if kind.endswith(".gz") and rng.random() < 0.5:
        return gzip.compress(mutate(gzip.decompress(content), rng), 1, mtime=0)
    if family == "npz" and rng.random() < 0.5:
        return repacked(content, rng)
    return mutate(content, rng)


def repacked(content, rng):
    """A zip archive with one of its members mutated."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(file, "w") as new:
        chosen = rng.choice(old.namelist())
        for name in old.namelist():
            member = old.read(name)
            new.writestr(name, mutate(member, rng) if name == chosen else member)
    return file.getvalue()


def outcome(kind, content, folder):
    """Read one case: "success", "DataError", or what else happened, in one line."""
    path = Path(folder) / f"case.{kind}"
    path.write_bytes(content)
    try:
        KINDS[kind][1](path)
    except DataError as error:
        if isinstance(error.__cause__, MemoryError):
            return f"DataError, but only for want of memory: {error}"
        if "\n" in str(error) or str(path) not in str(error):
            return f"DataError without a path, or of several lines: {str(error)!r}"
        return "DataError"
    except Exception as error:
        place = traceback.extract_tb(error.__traceback__)[-1]
        return " ".join(f"{type(error).__name__}: {str(error)[:150]} at {place.filename}:"
                        f"{place.lineno}".split())
    return "success"


def child(start, count, seed, kinds):
    """Run cases and print an outcome for each; a case that takes too long ends the process."""
    import resource
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    warnings.simplefilter("error")
    with tempfile.TemporaryDirectory() as folder:
        for i in range(start, start + count):
            kind = kinds[i % len(kinds)]
            content = case(kind, random.Random(f"{seed} {i} {kind}"))
            signal.alarm(SECONDS)
            result = outcome(kind, content, folder)
            signal.alarm(0)
            print(result, flush=True)


def outcomes(start, count, seed, kinds):
    """The outcomes of cases, run in a child, and in another one after a case that ended it."""
    results = []
    while len(results) < count:
        command = [sys.executable, __file__, "--child", "--start", str(start + len(results)),
                   "--count", str(count - len(results)), "--seed", str(seed), "--kinds", *kinds]
        # pyarrow's own allocator and malloc's one for each thread set a GB of addresses aside.
        environment = os.environ | {"ARROW_DEFAULT_MEMORY_POOL": "system", "MALLOC_ARENA_MAX": "2"}
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False,
                              env=environment)
        results += done.stdout.splitlines()
        if len(results) < count:
            results.append("took too long" if done.returncode == -signal.SIGALRM
                           else f"ended the process, code {done.returncode}")
    return results


def main(argv=None):
    """Run the fuzzer; gives its exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=5000, help="cases (default: 5000)")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--start", type=int, default=0, help="the first case (default: 0)")
    parser.add_argument("--kinds", nargs="+", choices=list(KINDS), default=list(KINDS))
    parser.add_argument("--child", action="store_true", help=argparse.SUPPRESS)
    args = parser.parse_args(argv)
    if args.child:
        child(args.start, args.count, args.seed, args.kinds)
        return 0
    results = outcomes(args.start, args.count, args.seed, args.kinds)
    counts = {name: results.count(name) for name in ("success", "DataError")}
    offenders = [f"case {i}, {args.kinds[i % len(args.kinds)]}: {result}"
                 for i, result in enumerate(results, args.start) if result not in counts]
    print("\n".join(offenders[:SHOWN] + [f"{counts['success']} success, {counts['DataError']} "
                                         f"DataError, {len(offenders)} anything else"]))
    return 1 if offenders else 0


if __name__ == "__main__":
    sys.exit(main())

"""Files that other programs write, and how to make one of them that is read here."""

import re
from pathlib import Path

# In the texts {} stands for the name of the file without its end.
SPREADSHEET = "is a spreadsheet; save it as CSV there (File, Save As), and give that"
FRAME = "is a table of pandas; pandas.{reader}(...).to_csv('{{}}.csv', index=False) makes a CSV"
ARRAYS = "is not read here; save its arrays with numpy.savez('{}.npz', x=x, y=y), and give that"
PICKLE = "can run code when it is read, so it is not; save its arrays with " \
         "numpy.savez('{}.npz', x=x, y=y), and give that"
PICTURE = "is a picture; save all of them as arrays with numpy.savez('data.npz', x=x, y=y), and " \
          "give that"
EXPORT = "is not read here; export its table as CSV, and give that"
PACKED = "is packed; unpack it with {unpack}, and give what comes out"
CODE = "is no data; give a .csv, an .npz with x and y, or two .npy"

# The end of a name -> what such a file is, and the remedy.
REMEDIES = {
    **dict.fromkeys((".xlsx", ".xls", ".xlsm", ".ods", ".numbers"), SPREADSHEET),
    **{f".{kind}": FRAME.format(reader=f"read_{kind}")
       for kind in ("feather", "json", "xml", "html")},
    **dict.fromkeys((".pq", ".parq"), "is to be named {}.parquet; rename it"),
    ".jsonl": FRAME.format(reader="read_json").replace("(...", "(..., lines=True"),
    **dict.fromkeys((".arff", ".db", ".sqlite", ".sqlite3", ".sav", ".dta", ".rds"), EXPORT),
    **dict.fromkeys((".pkl", ".pickle", ".joblib", ".pt", ".pth", ".ckpt"), PICKLE),
    **dict.fromkeys((".h5", ".hdf5", ".mat", ".tfrecord", ".bin"), ARRAYS),
    **dict.fromkeys((".png", ".jpg", ".jpeg", ".gif", ".bmp", ".tif", ".tiff"), PICTURE),
    **dict.fromkeys((".py", ".ipynb", ".toml", ".yaml", ".yml", ".md", ".pdf", ".onnx"), CODE),
    **{end: PACKED.format(unpack=unpack) for end, unpack in {
        ".gz": "gunzip -k", ".zip": "unzip", ".bz2": "bunzip2 -k", ".xz": "unxz -k",
        ".7z": "7z x", ".rar": "unrar x", ".tar": "tar xf", ".tgz": "tar xf"}.items()},
}
# The first bytes of a file -> the end that its name should have.
BEGINNINGS = {b"PK\x03\x04": ".xlsx", b"\xd0\xcf\x11\xe0": ".xls", b"PAR1": ".parquet",
              b"\x89HDF": ".h5", b"\x89PNG": ".png", b"\xff\xd8\xff": ".jpg", b"%PDF": ".pdf",
              b"BZh": ".bz2", b"\xfd7zXZ": ".xz", b"SQLite f": ".db", b"\x1f\x8b": ".gz",
              b"\x93NUMPY": ".npy"}
POINTER = b"version https://git-lfs"
OF_LFS = "is a pointer of Git LFS, which stands for the file; git lfs pull fetches the file itself"
# What lines look like that are no rows of a table, though they are text -> what they are.
PAIR = r"\d+:[-+.\deE]+"
LINES = [
    (r"__label__\S", "is as fastText writes it, a text behind its label; words of a text are not "
     "learned from here: give a table of numbers and categories"),
    (r"\s*@(relation|attribute|data)\b", "is of ARFF; save the table as CSV, with "
     "Weka for example"),
    (rf"[-+\d.eE]+\s+(qid:\d+\s+)?{PAIR}(\s+{PAIR})*\s*(#.*)?$", "is as LIBSVM writes it, with a "
     "place before each number; save the table as CSV or .npz"),
    (r"[-+\d.]*\s*('\S+\s*)?\|\w*\s+[a-z_]\w*:[-+.\d]", "is as Vowpal Wabbit writes it; save the "
     "table as CSV or .npz"),
    (r"(?=\||.*---)\|?\s*:?-+:?\s*(\|\s*:?-+:?\s*)+\|?\s*$", "is the rule below a "
     "heading, as Markdown has it; save the table as CSV"),
    (r"\s*[+|┌├]?[-─═]{2,}([+┬┼][-─═]{2,})+[+|┐┤]?\s*$", "is a rule of a box, as mysql and psql "
     "draw them; have them write a table (mysql -B, in psql \\copy (...) to 'data.csv' csv "
     "header)"),
]


def remedy_of(path):
    """What a file is by the end of its name, and how to make data of it; None for other ends."""
    path = Path(path)
    end = ".tar" if ".tar." in path.name.lower() else path.suffix.lower()
    text = REMEDIES.get(end)
    return text and text.format(path.stem)


def remedy_in(beginning, path):
    """The same of a file that is named as a text, by its first bytes; None if it may be one."""
    if beginning.startswith(POINTER):
        return OF_LFS
    for first, end in BEGINNINGS.items():
        if beginning.startswith(first):
            remedy = REMEDIES.get(end, f"is to be named {end}").format(Path(path).stem)
            return f"is no text, whatever its name; its first bytes are those of {end}: it {remedy}"
    return None


def remedy_of_lines(lines):
    """(i, the same) of a text, by line i of its first lines (str); None if they may be a table's"""
    for i, line in enumerate(lines[:3]):
        for pattern, problem in LINES:
            if re.match(pattern, line, re.IGNORECASE | re.ASCII):
                return i, problem
    return None

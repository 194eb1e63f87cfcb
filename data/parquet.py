"""Parquet, read through pyarrow (the extra parquet), as the text of a table with commas.

So all that is decided about columns is decided as for CSV: one way, whatever the file. A null is an
empty cell, a boolean True or False, and the index of a pandas frame its first column, as in the CSV
that pandas writes.
"""

import contextlib
import io

from data.errors import DataError
from data.extras import MissingExtra, pip_install
from data.names import different, find_column
from data.open_file import open_file

ROWS = 2**14                    # at a time
LARGEST = 2**28                 # bytes that they may have in one column
INDEX = "__index_level_"        # so begins what pandas calls an index without a name
REMEDY = "write it anew, or save the table as CSV"


def read(path, ignore=(), wanted=None):
    """Yield the text of a Parquet file in blocks (str) that end where a row does, the names first.

    Columns in ignore, each by its name or its number from 1, are not read: their cells are empty.
    So are those of all columns that are not wanted, if the file has every column that is.
    Raises DataError where there is no such file, it is damaged, or a column holds no plain values;
    MissingExtra without pyarrow.
    """
    try:
        import pyarrow
        import pyarrow.csv
        import pyarrow.parquet
    except ModuleNotFoundError as error:
        raise MissingExtra(f"{path}: a Parquet file needs pyarrow: {pip_install('parquet')}"
                           ) from error
    with open_file(path, "the path of a Parquet file") as file:
        try:
            schema = pyarrow.parquet.read_schema(file)
            order = _index_first(schema)
            names = ["" if name.startswith(INDEX) else name for name in schema.names]
            chosen = [order[place] for place in _chosen([names[j] for j in order], ignore, wanted)]
            for j in chosen:
                _check(schema.field(j), path)
            texts = [schema.field(j).name for j in chosen if _is_text(schema.field(j).type)]
            found = pyarrow.parquet.ParquetFile(file, read_dictionary=texts)
            yield _as_csv([pyarrow.array([names[j]]) for j in order])
            # By their names, if each has its own; a dot in one may stand for a part of another.
            some = None
            if len(chosen) < len(names) == len({*schema.names}):
                some = [schema.names[j] for j in chosen]
            for batch in found.iter_batches(ROWS, columns=some):
                at = {name: i for i, name in enumerate(batch.schema.names)}
                empty = pyarrow.nulls(batch.num_rows)
                columns = {j: _plain(batch.column(at[schema.names[j]] if some else j), names[j],
                                     path) for j in chosen}
                yield _rows_as_csv([columns.get(j, empty) for j in order],
                                   [names[j] for j in order], path)
        except (pyarrow.ArrowException, OSError, ValueError, OverflowError, MemoryError,
                RecursionError) as error:
            if isinstance(error, DataError):
                raise
            reason = " ".join(str(error).split())[:200] or type(error).__name__
            raise DataError(f"{path}: is damaged, or no Parquet ({reason}); {REMEDY}") from error


def _chosen(names, ignore, wanted):
    """The places of the columns to read, of all names in order. What is not there is refused where
    the table is."""
    names = different(names)
    if wanted is not None:
        with contextlib.suppress(DataError):
            return sorted({find_column("", names, each, None) for each in wanted})
    left_out = set()
    for each in ignore:
        with contextlib.suppress(DataError):
            left_out.add(find_column("", names, each, None))
    return [place for place in range(len(names)) if place not in left_out]


def _is_text(kind):
    """Whether a column of this type holds texts or bytes of any length."""
    import pyarrow.types as types
    return types.is_string(kind) or types.is_large_string(kind) or types.is_binary(kind) or (
        types.is_large_binary(kind))


def _check(field, path):
    """Raise DataError for a column whose cells are no plain values."""
    import pyarrow.types as types
    kind = field.type.value_type if types.is_dictionary(field.type) else field.type
    if types.is_nested(kind):
        raise DataError(f"{path}: column {field.name[:40]!r} holds {str(kind)[:60]}, and a cell is "
                        "to be one value: write its parts as columns of their own, or leave it out",
                        column=field.name, remedy="leave out")
    if types.is_fixed_size_binary(kind) and kind.byte_width * ROWS > LARGEST:
        raise _too_large(field.name, path)


def _too_large(name, path):
    return DataError(f"{path}: column {name[:40]!r} holds texts of more than {LARGEST:,} bytes in "
                     f"{ROWS:,} rows; leave it out of the file", column=name, remedy="leave out")


def _index_first(schema):
    """The places of the columns in order: first those that were the index of a pandas frame."""
    about = schema.pandas_metadata
    index = about.get("index_columns") if isinstance(about, dict) else None
    index = {name for name in index if isinstance(name, str)} if isinstance(index, list) else set()
    names = schema.names        # which is made anew each time
    return sorted(range(len(names)), key=lambda j: names[j] not in index)


def _plain(column, name, path):
    """A column of a batch as one that can be written as CSV."""
    import pyarrow
    from pyarrow import compute, types
    if isinstance(column, pyarrow.ExtensionArray):
        column = column.storage
    if types.is_dictionary(column.type):
        if _is_text(column.type.value_type):        # a short file may repeat a long text
            lengths = compute.binary_length(column.dictionary).take(column.indices)
            if (compute.sum(lengths).as_py() or 0) > LARGEST:
                raise _too_large(name, path)
        column = column.dictionary_decode()
    if types.is_boolean(column.type):
        column = compute.if_else(column, "True", "False")       # as Python and pandas write them
    return column


def _rows_as_csv(columns, names, path):
    """Columns of a batch as lines of CSV. Raises DataError that names the first that cannot be."""
    import pyarrow
    try:
        return _as_csv(columns)
    except (ValueError, pyarrow.ArrowException):
        for column, name in zip(columns, names, strict=True):
            try:
                _as_csv([column])
            except (ValueError, pyarrow.ArrowException) as error:
                reason = " ".join(str(error).split())[:100]
                raise DataError(f"{path}: column {name[:40]!r} of {str(column.type)[:60]} cannot be"
                                f" read as text ({reason}); write it as text or numbers, or leave "
                                "it out", column=name, remedy="leave out") from error
        raise


def _as_csv(columns):
    """Columns of equally many rows as lines of CSV."""
    import pyarrow
    import pyarrow.csv
    into = io.BytesIO()
    batch = pyarrow.RecordBatch.from_arrays(columns, names=[str(j) for j in range(len(columns))])
    pyarrow.csv.write_csv(batch, into, pyarrow.csv.WriteOptions(include_header=False))
    try:
        text = into.getvalue().decode("utf-8")
    except UnicodeDecodeError as error:
        raise ValueError("it holds bytes that are no UTF-8") from error
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if "\0" in text:
        raise ValueError("it holds a NUL byte")
    return text

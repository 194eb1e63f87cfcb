"""What the user said about how a table is to be read; what was not said is found out."""

from typing import NamedTuple


class Reading(NamedTuple):
    """Choices about a table, each of which overrules what its cells would decide.

    header       whether line 1 holds names; None to find out
    separator    what stands between cells; " " is any number of spaces and tabs
    encoding     of a file that is not UTF-8 and has no byte order mark, such as "latin-1"
    decimal      "," or ".", the decimal sign of all numbers
    missing      words that mean that a cell is missing, besides those known
    categorical, numeric, ignore    columns, each by its name or by its number from 1
    weight       the column that holds how much each row counts in training, or the array of an
                 archive that does; it is no input
    """

    header: bool | None = None
    separator: str | None = None
    encoding: str | None = None
    decimal: str | None = None
    missing: tuple = ()
    categorical: tuple = ()
    numeric: tuple = ()
    ignore: tuple = ()
    weight: str | None = None

"""The options that settle what a DataError is about: the core names none, it has the field remedy.
"""

from flatprop import system

# remedy -> what to type; {cell} and {column} are the error's
REMEDIES = {
    "header": "--header yes or --header no says what line 1 is",
    "separator": "--separator CHAR says what is between cells",
    "encoding": "--encoding NAME",
    "decimal": "--decimal comma or --decimal point",
    "label": "--label COLUMN",
    "weight": "--sample-weight NAME",
    "task": "--task regression, --task classification or --label COLUMN",
    "dates": "--task regression or --label COLUMN",
    "ignore": "--ignore COLUMN",
    "numeric": "--numeric COLUMN",
    "categorical": "--categorical COLUMN",
    "leave out": "--ignore {column}",
    "size": "--dtype float64 computes with it, --ignore {column} leaves the column out",
    "dtype": "--dtype float64 computes with it",
    "cell": "--missing {cell} counts it as missing, --numeric {column} all such cells; "
            "--categorical {column} makes categories of them, --ignore {column} leaves them out",
    "pca": "--pca with a smaller number",
    "more headings": "or --missing WORD ... counts its words as missing",
    "name": "--header yes makes names of line 1; --missing {cell} counts it as missing, --numeric "
            "{column} all such cells; --categorical {column} makes categories of them, --ignore "
            "{column} leaves them out",
    "target": "--missing {cell} counts it as missing, and its row is left out; --label COLUMN "
              "predicts another",
    "inputs": "--label COLUMN predicts another; --categorical COLUMN or --numeric COLUMN keeps one",
    "changes": "--accept-changes goes on with it as it is",
    "keep": "--keep COLUMN ... sets them aside",
    "matrix": "--takes matrix takes the numbers that the columns become",
    "column": "--categorical {column} or --ignore {column}",
}
KNOWN = {"train": REMEDIES, "inspect": REMEDIES, "evaluate": ("encoding", "label", "changes"),
         "predict": ("encoding", "changes", "keep"), "export": ("changes", "matrix"),
         "report": ("changes",)}        # what each command has


def words(error, command):
    """' (--encoding NAME)': what to type where a DataError says what settles it and the command has
    such an option, else ''."""
    if error.remedy is None or error.remedy not in KNOWN.get(command, ()):
        return ""
    column, cell = (system.quote(text)[:60] for text in (error.column, error.cell))
    return f" ({REMEDIES[error.remedy].format(column=column, cell=cell)})"

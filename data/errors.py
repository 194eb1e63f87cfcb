"""The one exception for files and folders that are missing, wrong or cut short."""


class DataError(ValueError):
    """A file or folder of the user's cannot be used.

    The message is one line: the path, what is wrong with it, and what to do about it. So a command
    can print it as it is and stop; a traceback would tell the user nothing more.

    The place that the message names is in fields as well, None where there is none:
    file    the path, as text
    line    of a text file, counted from 1
    column  of a table by its name, of an array by its number, counted from 0
    cell    what was read there, as text
    remedy  which choice of the caller's would settle it: a parameter of data.own.read, a field of
            data.reading.Reading, or "cell" or "column" for those fields that are about one cell or
            one column. A command puts its own words for it behind the message.
    """

    def __init__(self, message, *, file=None, line=None, column=None, cell=None, remedy=None):
        super().__init__(message)
        self.file = None if file is None else str(file)
        self.line, self.column, self.cell, self.remedy = line, column, cell, remedy

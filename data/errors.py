"""The one exception for files and folders that are missing, wrong or cut short."""


class DataError(ValueError):
    """A file or folder of the user's cannot be used.

    The message is one line: the path, what is wrong with it, and what to do about it. So a command
    can print it as it is and stop; a traceback would tell the user nothing more.
    """

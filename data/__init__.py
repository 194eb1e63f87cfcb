"""Data sets as plain arrays: by name, or from files of your own; split, standardized, in batches.

Every source gives x with one example per row and y with one label (or target) per row. A file of
the user's that is missing or wrong raises data.errors.DataError; nothing here unpickles anything.
"""

"""What the tests of the commands share."""

import csv
import io
import re

import numpy as np

from flatprop.__main__ import main


def refused(capsys, *words):
    """The one line with which a command refuses these words: exit code 2, and nothing printed."""
    assert main([str(word) for word in words]) == 2
    shown = capsys.readouterr()
    assert shown.out == "" and len(shown.err.splitlines()) == 1, shown
    assert re.match(rf"flatprop( {words[0]}( \w+)?)?: error: ", shown.err), shown
    return shown.err


def predicted(text):
    """A CSV of predictions: the heading, the first column, and the numbers of the others."""
    head, *rows = list(csv.reader(io.StringIO(text)))
    return head, [row[0] for row in rows], np.array([row[1:] for row in rows], np.float64)

"""All that is built around the core: commands, runs, checks, the lecture and the exercises."""

# Little is imported here: it comes before a command is guarded (ending.py).
import os
import sys

__version__ = "0.7.0"
# The environment's mark of `train --layers`: the folder of a copy of the core, with a student's
# files in it, which is used in place of our own.
COPY = "FLATPROP_CORE"

if os.environ.get(COPY):
    sys.path.insert(0, os.environ[COPY])


def forget_submissions():
    """Take the working folder, and those that the command line names, off the path of imports.

    They may hold what students handed in, and a folder named argparse would be run. The project's
    own folder stays. Python itself has looked there before, with -m: see docs/instructors.md.
    """
    home = os.path.dirname(os.path.dirname(os.path.realpath(__file__)))
    strange = {os.path.realpath(word) for word in ("", *sys.argv[1:])} - {home}
    sys.path[:] = [path for path in sys.path if os.path.realpath(path) not in strange]

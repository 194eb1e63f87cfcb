"""A process that grades: a line of JSON in for each submission, a line of JSON out for its row.

With several of them a class uses every core, and none of them can end the batch. batch.py starts
it: python -m flatprop.exercises.grading.worker SETTINGS
"""

import importlib
import json
import os
import sys

from flatprop.exercises.grading import submission


def main():
    """Grade what comes in on stdin until it ends."""
    settings = json.loads(sys.argv[1])
    exercises = importlib.import_module(settings["catalogue"]).EXERCISES
    limits = submission.limits(settings["timeout"], settings["memory"])
    # Only rows go to the pipe; anything else that is printed goes to stderr.
    with os.fdopen(os.dup(1), "w", encoding="utf-8") as rows:
        os.dup2(2, 1)
        for line in sys.stdin:
            row = submission.grade(json.loads(line), exercises, settings["seed"], limits,
                                   settings["scan"])
            print(json.dumps(row), file=rows, flush=True)


if __name__ == "__main__":
    main()

"""One submission -> one row: points for each exercise, and a reason where there are none.

Whatever a submission does ends at most the exercise in which it does it. As a process, which
batch.py starts for every core, this file reads paths on stdin and writes rows to stdout.
"""

import importlib
import json
import os
import shutil
import sys
import tempfile
import time
import zlib

import numpy as np

from flatprop.exercises import workspace
from flatprop.exercises.checks.answers import NOT_ALLOWED
from flatprop.exercises.checks.flags import flags
from flatprop.exercises.grading.receive import has_work, receive
from flatprop.exercises.sandbox import safe_copy
from flatprop.exercises.sandbox.parent import Child, Limits, NotStarted, StudentError
from flatprop.exercises.sandbox.wire import printable

# After one exercise that runs out of time the others have a quarter of it, and after five of them
# the rest is not run.
SHORTER, LATE = 4, 5
MESSAGE = 1500      # characters of a message


def main():
    """Grade what comes in on stdin, a path of JSON on each line, until it ends."""
    settings = json.loads(sys.argv[1])
    exercises = importlib.import_module(settings["catalogue"]).EXERCISES
    wanted_limits = limits(settings["timeout"], settings["memory"])
    # Only rows go to the pipe; anything else that is printed goes to stderr.
    with os.fdopen(os.dup(1), "w", encoding="utf-8") as rows:
        os.dup2(2, 1)
        for line in sys.stdin:
            row = grade(json.loads(line), exercises, settings["seed"], wanted_limits)
            print(json.dumps(row), file=rows, flush=True)


def limits(timeout, memory):
    """Limits for one exercise: timeout in seconds, memory in MB."""
    return Limits(seconds=timeout, total_seconds=timeout, cpu_seconds=int(timeout) + 2,
                  memory_mb=memory)


def grade(path, exercises, seed, wanted_limits):
    """The row of the submission at path, a folder or a zip: a dict fit for JSON.

    seed: of the random inputs, the same for every submission
    """
    started, note = time.monotonic(), ""
    row = {"submission": os.path.basename(path), "points": 0.0, "passed": 0,
           "out_of": sum(exercise.points for exercise in exercises), "reason": "",
           "exercises": []}
    with tempfile.TemporaryDirectory(prefix="flatprop-grade-", ignore_cleanup_errors=True) as base:
        try:
            folder, note = receive(path, base, exercises)
            row["exercises"] = grade_exercises(folder, exercises, seed, wanted_limits, base)
        except safe_copy.Refused as error:
            row["reason"] = str(error)
        except NotStarted as error:
            row["reason"] = f"not graded, grade it again: {' '.join(str(error).split())}"
        except OSError as error:
            row["reason"] = f"cannot be read: {error.strerror or error}"
    row["reason"] = row["reason"] or "; ".join(
        filter(None, [note, first_reason(row["exercises"]), to_read(row["exercises"])]))
    row["points"] = round(sum(each["points"] for each in row["exercises"]), 2)
    row["passed"] = sum(each["status"] == "passed" for each in row["exercises"])
    row["seconds"] = round(time.monotonic() - started, 2)
    return row


def grade_exercises(folder, exercises, seed, wanted_limits, base):
    """A list of each exercise's points, status and message."""
    results, late = [], 0
    for exercise in exercises:
        if late >= LATE:
            says = f"not run: {LATE} exercises before it ran out of time"
            results.append(result(exercise, 0.0, "time", says))
            continue
        allowed = limits(wanted_limits.seconds / SHORTER, wanted_limits.memory_mb) if late \
            else wanted_limits
        results.append(grade_exercise(folder, exercise, seed, allowed, base))
        late += results[-1]["status"] == "time"
    return results


def grade_exercise(folder, exercise, seed, wanted_limits, base):
    """The result of one exercise."""
    if not has_work(folder, exercise):
        gone = [file for file, _ in exercise.targets
                if not os.path.isfile(os.path.join(folder, file))]
        says = "not written" + (f": {', '.join(gone)} is not there" if gone else "")
        return result(exercise, 0.0, "not written", says)
    tree, to_read = os.path.join(base, exercise.id), []
    os.mkdir(tree)
    # The same inputs for every submission, and others for every exercise.
    rng = np.random.default_rng([seed, zlib.crc32(exercise.id.encode())])
    child = Child(tree, wanted_limits)
    try:
        workspace.compose(folder, exercise, tree)
        with child, np.errstate(all="ignore"):
            feedback = exercise.check(child, rng)
            troubles = list(child.troubles)
            to_read = flags(child, exercise.id, feedback.passed) if feedback.share else []
        share = min(max(float(feedback.share), 0.0), 1.0)
        status = "passed" if feedback.passed else "partly" if share > 0 else "failed"
        if not share and troubles:
            status = troubles[-1]
        message = feedback.message
        if not feedback.passed and troubles[-1:] == ["time"]:
            status = "time"
    except StudentError as error:
        share, status, message = 0.0, error.kind, error.text
    except NotStarted:
        raise
    except Exception as error:
        # A value that no check has foreseen earns nothing.
        share, status = 0.0, "failed"
        message = f"the check could not deal with the answer ({type(error).__name__}: {error})"
    finally:
        shutil.rmtree(tree, ignore_errors=True)
    return {**result(exercise, share, status, message), "to_read": to_read}


def result(exercise, share, status, message):
    """An exercise's part of the row."""
    return {"id": exercise.id, "points": round(share * exercise.points, 2),
            "out_of": exercise.points, "status": status,
            "message": printable(str(message), MESSAGE)}


def first_reason(results):
    """Why a submission broke, if it did: the first exercise that ended badly."""
    for each in results:
        if each["status"] in ("died", "time", "memory", "output", "forbidden", "not plain",
                              "import"):
            said = each["message"].splitlines()[0].rpartition(NOT_ALLOWED)[2]
            return f"{each['id']}: {each['status']}: {said[:200]}"
    return ""


def to_read(results):
    """The lines that the instructor should read, or ""."""
    found = [line for each in results for line in each.get("to_read", ())]
    return f"to read: {', '.join(found)}" if found else ""


if __name__ == "__main__":
    main()

"""One submission -> one row: points for each exercise, and a reason where there are none.

Whatever a submission does ends at most the exercise in which it does it. As a process, which
batch.py starts for every core, this file reads paths on stdin and writes rows to stdout.
"""

import contextlib
import importlib
import json
import os
import shutil
import sys
import tempfile
import time
import zlib
from pathlib import Path

import numpy as np

from flatprop.exercises import workspace
from flatprop.exercises.checks.answers import NOT_ALLOWED
from flatprop.exercises.checks.flags import flags
from flatprop.exercises.grading.budget import Budget, limit_own_memory
from flatprop.exercises.grading.listing import Refused
from flatprop.exercises.grading.receive import SOURCE_BYTES, receive
from flatprop.exercises.sandbox.parent import Child, Limits, NotStarted, StudentError
from flatprop.exercises.sandbox.wire import printable

# After one exercise that runs out of time the others have a quarter of it, and after five of them
# the rest is not run.
SHORTER, LATE = 4, 5
MESSAGE = 1500      # characters of a message
AGAIN = "not graded, grade it again"        # a reason that is not the submission's


def main():
    """Grade what comes in on stdin, a path of JSON on each line, until it ends."""
    settings = json.loads(sys.argv[1])
    exercises = exercises_of(settings["catalogue"], settings.get("points"))
    wanted_limits = limits(settings["timeout"], settings["memory"])
    limit_own_memory()
    # Only rows go to the pipe; anything else that is printed goes to stderr.
    with os.fdopen(os.dup(1), "w", encoding="utf-8") as rows:
        os.dup2(2, 1)
        for line in sys.stdin:
            row = grade(json.loads(line), exercises, settings["seed"], wanted_limits)
            print(json.dumps(row), file=rows, flush=True)
    # Where the batch was killed, the last of its workers leaves nothing behind.
    with contextlib.suppress(OSError):
        os.rmdir(tempfile.gettempdir())


def exercises_of(catalogue, points=None):
    """The exercises of a module; with points, {id: points}, those that it has, and for so many."""
    exercises = importlib.import_module(catalogue).EXERCISES
    return exercises if points is None else [
        each._replace(points=points[each.id]) for each in exercises if each.id in points]


def limits(timeout, memory):
    """Limits for one exercise: timeout in seconds, memory in MB."""
    return Limits(seconds=timeout, total_seconds=timeout, cpu_seconds=int(timeout) + 2,
                  memory_mb=memory)


def grade(path, exercises, seed, wanted_limits):
    """The row of the submission at path, a folder, a zip or a tar.gz: a dict fit for JSON.

    seed: of the random inputs, the same for every submission
    """
    started, notes, budget = time.monotonic(), [], Budget(wanted_limits.seconds)
    row = {"submission": os.path.basename(path), "points": 0.0, "passed": 0,
           "out_of": sum(exercise.points for exercise in exercises), "reason": "",
           "exercises": []}
    files = [file for exercise in exercises for file, _ in exercise.targets]
    with tempfile.TemporaryDirectory(prefix="flatprop-grade-", ignore_cleanup_errors=True) as base:
        try:
            attempts, notes = receive(path, base, files, budget)
            row["exercises"] = grade_exercises(attempts, exercises, seed, wanted_limits, base,
                                               budget)
        except Refused as error:
            row["reason"] = str(error)
        except NotStarted as error:
            row["reason"] = f"{AGAIN}: {' '.join(str(error).split())}"
        except OSError as error:
            row["reason"] = f"cannot be read: {error.strerror or error}"
        except MemoryError:
            row["reason"] = "takes more memory than the grader has for a submission"
    row["reason"] = row["reason"] or "; ".join(
        filter(None, [budget.over(), first_reason(row["exercises"]), to_read(row["exercises"]),
                      *notes]))
    row["notes"] = notes
    row["points"] = round(sum(each["points"] for each in row["exercises"]), 2)
    row["passed"] = sum(each["status"] == "passed" for each in row["exercises"])
    row["seconds"] = round(time.monotonic() - started, 2)
    row["used"] = budget.used()
    return row


def grade_exercises(attempts, exercises, seed, wanted_limits, base, budget):
    """A list of each exercise's points, status and message: those of the best attempt."""
    results, late = [], 0
    for exercise in exercises:
        best, seen = None, []
        for attempt in attempts:
            # An attempt may be a copy of another one.
            mine = workspace.students_files(Path(attempt.folder), exercise)
            if mine in seen:
                continue
            seen.append(mine)
            over = budget.over() or (f"{LATE} exercises before it ran out of time"
                                     if late >= LATE else "")
            found = result(exercise, 0.0, "time", f"not run: {over}") if over else grade_exercise(
                attempt, exercise, seed, shorter(wanted_limits, late, budget), base, budget)
            late += found["status"] == "time" and not over
            if best is None or found["points"] > best["points"] or (
                    best["status"] == "not written" != found["status"]):
                best = found
        results.append(best)
    return results


def shorter(wanted_limits, late, budget):
    """The limits of an exercise after others that ran out of time, and with what is left."""
    seconds, cpu_seconds = budget.left()
    allowed = min(wanted_limits.seconds / SHORTER if late else wanted_limits.seconds, seconds)
    return limits(allowed, wanted_limits.memory_mb)._replace(
        cpu_seconds=min(int(allowed), int(cpu_seconds)) + 2)


def grade_exercise(attempt, exercise, seed, wanted_limits, base, budget):
    """The result of one exercise."""
    if not workspace.is_started(attempt.folder, exercise):
        return result(exercise, 0.0, "not written", f"not written{missing(attempt, exercise)}")
    tree, to_read = os.path.join(base, exercise.id), []
    os.mkdir(tree)
    # The same inputs for every submission, and others for every exercise.
    rng = np.random.default_rng([seed, zlib.crc32(exercise.id.encode())])
    child = Child(tree, wanted_limits)
    try:
        budget.add_sources(workspace.compose(attempt.folder, exercise, tree))
        if budget.over():
            return result(exercise, 0.0, "time", f"not run: {budget.over()}")
        with child, np.errstate(all="ignore"):
            feedback = exercise.check(child, rng)
            troubles = list(child.troubles)
            to_read = flags(child, exercise, feedback.passed, rng) if feedback.share else []
        share, message = min(max(float(feedback.share), 0.0), 1.0), feedback.message
        status = "passed" if feedback.passed else "partly" if share > 0 else "failed"
        if not feedback.passed and troubles and (not share or troubles[-1] == "time"):
            status = troubles[-1]
    except StudentError as error:
        share, status, message = 0.0, error.kind, error.text
    except NotStarted:
        raise
    except Exception as error:
        # A value that no check has foreseen earns nothing.
        share, status = 0.0, "failed"
        message = f"the check could not deal with the answer ({type(error).__name__}: {error})"
    finally:
        budget.add_child(wanted_limits.total_seconds - child.left, child.cpu_seconds)
        shutil.rmtree(tree, ignore_errors=True)
    return {**result(exercise, share, status, message), "to_read": to_read}


def missing(attempt, exercise):
    """What of an exercise's files is not there, in words, or ""."""
    gone = [file for file, _ in exercise.targets
            if not os.path.isfile(os.path.join(attempt.folder, file))]
    large = [file for file in gone if file in attempt.too_large]
    if large:
        return f": {', '.join(large)} has more than {SOURCE_BYTES >> 10} kB"
    return f": {', '.join(gone)} is not there" if gone else ""


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

"""The student's commands: init, check, hint, list, reset, solution. watch is in watch.py."""

import contextlib
import os
import re
import sys
import tempfile
import textwrap
import threading

import numpy as np

from flatprop import ending, system
from flatprop.cli.command import to_type
from flatprop.exercises import catalogue, last_page, screen, stubs, workspace
from flatprop.exercises.catalogue import EXERCISES
from flatprop.exercises.checks.answers import PROBE
from flatprop.exercises.checks.feedback import Feedback
from flatprop.exercises.sandbox.parent import Child, Limits, StudentError
from flatprop.usage.errors import UsageError

LEVELS = ("a nudge", "a formula", "a skeleton")
LIMITS = Limits(seconds=10.0)
PATIENCE = 2.0      # seconds
PRINTED = 12        # lines of what the code has printed


def init(folder):
    """Write the stubs that are missing, and say how to go on."""
    written = workspace.init(folder)
    kept = len(workspace.targets()) - len(written)
    ending.confirm(f"{len(written)} files to write in {folder}"
                   + (f"; {kept} that were there are left as they are" if kept else ""))
    ending.confirm(f"begin with: {to_type('exercises')} watch{dir_option(folder)}")


def dir_option(folder):
    """--dir as it is typed for a folder, or "" for a folder that is found without it."""
    return "" if str(folder) in (".", "solutions") else f" --dir {system.quote(folder)}"


def check(folder, ids, every):
    """Check exercises: those named, all, or the next one. Gives 0 if all of them pass, else 1."""
    folder = workspace.find(folder)
    state = workspace.load_state(folder)
    chosen = [catalogue.find(id) for id in ids] or (EXERCISES if every else [
        workspace.next_exercise(state)])
    if chosen == [None]:
        print(last_page.text(folder))
        return 0
    passed = 0
    for exercise in chosen:
        feedback = run(folder, exercise)
        record(folder, exercise, feedback)
        passed += feedback.passed
        text = screen.one_line(exercise, feedback) if every else screen.outcome(exercise, feedback)
        print(screen.paint(text, feedback.passed, sys.stdout), flush=True)
        if not every and not feedback.passed:
            print(f"\nstuck? {to_type('exercises')} hint {exercise.id}{dir_option(folder)}")
    if len(chosen) > 1:
        print(f"{passed} of {len(chosen)} exercises pass")
    elif passed:
        print(f"\n{screen.next_line(workspace.load_state(folder), chosen[0])}")
    return 0 if passed == len(chosen) else 1


def run(folder, exercise, rng=None, look=lambda: None):
    """Check one exercise as it stands in a student's folder -> Feedback, never an exception, but
    what look() raises, which is called every now and then while the student's code runs."""
    waiting = what_to_write(folder, exercise)
    if waiting:
        return Feedback(False, waiting, 0.0)
    with tempfile.TemporaryDirectory(prefix="flatprop-") as into, notice_if_long(exercise):
        workspace.compose(folder, exercise, into)
        try:
            with Child(into, LIMITS, look) as child:
                feedback = exercise.check(child, rng or np.random.default_rng())
                printed = printed_lines(child)
        except StudentError as error:
            return Feedback(False, error.text, 0.0)
        except RuntimeError as error:       # no process to run the code in
            raise UsageError(" ".join(str(error).split())) from error
    message = name_course_files(feedback.message, exercise)
    if printed:
        message += "\n  Your code printed:\n" + "\n".join(f"    {line}" for line in printed)
    return feedback._replace(message=message)


def name_course_files(message, exercise):
    """A message with a note below each line of code that is not the student's own."""
    mine = {file for file, _ in exercise.targets} | {*exercise.own}

    def add_note(line):
        return line[0] if line[2] in mine else (
            f"{line[0]}\n{line[1]}(this file is the course's: what does yours hand to it?)")
    return re.sub(r"(?m)^( +)(\w\S*\.py) line \d+: .*$", add_note, message)


@contextlib.contextmanager
def notice_if_long(exercise):
    """Say on stderr that a check still runs, if it takes longer than PATIENCE."""
    timer = threading.Timer(PATIENCE, lambda: ending.tell(
        f"  {exercise.id} still runs; it is given {LIMITS.seconds:g} s"))
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def printed_lines(child):
    """The first lines of what the student's code has printed, while its process lives."""
    try:
        child.call(PROBE, "flush")
    except StudentError:
        return []       # the message says what went wrong
    # Warnings name the copy of the file, whose folder is deleted in a moment.
    lines = child.output().replace(child.tree + os.sep, "").strip().splitlines()
    return lines if len(lines) <= PRINTED else [*lines[:PRINTED], "..."]


def what_to_write(folder, exercise):
    """Where to write what, in words, if nothing of an exercise is written; else None."""
    todo = []
    for file, _ in exercise.targets:
        if not (folder / file).is_file():
            return (f"{folder / file} is missing: {to_type('exercises')} init --dir "
                    f"{system.quote(folder)} puts it back")
    if workspace.is_started(folder, exercise):
        return None
    for file, names in exercise.targets:
        first = f"{', '.join(names[:-1])} and " if names[1:] else ""
        todo.append(f"{first}{names[-1]} in {folder / file}")
    return "to write: " + "\n          ".join(todo)


def first_to_write(folder, exercise):
    """The first file of an exercise in which something is not written, or else its first."""
    files = [file for file, _ in exercise.targets]
    for file, names in exercise.targets:
        data = workspace.plain_bytes(folder / file) or b""
        if stubs.names_to_write(data.decode("utf-8", "replace"), names):
            return file
    return files[0]


def record(folder, exercise, feedback):
    """Write the result of a check into the state."""
    state = workspace.load_state(folder)
    entry = state[exercise.id]
    if feedback.passed:
        entry |= {"status": "passed", "reference": workspace.hash_of(exercise)}
    elif entry["status"] == "passed":
        entry["status"] = "open"
    workspace.save_state(folder, state)


def hint(folder, id):
    """The next hint of an exercise, by default of the next one; after the third, all of them."""
    folder = workspace.find(folder)
    exercise = (catalogue.find(id) if id else
                workspace.next_exercise(workspace.load_state(folder)))
    print(next_hint(folder, exercise) if exercise else last_page.text(folder))


def next_hint(folder, exercise):
    """The text of the next hint, which is counted in the state."""
    state = workspace.load_state(folder)
    count = state[exercise.id]["hints"]
    state[exercise.id]["hints"] = min(count + 1, 3)
    workspace.save_state(folder, state)
    lines = []
    for level in range(3) if count >= 3 else [count]:
        lines.append(f"{exercise.id}, hint {level + 1} of 3, {LEVELS[level]}:")
        indent = screen.indent if level < 2 else lambda code: textwrap.indent(code, "    ")
        lines.append(indent(exercise.hints[level]))
    return "\n".join(lines)


def show_list(folder, kind="", word=""):
    """The exercises with their state, a progress bar, and what is next; kind, word: which."""
    state = workspace.load_state(workspace.find(folder))
    if word and not screen.chosen(state, "", word):
        if os.path.isdir(word):
            raise UsageError(f"{word}: your folder is given with --dir {word}")
        raise UsageError(f"no exercise has {word!r} in its ID, title or part of the lecture: leave "
                         "it out to see them all")
    print(screen.listing(state, kind, word))


def reset(folder, id):
    """Put the stubs of an exercise back, its files into backups/."""
    ending.confirm(put_back(workspace.find(folder), catalogue.find(id)))


def put_back(folder, exercise):
    """reset without a word on the screen; gives that."""
    backup = workspace.reset(folder, exercise)
    state = workspace.load_state(folder)
    state[exercise.id]["status"] = "open"
    workspace.save_state(folder, state)
    return f"{exercise.id} is as it was at first; what was there is in {backup}"


def solution(folder, id, give_up):
    """Print the project's own code for an exercise that has passed, or was given up."""
    folder = workspace.find(folder)
    exercise = catalogue.find(id)
    state = workspace.load_state(folder)
    entry = state[exercise.id]
    if entry["status"] != "passed" and not entry["given_up"]:
        if not give_up:
            raise UsageError(f"{id} has not passed yet. There are hints: "
                             f"{to_type('exercises')} hint {id}{dir_option(folder)}. To see it "
                             "all the same, which is noted: --give-up")
        entry["given_up"] = True
        workspace.save_state(folder, state)
    for file, names in exercise.targets:
        source = workspace.solution(file)
        print(f"# {file}")
        if names:
            print("\n\n".join(stubs.text_of(source, name).rstrip() for name in names))
        else:
            lines = zip(source.splitlines(), workspace.reference(file).splitlines(), strict=True)
            for number, (line, sick) in enumerate(lines, 1):
                if line != sick:
                    print(f"line {number} should read\n{line}")
        print()

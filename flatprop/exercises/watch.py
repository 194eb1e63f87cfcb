"""watch: check an exercise whenever one of its files is saved, and go on when it passes.

A save breaks off the check that runs, of a loop without an end for one, and starts a new one.
On a terminal single keys are commands; in a pipe it prints plain lines.
"""

import contextlib
import re
import shutil
import signal
import sys
from typing import NamedTuple

from flatprop import ending, system, width
from flatprop.cli.command import to_type
from flatprop.exercises import commands, comparison, editor, last_page, screen, workspace
from flatprop.exercises.catalogue import EXERCISES
from flatprop.exercises.chooser import Chooser
from flatprop.exercises.saves import Saves
from flatprop.usage.errors import UsageError

QUIT = ("q", "\x03", system.CTRL_D)
WRITING, PASSED = ("n next", "h hint"), ("n next", "s solution")
ALWAYS = ("l list", "c check all", "q quit")


class Manner(NamedTuple):
    """How to watch."""

    manual: bool = False    # check when a key says so, not when a file is saved
    go_on: bool = False     # to the next exercise when one passes, and not only with n
    editor: list = ()       # the words of its command


USUAL = Manner()


class BreakOff(BaseException):
    """A check is broken off. No Exception: the gradient check catches these, and would go on."""


class Watch:
    """The watched folder, the current exercise, and what has come of keys and saves.

    out: where to write; terminal: whether that, and the keyboard, is a terminal
    read_key: as of system.key_reader
    current: an Exercise, or None on the last page; passed: whether its check on the screen passed
    answer: where the next key goes, if not to press(): to a question, or to the list
    """

    def __init__(self, folder, out, terminal, read_key=lambda seconds: "", manner=USUAL):
        self.folder, self.out, self.terminal = workspace.find(folder), out, terminal
        self.read_key, self.manner = read_key, manner
        self.current = workspace.next_exercise(workspace.load_state(self.folder))
        self.passed, self.line, self.answer = False, None, None
        self.saves = Saves(self.folder, workspace.targets())
        self.keys, self.saved = [], []
        self.messages = []      # shown above what comes next

    def turn(self):
        """Wait a moment for a key or a save, and answer it; gives whether to go on."""
        key = self.keys.pop(0) if self.keys else self.read_key(self.saves.period)
        files = []
        try:
            if key and not (self.answer or self.press)(key):
                return False
            files, self.saved = self.saved + self.new_saves(), []
            if files:
                self.check_files(files)
        except BreakOff:
            self.saved = files + self.saved     # for the next turn
        return True

    def new_saves(self):
        """The files that were saved, if these are to be checked."""
        return [] if self.manner.manual else self.saves.new()

    def look(self):
        """Called while a check runs: a save breaks it off, and a key that it may not wait for."""
        self.saved += self.new_saves()
        key = self.read_key(0)
        if key:
            self.keys.append(key)
        if self.saved or key in QUIT:
            raise BreakOff

    # Checks.

    def check_files(self, files):
        """Check the exercises of these files; the current one alone, if it is among them."""
        found = [each for each in EXERCISES if any(file in files for file, _ in each.targets)]
        self.check([self.current] if self.current in found else found)

    def check(self, exercises):
        """Check exercises; the first that fails is the current one from now on."""
        outcomes = [(each, self.run(each)) for each in exercises]
        shown = next((each for each in outcomes if not each[1].passed), outcomes[-1])
        for each in outcomes:
            if each[1].passed and each is not shown:
                self.add_message(screen.outcome(*each))
        exercise, feedback = shown
        if feedback.passed and (self.manner.go_on or not self.terminal):
            self.add_message(screen.outcome(exercise, feedback))
            if exercise is self.current or self.current is None:
                self.current = workspace.next_exercise(workspace.load_state(self.folder), exercise)
            self.check_next()
            return
        self.current, text = exercise, screen.outcome(exercise, feedback)
        self.line = place_of_trouble(feedback.message, exercise)
        self.show(text + ("\n\n" + self.what_is_next() if feedback.passed else ""),
                  feedback.passed)

    def run(self, exercise):
        """Check an exercise, and record what came of it."""
        feedback = commands.run(self.folder, exercise, look=self.look)
        commands.record(self.folder, exercise, feedback)
        return feedback

    def what_is_next(self):
        """What the key n leads to, in words."""
        after = workspace.next_exercise(workspace.load_state(self.folder), self.current)
        return screen.indent(
            "Go on trying as long as you like. n leads on: "
            + (f"{after.id}, {after.title}" if after else "all exercises pass, what comes next?"))

    def begin(self):
        """The first screen."""
        with contextlib.suppress(BreakOff):     # the first turn answers what has come
            self.check_next()

    def check_next(self):
        """Check the current exercise if it is written already, or say what there is to write."""
        if self.current is None:
            self.show(last_page.text(self.folder), True)
            return
        waiting = commands.what_to_write(self.folder, self.current)
        if waiting is None:
            self.check([self.current])
        else:
            self.line = None
            self.show(f"{self.current.id}: {self.current.title}\n{screen.indent(waiting)}", None)

    def check_all(self):
        """Check all exercises, with the progress; the current one stays that, until all pass."""
        failed = []
        for number, exercise in enumerate(EXERCISES, 1):
            self.write(f"{system.CLEAR_LINE}{screen.progress(number - 1)} {exercise.id}")
            if not self.run(exercise).passed:
                failed.append(exercise)
        self.write(system.CLEAR_LINE)
        count = f"{len(EXERCISES) - len(failed)} of {len(EXERCISES)} exercises pass"
        changed = [each.id for each in failed if workspace.is_changed(self.folder, each)]
        self.messages.append(width.fold(
            count + (f". Written, and not yet right: {', '.join(changed)}" if changed else "")))
        self.current = (self.current or failed[0]) if failed else None
        self.check_next()

    # The screen.

    def show(self, text, passed):
        """Write a text; on a terminal on a fresh screen, with the progress above."""
        self.passed, self.answer = passed, None
        if self.terminal:
            self.write(f"{system.CLEAR}{screen.bar(workspace.load_state(self.folder))}\n")
        for each in self.messages:
            self.write("\n" * self.terminal + each + "\n")
        self.messages = []
        if passed is not None:
            text = screen.paint(text, passed, self.out)
        self.write("\n" * self.terminal + text + "\n")
        if self.terminal and self.current is not None:
            files = ", ".join(str(self.folder / file) for file, _ in self.current.targets)
            word = "to check" if self.manner.manual else "watching"
            self.write(f"\n{screen.indent(f'{word} {files}')}\n")
        if self.terminal:
            self.write(self.keys_line())

    def add_message(self, text):
        """Have a text of something that went well above the next one that is shown."""
        self.messages.append(screen.paint(width.fold(text), True, self.out))

    def keys_line(self):
        """What may be pressed now."""
        if self.current is None:
            return "\n" + screen.keys(*ALWAYS)
        check = ("r check",) * self.manner.manual
        return screen.keys(*check, *(PASSED if self.passed else WRITING), "e edit", "x reset",
                           *ALWAYS)

    def write(self, text):
        """Write, at once."""
        if self.terminal and system.has_links(self.out):
            text = screen.with_links(text, self.folder)
        self.out.write(text)
        self.out.flush()

    # The keys.

    def press(self, key):
        """Do what a key stands for; gives whether to go on."""
        if key in QUIT:
            return False
        if key == "l":
            self.chooser = Chooser(workspace.load_state(self.folder), self.current)
            self.answer = self.press_in_list
            self.show_list()
        elif key == "c":
            self.check_all()
        elif self.current is None:
            return True
        elif key == "h":
            self.show_hint()
        elif key == "n":
            self.current = workspace.next_exercise(workspace.load_state(self.folder), self.current)
            self.check_next()
        elif key in ("r", "enter"):
            self.check([self.current])
        elif key == "s" and self.passed:
            columns = shutil.get_terminal_size().columns
            page = comparison.text(self.folder, self.current, columns)
            self.write(f"{system.CLEAR}{page}\n{self.keys_line()}")
        elif key == "e":
            self.edit()
        elif key == "x":
            self.ask_to_reset(self.current)
        return True

    def show_hint(self):
        """The next hint, below what is there; all of them once more are a page of their own."""
        count = workspace.load_state(self.folder)[self.current.id]["hints"]
        hint = commands.next_hint(self.folder, self.current)
        self.write(f"{system.CLEAR}{hint}\n\n{self.keys_line()}" if count >= 3 else f"\n{hint}\n")

    def show_list(self):
        """The list to move in, on a fresh screen."""
        size = shutil.get_terminal_size()
        self.write(f"{system.CLEAR}{self.chooser.text(size.lines, size.columns)}\n")

    def press_in_list(self, key):
        """Take a key in the list; gives whether to go on."""
        if key in QUIT[1:]:
            return False
        done, exercise = self.chooser.press(key) or (None, None)
        if done is None:
            self.show_list()
        elif done == "reset":
            self.ask_to_reset(exercise)
        else:
            self.answer, self.current = None, exercise or self.current
            self.check_next()
        return True

    def ask_to_reset(self, exercise):
        """Ask, and do it if the next key is y."""
        def answer(key):
            self.answer = None
            if key == "y":
                self.add_message(commands.put_back(self.folder, exercise))
                self.current = exercise
                self.saves.new()        # which these are not
            self.check_next()
            return key not in QUIT[1:]
        question = f"Put {exercise.id} back as it was at first? Yours is kept in backups/."
        self.write(f"\n{screen.indent(question)}\n{screen.keys('y yes', 'n no')}")
        self.answer = answer

    def edit(self):
        """Open the file of the trouble, or else the first that is not finished, in the editor."""
        file, line = self.line or (commands.first_to_write(self.folder, self.current), None)
        trouble = editor.open_file(self.manner.editor, self.folder / file, line)
        if trouble:
            self.write(f"\n{screen.indent(trouble)}\n")
        elif editor.takes_terminal(self.manner.editor):
            self.check_next()       # its screen is gone


def place_of_trouble(message, exercise):
    """(file, line) of the last line of the student's own that a message names, or None.

    Where it names no line, that is None: the file is the last in the message's first line, or of
    the function that this begins with.
    """
    files = {*exercise.own, *(file for file, _ in exercise.targets)}
    found = [(file, line) for file, line in re.findall(r"(\w\S*\.py) line (\d+)", message)
             if file in files]
    first = message.partition("\n")[0]
    named = [(file, None) for file in re.findall(r"\w[\w/]*\.py", first) if file in files]
    of_function = [(file, None) for file, names in exercise.targets
                   if first.partition(":")[0] in names]
    return next((places[-1] for places in (found, named, of_function) if places), None)


def watch(folder, manner=USUAL, out=None, keyboard=None):
    """Watch until q or Ctrl-C; where there are no keys, until all pass. Gives the exit code.

    Raises BrokenPipeError once nobody reads out any more, UsageError.
    """
    out, keyboard = out or sys.stdout, keyboard or sys.stdin
    terminal = system.obeys_escapes(out) and system.has_keys(keyboard)
    if manner.manual and not terminal:
        raise UsageError("--manual waits for keys, and there is no terminal: leave it out, or type "
                         f"{to_type('exercises')} check")
    try:
        with system.key_reader(keyboard if terminal else None) as read_key:
            watched = Watch(folder, out, terminal, read_key, manner)
            watched.begin()
            while (watched.current is not None or terminal) and watched.turn():
                if not terminal:
                    ending.check_reader(out)
    except KeyboardInterrupt as stop:
        if ending.number_of(stop) != signal.SIGINT:
            raise
        return ending.code_of(signal.SIGINT)
    return 0

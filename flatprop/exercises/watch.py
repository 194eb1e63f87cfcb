"""watch: check an exercise whenever one of its files is saved, and go on when it passes.

A save breaks off the check that runs, of a loop without an end for one, and starts a new one.
On a terminal single keys are commands; in a pipe it prints plain lines.
"""

import contextlib
import signal
import sys

from flatprop import ending, system
from flatprop.exercises import commands, last_page, screen, workspace
from flatprop.exercises.catalogue import EXERCISES
from flatprop.exercises.saves import Saves

PERIOD = 0.1
QUIT = ("q", "\x03", system.CTRL_D)
KEYS = "h hint   l list   n next exercise   c check again   q quit"
LAST_KEYS = "l list   q quit"


class BreakOff(BaseException):
    """A check is broken off. No Exception: the gradient check catches these, and would go on."""


class Watch:
    """The watched folder, the current exercise, and what has come of keys and saves.

    out: where to write; terminal: whether that, and the keyboard, is a terminal
    read_key: as of system.key_reader
    """

    def __init__(self, folder, out, terminal, read_key=lambda seconds: ""):
        self.folder, self.out, self.terminal = workspace.find(folder), out, terminal
        self.read_key, self.keys, self.saved = read_key, [], []
        self.current = commands.next_exercise(workspace.load_state(self.folder))
        self.saves = Saves(self.folder, workspace.targets())
        self.messages = []      # of exercises that have passed, shown above the next one

    def turn(self):
        """Wait a moment for a key or a save, and answer it; gives whether to go on."""
        key = self.keys.pop(0) if self.keys else self.read_key(PERIOD)
        files = []
        try:
            if key and not self.press(key):
                return False
            files, self.saved = self.saved + self.saves.new(), []
            if files:
                self.check_files(files)
        except BreakOff:
            self.saved = files + self.saved     # for the next turn
        return True

    def look(self):
        """Called while a check runs: a save breaks it off, and a key that it may not wait for."""
        self.saved += self.saves.new()
        key = self.read_key(0)
        if key:
            self.keys.append(key)
        if self.saved or key in QUIT:
            raise BreakOff

    def check_files(self, files):
        """Check the exercises of these files; the current one alone, if it is among them."""
        found = [each for each in EXERCISES if any(file in files for file, _ in each.targets)]
        for exercise in [self.current] if self.current in found else found:
            self.check(exercise)

    def check(self, exercise):
        """Check an exercise; when it passes, go on to the next one."""
        feedback = commands.run(self.folder, exercise, look=self.look)
        commands.record(self.folder, exercise, feedback)
        if not feedback.passed:
            self.current = exercise
            self.show(screen.outcome(exercise, feedback), False)
            return
        self.messages.append(screen.outcome(exercise, feedback))
        if exercise is self.current or self.current is None:
            self.current = commands.next_exercise(workspace.load_state(self.folder), exercise)
        self.check_next()

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
            self.check(self.current)
        else:
            self.show(f"{self.current.id}: {self.current.title}\n{screen.indent(waiting)}", None)

    def show(self, text, passed):
        """Write a text; on a terminal on a fresh screen, with the progress above."""
        if self.terminal:
            self.write(f"{system.CLEAR}{screen.bar(workspace.load_state(self.folder))}\n")
        for each in self.messages:
            self.write("\n" * self.terminal + screen.paint(each, True, self.out) + "\n")
        self.messages = []
        if passed is not None:
            text = screen.paint(text, passed, self.out)
        self.write("\n" * self.terminal + text + "\n")
        if self.terminal and self.current is None:
            self.write(f"\n  {LAST_KEYS}\n")
        elif self.terminal:
            files = ", ".join(str(self.folder / file) for file, _ in self.current.targets)
            self.write(f"\n{screen.indent(f'watching {files}')}\n  {KEYS}\n")

    def press(self, key):
        """Do what a key stands for; gives whether to go on."""
        if key in QUIT:
            return False
        if key == "h" and self.current:
            count = workspace.load_state(self.folder)[self.current.id]["hints"]
            hint = commands.next_hint(self.folder, self.current)
            # All of them once more are a page of their own.
            self.write(f"{system.CLEAR}{hint}\n\n  {KEYS}\n" if count >= 3 else f"\n{hint}\n")
        elif key == "l":
            listing = screen.listing(workspace.load_state(self.folder), self.current)
            self.write(f"{system.CLEAR}{listing}\n\n  {KEYS}\n")
        elif key == "n" and self.current:
            self.current = commands.next_exercise(workspace.load_state(self.folder), self.current)
            self.check_next()
        elif key == "c" and self.current:
            self.check(self.current)
        return True

    def write(self, text):
        """Write, at once."""
        self.out.write(text)
        self.out.flush()


def watch(folder, out=None, keyboard=None):
    """Watch until q or Ctrl-C; where there are no keys, until all pass. Gives the exit code.

    Raises BrokenPipeError once nobody reads out any more.
    """
    out, keyboard = out or sys.stdout, keyboard or sys.stdin
    terminal = system.obeys_escapes(out) and system.has_keys(keyboard)
    try:
        with system.key_reader(keyboard if terminal else None) as read_key:
            watched = Watch(folder, out, terminal, read_key)
            watched.begin()
            while (watched.current is not None or terminal) and watched.turn():
                if not terminal:
                    ending.check_reader(out)
    except KeyboardInterrupt as stop:
        if ending.number_of(stop) != signal.SIGINT:
            raise
        return ending.code_of(signal.SIGINT)
    return 0

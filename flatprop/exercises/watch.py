"""watch: check an exercise whenever one of its files is saved, and go on when it passes.

It looks at the files ten times a second, which needs no library and works on every file system.
On a terminal single keys are commands; in a pipe it prints plain lines.
"""

import contextlib
import signal
import sys

from flatprop import ending, system
from flatprop.exercises import commands, screen, workspace
from flatprop.exercises.catalogue import EXERCISES

PERIOD = 0.1
KEYS = "h hint   l list   n next exercise   c check again   q quit"


class Watch:
    """The watched folder, the current exercise, and the stamps of all files when last read.

    out: where to write; terminal: whether that, and the keyboard, is a terminal
    """

    def __init__(self, folder, out, terminal):
        self.folder, self.out, self.terminal = workspace.find(folder), out, terminal
        self.current = commands.next_exercise(workspace.load_state(self.folder))
        self.known = self.stamps()
        self.messages = []      # of exercises that have passed, shown above the next one

    def stamps(self):
        """{file: its time, size and inode, which change when it is saved}."""
        found = {}
        for file in workspace.targets():
            with contextlib.suppress(OSError):      # a file may be away for a moment
                status = (self.folder / file).stat()
                found[file] = status.st_mtime_ns, status.st_size, status.st_ino
        return found

    def new_saves(self):
        """The files that were saved since the last call."""
        now, before = self.stamps(), self.known
        self.known = {**before, **now}
        return [file for file, stamp in now.items() if before.get(file) != stamp]

    def check_files(self, files):
        """Check the exercises of these files; the current one alone, if it is among them."""
        found = [each for each in EXERCISES if any(file in files for file, _ in each.targets)]
        for exercise in [self.current] if self.current in found else found:
            self.check(exercise)

    def check(self, exercise):
        """Check an exercise; when it passes, go on to the next one."""
        feedback = commands.run(self.folder, exercise)
        commands.record(self.folder, exercise, feedback)
        if not feedback.passed:
            self.current = exercise
            self.show(screen.outcome(exercise, feedback), False)
            return
        self.messages.append(screen.outcome(exercise, feedback))
        if exercise is self.current or self.current is None:
            self.current = commands.next_exercise(workspace.load_state(self.folder), exercise)
        if self.current is None:
            self.show(screen.ALL_DONE, True)
            return
        self.check_next()

    def check_next(self):
        """Check the current exercise if it is written already, or say what there is to write."""
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
        if self.terminal and self.current is not None:
            files = ", ".join(str(self.folder / file) for file, _ in self.current.targets)
            self.write(f"\n{screen.indent(f'watching {files}')}\n  {KEYS}\n")

    def press(self, key):
        """Do what a key stands for; gives whether to go on."""
        if key in ("q", "\x03", system.CTRL_D):
            return False
        if key == "h":
            count = workspace.load_state(self.folder)[self.current.id]["hints"]
            hint = commands.next_hint(self.folder, self.current)
            # All of them once more are a page of their own.
            self.write(f"{system.CLEAR}{hint}\n\n  {KEYS}\n" if count >= 3 else f"\n{hint}\n")
        elif key == "l":
            listing = screen.listing(workspace.load_state(self.folder), self.current)
            self.write(f"{system.CLEAR}{listing}\n\n  {KEYS}\n")
        elif key == "n":
            self.current = commands.next_exercise(workspace.load_state(self.folder), self.current)
            self.check_next()
        elif key == "c":
            self.check(self.current)
        return True

    def write(self, text):
        """Write, at once."""
        self.out.write(text)
        self.out.flush()


def watch(folder, out=None, keyboard=None):
    """Watch until all exercises pass, q, or Ctrl-C. Gives the exit code.

    Raises BrokenPipeError once nobody reads out any more.
    """
    out, keyboard = out or sys.stdout, keyboard or sys.stdin
    terminal = system.obeys_escapes(out) and system.has_keys(keyboard)
    watched = Watch(folder, out, terminal)
    if watched.current is None:
        watched.write(screen.ALL_DONE + "\n")
        return 0
    try:
        with system.key_reader(keyboard if terminal else None) as read_key:
            watched.check_next()
            while watched.current is not None:
                key = read_key(PERIOD)
                if key and not watched.press(key):
                    return 0
                if not terminal:
                    ending.check_reader(out)
                files = watched.new_saves()
                if files:
                    watched.check_files(files)
    except KeyboardInterrupt as stop:
        if ending.number_of(stop) != signal.SIGINT:
            raise
        return ending.code_of(signal.SIGINT)
    return 0

"""Opening a student's file in an editor, at a line."""

import os
import shutil
import subprocess
from pathlib import Path

from flatprop import system
from flatprop.usage.errors import UsageError

# How an editor is told a line; all others open the file alone.
PLUS = ("vi", "vim", "nvim", "gvim", "nano", "emacs", "emacsclient", "micro", "kak", "joe", "gedit")
COLON = ("hx", "helix", "subl", "zed")
GOTO = ("code", "codium", "code-insiders", "cursor")
# Those that take the whole terminal, until they end; all others have a window of their own.
ON_TERMINAL = ("vi", "vim", "nvim", "nano", "emacs", "micro", "kak", "joe", "hx", "helix", "pico",
               "ne", "mcedit", "ed")

opened = []     # the processes of editors with a window


def find(option):
    """The words of the editor's command: of --editor, $VISUAL, or $EDITOR; [] if there is none.

    Raises UsageError for quotes that do not fit.
    """
    text = option or os.environ.get("VISUAL") or os.environ.get("EDITOR") or ""
    try:
        return system.words_of(text)
    except ValueError as error:
        raise UsageError(f"--editor {text}: {error}") from error


def words_to_open(editor, path, line=None):
    """The whole command that opens a file."""
    name = Path(editor[0]).stem
    if line and name in PLUS:
        return [*editor, f"+{line}", str(path)]
    if line and name in GOTO:
        return [*editor, "-g", f"{path}:{line}"]
    return [*editor, f"{path}:{line}" if line and name in COLON else str(path)]


def takes_terminal(editor):
    """Whether an editor takes the whole terminal until it ends."""
    return Path(editor[0]).stem in ON_TERMINAL


def open_file(editor, path, line=None):
    """Open a file; an editor on the terminal is waited for. Gives what went wrong, or ""."""
    if not editor:
        return "no editor is known: name one with --editor, or in EDITOR"
    words = words_to_open(editor, path, line)
    words[0] = shutil.which(words[0]) or words[0]       # on Windows code is code.cmd
    try:
        if takes_terminal(editor):
            subprocess.run(words, check=False)
        else:
            opened.append(subprocess.Popen(words, stdin=subprocess.DEVNULL,
                                           stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))
    except OSError as error:
        return f"{editor[0]}: {error.strerror or error}: name another editor with --editor"
    return ""

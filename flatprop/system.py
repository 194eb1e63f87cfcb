"""What differs between Linux, macOS and Windows, and what is done where something is missing.

The core has rooms of its own for this, data/atomic.py and solvers/compiled/memory.py among them.
So have the walls round a student's code, flatprop/exercises/sandbox/, and what tells how many
processors there are, processors.py. docs/platforms.md says what is known.
"""

import collections
import contextlib
import ctypes
import errno
import hashlib
import os
import re
import select
import shlex
import sys
import time
import unicodedata
from pathlib import Path

try:
    import fcntl
    import termios
    import tty
except ImportError:     # Windows
    fcntl = termios = None

WINDOWS = sys.platform == "win32"
if WINDOWS:
    import msvcrt

RED, GREEN, YELLOW, BOLD, PLAIN = "\x1b[31m", "\x1b[32m", "\x1b[33m", "\x1b[1m", "\x1b[0m"
CLEAR, CLEAR_LINE = "\x1b[2J\x1b[3J\x1b[H", "\r\x1b[K"
CTRL_D = "\x04"
# What terminals send for keys without a letter, and what follows in the console of Windows.
KEYS = {"\x1b[A": "up", "\x1bOA": "up", "\x1b[B": "down", "\x1bOB": "down", "\x1b[H": "home",
        "\x1b[1~": "home", "\x1b[4~": "end",
        "\x1b[F": "end", "\x1b[5~": "pageup", "\x1b[6~": "pagedown", "\x1b": "escape",
        "\n": "enter", "\r": "enter", "\x7f": "backspace", "\b": "backspace"}
CONSOLE_KEYS = {"H": "up", "P": "down", "G": "home", "O": "end", "I": "pageup", "Q": "pagedown"}
LOCKED = 2**30  # the byte of a file that is locked on Windows
BARRED, LONGEST = '/\\:*?"<>|', 180     # in names of files; bytes of a name, of 255 at most
LOOK = 0.02     # seconds between two looks at the keyboard, where they cannot be waited for


def has_colours(stream):
    """Whether colours may be written to a stream: on a terminal, unless NO_COLOR is set."""
    return not os.environ.get("NO_COLOR") and obeys_escapes(stream)


def obeys_escapes(stream):
    """Whether a stream is a terminal that does what escape sequences say."""
    if not stream.isatty() or os.environ.get("TERM") == "dumb":
        return False
    return not WINDOWS or switch_escapes_on()


def switch_escapes_on():
    """Ask the console of Windows to obey escape sequences; gives whether it does from now on."""
    output, obey = -11, 0x0004      # STD_OUTPUT_HANDLE, ENABLE_VIRTUAL_TERMINAL_PROCESSING
    try:
        console = ctypes.windll.kernel32
        handle, mode = console.GetStdHandle(output), ctypes.c_ulong()
        return bool(console.GetConsoleMode(handle, ctypes.byref(mode))
                    and console.SetConsoleMode(handle, mode.value | obey))
    except (AttributeError, OSError):
        return False


def paint(text, colour, colours):
    """Text in a colour, if there are any."""
    return f"{colour}{text}{PLAIN}" if colours else text


def link(text, path, line=None):
    """A text that opens a file where it is clicked on, at a line if the terminal has a way to say
    so: https://github.com/Alhadis/OSC8-Adoption. Others show the text."""
    uri = Path(path).resolve().as_uri()
    if line and os.environ.get("TERM_PROGRAM") == "vscode":
        uri = f"{uri.replace('file://', 'vscode://file', 1)}:{line}"
    elif line and os.environ.get("TERM") == "xterm-kitty":
        uri += f"#{line}"
    return f"\x1b]8;;{uri}\x1b\\{text}\x1b]8;;\x1b\\"


def has_links(stream):
    """Whether a stream is a terminal that can be trusted to make links of what link() gives."""
    return has_colours(stream) and os.environ.get("TERM") != "linux"


def words_of(command):
    """The words of a command as a person has typed it, for an editor: code -w, "my editor" -x."""
    words = shlex.split(command, posix=not WINDOWS)
    return [word.strip('"') for word in words] if WINDOWS else words


def lock(descriptor):
    """Lock an open file until it is closed or its process ends, in whatever way. Gives False if
    another holds it; True too where there are no locks, as on some disks of a network.
    """
    try:
        if WINDOWS:     # where nobody else can read what is locked: a byte far behind all others
            os.lseek(descriptor, LOCKED, os.SEEK_SET)
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        else:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        return error.errno not in (errno.EACCES, errno.EAGAIN, errno.EDEADLK)
    return True


def file_name(text):
    """Text as the name of a file on any system; if that takes a change, others stay different."""
    plain = "".join(c if c.isprintable() and c not in BARRED else "-" for c in text)
    # In front a dash would be an option, a dot or ~ be hidden.
    plain = plain.encode()[:LONGEST].decode(errors="ignore").lstrip(" .-~").rstrip(" .")
    return plain if plain == text else f"{plain or 'file'}-{digest(text)}"


def distinct(files):
    """{key: name of a file}, those changed that are one on a system which knows no case, or one
    form of an accent."""
    low = {key: unicodedata.normalize("NFC", name).casefold() for key, name in files.items()}
    count = collections.Counter(low.values())
    return {key: name if count[low[key]] == 1 else f"-{digest(key)}".join(os.path.splitext(name))
            for key, name in files.items()}


def digest(text):
    """Eight letters that stand for a text."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:8]


def quote(path):
    """A path as it is typed in a shell: that of Windows knows double quotes alone."""
    text = str(path)
    if not WINDOWS:
        return shlex.quote(text)
    return text if re.fullmatch(r"[\w.:/\\~+-]+", text) else f'"{text}"'


def has_keys(keyboard):
    """Whether single keys can be read from a keyboard, such as standard input."""
    return keyboard is not None and keyboard.isatty() and (WINDOWS or termios is not None)


@contextlib.contextmanager
def key_reader(keyboard):
    """A function read_key(seconds), which waits so long for a key, without Enter, or gives "".

    Keys without a letter are words: those of KEYS and CONSOLE_KEYS.
    keyboard: what has_keys is true of, or None for one on which no key is pressed
    """
    if keyboard is None:
        yield wait_without_keys
        return
    if WINDOWS:
        yield read_key_of_windows
        return
    descriptor, come = keyboard.fileno(), []
    before = termios.tcgetattr(descriptor)
    tty.setcbreak(descriptor)

    def read_key(seconds):
        if not come and select.select([descriptor], [], [], seconds)[0]:
            text = os.read(descriptor, 1024).decode(errors="ignore")
            come.extend(keys_of(text) if text else [CTRL_D])    # or the terminal is gone
        return come.pop(0) if come else ""

    try:
        yield read_key
    finally:
        with contextlib.suppress(termios.error):    # the terminal may be closed
            termios.tcsetattr(descriptor, termios.TCSADRAIN, before)


def keys_of(text):
    """The keys that what a terminal sends stands for; of those that nobody asks for "" each."""
    return [KEYS.get(each, each if len(each) == 1 else "")
            for each in re.findall(r"\x1b[\[O][\d;]*[A-Za-z~]|[\s\S]", text)]


def wait_without_keys(seconds):
    """Wait; no key is pressed."""
    time.sleep(seconds)
    return ""


def read_key_of_windows(seconds):
    """Wait so long for a key of the console, or give ""."""
    end = time.monotonic() + seconds
    while not msvcrt.kbhit():
        if time.monotonic() >= end:
            return ""
        time.sleep(LOOK)
    key = msvcrt.getwch()
    if key in ("\0", "\xe0"):       # an arrow, or F1: a second one says which
        return CONSOLE_KEYS.get(msvcrt.getwch(), "")
    return KEYS.get(key, key)

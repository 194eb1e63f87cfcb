"""Type every command of README.md, docs/ and CONTRIBUTING.md in a fresh clone, and compare.

    python docs/type_sessions.py [--quick] [--exact] [--python PYTHON] [PAGE ...]

It clones what is committed here into a temporary folder whose name has a space, makes the
environment .venv there (with PYTHON, and flatprop and its tests installed), and types each page in
a bash of its own, the environment activated. Every page begins in a clean clone. What a page holds:

- A block, indented by 4 or fenced, with lines that begin with "$ " is a session: the commands,
  and what each prints, stdout and stderr together. "..." alone on a line stands for any lines.
- A block that has only commands (see PROGRAMS) is typed too. Its output is not compared: each must
  end with exit code 0. A backslash at the end of a line continues it, "# ..." is a comment.
- After a blank line a session may go on with such commands.
- "^C" below a command: it is interrupted once its run has written its first epochs. What goes on
  until a key is pressed, watch, is interrupted when it has printed something.
- A word in capitals in a command, DIR or FILE.csv, stands for what the reader has: not typed.
- "<!-- not typed: needs MNIST -->" above a block leaves it out, "<!-- slow -->" leaves it out of
  --quick, as "<!-- the two commands -->" does, which .ci/run types. What is left out is listed.

Words must be as printed, and blanks, but for those round a number. Times, dates, and the steps that
an interrupted run came to, are free. Other numbers may differ by 1 part in 1000, or by 1e-6 where
that is more: sums round differently on other processors. --exact allows no such difference. A
traceback is always a difference.

Exit code 1 if anything differs.
"""

import argparse
import difflib
import math
import os
import re
import select
import shlex
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[1]
PROGRAMS = (".", "bash", "cat", "cd", "docker", "flatprop", "git", "pip", "py", "pytest", "python",
            "python3", "ruff")
NUMBER = re.compile(r"[-+]?\d[\d,]*(?:\.\d+)?(?:e[-+]?\d+)?")
FREE = ((r" *\b\d+(\.\d+)? ?(s|ms|min)\b", " TIME"),
        (r"\b\d{4}-\d\d-\d\d(-\d+)?([ T]\d\d:\d\d(:\d\d)?)?", "DATE"),
        (r"\b(stopped|resumed \S+) at step [\d,]*\d(, epoch [\d,]*\d)?", r"\1 at step N"))
PLACEHOLDER = re.compile(r"(?<![\w$/-])[A-Z]{2,}(\.\w+)?(?![\w=])")
TRACEBACK = "Traceback (most recent call last):"
END = "-- end of command --"
ENDLESS = "flatprop exercises watch"
LONGEST = 900                   # seconds that a command may take


class Command(NamedTuple):
    """One command of a page. printed: the lines below it, or None if they are not compared."""

    where: str
    text: str
    printed: list | None
    left_out: str               # why it is not typed, or ""

    def interrupted(self):
        """Whether it has to be interrupted."""
        return self.printed is not None and self.printed[:1] == ["^C"] or ENDLESS in self.text


def blocks(lines):
    """The blocks of a page: (number of its first line from 0, its lines, the comment above)."""
    above, number = "", 0
    while number < len(lines):
        line, start = lines[number], number
        if line.startswith("```"):
            number = next(end for end in range(start + 1, len(lines)) if lines[end][:3] == "```")
            yield start + 1, lines[start + 1:number], above
            above = ""
        elif line.startswith("    ") and not (start and lines[start - 1].strip()):
            while number < len(lines) and not lines[number][:4].strip():
                number += 1
            yield start, [each[4:].rstrip() for each in lines[start:number]], above
            above = ""
            continue
        above = line.strip() or above
        number += 1


def commands(page, text, quick=False):
    """All commands of a page's text, in order. ValueError: other lines in a block of commands."""
    found = []
    for first, lines, above in blocks(text.splitlines()):
        session, entries = any(line.startswith("$ ") for line in lines), []
        if not session and not only_commands(lines):
            if only_commands(lines[:1]):
                raise ValueError(f"{page}:{first + 1}: commands and other lines in one block")
            continue
        for number, line in enumerate(lines):
            if number and not lines[number - 1] and only_commands(lines[number:]):
                session = False
            if entries and entries[-1][1].endswith("\\"):
                entries[-1][1] += f"\n{line}"
            elif line.startswith("$ ") or not session and line:
                entries.append([f"{page}:{first + number + 1}: ", line.removeprefix("$ "),
                                [] if session else None])
            elif entries and session:
                entries[-1][2].append(line)
        for where, command, printed in entries:
            found.append(Command(where + command, command, printed, reason(above, command, quick)))
    return found


def only_commands(lines):
    """Whether every line begins with one of PROGRAMS, is a comment, or goes on from the last."""
    whole = "\n".join(lines).replace("\\\n", " ").splitlines()
    words = [line.split()[0] for line in whole if line.strip()]
    return bool(words) and all(word in PROGRAMS or word.startswith(("#", ".venv/bin/"))
                               for word in words)


def reason(above, command, quick):
    """Why a command is not typed, or "". above: the line above its block."""
    marked = re.fullmatch(r"<!-- (?:not typed: (.*)|(slow|the two commands)) -->", above)
    if marked and (marked[1] or quick):
        return marked[1] or marked[2]
    missing = PLACEHOLDER.search(re.sub(r"(^|\s)#.*", "", command))
    return f"{missing[0]} is the reader's" if missing else ""


class Shell:
    """One bash, in which commands are typed one after the other."""

    def __init__(self, folder):
        """folder: where it starts; the environment in its .venv is activated."""
        env = {**os.environ, "COLUMNS": "80", "PYTHONUNBUFFERED": "1", "TERM": "dumb",
               "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
        for name in ("PYTHONPATH", "VIRTUAL_ENV"):
            env.pop(name, None)
        self.folder = folder
        self.bash = subprocess.Popen(["bash", "--norc"], cwd=folder, env=env, bufsize=0,
                                     stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                     stderr=subprocess.STDOUT, start_new_session=True)
        self.type("trap : INT; . .venv/bin/activate")

    def type(self, text, interrupted=False):
        """Run a command; gives what it printed and its exit code, None if it took too long."""
        begun, before, printed = time.time(), self.metrics(), b""
        self.bash.stdin.write(f"eval {shlex.quote(text)} </dev/null\n"
                              f"printf '\\n{END} %s\\n' $?\n".encode())
        while not (end := re.search(rb"\n%s (\d+)\n" % END.encode(), printed)):
            if select.select([self.bash.stdout], [], [], 0.2)[0]:
                printed += os.read(self.bash.stdout.fileno(), 65536)
            if interrupted and (printed if ENDLESS in text else self.metrics() != before):
                os.killpg(self.bash.pid, signal.SIGINT)
                interrupted = False
            if time.time() - begun > LONGEST or self.bash.poll() is not None:
                self.close()
                return printed.decode(), None
        return printed[:end.start()].decode(), int(end[1])

    def metrics(self):
        """The runs that have written some epochs: {their metrics.csv: when it was written}."""
        found = [*self.folder.glob("*/metrics.csv"), *self.folder.glob("runs/*/metrics.csv")]
        return {file: file.stat().st_mtime_ns for file in found
                if file.read_text().count("\n") > 5}

    def close(self):
        """End the bash and all that it started."""
        if self.bash.poll() is None:
            os.killpg(self.bash.pid, signal.SIGKILL)
        self.bash.wait()
        self.bash.stdin.close()
        self.bash.stdout.close()


def same(page, printed, exact=False):
    """Whether a line of a page stands for a printed one."""
    if page == printed or exact:
        return page == printed
    words = [re.sub(f" *{NUMBER.pattern} *", "#", line) for line in (page, printed)]
    if words[0] != words[1]:
        return False
    pairs = [[float(each.replace(",", "")) for each in pair]
             for pair in zip(NUMBER.findall(page), NUMBER.findall(printed), strict=True)]
    return all(math.isclose(one, other, rel_tol=1e-3, abs_tol=1e-6) for one, other in pairs)


def all_same(page, printed, exact=False):
    """Whether the lines of a page stand for the printed ones."""
    if not page:
        return not printed
    if page[0].strip() == "...":
        return any(all_same(page[1:], printed[start:], exact) for start in range(len(printed) + 1))
    first = bool(printed) and same(page[0], printed[0], exact)
    return first and all_same(page[1:], printed[1:], exact)


def comparable(lines):
    """Lines without what is free, without blanks at their ends or blank lines round them."""
    text = "\n".join(line.rstrip() for line in lines if line != "^C").strip("\n")
    for pattern, instead in FREE:
        text = re.sub(pattern, instead, text)
    return text.splitlines()


def difference(command, printed, code, exact=False):
    """What is wrong with a command that was typed: lines to print, [] if the page is right."""
    if code is None:
        return [f"it did not end within {LONGEST} s, or ended the shell", *printed.splitlines()]
    if command.printed is None:
        right = 130 if command.interrupted() else 0
        return [f"exit code {code}", *printed.splitlines()[-20:]] if code != right else []
    page, shown = comparable(command.printed), comparable(printed.splitlines())
    if all_same(page, shown, exact) and (TRACEBACK in page) == (TRACEBACK in shown):
        return []
    return list(difflib.unified_diff(page, shown, "the page", "printed", lineterm="", n=1))


def clone_with_environment(folder, python):
    """A clone of what is committed here, with an environment of its own."""
    clone = folder / "a clone" / "flatprop"
    subprocess.run(["git", "clone", "--quiet", ROOT, clone], check=True)
    subprocess.run([python, "-m", "venv", clone / ".venv"], check=True)
    subprocess.run([clone / ".venv/bin/pip", "install", "-qq", "-e", ".[test]"], cwd=clone,
                   check=True)
    return clone


def type_page(clone, page, args):
    """Type one page; prints what differs. Gives how many were compared, typed, differ; left out."""
    subprocess.run(["git", "clean", "-fdxq", "-e", ".venv", "-e", "*.egg-info"], cwd=clone,
                   check=True)
    subprocess.run(["git", "checkout", "--quiet", "."], cwd=clone, check=True)
    try:
        found = commands(page, (clone / page).read_text("utf-8"), args.quick)
    except ValueError as error:
        print(f"DIFFERS  {error}")
        return [0, 0, 1], []
    shell, counts, left_out = Shell(clone), [0, 0, 0], []
    for command in found:
        if command.left_out:
            left_out.append(f"{command.where}  ({command.left_out})")
            continue
        begun = time.time()
        try:
            printed, code = shell.type(command.text, command.interrupted())
        except KeyboardInterrupt:
            shell.close()
            raise
        wrong = difference(command, printed, code, args.exact)
        counts[command.printed is None] += 1
        counts[2] += bool(wrong)
        print(f"{'DIFFERS' if wrong else 'ok'}  {command.where}  ({time.time() - begun:.1f} s)")
        print("".join(f"    {line}\n" for line in wrong), end="", flush=True)
        shell = Shell(clone) if code is None else shell
    shell.close()
    return counts, left_out


def main():
    """Type the pages; gives the exit code."""
    # In the background it may be ignored, and would be by all that is started here.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("pages", nargs="*", metavar="PAGE", help="README.md, docs/students.md ...; "
                        "all by default")
    parser.add_argument("--quick", action="store_true", help="leave out what is marked slow")
    parser.add_argument("--exact", action="store_true", help="allow no difference in a number")
    parser.add_argument("--python", default=sys.executable, help="makes the environment")
    args = parser.parse_args()
    begun = time.time()
    with tempfile.TemporaryDirectory() as folder:
        clone = clone_with_environment(Path(folder), args.python)
        docs = sorted(str(path.relative_to(clone)) for path in (clone / "docs").rglob("*.md"))
        pages = args.pages or ["README.md", *docs, "CONTRIBUTING.md"]
        results = [type_page(clone, page, args) for page in pages]
    left_out = [each for _, left_out in results for each in left_out]
    compared, typed, wrong = (sum(counts[n] for counts, _ in results) for n in range(3))
    print("\n".join(["", "left out:", *left_out]))
    print(f"\n{compared} commands typed and compared, {typed} typed, {len(left_out)} left out; "
          f"{wrong} differ; {time.time() - begun:.0f} s")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())

"""docs/watch-session.md: what its steps say is typed and saved, and the screens are compared.

    python tests/exercises/test_watch_session.py

writes the screens of the page anew. A step says "Key h", "Saved in `FILE`: `NEW`, in place of
`OLD`" (the other files of its exercise are right) or "Mended"; then comes its screen.
"""

import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs/watch-session.md"
STEP = re.compile(r"(.*?)```text\n(.*?)```\n", re.DOTALL)
SAVED = re.compile(r"Saved\s+in\s+`(\S+)`:\s+`(.+?)`,\s+in\s+place\s+of\s+`(.+?)`")
NUMBER = r"-?[\d.]+(?:e[+-]?\d+)?"
DRAWN = re.compile(rf"^ +(\w+ = )?{NUMBER}((?:, | +){NUMBER})*$", re.MULTILINE)
pytestmark = pytest.mark.processes


class Session:
    """`flatprop exercises watch` on a terminal of 100 columns, and the folder that it watches."""

    def __init__(self, folder):
        import pty
        import termios
        self.folder, self.exercise = folder / "solutions", None
        command = [sys.executable, "-m", "flatprop", "exercises"]
        env = {**os.environ, "PYTHONPATH": str(ROOT)}
        for name in ("COLUMNS", "LINES"):       # xdist sets them
            env.pop(name, None)
        subprocess.run([*command, "init"], cwd=folder, env=env, check=True, capture_output=True)
        self.terminal, child = pty.openpty()
        termios.tcsetwinsize(child, (60, 100))
        self.process = subprocess.Popen([*command, "watch"], cwd=folder, env=env, stdin=child,
                                        stdout=child, stderr=child)
        os.close(child)
        os.set_blocking(self.terminal, False)
        self.data = b""

    def do(self, step):
        """Press the key or save the files that the text of a step names."""
        from flatprop.exercises import workspace
        from flatprop.exercises.catalogue import EXERCISES
        if key := re.search(r"\*\*Key (\w):", step):
            os.write(self.terminal, key[1].encode())
            return
        saved = SAVED.search(step)
        if saved:
            file, new, old = saved.groups()
            self.exercise = next(each for each in EXERCISES if file in dict(each.targets))
        elif "mended**" not in step.lower() and "mended:" not in step:
            return
        texts = {each: workspace.solution(each) for each, _ in self.exercise.targets}
        if saved:
            assert texts[file].count(old) == 1, f"{file} has not one {old!r}"
            texts[file] = texts[file].replace(old, new)
        for each, text in texts.items():
            if (self.folder / each).read_text("utf-8") != text:
                workspace.write(self.folder / each, text)

    def screen(self):
        """What the screen shows now."""
        try:
            self.data += os.read(self.terminal, 65536)
        except BlockingIOError:
            time.sleep(0.05)
        text = re.sub(r"\x1b\[[\d;]*m|\x1b]8;;.*?\x1b\\", "", self.data.decode("utf-8", "ignore"))
        lines = text.rpartition("\x1b[H")[2].splitlines()
        return "\n".join(line.rstrip() for line in lines).strip("\n") + "\n"

    def screen_like(self, page, seconds=60):
        """The screen, as soon as it is the page's; the last one if that does not come in time."""
        end = time.monotonic() + seconds
        while comparable(shown := self.screen()) != comparable(page) and time.monotonic() < end:
            pass
        return shown

    def close(self):
        """End watch."""
        self.process.kill()
        self.process.wait()
        os.close(self.terminal)


def comparable(screen):
    """A screen without the numbers that watch draws, or computes from those."""
    screen = re.sub(r"yours +expected", "yours expected", screen)
    # Of two numbers that are drawn one may be a quarter of the other by chance.
    screen = re.sub(r"is (1/\d+ of|\d+ times) what", "differs from what", screen)
    return DRAWN.sub(lambda line: re.sub(r" +", " ", re.sub(NUMBER, "#", line[0])), screen)


@pytest.mark.slow
def test_every_screen_is_the_page_s(tmp_path):
    pytest.importorskip("termios")
    page = PAGE.read_text("utf-8")
    session = Session(tmp_path)
    try:
        steps = STEP.findall(page)
        assert len(steps) == 18
        for step, screen in steps:
            session.do(step)
            assert comparable(session.screen_like(screen)) == comparable(screen), step
    finally:
        session.close()


def write_page(seconds=3):
    """Write the screens of the page as they are now."""
    with tempfile.TemporaryDirectory() as folder:
        session = Session(Path(folder))

        def with_screen(match):
            session.do(match[1])
            return f"{match[1]}```text\n{session.screen_like(match[2], seconds)}```\n"

        try:
            PAGE.write_text(STEP.sub(with_screen, PAGE.read_text("utf-8")), "utf-8")
        finally:
            session.close()


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    write_page()

"""What setup.cfg cannot say: the README for an index page, which shows pictures by full addresses.

The addresses are those of the GitHub repository that the package is built from, as git names it
(remote "origin"). Where there is none, links and pictures become plain words.
"""

import email
import re
import subprocess
from pathlib import Path

from setuptools import setup

ROOT = Path(__file__).resolve().parent


def repository():
    """OWNER/NAME of the repository on GitHub, or None."""
    try:
        asked = subprocess.run(["git", "remote", "get-url", "origin"], cwd=ROOT,
                               capture_output=True, text=True)
    except FileNotFoundError:
        return None
    found = re.fullmatch(r"(?:https://|git@)github\.com[/:]([\w.-]+/[\w.-]+?)(?:\.git)?/?",
                         asked.stdout.strip())
    return found and found[1]


def with_addresses(text, home):
    """text with each relative link made a full one of home; where home is None, its words alone."""
    def address(match):
        picture, words, target = match.groups()
        if re.match(r"[a-z]+:|#", target):
            return match[0]
        if home is None:
            return words
        if picture:
            return f"![{words}](https://raw.githubusercontent.com/{home}/HEAD/{target})"
        return f"[{words}](https://github.com/{home}/blob/HEAD/{target})"
    return re.sub(r"(!?)\[([^\]]*)\]\(([^)]*)\)", address, text)


def description():
    """The README for an index page; an unpacked sdist has it in PKG-INFO."""
    if (ROOT / "PKG-INFO").is_file():
        written = (ROOT / "PKG-INFO").read_text(encoding="utf-8")
        return email.message_from_string(written).get_payload()
    return with_addresses((ROOT / "README.md").read_text(encoding="utf-8"), repository())


setup(long_description=description(), long_description_content_type="text/markdown")

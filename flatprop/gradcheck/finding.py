"""What a check found: the kind of mistake, where, in words, and what to do about it."""

import tomllib
from importlib import resources
from typing import NamedTuple

TABLE = tomllib.loads(
    resources.files("flatprop.gradcheck").joinpath("findings.toml").read_text("utf-8"))


class Finding(NamedTuple):
    """One thing found. where is the gradient's name, or the function's; a remark fails nothing."""

    kind: str               # one of those in findings.toml
    where: str
    says: str
    remedy: str = ""
    counts: bool = True     # False where only the contract is broken

    @property
    def fails(self):
        """Whether a report with this finding fails."""
        return self.counts and self.kind != "remark"


def find(key, where, words=None):
    """A Finding of findings.toml; words fill in its texts, where {d} is where it is."""
    row, words = TABLE[key], {"d": where, "x": where[1:]} | (words or {})
    return Finding(row["kind"], where, row["says"].format_map(words),
                   row["remedy"].format_map(words), not row.get("contract"))


class NoLayer(Exception):
    """What forward or backward gives cannot be checked. Its argument is the Finding why."""


def in_words(error):
    """An exception as one line: its type and what it says."""
    if isinstance(error, NoLayer):
        return error.args[0].says
    return " ".join(f"{type(error).__name__}: {error}".split())


def raising(where, error):
    """The finding that a function raises an error, or that which a NoLayer has."""
    return error.args[0] if isinstance(error, NoLayer) else find(
        "raises", where, {"error": in_words(error)})

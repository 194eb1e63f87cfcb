"""The diagnoses, as data: diagnoses.toml has the texts."""

import tomllib
from importlib import resources

from flatprop.gradcheck.finding import Finding

TABLE = tomllib.loads(
    resources.files("flatprop.gradcheck.diagnosis").joinpath("diagnoses.toml").read_text("utf-8"))


def find(key, name, words=None):
    """The Finding of a mistake of the table; name is the gradient's, words fill in the texts."""
    row, words = TABLE[key], {"d": name, "x": name[1:]} | (words or {})
    return Finding(row["kind"], name, row["says"].format_map(words),
                   row["remedy"].format_map(words))

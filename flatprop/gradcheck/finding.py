"""What a check found: the kind of mistake, where, in words, and what to do about it."""

from typing import Literal, NamedTuple

Kind = Literal[
    "factor", "sign", "transposed", "wrong axis", "not summed", "upstream ignored", "mask missing",
    "mask inverted", "wrong mask", "wrong point", "lost path", "l2", "last batch", "dtype", "shape",
    "zero", "order", "formula", "stale cache", "input mutated", "raised", "unexplained", "remark"]


class Finding(NamedTuple):
    """One thing found. where is the gradient's name, or the function's; a remark fails nothing."""

    kind: Kind
    where: str
    says: str
    remedy: str = ""
    counts: bool = True     # not where the gradients are right and only the contract is broken

    @property
    def fails(self):
        """Whether a report with this finding fails."""
        return self.counts and self.kind != "remark"


def raising(where, error, remedy="run it alone on these inputs to see the traceback"):
    """The finding that a function raises an error."""
    return Finding("raised", where, f"{where} raises {type(error).__name__}: {error}", remedy)


def mutation(where, what, remedy):
    """The finding that a function changes what it is given."""
    return Finding("input mutated", where, f"{where} changes {what}", remedy)

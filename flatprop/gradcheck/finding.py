"""What a check found: the kind of mistake, where, in words, and what to do about it."""

from typing import NamedTuple

# The kinds of mistakes, as reports and tests name them.
FACTOR, SIGN, TRANSPOSED, WRONG_AXIS = "factor", "sign", "transposed", "wrong axis"
NOT_SUMMED, UPSTREAM_IGNORED = "not summed", "upstream ignored"
MASK_MISSING, MASK_INVERTED, WRONG_MASK = "mask missing", "mask inverted", "wrong mask"
WRONG_POINT, LOST_PATH, L2, LAST_BATCH = "wrong point", "lost path", "l2", "last batch"
DTYPE, SHAPE, ZERO, ORDER = "dtype", "shape", "zero", "order"
STALE_CACHE, INPUT_MUTATED = "stale cache", "input mutated"
RAISED, UNEXPLAINED, REMARK = "raised", "unexplained", "remark"


class Finding(NamedTuple):
    """One thing found. where is the gradient's name, or the function's; a remark fails nothing."""

    kind: str
    where: str
    says: str
    remedy: str = ""

    @property
    def fails(self):
        """Whether a report with this finding fails."""
        return self.kind != REMARK


def raising(where, error, remedy="run it alone on these inputs to see the traceback"):
    """The finding that a function raises an error."""
    return Finding(RAISED, where, f"{where} raises {type(error).__name__}: {error}", remedy)


def mutated(where, what, remedy):
    """The finding that a function changes what it is given."""
    return Finding(INPUT_MUTATED, where, f"{where} changes {what}", remedy)

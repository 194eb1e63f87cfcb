"""Wrong solutions of the exercises of large scores, clipping, schedules, questions and the budget.

Of each the words that the message must have, which name the cause; "" where it names none.
{id: [(file, old, [(new, words), ...]), ...]}
"""

LARGE = "practice/large_scores.py"
LOGS = "return shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))"
SHIFTED = "shifted = scores - scores.max(axis=1, keepdims=True)"

RULES = {
    "large-scores": [
        (LARGE, SHIFTED, [("shifted = scores", "take the largest score of each row off"),
                          ("shifted = scores - scores.max()", "a row far below it becomes all 0")]),
        (LARGE, LOGS, [
            ("e = np.exp(shifted)\n    return np.log(e / e.sum(axis=1, keepdims=True))",
             "before the logarithm"),
            ("e = np.exp(scores)\n    return np.log(e / e.sum(axis=1, keepdims=True))",
             "take the largest score of each row off"),
            ("e = np.exp(shifted)\n    return np.log(e / e.sum(axis=1, keepdims=True) + 1e-12)",
             "cut off"),
            ("e = np.exp(shifted)\n    return np.log((e / e.sum(axis=1, keepdims=True)).clip(1e-15,"
             " 1))", "cut off"),
            ("e = np.exp(shifted)\n    return e / e.sum(axis=1, keepdims=True)",
             "not their logarithms"),
            ("return shifted", "the sum of the exponentials is missing")]),
        (LARGE, "    dscores[rows, y] -= 1\n", [("", "the 1 at the right class is missing"), (
            "    dscores[:, y] -= 1\n", "one entry of each row")]),
        (LARGE, "return -logs[rows, y], dscores", [
            ("return logs[rows, y], dscores", "minus the logarithm"),
            ("return -logs[rows, y], dscores / len(y)", "without 1/N"),
            ("return -logs[rows, y].mean(), dscores", "has shape ()")]),
        (LARGE, "    excess[rows, y] = 0\n", [("", "the right class counts too")]),
        (LARGE, "[:, None] + 1", [("[:, None]", "the margin of 1 is missing")]),
        (LARGE, "= -dscores.sum(axis=1)", [("= -1", "minus one for each score"),
                                           ("= 0", "gets no gradient")]),
        (LARGE, "dscores = (excess > 0).astype(scores.dtype)", [
            ("dscores = np.maximum(excess, 0)", "a max gate passes 1")]),
    ],
}

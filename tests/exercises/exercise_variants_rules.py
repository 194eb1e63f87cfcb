"""Wrong solutions of the exercises of large scores, clipping, schedules, questions and the budget.

Of each the words that the message must have, which name the cause; "" where it names none.
{id: [(file, old, [(new, words), ...]), ...]}
"""

LARGE = "practice/large_scores.py"
LOGS = "return shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))"
SHIFTED = "shifted = scores - scores.max(axis=1, keepdims=True)"
CLIPPING, SCHEDULE = "solvers/clipping.py", "practice/schedule.py"

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
    "gradient-clipping": [
        (CLIPPING, "dtheta *= limit / norm", [
            ("dtheta = dtheta * limit / norm", "nothing has changed"),
            ("dtheta.clip(-limit, limit, out=dtheta)", "each entry is clipped by itself"),
            ("dtheta /= norm", "the length is always 1 then"),
            ("dtheta *= norm / limit", "becomes longer"),
            ("dtheta *= limit / norm**2", "divided by twice")]),
        (CLIPPING, "if limit < norm < math.inf:", [
            ("if 0 < norm < math.inf:", "leave a short gradient alone"),
            ("if norm > limit:", "a length of inf is left alone")]),
        (CLIPPING, "    return norm", [
            ("    return min(norm, limit)", "return the one that it had"),
            ("    return None", "is None")]),
        (CLIPPING, "if info.tiny / info.eps < square < math.inf:", [
            ("if True:", "Where could it overflow"), ("if square < math.inf:\n        return square\n"
                                              "    if True:", "a root is missing")]),
        (CLIPPING, "return math.sqrt(square)", [
            ("return float(np.abs(dtheta).max())", "the largest entry"),
            ("return float(np.abs(dtheta).sum())", "the sum of the sizes")]),
    ],
    "schedule": [
        (SCHEDULE, "math.ceil(examples / batch_size)", [
            ("(examples // batch_size)", "ceil, not floor"),
            ("(examples / batch_size)", "part of a batch is a whole step"),
            ("(examples // batch_size + 1)", "")]),
        (SCHEDULE, "epochs * math.ceil(examples / batch_size)", [
            ("math.ceil(epochs * examples / batch_size)", "a short batch in each epoch"),
            ("math.ceil(examples / batch_size)", "the steps of one epoch")]),
        (SCHEDULE, "rate * (t + 1) / warm_up", [
            ("rate * t / warm_up", "the first step would not move"),
            ("(t + 1) / warm_up", "the share of the climb")]),
        (SCHEDULE, "if t < warm_up:", [("if t < 0:", "it still climbs"),
                                       ("if t <= warm_up:", "")]),
        (SCHEDULE, "min(1.0, (t - warm_up) / (total - warm_up))", [
            ("(t - warm_up) / (total - warm_up)", "the cosine goes up again"),
            ("min(1.0, t / total)", "where the climb has ended"),
            ("min(1.0, (t - warm_up) / total)", "has total - warm_up steps")]),
        (SCHEDULE, "math.cos(math.pi * share)) / 2", [
            ("math.cos(2 * math.pi * share)) / 2", "a whole wave"),
            ("math.cos(math.pi * share))", "halve it")]),
        (SCHEDULE, "rate * (1 + math.cos(math.pi * share)) / 2", [
            ("rate * (1 - share)", "a straight line"), ("rate", "the rate should fall"),
            ("rate * (1 - math.cos(math.pi * share)) / 2", "this rises")]),
    ],
}

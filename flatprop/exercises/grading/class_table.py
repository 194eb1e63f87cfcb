"""How a class did, exercise by exercise: the mean, the share that passed, the commonest mistake."""

import os
import re
from collections import Counter

from flatprop.exercises.grading.rows import one_line

FEWEST = 5          # submissions of which a share says anything


def by_exercise(rows):
    """A dict for each exercise, fit for JSON: what all rows have, one without exercises none."""
    results, made = {}, []
    for row in rows:
        for each in row["exercises"]:
            results.setdefault(each["id"], []).append(each)
    for id, found in results.items():
        right = sum(each["status"] == "passed" for each in found)
        wrong = [gist(each["message"]) for each in found
                 if each["status"] not in ("passed", "not written")]
        shapes = [re.sub(r"[-\d.]+", "0", text) for text in wrong]   # numbers do not tell apart
        shape, times = Counter(shapes).most_common(1)[0] if wrong else ("", 0)
        made.append({"exercise": id, "out of": found[0]["out_of"],
                     "mean": round(sum(each["points"] for each in found) / len(rows), 2),
                     "passed": round(right / len(rows), 3),
                     "not written": len(rows) - right - len(wrong), "times": times,
                     "message": wrong[shapes.index(shape)] if wrong else ""})
    return made


def gist(message):
    """What a message says in a line: its diagnosis, or how it begins."""
    said = re.findall(r"(?m)^  -> (.*)", message) or message.splitlines() or [""]
    return one_line(said[0], 200).rstrip(":")


def as_text(exercises):
    """The table for people."""
    longest = max(len(each["exercise"]) for each in [{"exercise": "exercise"}, *exercises])
    lines = [f"{'exercise':<{longest}}     mean  passed  not written  commonest message"]
    for each in exercises:
        said = f"{each['times']} x {one_line(each['message'], 90)}" if each["times"] else ""
        mean = f"{each['mean']:.1f}/{each['out of']:g}"
        lines.append(f"{each['exercise']:<{longest}}  {mean:>7}  {each['passed']:>6.0%}  "
                     f"{each['not written']:>11}  {said}".rstrip())
    return "\n".join(lines)


def place_beside(path, count):
    """results-class.csv for results.csv; None for few submissions, or where a device is."""
    if path is None or count < FEWEST or (os.path.exists(path) and not os.path.isfile(path)):
        return None
    return "-class".join(os.path.splitext(path))

"""How a class did, exercise by exercise: the mean, the share that passed, the commonest mistake."""

import csv
import io
import os
import re
from collections import Counter

from flatprop.exercises.grading.columns import cell
from flatprop.exercises.grading.rows import one_line

FEWEST = 5          # submissions of which a share says anything
MESSAGE = 90        # characters of a message in the table


def by_exercise(rows):
    """A dict for each exercise, fit for JSON: what all rows have, one without exercises none."""
    results = {}
    for row in rows:
        for each in row["exercises"]:
            results.setdefault(each["id"], []).append(each)
    made = []
    for id, found in results.items():
        right = sum(each["status"] == "passed" for each in found)
        wrong = [each for each in found if each["status"] not in ("passed", "not written")]
        message, times = commonest([gist(each["message"]) for each in wrong])
        made.append({"id": id, "mean": round(sum(each["points"] for each in found) / len(rows), 2),
                     "out_of": found[0]["out_of"], "passed": round(right / len(rows), 3),
                     "not_written": len(rows) - right - len(wrong), "message": message,
                     "times": times})
    return made


def gist(message):
    """What a message says in a line: its diagnosis, or how it begins."""
    lines = message.splitlines() or [""]
    said = [line.strip().removeprefix("-> ") for line in lines if line.startswith("  -> ")]
    return one_line((said or lines)[0], 200).rstrip(":")


def commonest(texts):
    """(the text that is there most often, but for its numbers, how often), or ("", 0)."""
    if not texts:
        return "", 0
    shapes = [re.sub(r"[-\d.]+", "0", text) for text in texts]
    shape, times = Counter(shapes).most_common(1)[0]
    return texts[shapes.index(shape)], times


def as_text(exercises):
    """The table for people."""
    longest = max([len("exercise"), *(len(each["id"]) for each in exercises)])
    lines = [f"{'exercise':<{longest}}   mean  passed  not written  commonest message"]
    for each in exercises:
        said = f"{each['times']} x {one_line(each['message'], MESSAGE)}" if each["times"] else ""
        mean = f"{each['mean']:.1f}/{each['out_of']:g}"
        lines.append(f"{each['id']:<{longest}}  {mean:>5}  {each['passed']:>6.0%}  "
                     f"{each['not_written']:>11}  {said}".rstrip())
    return "\n".join(lines)


def as_csv(exercises):
    """The table for a spreadsheet."""
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n", quoting=csv.QUOTE_NONNUMERIC)
    writer.writerow(["exercise", "mean", "out of", "passed", "not written", "message", "times"])
    for each in exercises:
        writer.writerow([each["id"], each["mean"], each["out_of"], each["passed"],
                         each["not_written"], cell(each["message"]), each["times"]])
    return file.getvalue()


def place_beside(path):
    """results-class.csv for results.csv; None where there is none, or it is a device."""
    if path is None or (os.path.exists(path) and not os.path.isfile(path)):
        return None
    stem, end = os.path.splitext(path)
    return f"{stem}-class{end}"

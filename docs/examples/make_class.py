"""Make a class of 60 in the folders that Moodle exports, or the files of Canvas, to try grading on.

    python docs/examples/make_class.py moodle|canvas [COUNT]

It writes into the folder class. Of every six students one has written everything, one has a wrong
affine, one stopped after 12 exercises, one after 20, one handed in a wrong relu in a zip in
another folder, and one an essay. Two are of one name; Moodle's online texts lie beside.
"""

import sys
import zipfile
from pathlib import Path

from flatprop.exercises import workspace
from flatprop.exercises.catalogue import EXERCISES

FIRST = ["Ada", "Bo", "Cleo", "Dan", "Eve", "Finn", "Gia", "Hugo", "Ida", "Jon"]
LAST = ["Adams", "Brown", "Costa", "Diaz", "Evans", "Fox"]
WRONG = {"layers/affine.py": ("dout.sum(axis=0)", "dout.mean(axis=0)"),
         "layers/relu.py": ("dout * (", "2.0 * dout * (")}


def files_of(number):
    """{file: text} of what a student has written."""
    kind = number % 6
    if kind == 5:
        return {"essay.py": "# why I could not do it\n"}
    starts = workspace.starting_texts()
    done = {2: EXERCISES[:12], 3: EXERCISES[:20]}.get(kind, EXERCISES)
    files = {file: workspace.solution(file) if exercise in done else starts[file]
             for exercise in EXERCISES for file, _ in exercise.targets}
    for file in ["layers/affine.py"] * (kind == 1) + ["layers/relu.py"] * (kind == 4):
        old, new = WRONG[file]
        if old not in files[file]:
            raise ValueError(f"{file} no longer has {old}")
        files[file] = files[file].replace(old, new)
    return files


def write_zip(path, files, top):
    """A zip with a folder round the files."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for file, text in files.items():
            archive.writestr(f"{top}{file}", text)


def hand_in(folder, platform, number):
    """Write one submission as the platform exports it."""
    first, last = FIRST[number % 10], LAST[number // 10 % 6]
    if number == 1:
        first, last = FIRST[0], LAST[0]         # as the one before
    files, top = files_of(number), "hw/" if number % 6 == 4 else ""
    if platform == "canvas":
        late = "_LATE" if number % 7 == 3 else ""
        name = f"{last}{first}{late}_{50100 + number}_{880000 + 7 * number}_hw.zip"
        write_zip(folder / name.replace(last + first, (last + first).lower()), files, top)
        return
    mine = f"{first} {last}_{7001000 + number}_assignsubmission"
    write_zip(folder / f"{mine}_file" / "hw.zip", files, top)
    if number % 5 == 0:
        workspace.write(folder / f"{mine}_onlinetext" / "onlinetext.html", "<p>my text</p>")


def main(platform, count=60):
    """Make the class."""
    for number in range(count):
        hand_in(Path("class"), platform, number)
    print(f"class: {count} submissions, as {platform.capitalize()} exports them")


if __name__ == "__main__":
    main(sys.argv[1], *map(int, sys.argv[2:]))

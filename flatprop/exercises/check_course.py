"""flatprop exercises check-course: whether the exercises are whole, for who writes them.

The reference passes; the stub fails; every wrong variant fails, because of what it changes; the
hints are there; the points are 100. docs/writing-exercises.md says how to write one.
"""

import ast
import tempfile
from pathlib import Path

import numpy as np

from flatprop.cli.command import make_parser, run_command
from flatprop.exercises import catalogue, commands, stubs, workspace
from flatprop.exercises.catalogue import EXERCISES
from flatprop.exercises.checks.answers import NO_CAUSE
from flatprop.exercises.sandbox.parent import Child, StudentError
from flatprop.needs import ROOT
from flatprop.usage.errors import UsageError

VARIANTS = "tests/exercises/exercise_variants.py"   # in the clone: no part of what is installed
POINTS = 100
UNKNOWN = NO_CAUSE.strip()
SAID = "{} wrong variants, of {} the cause or what to do is said"
# A variant that fails with one of these is broken, and not the mistake that it stands for.
BROKEN = ("cannot be imported", "cannot be compared", "forged", "not written yet", "NameError",
          "SyntaxError")


def main(argv=None):
    """flatprop exercises check-course; gives the exit code."""
    return run_command("exercises check-course", lambda: run(parser().parse_args(argv)))


def parser():
    """The parser of the command line."""
    made = make_parser("exercises check-course")
    made.add_argument("ids", nargs="*", metavar="ID", help="exercises (default: all of them)")
    made.add_argument("--variants", metavar="FILE", help=(
        f"the wrong variants (default: {VARIANTS} of the clone)"))
    return made


def run(args):
    """Check the course; gives 1 if something is wrong, else 0. Raises UsageError."""
    chosen = [catalogue.find(id) for id in args.ids] or EXERCISES
    variants = read_variants(args.variants or ROOT / VARIANTS)
    troubles, every, all_named = of_the_whole(EXERCISES), 0, 0
    print("".join(f"{each}\n" for each in troubles), end="")
    for exercise in chosen:
        found, count, named = check_exercise(exercise, variants.get(exercise.id, []))
        print(f"{exercise.id:<22}{exercise.points} points, {SAID.format(count, named)}")
        print("".join(f"  {each}\n" for each in found), end="", flush=True)
        troubles, every, all_named = troubles + found, every + count, all_named + named
    print(f"{len(chosen)} exercises, {SAID.format(every, all_named)}: {len(troubles)} troubles")
    return 1 if troubles else 0


def read_variants(path):
    """{id: [(file, old, new, ...), ...]} of a Python file, which is read and not run."""
    try:
        tree = ast.parse(Path(path).read_text(encoding="utf-8"))
        value = next(node.value for node in tree.body if isinstance(node, ast.Assign)
                     and ast.unparse(node.targets[0]) == "VARIANTS")
        return ast.literal_eval(value)
    except OSError as error:
        raise UsageError(f"--variants {path}: {error.strerror or error}: name the file of the "
                         f"wrong variants, {VARIANTS} in a clone") from error
    except (SyntaxError, ValueError, RecursionError, MemoryError, StopIteration) as error:
        raise UsageError(f"--variants {path}: in it VARIANTS is to be a dict of texts, "
                         "{id: [(file, old, new, ...), ...]}") from error


def of_the_whole(exercises):
    """What is wrong with the table of all exercises, in words."""
    found, before = [], set()
    points = sum(each.points for each in exercises)
    if points != POINTS:
        found.append(f"the points add up to {points}, and should to {POINTS}")
    for each in exercises:
        found += [f"{each.id}: its prerequisite {id} does not stand before it"
                  for id in each.prerequisites if id not in before]
        before.add(each.id)
    return found


def check_exercise(exercise, variants):
    """What is wrong with one exercise, in words; how many variants it has; how many are explained.
    """
    found = of_texts(exercise)
    right = {file: workspace.solution(file) for file in workspace.targets()}
    feedback = feedback_on(exercise, right)
    if not feedback.passed:
        found.append(f"the reference does not pass: {first_line(feedback)}")
    stub = feedback_on(exercise, right | {file: workspace.starting_texts()[file]
                                          for file, _ in exercise.targets})
    if stub.passed or stub.share > 0:
        found.append("the stub does not fail in every part")
    wrongs = [(file, old, new) for file, old, *news in variants for new in news]
    if len(wrongs) < 5:
        found.append(f"{len(wrongs)} wrong variants; write five at least, of mistakes that students"
                     " make")
    named = 0
    for file, old, new in wrongs:
        trouble, says = check_variant(exercise, right, file, old, new)
        found += [f"{file}, {new.strip()!r} for {old.strip()!r}: {trouble}"] * bool(trouble)
        named += bool(says)
    return found, len(wrongs), named


def of_texts(exercise):
    """What is wrong with its texts."""
    found = [f"its {name} is empty, or still the template's"
             for name, text in zip(("nudge", "formula", "skeleton"), exercise.hints, strict=True)
             if not text.strip() or "TODO" in text]
    writes = any(names for _, names in exercise.targets)    # and does not mend whole files
    if writes and "..." not in exercise.hints[2]:
        found.append("its skeleton leaves nothing to write: put ... for what is left")
    if "TODO" in exercise.title + exercise.section:
        found.append("its title or section is still the template's")
    return found


def check_variant(exercise, right, file, old, new):
    """(what is wrong with a variant or "", whether the feedback on it says why or what to do)."""
    try:
        wrong = replaced(exercise, file, old, new)
    except ValueError as error:
        return str(error), False
    feedback = feedback_on(exercise, right | {file: wrong})
    if feedback.passed:
        return "it passes", False
    broken = [each for each in BROKEN if each in feedback.message]
    if broken:
        return f"it fails for another reason ({broken[0]}): {first_line(feedback)}", False
    return "", UNKNOWN not in feedback.message


def replaced(exercise, file, old, new):
    """The right file with one replacement, in what the student writes. Raises ValueError."""
    source = workspace.solution(file)
    functions = [name for each, names in exercise.targets if each == file for name in names]
    texts = [stubs.text_of(source, name) for name in functions] or [source]
    for text in texts:
        if text.count(old) == 1:
            return source.replace(text, text.replace(old, new))
    raise ValueError("what it replaces is not there, or in several places")


def feedback_on(exercise, texts):
    """The Feedback on a folder of these texts, {file: text}; of the same random inputs each time.
    """
    with tempfile.TemporaryDirectory(prefix="flatprop-") as base:
        folder, tree = Path(base, "mine"), Path(base, "tree")
        tree.mkdir()
        for file in workspace.taken(exercise):
            workspace.put(folder / file, texts[file].encode())
        workspace.compose(folder, exercise, tree)
        try:
            with Child(tree, commands.LIMITS) as child:
                return exercise.check(child, np.random.default_rng(0))
        except StudentError as error:
            return commands.Feedback(False, error.text, 0.0)
        except RuntimeError as error:
            raise UsageError(" ".join(str(error).split())) from error


def first_line(feedback):
    """The first line of a message."""
    return feedback.message.partition("\n")[0]

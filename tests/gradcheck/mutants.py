"""All mutants, and what the gradient check says of each.

    python tests/gradcheck/mutants.py > docs/gradient-check-mutants.md

makes the documentation's page.

The aside ones were written by another hand and kept aside while the diagnosis was made.
"""

import sys
import types
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "layers"))
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

sys.path.insert(0, str(Path(__file__).resolve().parent / "posted"))

import measure
import mutants_aside
import mutants_layers
import mutants_losses
import mutants_models

from flatprop.gradcheck.subjects import LAYERS
from gradient_check import check, check_model

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = ("layers", "layers/gates", "models", "tests/gradcheck/own_layers",
           "tests/gradcheck/own_models")
FILES = {path.stem: path for folder in FOLDERS for path in (ROOT / folder).glob("*.py")}

SEEN = [*mutants_layers.MUTANTS, *mutants_losses.MUTANTS, *mutants_models.MUTANTS]
ASIDE = mutants_aside.MUTANTS

# The figure for the aside ones when they were first looked at, before anything was changed.
FIRST_LOOK = 55

# Which inputs have the batch as their first axis, where it is not the first alone.
ROWS = {subject.name: subject.rows for subject in LAYERS}
ROWS |= {"bilinear": (0, 2), "similarity": (), "gram": ()}


def replacements(mutant):
    """The (old, new) pairs of a mutant: most have one, a few change two places."""
    if isinstance(mutant.old, str):
        return [(mutant.old, mutant.new)]
    return list(zip(mutant.old, mutant.new, strict=True))


def module_of(mutant):
    """The mutant as a module: the right file with the replacement, run. It has NumPy as np."""
    text = FILES[mutant.module].read_text(encoding="utf-8")
    for old, new in replacements(mutant):
        assert text.count(old) == 1 or old == new, old
        text = text.replace(old, new)
    module = types.ModuleType(mutant.module)
    module.np = np
    exec(compile(text, mutant.module, "exec"), vars(module))
    return module


def report_on(mutant, contract=True):
    """The gradient check's report on a mutant."""
    rng, module = np.random.default_rng(0), module_of(mutant)
    if "models" in FILES[mutant.module].parent.name:
        make = next(value for value in vars(module).values()
                    if isinstance(value, type) and value.__module__ == module.__name__)
        return check_model(*mutant.make(make, rng), reg=mutant.reg, contract=contract,
                           name=mutant.name)
    return check(module.forward, module.backward, *mutant.make(rng),
                 rows=ROWS.get(module.__name__, (0,)), contract=contract, name=mutant.name)


def first_kind(report):
    """The kind of mistake the report names first, or ''."""
    return next((each.kind for each in report.found if each.fails), "")


def table(title, mutants):
    """A section of the documentation: a row for each mutant."""
    rows, right, caught = [], 0, 0
    for mutant in mutants:
        report = report_on(mutant)
        kind = first_kind(report)
        caught += report.wrong
        right += kind == mutant.kind
        says = next((each.says for each in report.found if each.fails), "")
        rows.append(f"| {mutant.name} | {mutant.kind} | {kind} | {says.replace('|', ' ')} |")
    return [f"## {title}", "", f"{caught} of {len(mutants)} caught; for {right} "
            f"({right / len(mutants):.1%}) the first diagnosis named is the true one.", "",
            "| mutant | true kind | diagnosis | what the check says |", "|---|---|---|---|", *rows]


def posted_table():
    """The section of the documentation on what people posted."""
    looks = [each.first_look for each in measure.ALL]
    told = sum(bool(each.says) for each in measure.ALL)
    rows, by_kind = [], {}
    for posted in measure.ALL:
        report = measure.report_on(posted)
        first = measure.first_diagnosis(report)
        by_kind[first.kind] = by_kind.get(first.kind, 0) + 1
        says = f"{first.kind}: {first.says}".replace("|", " ")
        rows.append(f"| {posted.name} | {posted.mistake} | {says} |")
    kinds = ", ".join(f"{kind} {count}" for kind, count in sorted(by_kind.items()))
    return ["## Posted by others", "",
            "Mistakes that people made and told in public, written again for this purpose; the "
            "addresses stand in tests/gradcheck/posted/. Whether a diagnosis is right is judged "
            "by a reader, from the text alone.", "",
            f"At the first look {looks.count('right')} of {len(looks)} were told rightly, for "
            f"{looks.count('misleading')} the check misled, for {looks.count('silent')} it was "
            f"silent. Today {told} are told rightly, and it is silent for {len(looks) - told}. "
            f"First diagnoses by kind: {kinds}.", "",
            "| what | the mistake | what the check says first |", "|---|---|---|", *rows]


def main():
    """Print the documentation's page."""
    lines = [
        "# The mutants of the gradient check", "",
        "Made by `python tests/gradcheck/mutants.py`. Each is a right layer or model with one "
        "planted mistake, a small replacement listed in tests/gradcheck/mutants_*.py; the label "
        "was given by its author, who had not seen the check. "
        "Where the diagnosis differs it is \"unexplained\": the check says that it knows no "
        "mistake that fits.", "", *table("Seen while the diagnosis was made", SEEN), "",
        *table("Kept aside until the end", ASIDE), "",
        f"At the first look at these, {FIRST_LOOK} of {len(ASIDE)} "
        f"({FIRST_LOOK / len(ASIDE):.1%}) were named rightly; sums over the wrong axis inside a "
        "formula and the inverted mask of a maximum gate have been named since.", "",
        *posted_table(),
    ]
    print("\n".join(lines))


if __name__ == "__main__":
    main()

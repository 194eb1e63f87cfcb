"""All mutants, and what the gradient check says of each.

    python tests/mutants.py > docs/gradient-check-mutants.md       the table of the documentation

The aside ones were written by another hand and kept aside while the diagnosis was made.
"""

import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import mutants_activations
import mutants_activations_smooth
import mutants_affine
import mutants_aside_layers
import mutants_aside_losses
import mutants_aside_models
import mutants_aside_more
import mutants_gates
import mutants_losses
import mutants_models
import mutants_models_l2
import mutants_models_more
import mutants_norms
from mutant import ModelMutant

from gradient_check import check, check_model

SEEN = [
    *mutants_affine.MUTANTS, *mutants_activations.MUTANTS, *mutants_activations_smooth.MUTANTS,
    *mutants_norms.MUTANTS, *mutants_losses.MUTANTS, *mutants_gates.MUTANTS,
    *mutants_models.MODEL_MUTANTS, *mutants_models_l2.MODEL_MUTANTS,
    *mutants_models_more.MODEL_MUTANTS,
]
ASIDE = [
    *mutants_aside_layers.MUTANTS, *mutants_aside_losses.MUTANTS, *mutants_aside_more.MUTANTS,
    *mutants_aside_models.MODEL_MUTANTS,
]

# The figure for the aside ones when they were first looked at, before anything was changed.
FIRST_LOOK = 55


def report_on(mutant):
    """The gradient check's report on a mutant."""
    rng = np.random.default_rng(0)
    if isinstance(mutant, ModelMutant):
        return check_model(*mutant.build(rng), reg=mutant.reg or None, name=mutant.name)
    return check(mutant.forward, mutant.backward, *mutant.inputs(rng), rows=mutant.rows,
                 name=mutant.name)


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


def main():
    """Print the documentation's page."""
    lines = [
        "# The mutants of the gradient check", "",
        "Made by `python tests/mutants.py`. Each is a layer or a model with one planted mistake, "
        "in tests/mutants_*.py; the label was given by its author, who had not seen the check. "
        "Where the diagnosis differs it is \"unexplained\": the check says that it knows no "
        "mistake that fits.", "", *table("Seen while the diagnosis was made", SEEN), "",
        *table("Kept aside until the end", ASIDE), "",
        f"At the first look at these, {FIRST_LOOK} of {len(ASIDE)} "
        f"({FIRST_LOOK / len(ASIDE):.1%}) were named rightly; sums over the wrong axis inside a "
        "formula and the inverted mask of a maximum gate have been told since.",
    ]
    print("\n".join(lines))


if __name__ == "__main__":
    main()

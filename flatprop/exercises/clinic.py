"""The clinic: networks that run, and are wrong in one place each.

A patient is a file of patients/ with one small replacement, made when a student begins. The
replacements, in clinic.toml, are the answers.
"""

import importlib
import textwrap
import tomllib
from pathlib import Path
from typing import NamedTuple

import numpy as np

from flatprop.exercises.checks.answers import function_check
from flatprop.exercises.checks.feedback import compare

HERE = Path(__file__).parent
SCORES_ALONE = ("\n  On every input: the loss and its gradients are right, scores is wrong"
                "\n  -> scores and loss side by side: what does one do that the other does not?")
LARGE = 200         # inputs, so that differences take long


class Patient(NamedTuple):
    """The mistake of a patient: old becomes new."""

    number: int
    arguments: list         # the shapes of loss's arguments
    old: str
    new: str
    complaint: str          # what its owner says, at the top of the file

    @property
    def file(self):
        """The student's file."""
        return f"clinic/patient_{self.number}.py"


CLINIC = tomllib.loads((HERE / "clinic.toml").read_text(encoding="utf-8"))
PATIENTS = [Patient(**entry) for entry in CLINIC["patient"]]


def text(patient, well=False):
    """The student's file: with the mistake, unless it is to be well."""
    source = (HERE / f"patients/patient_{patient.number}.py").read_text(encoding="utf-8")
    if source.count(patient.old) != 1:
        raise ValueError(f"there is no longer one place to make {patient.file} from")
    _, about, rest = (source if well else source.replace(patient.old, patient.new)).split('"""', 2)
    about = textwrap.fill(about, 99)
    return (f'"""A patient of the clinic, with one mistake.\n\n{about}\n\n{patient.complaint}\n'
            f'Find the line, and mend it. Nothing else is wrong.\n"""{rest}')


def maker(patient):
    """make(rng, size) -> the arguments of a patient's loss."""
    def make(rng, size):
        sizes = {"N": 20 if size == LARGE else size + 2, "D": size + 1, "M": size, "2M": 2 * size}
        return [rng.standard_normal([sizes[each] for each in shape.split()]) / np.sqrt(size)
                for shape in patient.arguments]
    return make


def symptom_of(loss):
    """The why of function_check: which gradients are wrong and which right, and a factor of 1/N.

    That is what a gradient check shows; where the mistake is remains to be found.
    """
    def why(ask, make, rng):
        case = make(rng, 3)
        (_, found), = ask([case])
        _, right = loss(*case)
        wrong = [name for name in right if compare("", found[name], right[name])]
        N = len(case[0])
        if not any(compare("", N * found[name], right[name]) for name in right):
            return ("\n  On every input: each gradient is 1/N of what it should be (N: the rows)"
                    "\n  -> where is a mean taken, and is it taken once?")
        well = [name for name in right if name not in wrong]
        return (f"\n  On every input: {named(wrong)} {'is' if len(wrong) == 1 else 'are'} wrong, "
                f"{named(['loss', *well])} right\n  -> from the loss back, line by line: what do "
                "the wrong ones go through that the right ones do not?")
    return why


def named(names):
    """A few names, as loss, dW and db."""
    names = [name if name == "loss" else f"d{name}" for name in names]
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))


def patient_check(patient):
    """The check of a patient: its loss, with the gradients, and its scores if it has such."""
    made = importlib.import_module(f"flatprop.exercises.patients.patient_{patient.number}")
    make = maker(patient)
    checks = [function_check(patient.file, made.loss, make, ("loss", "grads"), large=LARGE,
                             why=symptom_of(made.loss))]
    if patient.number == 4:
        checks.append(function_check(patient.file, made.scores,
                                     lambda rng, size: make(rng, size)[::2] + make(rng, size)[3:],
                                     "scores", why=lambda ask, make, rng: SCORES_ALONE))

    def check(child, rng):
        return next(filter(None, (each(child, rng) for each in checks)), None)
    return check

"""The clinic: networks that run, and are wrong in one place each.

A patient is a file of patients/ with one small replacement, made when a student begins. The
replacements, in clinic.toml, are the answers.
"""

import importlib
import tomllib
from pathlib import Path
from typing import NamedTuple

import numpy as np

from flatprop.exercises.checks.answers import function_check

HERE = Path(__file__).parent
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
    return (f'"""A patient of the clinic, with one mistake. {about}\n\n{patient.complaint}\n'
            f'Find the line, and mend it. Nothing else is wrong.\n"""{rest}')


def maker(patient):
    """make(rng, size) -> the arguments of a patient's loss."""
    def make(rng, size):
        sizes = {"N": 20 if size == LARGE else size + 2, "D": size + 1, "M": size, "2M": 2 * size}
        return [rng.standard_normal([sizes[each] for each in shape.split()]) / np.sqrt(size)
                for shape in patient.arguments]
    return make


def patient_check(patient):
    """The check of a patient: its loss, with the gradients, and its scores if it has such."""
    made = importlib.import_module(f"flatprop.exercises.patients.patient_{patient.number}")
    make = maker(patient)
    checks = [function_check(patient.file, made.loss, make, ("loss", "grads"), large=LARGE)]
    if patient.number == 4:
        checks.append(function_check(patient.file, made.scores,
                                     lambda rng, size: make(rng, size)[::2] + make(rng, size)[3:],
                                     "scores"))

    def check(child, rng):
        return next(filter(None, (each(child, rng) for each in checks)), None)
    return check

"""The clinic: networks that run, and are wrong in one place each.

A patient is one of the project's models with one small replacement, made when a student begins, so
that it always fits the models. The replacements, in clinic.toml, are the answers.
"""

import tomllib
from pathlib import Path
from typing import NamedTuple

from flatprop.exercises.checks.check_model import Subject, loss_check, scores_check, theta_check
from models.by_name import MODELS
from models.two_layer_regressor import TwoLayerRegressor


class Patient(NamedTuple):
    """A file of the student's, the model it is made of, and the mistake: old becomes new."""

    file: str
    model: str              # of models/by_name.py
    sizes: list
    old: str
    new: str
    complaint: str          # what its owner says, at the top of the file

    @property
    def source(self):
        """The file of the model."""
        return f"models/{self.model}.py"


CLINIC = tomllib.loads(Path(__file__).with_name("clinic.toml").read_text(encoding="utf-8"))
PATIENTS = [Patient(**entry) for entry in CLINIC["patient"]]


def text(patient, source, well=False):
    """The student's file, made of the model's text: with the mistake, unless it is to be well."""
    if source.count(patient.old) != 1:
        raise ValueError(f"{patient.source} no longer has one place to make {patient.file} from")
    sick = source if well else source.replace(patient.old, patient.new)
    rest = sick.split('"""', 2)[2].removeprefix("\n")
    return (f'"""A patient of the clinic: a copy of {patient.source} with one mistake.\n\n'
            f"{patient.complaint}\nFind the line, and mend it. Nothing else is wrong.\n"
            f'"""\n{rest}')


def patient_check(patient):
    """The check of a patient: theta, scores and loss."""
    subject = Subject(patient.file, MODELS[patient.model], patient.sizes)
    if subject.reference is TwoLayerRegressor:
        subject = subject._replace(loss=None)
    # A large net for each: differences in place of gradients are as right on a small one.
    large = (400, 200) if len(subject.sizes) == 2 else (200, *[150] * len(subject.sizes[2:]), 50)
    checks = [theta_check(subject), scores_check(subject),
              loss_check(subject, diagnose=False, large=large)]

    def check(child, rng):
        return next(filter(None, (each(child, rng) for each in checks)), None)
    return check

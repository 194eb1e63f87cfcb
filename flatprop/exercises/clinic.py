"""The clinic: networks that run, and are wrong in one place each.

A patient is one of the project's models with one small replacement, made when a student begins, so
that it always fits the models. The replacements are the answers: do not read on if you want to find
them yourself.
"""

from typing import NamedTuple

from flatprop.exercises.checks.check_model import Subject, loss_check, scores_check, theta_check
from flatprop.exercises.exercise import file_of
from models.fully_connected_net import FullyConnectedNet
from models.linear_classifier import LinearClassifier
from models.two_layer_net import TwoLayerNet
from models.two_layer_regressor import TwoLayerRegressor


class Patient(NamedTuple):
    """A file of the student's, the model it is made of, and the mistake: old becomes new."""

    file: str
    reference: type
    sizes: tuple
    old: str
    new: str
    complaint: str          # what its owner says, at the top of the file

    @property
    def source(self):
        """The file of the model."""
        return file_of(self.reference.__module__)


PATIENTS = [
    Patient(
        "clinic/patient_1.py", LinearClassifier, (5, 3),
        "dscores = self.loss_layer.backward(1.0, loss_cache)",
        "dscores = self.loss_layer.backward(1.0 / len(x), loss_cache)",
        "It learns, but the larger the batch, the slower. A rate of 10 helps. Should it?"),
    Patient(
        "clinic/patient_2.py", TwoLayerNet, (4, 5, 3),
        "dhidden = relu.backward(dactive, active_cache)",
        "dhidden = dactive",
        "The loss goes down at first, then up and down, and never gets where it should."),
    Patient(
        "clinic/patient_3.py", TwoLayerRegressor, (3, 4, 2),
        "dhidden = sigmoid.backward(dz, z_cache)",
        "dhidden = sigmoid.backward(dz, (hidden,))",
        "With small weights it trains. Once the hidden sums grow, its updates go wild."),
    Patient(
        "clinic/patient_4.py", TwoLayerNet, (4, 5, 3),
        "        scores, _ = affine.forward(active, p[\"W2\"], p[\"b2\"])\n        return",
        "        scores, _ = affine.forward(hidden, p[\"W2\"], p[\"b2\"])\n        return",
        "The gradient check is content and the loss falls, but its predictions are poor."),
    Patient(
        "clinic/patient_5.py", FullyConnectedNet, (4, 5, 5, 3),
        "        return dx\n",
        "        return dactive\n",
        "With one hidden layer all is well. With two or more of one width it learns badly."),
    Patient(
        "clinic/patient_6.py", TwoLayerNet, (4, 5, 3),
        'self.params["W1"][:] = init(rng, input_dim, hidden_dim)',
        'self.params["W1"] = init(rng, input_dim, hidden_dim)',
        "Its gradients are right, and the Solver runs, but W1 is never any different."),
]


def text(patient, source, well=False):
    """The student's file: the model with the mistake in it, below its owner's complaint.

    source: the text of patient.source; with well=True the mistake is left out
    """
    if source.count(patient.old) != 1:
        raise ValueError(f"{patient.source} no longer has one place to make {patient.file} from")
    sick = source if well else source.replace(patient.old, patient.new)
    rest = sick.split('"""', 2)[2].removeprefix("\n")
    return (f'"""A patient of the clinic: a copy of {patient.source} with one mistake.\n\n'
            f"{patient.complaint}\nFind the line, and mend it. Nothing else is wrong.\n"
            f'"""\n{rest}')


def patient_check(patient):
    """The check of a patient: theta, scores and loss."""
    subject = Subject(patient.file, patient.reference, patient.sizes)
    if patient.reference is TwoLayerRegressor:
        subject = subject._replace(loss=None)
    # A large net for each: differences in place of gradients are as right on a small one.
    large = (400, 200) if len(subject.sizes) == 2 else (200, *[150] * len(subject.sizes[2:]), 50)
    checks = [theta_check(subject), scores_check(subject),
              loss_check(subject, diagnose=False, large=large)]

    def check(child, rng):
        return next(filter(None, (each(child, rng) for each in checks)), None)
    return check

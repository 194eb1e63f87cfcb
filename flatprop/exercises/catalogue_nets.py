"""Exercises of whole networks: two layers, N layers, the debug clinic."""

import numpy as np

from flatprop.exercises import clinic
from flatprop.exercises.checks import inputs
from flatprop.exercises.checks.check_model import Subject, loss_check, scores_check
from flatprop.exercises.exercise import Part, Task
from layers import svm_loss, tanh
from models.fully_connected_net import FullyConnectedNet
from models.two_layer_net import TwoLayerNet

TWO = Subject("models/two_layer_net.py", TwoLayerNet, (3, 4, 3))
TWO_SVM = TWO._replace(loss=svm_loss)
MANY = Subject("models/fully_connected_net.py", FullyConnectedNet, (3, 5, 4, 4, 3))
TANH = MANY._replace(sizes=(3, 4, 3), activation=tanh, loss=svm_loss)
LINEAR = MANY._replace(sizes=(3, 3, 3, 2), activation=None)
SHALLOW = MANY._replace(sizes=(4, 3))


def net_part(subject, sizes, large=None):
    """The part of a check that looks at a net's loss, too."""
    def make(rng, size):
        return *sizes, inputs.normal(rng, 4, 3), np.array([0, 1, 2, 1])
    return Part("loss", loss_check(subject, large=large), subject.file,
                subject.reference.__name__, make)


NETS = {
    "two-layer-net": Task(
        [("models/two_layer_net.py", ["TwoLayerNet.activations", "TwoLayerNet.loss"])],
        [("scores", scores_check(TWO)), net_part(TWO, TWO.sizes, (3000, 40, 10)),
         ("loss, with the SVM loss", loss_check(TWO_SVM, large=(3000, 40, 10))),
         ("a large net", loss_check(TWO, large=(3000, 40, 10)))],
        also=("layers/svm_loss.py",)),
    "n-layer-net": Task(
        [("models/fully_connected_net.py",
          ["FullyConnectedNet.loss", "FullyConnectedNet._hidden_forward",
           "FullyConnectedNet._hidden_backward"])],
        [("scores", scores_check(MANY)), net_part(MANY, [[*TWO.sizes]]),
         ("loss, with tanh and the SVM loss", loss_check(TANH, large=(3000, 40, 10))),
         ("without activations", loss_check(LINEAR, large=(3000, 40, 10))),
         ("without hidden layers", loss_check(SHALLOW, large=(3000, 10))),
         ("a large net", loss_check(MANY, large=(3000, 40, 30, 10)))],
        also=("layers/svm_loss.py", "layers/tanh.py")),
    "clinic": Task(
        [(patient.file, []) for patient in clinic.PATIENTS],
        [(patient.file, clinic.patient_check(patient)) for patient in clinic.PATIENTS]),
}

"""Update rules, schedules and metrics by the names that they have on the command line and in saved
runs."""

from solvers import metrics, schedules
from solvers.update_rules.adagrad import Adagrad
from solvers.update_rules.adam import Adam
from solvers.update_rules.adamw import Adamw
from solvers.update_rules.momentum import Momentum
from solvers.update_rules.nesterov import Nesterov
from solvers.update_rules.rmsprop import Rmsprop
from solvers.update_rules.sgd import Sgd

UPDATE_RULES = {
    "sgd": Sgd, "momentum": Momentum, "nesterov": Nesterov, "adagrad": Adagrad,
    "rmsprop": Rmsprop, "adam": Adam, "adamw": Adamw,
}
SCHEDULES = {
    "constant": schedules.constant, "step": schedules.step,
    "exponential": schedules.exponential, "inverse_time": schedules.inverse_time,
    "polynomial": schedules.polynomial, "cosine": schedules.cosine,
}
METRICS = {     # by which an epoch can be the best
    "accuracy": metrics.accuracy, "balanced_accuracy": metrics.balanced_accuracy,
    "auc": metrics.auc, "r2": metrics.r2,
}

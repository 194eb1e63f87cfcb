"""All exercises, in the order of the lecture. Each is one entry of a catalogue_*.py file."""

from flatprop.cli.errors import UsageError, closest
from flatprop.exercises.catalogue_gates import GATES
from flatprop.exercises.catalogue_layers import LAYERS
from flatprop.exercises.catalogue_nets import NETS
from flatprop.exercises.catalogue_training import DIGITS, TRAINING
from flatprop.exercises.catalogue_vectors import VECTORS
from flatprop.exercises.exercise import Exercise

__all__ = ["EXERCISES", "Exercise", "find"]

TWO_LAYER, N_LAYER, CLINIC = NETS

EXERCISES = [*GATES, *VECTORS[:4], *LAYERS[:4], VECTORS[4], *LAYERS[4:], TWO_LAYER, N_LAYER,
             *TRAINING, CLINIC, DIGITS]


def find(id):
    """The exercise of that id. Raises UsageError with the closest one."""
    for exercise in EXERCISES:
        if exercise.id == id:
            return exercise
    ids = [exercise.id for exercise in EXERCISES]
    raise UsageError(f"unknown exercise {id!r}.{closest(id, ids)} "
                     "flatprop exercises list shows them all")

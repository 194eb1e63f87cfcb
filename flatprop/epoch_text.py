"""An epoch of a training as a line of text, and in a few words."""

from flatprop.runs.metrics import label
from flatprop.runs.text import loss_in_column


def metric_in_short(solver):
    """What the metric of a Solver is called in the line of an epoch."""
    name = "" if solver.metric is None else solver.metric.__name__
    return "acc" if name == "accuracy" else label(name)


def epoch_line(entry, epochs, room=None, metric="acc"):
    """An entry of history as a line of fixed width; where room is too narrow, without its ends.

    metric is what its metric is called.
    """
    digits = len(str(epochs))
    line = f"epoch {entry['epoch']:{digits}}/{epochs}  train loss "
    line += loss_in_column(entry["train_loss"])
    if entry["train_metric"] is not None:
        line += f"  {metric} {entry['train_metric']:.4f}"
    if entry["val_loss"] is not None:
        line += f"  val loss {loss_in_column(entry['val_loss'])}"
    if entry["val_metric"] is not None:
        line += f"  {metric} {entry['val_metric']:.4f}"
    rate, seconds = f"  rate {entry['rate']:.2e}", f"  {entry['seconds']:6.2f} s"
    for ends in (rate + seconds, seconds):
        if room is None or len(line + ends) <= room:
            return line + ends
    return line


def epoch_in_short(entry, metric="acc"):
    """An entry of history in a few words, for the end of a progress bar."""
    words = f"epoch {entry['epoch']}, loss {loss_in_column(entry['train_loss']).strip()}"
    if entry["val_metric"] is not None:
        words += f", val {metric} {entry['val_metric']:.4f}"
    elif entry["val_loss"] is not None:
        words += f", val loss {loss_in_column(entry['val_loss']).strip()}"
    return words

"""Run directories for tests: a small model with its weights, as training leaves them."""

import contextlib
import json
import time

import numpy as np

from data.preprocessing import Preprocessing
from flatprop.runs import checkpoint, checksums, saved_model
from layers import batchnorm
from models.by_name import build
from models.fully_connected_net import FullyConnectedNet
from solvers import schedules
from solvers.solver import Solver
from solvers.update_rules.adam import Adam

COLUMNS = [{"name": "age", "kind": "number"},
           {"name": "colour", "kind": "category", "values": ["blue", "red"]}]


class Enough(Exception):
    """Ends a training."""


def solver_with(rule=Adam, stop_at=None, val=True):
    """A Solver with everything that has a state; it stops after the step stop_at."""
    rng = np.random.default_rng(5)
    x, y = rng.standard_normal((50, 4)).astype(np.float32), rng.integers(0, 3, 50)
    model = FullyConnectedNet([4, 8, 3], norm=batchnorm, drop=[0.1, 0.3], noise=[0.2, 0.4],
                              rng=np.random.default_rng(6))

    def after_step(solver):
        if solver.steps == stop_at:
            raise Enough

    return Solver(model, (x, y), (x[:20], y[:20]) if val else None, update_rule=rule(),
                  schedule=schedules.cosine(0.01, 35), reg=1e-3, batch_size=8, epochs=5,
                  max_norm=1.5, noise_schedule=schedules.polynomial(1.0, 35),
                  rng=np.random.default_rng(7), on_step=after_step)


def train_until(stop_at, path, rule=Adam, val=True):
    """Train up to a step and save a checkpoint at path. Gives the Solver."""
    solver = solver_with(rule, stop_at, val)
    with contextlib.suppress(Enough):
        if stop_at:
            solver.train()
    assert solver.steps == stop_at
    checkpoint.save(path, solver)
    return solver


def outcome(solver):
    """All that a Solver has come to, but for what the clock says."""
    history = [{name: value for name, value in entry.items() if name != "seconds"}
               for entry in solver.history]
    best = {name: np.asarray(value).tobytes() for name, value in solver.best.items()}
    rule = {name: slot.tobytes() for name, slot in solver.slots.items()}
    average = [each.tobytes() for each in solver.to_keep()]
    return (solver.model.theta.tobytes(), solver.model.statistics.tobytes(), best, average, rule,
            history, solver.steps, solver.rng.bit_generator.state,
            solver.model.rng.bit_generator.state)


def table_run(folder, **options):
    """A run of a table with the columns age, colour and bought: three inputs, two classes."""
    options = {"columns": COLUMNS, "target": "bought", "classes": ["no", "yes"]} | options
    sizes = (3, 1 if options.get("loss") == "square" else 2)
    return make_run(folder, sizes=sizes, mean=[40, 0, 0], scale=[10, 1, 1], **options)


def make_run(folder, *, sizes=(3, 4), loss="softmax", columns=None, classes=None, target="",
             mean=None, scale=None, dtype="float64", seed=0):
    """Write a run with a linear model into the folder; gives (model, preprocessing)."""
    description = {"kind": "linear_classifier", "sizes": list(sizes), "loss": loss, "dtype": dtype}
    model = build(description, rng=np.random.default_rng(seed))
    model.theta[:] = np.random.default_rng(seed).normal(size=model.theta.shape)
    mean = np.arange(1.0, sizes[0] + 1) if mean is None else np.asarray(mean, np.float64)
    scale = np.full(mean.shape, 2.0) if scale is None else np.asarray(scale, np.float64)
    fitted = Preprocessing(mean, scale, columns, classes, target)
    save_run(folder, description, model, fitted)
    np.savez(folder / "last.npz", theta=-model.theta, statistics=model.statistics)
    return model, fitted


def make_folds(folder, count=3, **options):
    """Write a run of folds, each with a model and a preprocessing of its own, into the folder.

    Gives [(model, preprocessing), ...].
    """
    folder.mkdir()
    (folder / "config.json").write_text(json.dumps({"version": 1, "options": {"folds": count}}))
    sizes = options.get("sizes", (3, 4))
    return [make_run(folder / f"fold-{m}", seed=m, mean=np.arange(sizes[0]) + m,
                     scale=np.arange(sizes[0]) + 1.5 * m, **options)
            for m in range(1, count + 1)]


def save_run(folder, description, model, fitted):
    """Write the files that a saved model is loaded from; best and last weights are the same."""
    folder.mkdir(exist_ok=True)
    checksums.write(folder / "model.json", saved_model.describe(description, fitted), None)
    for name in ("best", "last"):
        np.savez(folder / f"{name}.npz", theta=model.theta, statistics=model.statistics)


def forge(path, change):
    """Change the dict in a JSON file of a run by change(dict), and compute its checksum anew."""
    plain = json.loads(path.read_text(encoding="utf-8"))
    change(plain)
    checksums.write(path, plain, plain.get(checksums.RUN_ID))


def forge_checkpoint(path, arrays=(), about=()):
    """Change arrays of a checkpoint by name, None takes one out, and what stands besides; and
    compute its hashes anew, but in version 1, which had none."""
    with np.load(path) as file:
        held = dict(file) | dict(arrays)
    plain = json.loads(held.pop("about").tobytes()) | dict(about)
    held = {name: array for name, array in held.items() if array is not None}
    if plain["version"] > 1:
        checkpoint.write(path, held, plain, plain.get(checksums.RUN_ID))
        return
    plain.pop(checksums.RUN_ID, None), plain.pop(checksums.ARRAYS, None)
    np.savez(path, **held, about=np.frombuffer(json.dumps(plain).encode(), np.uint8))


def content_of(path):
    """What is in a JSON file of a run, but for what tells of which run it is."""
    plain = json.loads(path.read_text(encoding="utf-8"))
    del plain[checksums.CHECKSUM], plain[checksums.RUN_ID]
    return plain


def refused(capsys, main, *words):
    """The one line of a command's main that must fail as the user's error."""
    capsys.readouterr()
    assert main([str(word) for word in words]) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    (line,) = shown.err.splitlines()
    assert line.startswith(f"flatprop {main.__module__.rpartition('.')[2]}: error: ")
    return line


def scores(model, fitted, raw):
    """The scores of raw inputs, as plain matrix arithmetic."""
    x = (np.asarray(raw, np.float64) - fitted.mean) / fitted.scale
    return x @ model.params["W1"] + model.params["b1"]


def softmax(scores):
    """Probabilities (N, C)."""
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def wait_for(condition):
    """Wait until a condition holds."""
    until = time.monotonic() + 120      # a busy disk may take a minute to write a few files
    while not condition():
        assert time.monotonic() < until, "it did not come to it"
        time.sleep(0.005)

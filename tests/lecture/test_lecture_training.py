"""The parts of lecture/ that train: the slice of the risk, SGD step by step, the collapse."""

import re

import numpy as np
import pytest
from lecture_cases import array, content, cross_entropy, exactly, numeric, run, table, values

from data import toys
from flatprop.lecture import collapse, risk, sgd
from flatprop.lecture.content import Picture


def net_scores(theta, x, hidden):
    """The scores of a two-layer net with 2 inputs and 2 classes from its theta, written anew."""
    sizes = np.cumsum([2 * hidden, hidden * 2, hidden])
    W1, W2, b1, b2 = np.split(theta, sizes)
    return np.maximum(0, x @ W1.reshape(2, hidden) + b1) @ W2.reshape(hidden, 2) + b2


SMALL = {"examples": 20, "hidden": 3, "epochs": 2}


def test_risk_the_slice_and_the_path():
    inputs = risk.INPUTS | SMALL | {"grid": 5}
    x, y = toys.moons(20, np.random.default_rng(0), noise=0.2)
    model, path = risk.train(inputs, 0)
    assert len(path) == 1 + 2 * 2           # the first weights, and two batches in two epochs
    assert np.array_equal(path[-1], model.theta)
    directions, share = risk.plane(path)
    assert directions @ directions.T == pytest.approx(np.eye(2), abs=1e-12)
    points = (path - path[-1]) @ directions.T
    away = np.sum((path - path[-1] - points @ directions) ** 2)
    assert share == exactly(1 - away / np.sum((path - path[-1]) ** 2))
    J, a, b = risk.slice_through(model, path[-1], directions, points, 5, x, y)
    for row in range(5):
        for column in range(5):
            theta = path[-1] + a[column] * directions[0] + b[row] * directions[1]
            assert J[row, column] == exactly(cross_entropy(net_scores(theta, x, 3), y))
    assert np.array_equal(path[-1], model.theta)        # looking around changes nothing


def test_risk_as_shown():
    shown = content("risk", **SMALL, grid=5)
    surface = next(item for item in shown if isinstance(item, Picture))
    points = re.search(r'class="line s1" points="([^"]*)"', surface.svg).group(1)
    assert len(points.split()) == 5
    rows = table("risk", "minibatch SGD")
    assert all(row["J at the end"] < row["J at first"] for row in rows.values())
    ends = [row["J at the end"] for row in rows.values()]
    assert abs(ends[0] - ends[1]) > 0.01                # another beginning, another end
    middle = table("risk", "not convex")
    assert middle["mean of the two ends"]["J"] == exactly(sum(ends) / 2)
    assert middle["in the middle of the way"]["J"] > sum(ends) / 2


def test_sgd_a_step_on_all_examples():
    changed = {"examples": 12, "hidden": 3, "batch": 4, "epochs": 1, "rate": 0.25}
    x, y, model = sgd.first_net(sgd.INPUTS | changed)

    def J(theta):
        return cross_entropy(net_scores(theta, x, 3), y)

    rows = table("sgd", "after each epoch", **changed)
    assert rows[0]["all 12"] == exactly(J(model.theta))
    stepped = model.theta - 0.25 * numeric(J, model.theta)
    assert rows[1]["all 12"] == pytest.approx(J(stepped), rel=0, abs=1e-8)
    assert list(rows["steps"].values())[1:] == [1, 3, 12]


def test_sgd_one_at_a_time_by_the_slide_and_its_schedule():
    changed = {"examples": 6, "hidden": 3, "epochs": 2, "rate": 0.25, "decay": 0.5}
    x, y, model = sgd.first_net(sgd.INPUTS | changed)
    theta, rng, t = model.theta.copy(), np.random.default_rng(0), 0
    for _ in range(2):
        for i in rng.permutation(6):
            def L(theta, i=i):
                return cross_entropy(net_scores(theta, x[i:i + 1], 3), y[i:i + 1])
            theta -= 0.25 / (1 + 0.5 * t) * numeric(L, theta)
            t += 1
    rows = [item for item in content("sgd", **changed) if "gamma falling" in str(item)]
    last = {row[0]: row[2] for row in rows[0].rows}[2]
    assert last == pytest.approx(cross_entropy(net_scores(theta, x, 3), y), rel=0, abs=1e-7)
    same = table("sgd", "is that loop", **changed)
    assert list(same.values())[0]["theta apart"] == "0"


def test_sgd_larger_batches_estimate_the_gradient_better():
    rows = table("sgd", "Advantages", examples=60, hidden=4, batch=10, epochs=1)
    away = [list(row.values())[1] for row in rows.values()]
    assert away[0] > 2 * away[1] and away[2] < 1e-12


def test_collapse():
    found = values("collapse", "two_layers", H=7, seed=3)
    given = run("collapse", "two_layers", H=7, seed=3).given
    collapsed = array("collapse", "W3", H=7, seed=3)
    assert collapsed == exactly(given["W1"] @ given["W2"])
    assert found["f"] == exactly(given["x"] @ collapsed)
    rows = table("collapse", "exclusive or")
    shares = {name: int(row["accuracy"].rstrip("%")) for name, row in rows.items()}
    assert shares["two layers, max(0, .)"] == 100
    assert shares["one layer"] <= 76 and shares["two layers, none"] <= 76
    assert collapse.with_activation(*given.values()) != pytest.approx(found["f"])

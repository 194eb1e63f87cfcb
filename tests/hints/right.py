"""Uses of what docs/api.md calls stable, which run, and in which a type checker finds nothing."""

import numpy as np
from numpy.typing import NDArray

from flatprop.estimators import MLPClassifier, load
from gradient_check import check, check_model
from layers import (
    affine,
    batchnorm,
    dropout,
    layernorm,
    matmul,
    maxout,
    relu,
    softmax_loss,
    svm_loss,
    tanh,
)
from layers.by_name import ACTIVATIONS, LOSSES
from layers.gates import add, copy, multiply
from models import parameters
from models.by_name import build
from models.fully_connected_net import FullyConnectedNet
from models.initialization import he, xavier
from models.two_layer_net import TwoLayerNet
from solvers import schedules
from solvers.by_name import UPDATE_RULES
from solvers.metrics import balanced_accuracy
from solvers.solver import Solver
from solvers.update_rules.adam import Adam

rng = np.random.default_rng(0)
x, y = rng.standard_normal((20, 4)), rng.integers(0, 3, 20)
W, b = rng.standard_normal((4, 3)).astype(np.float32), np.zeros(3, np.float32)

# Layers: float64, float32, numbers, and what NumPy makes of arrays
scores, cache = affine.forward(x.astype(np.float32) / 2, W, b)
active, active_cache = relu.forward(np.exp(scores) - 1)
dropped, _ = dropout.forward(active, 0.5, rng)
loss, loss_cache = softmax_loss.forward(dropped, y)
dscores = softmax_loss.backward(1.0, loss_cache)
dx, dW, db = affine.backward(dscores, cache)
doubled: NDArray[np.float64] = matmul.forward(x, x.T)[0]
_, dW, db = affine.backward(dscores, cache, need_dx=False)
total, _ = add.forward(2.0, multiply.forward(-1.0, 3.0)[0])
(first, second), copies = copy.forward(x)
dcopied = copy.backward((first, second), copies)
svm_loss.forward(x @ x.T, y, margin=2.0, weights=np.ones(20))
sizes = float(loss) + total + dcopied.size + dW.size + db.size + doubled.size

# Models, and one of one's own
net = FullyConnectedNet([4, 8, 3], activation=maxout, norm=batchnorm, drop=0.1, init=xavier,
                        dtype=np.float64)
FullyConnectedNet((4, 3), activation=ACTIVATIONS["tanh"], loss_layer=LOSSES["svm"], norm=layernorm)
built = build({"kind": "two_layer_net", "sizes": [4, 5, 3], "loss": "softmax",
               "dtype": "float64"}, rng=rng)


class Own(parameters.Copyable):
    loss_layer = softmax_loss

    def __init__(self, inputs, classes):
        self.shapes = {"W1": (inputs, classes), "b1": (classes,)}
        self.weights = ["W1"]
        self.theta, self.params = parameters.lay_out(self.shapes, np.float64)
        self.params["W1"][:] = he(rng, inputs, classes)

    def scores(self, x):
        return affine.forward(x, self.params["W1"], self.params["b1"])[0]

    def loss(self, x, y):
        scores, cache = affine.forward(x, self.params["W1"], self.params["b1"])
        loss, loss_cache = softmax_loss.forward(scores, y)
        _, dW1, db1 = affine.backward(softmax_loss.backward(1.0, loss_cache), cache)
        return loss, {"W1": dW1, "b1": db1}


class Halving:
    slots = ()

    def step(self, theta, dtheta, rate, t):
        theta -= rate / 2 * dtheta


# The Solver
for model in (net, TwoLayerNet(4, 5, 3, dtype="float64"), built, Own(4, 3)):
    solver = Solver(model, (x, y), (x, y), update_rule=Adam(beta2=0.99), clip=1.0,
                    schedule=schedules.warm_up(schedules.cosine(0.1, 50), 10), rng=rng)
    history = solver.train()
    print(history[-1]["val_loss"], solver.best["epoch"], solver.evaluate(x, y)[0] + 1)
Solver(built, (x, y, np.ones(20)), update_rule=Halving(), schedule=lambda t: 1 / (t + 1),
       rng=rng, metric=balanced_accuracy, on_epoch=print, epochs=1, compiled=False).train()
Solver(net, (x, y), update_rule=UPDATE_RULES["sgd"](), schedule=schedules.constant(1), rng=rng,
       metric=None, reg=[0.1, 0.2])

# The check
check(tanh.forward, tanh.backward, x, wrt=[0], name="tanh").raise_if_wrong()
report = check_model(Own(4, 3), x, y, entries=10)
print(report, report.as_dict()["wrong"] or report.wrong)

# Estimators
classifier = MLPClassifier(hidden=(8,), update_rule="adam", class_weight={1: 2.0}).fit(x, y)
print(classifier.predict_proba(x).shape, classifier.history_[0]["epoch"], classifier.classes_[0])
print(classifier.save("run").name, load("run").predict([[1, 2, 3, 4]]).shape)

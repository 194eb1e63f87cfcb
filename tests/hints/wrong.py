"""Mistakes that a type checker finds, by the hints: one in each line that ends in `# wrong`."""

import numpy as np

from flatprop.estimators import MLPClassifier
from gradient_check import check, check_model
from layers import affine, batchnorm, dropout, relu, softmax_loss, square_loss
from layers.gates import copy
from models.fully_connected_net import FullyConnectedNet
from models.two_layer_net import TwoLayerNet
from solvers import schedules
from solvers.solver import Solver
from solvers.update_rules.adam import Adam
from solvers.update_rules.momentum import Momentum

rng = np.random.default_rng(0)
x, y, W, b = np.ones((4, 3)), np.arange(4), np.ones((3, 2)), np.ones(2)

affine.forward(x, W)  # wrong
affine.forward(y, W, b)  # wrong
affine.forward(x, W, bias=b)  # wrong
affine.forward([[1.0, 2.0]], W, b)  # wrong
scores = affine.forward(x, W, b)
relu.forward(scores)  # wrong
out, cache = affine.forward(x, W, b)
dx, dW = affine.backward(out, cache)  # wrong
relu.backward(out)  # wrong
relu.backward(out, out)  # wrong
relu.forward("x")  # wrong
softmax_loss.forward(out, x)  # wrong
square_loss.forward(out, y)  # wrong
softmax_loss.backward(cache)  # wrong
dropout.forward(x, 0.5)  # wrong
dropout.forward(x, 0.5, 0)  # wrong
batchnorm.forward(x, b, b, x)  # wrong
copy.backward(x, cache)  # wrong

FullyConnectedNet(4, 3)  # wrong
FullyConnectedNet([4, 3], activation="relu")  # wrong
FullyConnectedNet([4, 3], activation=softmax_loss)  # wrong
FullyConnectedNet([4, 3], loss_layer=relu)  # wrong
FullyConnectedNet([4, 3], norm=affine)  # wrong
FullyConnectedNet([4, 3], dropout=0.5)  # wrong
net = TwoLayerNet(3, 5, 2)
net.loss(x)  # wrong
net.forward(x)  # wrong
loss, dW1, db1 = net.loss(x, y)  # wrong

Solver(net, x, y, update_rule=Adam(), schedule=schedules.constant(1), rng=rng)  # wrong
Solver(net, (x, y), update_rule=Adam, schedule=schedules.constant(1), rng=rng)  # wrong
Solver(net, (x, y), update_rule="adam", schedule=schedules.constant(1), rng=rng)  # wrong
Solver(net, (x, y), update_rule=Adam(), schedule=0.1, rng=rng)  # wrong
Solver(net, (x, y), update_rule=Adam(), schedule=schedules.constant(1))  # wrong
Solver(net, (x, y), update_rule=Adam(), schedule=schedules.constant(1), rng=0)  # wrong
Solver(relu, (x, y), update_rule=Adam(), schedule=schedules.constant(1), rng=rng)  # wrong
Momentum(beta=0.9)  # wrong
schedules.cosine(0.1)  # wrong
schedules.cosin(0.1, 20)  # wrong

check(relu, x)  # wrong
check(relu.forward, relu.backward, x, wrt="x")  # wrong
check_model(relu, x, y)  # wrong
check_model(net, x, y).raise_if_rong()  # wrong

MLPClassifier((8,))  # wrong
MLPClassifier(hidden=8)  # wrong
MLPClassifier(hiden=(8,))  # wrong
MLPClassifier(activation=relu)  # wrong
MLPClassifier().fit(x)  # wrong
MLPClassifier().save()  # wrong

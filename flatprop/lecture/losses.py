"""Slides "SVM loss", "regularization", "Total loss": the losses side by side, R(W), two lambdas."""

import numpy as np

from flatprop.lecture.content import Arrays, Listing, Slip, Table, Text
from layers import l2_penalty, matmul, relu, softmax_loss, svm_loss
from layers.gates import add
from models.initialization import normal
from models.two_layer_net import TwoLayerNet

TITLE = "SVM and softmax loss, R(W), lambda1 and lambda2"
SECTION = "SVM loss, regularization, total loss"
INPUTS = {"s0": 13.0, "s1": -7.0, "s2": 11.0, "y": 0, "margin": 10.0,
          "p0": 0.2, "p1": 0.3, "p2": 0.5, "right": 1, "classes": 10,
          "lambda1": 0.1, "lambda2": 0.01, "seed": 0}
RANGES = {"y": (0, 2), "right": (0, 2), "margin": (0, 1e6), "p0": (1e-12, 1e6),
          "p1": (1e-12, 1e6), "p2": (1e-12, 1e6), "classes": (2, 1000), "lambda1": (0, 1e6),
          "lambda2": (0, 1e6), "seed": (0, 2**32 - 1)}
TINY = 1e-9     # the scale of weights at which a net knows nothing yet


def total_loss(x, y, W1, W2, lambda1, lambda2, loss_layer):
    """L = 1/N sum L_i + lambda1 R(W1) + lambda2 R(W2) of s = W2 max(0, W1 x)."""
    h, h_cache = matmul.forward(x, W1)
    a, a_cache = relu.forward(h)
    s, s_cache = matmul.forward(a, W2)
    data, data_cache = loss_layer.forward(s, y)
    R1, R1_cache = l2_penalty.forward(W1, lambda1)
    R2, R2_cache = l2_penalty.forward(W2, lambda2)
    R, R_cache = add.forward(R1, R2)
    L, L_cache = add.forward(data, R)

    ddata, dR = add.backward(1.0, L_cache)
    dR1, dR2 = add.backward(dR, R_cache)
    dW2_R = l2_penalty.backward(dR2, R2_cache)
    dW1_R = l2_penalty.backward(dR1, R1_cache)
    ds = loss_layer.backward(ddata, data_cache)
    da, dW2 = matmul.backward(ds, s_cache)
    dh = relu.backward(da, a_cache)
    dx, dW1 = matmul.backward(dh, h_cache)
    return L, data, R1, R2, dW1 + dW1_R, dW2 + dW2_R


def example(seed):
    """x (4, 2), labels y (4,), W1 (2, 3), W2 (3, 3), with one decimal, to be read."""
    rng = np.random.default_rng(seed)
    x, W1, W2 = (np.round(rng.normal(size=shape), 1) for shape in ((4, 2), (2, 3), (3, 3)))
    return x, rng.integers(3, size=4), W1, W2


def show(inputs):
    """One example's losses, what they say at the start of training, and the total loss."""
    scores = np.array([[inputs["s0"], inputs["s1"], inputs["s2"]]])
    p = np.array([[inputs["p0"], inputs["p1"], inputs["p2"]]])
    p /= p.sum()
    x, y, W1, W2 = example(inputs["seed"])
    given = {"x": x, "y": y, "W1": W1, "W2": W2, "lambda1": inputs["lambda1"],
             "lambda2": inputs["lambda2"], "loss_layer": svm_loss}
    svm = total_loss(*given.values())
    soft = total_loss(*(given | {"loss_layer": softmax_loss}).values())
    names = ["total L", "data loss", "lambda1 R(W1)", "lambda2 R(W2)"]
    return [
        Text("s = f(x; W1, W2) = W2 max(0, W1 x), the nonlinear score function. SVM loss: "
             "L_i = sum over j != y_i of max(0, s_j - s_{y_i} + 1). Regularization: R(W) = sum "
             "over k of W_k^2. Total loss: L = 1/N sum L_i + lambda1 R(W1) + lambda2 R(W2)."),
        Slip("s_j s_{y_i} + 1 has lost its minus; it should read s_j - s_{y_i} + 1."),
        side_by_side(scores, inputs["y"], inputs["margin"],
                     f"Scores [{', '.join(map('{:g}'.format, scores[0]))}], right class "
                     f"{inputs['y']}: the SVM is content once every other score is a margin below, "
                     "the softmax never is:"),
        Table(["", "p0", "p1", "p2"], [["p", *p[0]]],
              f"Probabilities of a softmax, that is scores ln p, right class {inputs['right']}:"),
        side_by_side(np.log(p), inputs["right"], 1.0,
                     "For the softmax dscores is p, minus 1 at the right class:"),
        chance(inputs["classes"], inputs["seed"]),
        Arrays({"x": x, "labels": y, "W1": W1, "W2": W2}, "The whole, of a small two-layer net:"),
        Listing(total_loss, given, "With the SVM loss; R(W) has no 1/2, so its gradient is "
                "2 lambda W, and W1 gets the sum of two gradients:"),
        Table(["", "SVM loss", "softmax loss"],
              [[name, one, other] for name, one, other in zip(names, svm[:4], soft[:4],
                                                              strict=True)],
              "The swap to softmax changes one argument of the same code:"),
        Arrays({"dW1 with SVM": svm[4], "dW1 with softmax": soft[4], "dW2 with SVM": svm[5],
                "dW2 with softmax": soft[5]}, "If we can compute dL/dW1 and dL/dW2, then we can "
               "learn W1 and W2. Side by side:"),
    ]


def side_by_side(scores, right, margin, caption):
    """A Table: the losses of one row of scores and their gradients."""
    y = np.array([right])
    rows = []
    for each in dict.fromkeys([margin, 1.0]):
        loss, cache = svm_loss.forward(scores, y, each)
        rows.append([f"SVM, margin {each:g}", loss, *svm_loss.backward(1.0, cache)[0]])
    loss, cache = softmax_loss.forward(scores, y)
    rows.append(["softmax", loss, *softmax_loss.backward(1.0, cache)[0]])
    return Table(["", "loss", "ds0", "ds1", "ds2"], rows, caption)


def chance(classes, seed):
    """A Table: the losses of a net whose weights are tiny, and what they must be."""
    rng = np.random.default_rng(seed)
    x, y = rng.normal(size=(50, 4)), rng.integers(classes, size=50)
    rows = []
    for name, layer, expected in (("softmax", softmax_loss, f"ln {classes}"),
                                  ("SVM", svm_loss, f"{classes} - 1")):
        net = TwoLayerNet(4, 8, classes, loss_layer=layer, dtype=np.float64, rng=rng,
                          init=lambda rng, D, M: normal(rng, D, M, TINY))
        loss, _ = net.loss(x, y)
        rows.append([name, loss, expected])
    return Table(["", "loss", "which is"], rows,
                 f"{classes} classes and tiny weights: all scores are about 0, so the loss is that "
                 "of chance. The first number to look at when training begins:")

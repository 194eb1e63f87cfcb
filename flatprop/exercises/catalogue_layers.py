"""Exercises of the layers: affine, the activations, the losses, L2."""

from flatprop.exercises.checks import inputs
from flatprop.exercises.checks.answers import check_of
from flatprop.exercises.checks.check_layer import layer_check
from flatprop.exercises.exercise import Exercise
from layers import affine, l2_penalty, relu, sigmoid, softmax_loss, svm_loss, tanh


def layer(name, reference, make, wrt=(0,), special=(), large=None):
    """A part of a check: a layer's file and its check."""
    file = f"layers/{name}.py"
    return file, layer_check(file, reference, make, wrt, special=special, large=large)


def layers_exercise(id, title, section, parts, prerequisites, points, hints, praise):
    """An Exercise to write forward and backward of the layers of its parts."""
    targets = [(file, ["forward", "backward"]) for file, _ in parts]
    return Exercise(id, title, section, targets, ["layers/checks.py"], prerequisites, points, hints,
                    check_of(parts, praise))


LAYERS = [
    layers_exercise(
        "affine", "Affine: a matrix multiply and a learnable bias", "Linear score function",
        [layer("affine", affine, inputs.affine, (0, 1, 2), large=150)], ["matmul"], 4,
        ["It is matmul, and b besides. b goes to every row: which gate is that?",
         "dx = dout W^T, dW = x^T dout, db = the sum of dout over the rows. With need_dx=False dx "
         "may be None.",
         "def forward(x, W, b):\n    return x @ W + b, (x, W)\n\n"
         "def backward(dout, cache, need_dx=True):\n    x, W = cache\n"
         "    dx = dout @ W.T if need_dx else None\n    return dx, ..., dout.sum(axis=...)"],
        "The bias fans out to every row, so its gradients add up."),
    layers_exercise(
        "relu", "ReLU: max(0, x)", "Vector derivatives: implicit multiplication",
        [layer("relu", relu, inputs.batch, special=[inputs.zeros_among], large=350)],
        ["relu-jacobian"], 3,
        ["Where the input was positive the output moves with it; elsewhere it does not move.",
         "dx = dout where x > 0, else 0. At exactly 0 it is 0.",
         "def forward(x):\n    return np.maximum(x, 0), (x,)\n\n"
         "def backward(dout, cache):\n    (x,) = cache\n    return dout * (...)"],
        "A diagonal of zeros and ones, never formed."),
    layers_exercise(
        "sigmoid", "Sigmoid: one gate of local gradient (1 - sigma) sigma", "Sigmoid function",
        [layer("sigmoid", sigmoid, inputs.batch,
               special=[inputs.extremes, inputs.flat_parts(28, 36)], large=300)],
        ["sigmoid-neuron"], 3,
        ["backward needs the output alone. And e^-x overflows for x = -1000: that is no harm as "
         "long as the result is right and finite.",
         "out = 1 / (1 + e^-x), dx = (1 - out) out dout",
         "def forward(x):\n    out = 1 / (1 + np.exp(-x))\n    return out, (out,)\n\n"
         "def backward(dout, cache):\n    (out,) = cache\n    return ... * dout"],
        "The neuron of the slide, for arrays of any shape."),
    layers_exercise(
        "tanh", "Tanh: the sigmoid, stretched", "The activation function",
        [layer("tanh", tanh, inputs.batch, special=[inputs.extremes, inputs.flat_parts(15, 18)],
               large=300)], ["sigmoid"], 2,
        ["NumPy has np.tanh. Its derivative is written with its output.",
         "dx = (1 - tanh(x)^2) dout",
         "def forward(x):\n    out = np.tanh(x)\n    return out, (out,)\n\n"
         "def backward(dout, cache):\n    (out,) = cache\n    return (1 - ...) * dout"],
        "1 at zero, and almost nothing where it is flat: that is where gradients vanish."),
    layers_exercise(
        "svm-loss", "The SVM loss", "SVM loss: sum over j of max(0, s_j - s_y + 1)",
        [layer("svm_loss", svm_loss, inputs.scores, special=[inputs.scores_at_the_margin],
               large=250)],
        ["relu"], 4,
        ["Per row: how far does each wrong score come within the margin of the right one? The "
         "right class itself does not count. The mean is over the rows.",
         "excess_j = s_j - s_y + margin, 0 for j = y. loss = sum max(0, excess) / N. Each positive "
         "excess gives 1/N to its own score and takes 1/N from the right one.",
         "rows = np.arange(len(y))\nexcess = scores - scores[rows, y][:, None] + margin\n"
         "excess[rows, y] = 0\nloss = np.maximum(excess, 0).sum() / len(y)\n\n"
         "dscores = (excess > 0).astype(excess.dtype)\ndscores[rows, y] = -...\n"
         "return dscores * (dloss / ...)"],
        "A max gate for every wrong class: those within the margin push, the others rest."),
    layers_exercise(
        "softmax-loss", "The softmax loss, stable", "Change the loss: softmax instead of SVM",
        [layer("softmax_loss", softmax_loss, inputs.scores, special=[inputs.extreme_scores],
               large=250)],
        ["svm-loss"], 4,
        ["e^1000 overflows. What happens to the probabilities if the same number is taken off "
         "every score of a row?",
         "shifted = scores - max of the row; p = e^shifted / sum; loss = mean of -log p[y], where "
         "log p = shifted - log sum; dscores = (p - 1 at y) / N * dloss.",
         "rows = np.arange(len(y))\nshifted = scores - scores.max(axis=1, keepdims=True)\n"
         "e = np.exp(shifted)\n"
         "totals = e.sum(axis=1, keepdims=True)\n"
         "loss = (np.log(totals[:, 0]) - shifted[rows, y]).mean()\n\n"
         "dscores = e / totals\ndscores[rows, y] -= ...\nreturn dscores * (dloss / len(y))"],
        "p - 1 at the right class, p elsewhere: the simplest gradient of all losses."),
    layers_exercise(
        "l2", "L2: lambda R(W), with R(W) = sum W^2", "Regularization",
        [layer("l2_penalty", l2_penalty, inputs.weight_and_strength, large=300)],
        ["softmax-loss"], 2,
        ["There is no 1/2 in the lecture's R(W). What does its derivative look like then?",
         "penalty = strength sum W^2, dW = 2 strength W dpenalty. float32 should stay float32.",
         "def forward(W, strength):\n    return strength * np.sum(W * W), (W, strength)\n\n"
         "def backward(dpenalty, cache):\n    W, strength = cache\n    return ... * W"],
        "2 lambda W: a pull to zero, the stronger the further away."),
]

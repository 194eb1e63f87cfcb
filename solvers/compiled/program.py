"""From a Solver to a program: what the compiled epoch reads in the place of the model.

Why: what numba compiles must not depend on the net, or every net would wait for eleven seconds of
compiling; what is kept on disk is loaded in 0.3. So the chain of a model becomes a table of
numbers, a row for each affine layer with the norm, the activation and the dropout after it, and one
compiled function reads any such table.

The layers and models know nothing of this. What stands here no program is made for, such as a layer
of one's own, is trained by the Solver as ever, and `why_not` says in a line why.
"""

import numpy as np

from layers import (
    affine,
    batchnorm,
    dropout,
    elu,
    gelu,
    leaky_relu,
    logistic_loss,
    relu,
    selu,
    sigmoid,
    silu,
    softmax_loss,
    softplus,
    square_loss,
    squared_hinge_loss,
    svm_loss,
    tanh,
)
from models.fully_connected_net import FullyConnectedNet
from models.linear_classifier import LinearClassifier
from models.two_layer_net import TwoLayerNet
from models.two_layer_regressor import TwoLayerRegressor
from solvers.update_rules.adagrad import Adagrad
from solvers.update_rules.adam import Adam
from solvers.update_rules.adamw import Adamw
from solvers.update_rules.momentum import Momentum
from solvers.update_rules.nesterov import Nesterov
from solvers.update_rules.rmsprop import Rmsprop
from solvers.update_rules.sgd import Sgd

# Models whose loss is known to be their chain, with dropout after each activation. A class derived
# from one of them may have a loss of its own.
MODELS = (LinearClassifier, TwoLayerNet, TwoLayerRegressor, FullyConnectedNet)
# By the numbers that kernels.py and updates.py have for them.
ACTIVATIONS = (None, relu, leaky_relu, elu, selu, gelu, silu, softplus, sigmoid, tanh)
SOFTMAX, SMOOTHED = 0, 1
LOSSES = (softmax_loss, None, svm_loss, logistic_loss, square_loss, squared_hinge_loss)
RULES = (Sgd, Momentum, Nesterov, Adagrad, Rmsprop, Adam, Adamw)
RELU, SILU_AND_GELU = ACTIVATIONS.index(relu), (ACTIVATIONS.index(silu), ACTIVATIONS.index(gelu))
NEED_INPUT = (*SILU_AND_GELU, ACTIVATIONS.index(softplus))      # by their gradient

# The columns of a row. Widths in entries; places in theta, in the statistics, in the buffers of a
# step (X to INVERSE) and in that of the gradients (GW to GBETA). DROP is least_kept, 0 without.
(INPUTS, WIDTH, W, B, NORM, GAMMA, BETA, MEAN, VAR, ACT, DROP, X, Z, Y, A, OUT, MASK, DELTA,
 AVERAGE, SPREAD, INVERSE, GW, GB, GGAMMA, GBETA) = range(25)
COLUMNS = 25
ALIGNED = 16        # entries: 64 bytes, which a line of the cache and a register have


def why_not(model, rule, x, y):
    """Why there is no program for this, a few words, or None where there is one.

    rule is the class of the update rule, x and y are the training examples.
    """
    if type(model) not in MODELS:
        return f"{type(model).__name__} may have a loss of its own, with no compiled form"
    if model.theta.dtype != np.float32:
        return f"{model.theta.dtype} has no compiled form"
    if rule not in RULES:
        return f"the update rule {rule.__name__} has no compiled form"
    if isinstance(model, FullyConnectedNet) and any(model.noises):
        return "noise has no compiled form"
    if any(drops(model)) and model.drop_layer is not dropout:
        return "Gaussian dropout has no compiled form"
    for layer, _ in model.chain():
        if layer not in (affine, batchnorm, *ACTIVATIONS):
            return f"the layer {layer.__name__.rpartition('.')[2]} has no compiled form"
    if model.loss_layer not in LOSSES:
        return f"the loss {model.loss_layer.__name__.rpartition('.')[2]} has no compiled form"
    if any(drops(model)) and not has_pcg64(model.rng):
        return "dropout from another generator than NumPy's default has no compiled form"
    return why_not_examples(model, x, y)


def why_not_examples(model, x, y):
    """The same of the examples: what each step of the Solver would refuse."""
    first, last = model.shapes[model.weights[0]][0], model.shapes[model.weights[-1]][1]
    if len(x.shape) != 2 or x.shape[1] != first or x.dtype != np.float32:
        return f"x is {x.dtype} {x.shape}, not float32 (N, {first})"
    if model.loss_layer is square_loss:
        fits = y.shape == (len(x), last) and y.dtype == np.float32
    else:
        classes = 2 if model.loss_layer is logistic_loss else last
        fits = (y.ndim == 1 and y.dtype.kind in "iu" and y.min() >= 0 and y.max() < classes
                and (last == 1 or model.loss_layer is not logistic_loss))
    return None if fits else "the targets do not fit the loss"


def drops(model):
    """The probabilities of dropping an input, and a unit of each hidden layer; [0.0] without."""
    return vars(model).get("drops", [0.0]) if isinstance(model, FullyConnectedNet) else [0.0]


def least_kept(p):
    """The least of the numbers below 2^24 that dropout draws with which an entry is kept."""
    # A number of 24 bits over 2^24 is at least p, both float32.
    return int(np.ceil(float(np.float32(p)) * 2**24))


def has_pcg64(rng):
    """Whether a Generator draws from the kind of stream that kernels.py knows."""
    return rng.bit_generator.state["bit_generator"] == "PCG64"


def loss_number(model):
    """The number of its loss, and the share of its labels that is spread over all classes."""
    smoothing = model.smoothing if isinstance(model, FullyConnectedNet) else 0.0
    return (SMOOTHED if smoothing else LOSSES.index(model.loss_layer)), smoothing


def rule_numbers(rule):
    """The number of an update rule, and its constants as updates.py has them, float32 (5,)."""
    kind = min(RULES.index(type(rule)), RULES.index(Adam))      # AdamW steps as Adam does
    numbers = np.zeros(5, np.float32)
    if isinstance(rule, Momentum | Nesterov):
        numbers[0] = rule.momentum
    elif isinstance(rule, Adagrad):
        numbers[4] = rule.eps
    elif isinstance(rule, Rmsprop):
        numbers[2:] = rule.decay, 1 - rule.decay, rule.eps
    elif isinstance(rule, Adam):
        numbers[:] = rule.beta1, 1 - rule.beta1, rule.beta2, 1 - rule.beta2, rule.eps
    return kind, numbers


class Places:
    """Gives out places in a vector, one after the other, each at a multiple of ALIGNED."""

    def __init__(self):
        self.size = 0

    def take(self, count):
        place = self.size
        self.size += -(-count // ALIGNED) * ALIGNED
        return place


def layers_of(model):
    """The rows of the table so far as the model says them: a dict {column: number} for each."""
    in_theta = offsets(model.shapes)
    in_statistics = offsets({name: view.shape for name, view in
                             getattr(model, "running", {}).items()})
    rows = []
    for layer, names in model.chain():
        if layer is affine:
            inputs, width = model.shapes[names[0]]
            rows.append({INPUTS: inputs, WIDTH: width, W: in_theta[names[0]],
                         B: in_theta[names[1]]})
        elif layer is batchnorm:
            gamma, beta, mean, var = names
            rows[-1] |= {NORM: 1, GAMMA: in_theta[gamma], BETA: in_theta[beta],
                         MEAN: in_statistics[mean], VAR: in_statistics[var]}
        else:
            rows[-1][ACT] = ACTIVATIONS.index(layer)
    for row, p in zip(rows[:-1], drops(model)[1:], strict=False):
        row[DROP] = least_kept(p)
    return rows


def offsets(shapes):
    """{name: where it begins} in a vector that holds all of shapes, one after the other."""
    places, start = {}, 0
    for name, shape in shapes.items():
        places[name] = start
        start += int(np.prod(shape))
    return places


def lay_out(rows, batch_size, keeps_all):
    """The table (L, COLUMNS) of these rows; sizes of the buffers of a step and of the gradients.

    keeps_all: whether all gradients are needed at once, for clipping; if not, those of the weights
    share one place, which is then more likely to be in the cache.
    """
    table = np.zeros((len(rows), COLUMNS), np.int64)
    step, gradients = Places(), Places()
    shared = gradients.take(0 if keeps_all else max(row[INPUTS] * row[WIDTH] for row in rows))
    inputs = step.take(batch_size * rows[0][INPUTS])
    for line, row in zip(table, rows, strict=True):
        for column, number in row.items():
            line[column] = number
        width, act = line[WIDTH], line[ACT]
        line[X] = inputs
        line[Z] = line[Y] = line[A] = line[OUT] = step.take(batch_size * width)
        if line[NORM]:                              # Z keeps what is normalized
            line[Y] = line[A] = line[OUT] = step.take(batch_size * width)
            line[AVERAGE], line[SPREAD], line[INVERSE] = (step.take(width) for _ in range(3))
            line[GGAMMA], line[GBETA] = gradients.take(width), gradients.take(width)
        if act in NEED_INPUT:                       # Y keeps what it reads
            line[A] = line[OUT] = step.take(batch_size * width)
        if line[DROP] and act != RELU:              # A keeps what the gradient reads
            line[OUT], line[MASK] = step.take(batch_size * width), step.take(batch_size * width)
        inputs = line[OUT]
        line[DELTA] = step.take(batch_size * width)
        line[GW] = gradients.take(line[INPUTS] * width) if keeps_all else shared
        line[GB] = gradients.take(width)
    return table, step.size, gradients.size


def aligned(size):
    """A vector of zeros, float32 (size,), that begins at a line of the cache."""
    room = np.zeros(size + ALIGNED, np.float32)
    start = -room.ctypes.data // 4 % ALIGNED
    return room[start : start + size]

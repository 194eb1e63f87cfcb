"""A fully connected net of any depth, the lecture's "multi-layer perceptron".

Each hidden layer is affine - [norm] - [activation] - [dropout]; then affine and the loss.
"""

import numpy as np

from layers import (
    affine,
    batchnorm,
    dropout,
    gaussian_noise,
    layernorm,
    maxout,
    relu,
    smoothed_softmax_loss,
    softmax_loss,
)
from models import parameters
from models.initialization import he
from models.weighting import given


class FullyConnectedNet(parameters.Copyable):
    """sizes [D, H1, ..., C]; params W1, b1, W2, b2, ... and gamma1, beta1, ... where normalized.

    activation is a module of layers/, or None: then the whole net is one linear map. norm is None,
    batchnorm or layernorm; loss_layer a module of layers/. drop is the probability of dropping a
    hidden unit, noise the standard deviation of Gaussian noise on the inputs; or each is a list,
    for the inputs and each hidden layer. smoothing is the share of its labels that softmax_loss
    spreads over all classes in training (layers/smoothed_softmax_loss.py), pieces how many affine
    pieces a maxout unit has, whose affine layer is that many times as wide. rng (a numpy Generator,
    default: seed 0) draws the weights, and then the noise and the dropout masks.
    loss is the training pass: it draws these, noise_share times the noise, and moves batchnorm's
    running statistics, which are views of the vector statistics. scores is the evaluation pass and
    changes nothing.
    """

    def __init__(self, sizes, *, activation=relu, loss_layer=softmax_loss, norm=None, drop=0.0,
                 noise=0.0, smoothing=0.0, pieces=2, init=he, rng=None, dtype=np.float32):
        if len(sizes) < 2:
            raise ValueError(f"sizes {sizes} must name at least the inputs and the outputs")
        if norm not in (None, batchnorm, layernorm):
            raise ValueError("norm must be None, layers.batchnorm or layers.layernorm")
        if not 0 <= smoothing < 1 or smoothing and loss_layer is not softmax_loss:
            raise ValueError("smoothing must lie in [0, 1), and goes with the softmax loss alone")
        self.activation, self.loss_layer, self.norm = activation, loss_layer, norm
        if not pieces >= 1:
            raise ValueError(f"pieces must be 1 or more, not {pieces}")
        self.smoothing, self.pieces = smoothing, pieces
        self.rng = np.random.default_rng(0) if rng is None else rng
        self.depth = len(sizes) - 1
        self.hidden = range(1, self.depth)
        count = len(self.hidden)
        self.drops = by_layer("drop", drop, [0.0] + [drop] * count, below=1)
        self.noises = by_layer("noise", noise, [noise] + [0.0] * count, below=np.inf)
        self.noise_share = 1.0                          # which the Solver may let fall

        widths = [size * pieces if activation is maxout else size for size in sizes[1:-1]]
        widths.append(sizes[-1])                     # what each affine layer gives
        pairs = list(zip(sizes[:-1], widths, strict=True))
        self.weights = [f"W{i}" for i in range(1, self.depth + 1)]
        self.shapes = dict(zip(self.weights, pairs, strict=True))
        self.shapes |= {f"b{i}": (width,) for i, width in enumerate(widths, 1)}
        if norm is not None:
            self.shapes |= {f"{word}{i}": (widths[i - 1],)
                            for word in ("gamma", "beta") for i in self.hidden}
        self.theta, self.params = parameters.lay_out(self.shapes, dtype)
        for name, (fan_in, fan_out) in zip(self.weights, pairs, strict=True):
            self.params[name][:] = init(self.rng, fan_in, fan_out)

        running = {f"{word}{i}": (widths[i - 1],)
                   for word in ("mean", "var") for i in self.hidden if norm is batchnorm}
        self.statistics, self.running = parameters.lay_out(running, dtype)
        for name, value in (self.params | self.running).items():
            if name.startswith(("gamma", "var")):
                value[:] = 1

    def scores(self, x):
        """x (N, D) -> scores (N, C), without dropout and with the running statistics."""
        return self.activations(x)["scores"]

    def activations(self, x):
        """The output of each hidden layer by name, in order, and the scores, when evaluating."""
        outputs = {}
        active = x
        for i in self.hidden:
            active, _ = self._hidden_forward(i, active, training=False)
            outputs[f"hidden{i}"] = active
        p = self.params
        outputs["scores"], _ = affine.forward(active, p[f"W{self.depth}"], p[f"b{self.depth}"])
        return outputs

    def chain(self):
        """What scores runs through: each layer, and the names of its parameters in order.

        batchnorm's end with the running statistics that it evaluates with, mean and var; maxout is
        of self.pieces.
        """
        steps = []
        for i in self.hidden:
            steps.append((affine, [f"W{i}", f"b{i}"]))
            if self.norm is batchnorm:
                steps.append((batchnorm, [f"gamma{i}", f"beta{i}", f"mean{i}", f"var{i}"]))
            elif self.norm is layernorm:
                steps.append((layernorm, [f"gamma{i}", f"beta{i}"]))
            if self.activation is not None:
                steps.append((self.activation, []))
        return [*steps, (affine, [f"W{self.depth}", f"b{self.depth}"])]

    def loss(self, x, y, weights=None):
        """Mean loss over the batch and its gradient for every parameter."""
        last, p = self.depth, self.params
        active, caches = self._training_inputs(x), {}
        for i in self.hidden:
            active, caches[i] = self._hidden_forward(i, active, training=True)
        scores, scores_cache = affine.forward(active, p[f"W{last}"], p[f"b{last}"])
        if self.smoothing:
            loss, loss_cache = smoothed_softmax_loss.forward(scores, y, self.smoothing, weights)
            dscores = smoothed_softmax_loss.backward(1.0, loss_cache)
        else:
            loss, loss_cache = self.loss_layer.forward(scores, y, **given(weights))
            dscores = self.loss_layer.backward(1.0, loss_cache)

        grads = {}
        dactive, grads[f"W{last}"], grads[f"b{last}"] = affine.backward(
            dscores, scores_cache, need_dx=last > 1)
        for i in reversed(self.hidden):
            dactive = self._hidden_backward(i, dactive, caches[i], grads)
        return loss, grads

    def _training_inputs(self, x):
        """x (N, D) as training takes it: with noise, and some of it dropped."""
        if self.noises[0]:
            spread = np.full_like(x, self.noises[0] * self.noise_share, shape=x.shape[1:])
            x, _ = gaussian_noise.forward(x, spread, self.rng)
        if self.drops[0]:
            x, _ = dropout.forward(x, self.drops[0], self.rng)
        return x

    def _hidden_forward(self, i, x, training):
        """Hidden layer i: x (N, H of the layer before) -> active (N, H), the caches on the way."""
        p = self.params
        norm_cache = noise_cache = active_cache = drop_cache = None
        active, affine_cache = affine.forward(x, p[f"W{i}"], p[f"b{i}"])
        if self.norm is layernorm:
            active, norm_cache = layernorm.forward(active, p[f"gamma{i}"], p[f"beta{i}"])
        elif self.norm is not None:     # batchnorm, or that of several processes, solvers/ranks.py
            mean, var = self.running[f"mean{i}"], self.running[f"var{i}"]
            running = None if training else (mean, var)
            active, norm_cache = self.norm.forward(active, p[f"gamma{i}"], p[f"beta{i}"], running)
            if training:
                mean[:], var[:] = self.norm.update_running(mean, var, norm_cache)
        if self.noises[i] and training:
            active, noise_cache = gaussian_noise.forward(active, self._spread(i, active), self.rng)
        if self.activation is maxout:
            active, active_cache = maxout.forward(active, self.pieces)
        elif self.activation is not None:
            active, active_cache = self.activation.forward(active)
        if self.drops[i] and training:
            active, drop_cache = dropout.forward(active, self.drops[i], self.rng)
        return active, (affine_cache, norm_cache, noise_cache, active_cache, drop_cache)

    def _hidden_backward(self, i, dactive, caches, grads):
        """The same chain backward: fills grads, gives the gradient for the layer's input."""
        affine_cache, norm_cache, noise_cache, active_cache, drop_cache = caches
        if self.drops[i]:
            dactive = dropout.backward(dactive, drop_cache)
        if self.activation is not None:
            dactive = self.activation.backward(dactive, active_cache)
        if self.noises[i]:
            dactive, dspread = gaussian_noise.backward(dactive, noise_cache)
        if self.norm is not None:
            dactive, grads[f"gamma{i}"], grads[f"beta{i}"] = self.norm.backward(dactive, norm_cache)
            if self.noises[i]:
                grads[f"gamma{i}"] += self.noises[i] * self.noise_share * dspread
        dx, grads[f"W{i}"], grads[f"b{i}"] = affine.backward(dactive, affine_cache, need_dx=i > 1)
        return dx

    def _spread(self, i, x):
        """The standard deviation of hidden layer i's noise (H,): on normalized units, before gamma
        and beta, as in Rasmus et al. 2015; without a norm, on what affine gives, x (N, H).
        """
        spread = self.noises[i] * self.noise_share
        if self.norm is not None:
            return spread * self.params[f"gamma{i}"]
        return np.full_like(x, spread, shape=x.shape[1:])


def by_layer(name, given, of_one, below):
    """given as a list, for the inputs and each hidden layer; of_one is what one number means.

    Raises ValueError for another count than of_one has, or a number outside [0, below).
    """
    values = of_one if np.ndim(given) == 0 else [*given]
    if len(values) != len(of_one):
        raise ValueError(f"{name} has {len(values)} values: give one number, or {len(of_one)}, for "
                         "the inputs and each hidden layer")
    for each in np.ravel(given):
        if not 0 <= each < below:
            raise ValueError(f"{name} must lie in [0, {below:g}), not {each}")
    return values

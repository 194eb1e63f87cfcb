"""Nets of other forms: no biases, weights used twice, one output, a bias in a column of ones."""

import numpy as np
import pytest

from gradient_check import check_model

RNG = np.random.default_rng(0)
X, Y = RNG.standard_normal((7, 4)), RNG.uniform(-1, 1, (7, 2))


class Net:
    """params of these shapes, from a normal distribution; loss is added by each net below."""

    def __init__(self, **shapes):
        rng = np.random.default_rng(1)
        self.params = {name: 0.6 * rng.standard_normal(shape) for name, shape in shapes.items()}

    def loss(self, x, y):
        out, back = self.run(x, *self.params.values())
        grads = back((out - y) / len(x))
        return 0.5 * ((out - y) ** 2).sum() / len(x), dict(zip(self.params, grads, strict=True))


class Residual(Net):
    """h = x A, m = h + tanh(h B), out = m C, without biases; what comes past B or through it is
    left out.
    """

    keep = ("past", "through")

    def run(self, x, A, B, C):
        h = x @ A
        t = np.tanh(h @ B)

        def back(dout):
            dm = dout @ C.T
            dz = dm * (1 - t**2)
            dh = ("past" in self.keep) * dm + ("through" in self.keep) * dz @ B.T
            return x.T @ dh, h.T @ dz, (h + t).T @ dout
        return (h + t) @ C, back


class Recurrent(Net):
    """h = tanh(x U), three times h = tanh(h W + b), out = h V; `first` of the steps are left out.
    """

    first = 0

    def run(self, x, U, W, b, V):
        h = [np.tanh(x @ U)]
        for _ in range(3):
            h.append(np.tanh(h[-1] @ W + b))

        def back(dout):
            dh, dW, db = dout @ V.T, np.zeros_like(W), np.zeros_like(b)
            for i in (2, 1, 0):
                dz = dh * (1 - h[i + 1] ** 2)
                dh = dz @ W.T
                if i >= self.first:
                    dW, db = dW + h[i].T @ dz, db + dz.sum(axis=0)
            return x.T @ (dh * (1 - h[0] ** 2)), dW, db, h[3].T @ dout
        return h[3] @ V, back


class TwoLayers(Net):
    """tanh net; each net below changes one gradient or what comes down."""

    def run(self, x, wh, bh, wo, bo):
        z = x @ wh + bh
        h = np.tanh(z)

        def back(dout):
            dz = self.down(dout, wo, h.T @ dout) * (1 - h**2)
            return x.T @ dz, dz.sum(axis=0), self.into(z, h).T @ dout, dout.sum(axis=0)
        return h @ wo + bo, back

    def down(self, dout, wo, dwo):
        return dout @ wo.T

    def into(self, z, h):
        return h


class BeforeTanh(TwoLayers):
    def into(self, z, h):
        return z


class TwiceStepped(TwoLayers):
    def down(self, dout, wo, dwo):
        return dout @ wo.T + dout @ (wo - 0.2 * dwo).T


class NothingFromAbove(TwoLayers):
    def down(self, dout, wo, dwo):
        return 1.0


class ColumnOfOnes(Net):
    """out = (1, x) T^T with T (M, D + 1); the bias has a decay that the loss has not."""

    def run(self, x, T):
        ones = np.c_[np.ones(len(x)), x]
        return ones @ T.T, lambda dout: (dout.T @ ones + 0.3 * (np.arange(T.shape[1]) == 0),)


class Decayed(TwoLayers):
    """wo's penalty, 0.1 wo^2, has the gradient 0.1 wo; `lone` rows are refused."""

    lone = True

    def loss(self, x, y):
        if len(x) == 1 and not self.lone:
            raise ValueError("one row has no variance")
        loss, grads = super().loss(x, y)
        wo = self.params["wo"]
        return loss + 0.1 * (wo**2).sum(), grads | {"wo": grads["wo"] + 0.1 * wo}


SIZES = {"wh": (4, 5), "bh": 5, "wo": (5, 2), "bo": 2}


def first_words(net, y=Y, **options):
    """What the check says first of a net."""
    return next(each for each in check_model(net, X, y, **options).found if each.fails).says


@pytest.mark.parametrize("keep, lost", [("past", "through"), ("through", "past")])
def test_a_lost_way_is_told_without_biases(keep, lost):
    net = Residual(A=(4, 5), B=(5, 5), C=(5, 2))
    assert not check_model(net, X, Y).wrong
    net.keep = keep
    assert first_words(net) == f"dA lacks a part: what comes {lost} B is lost"


@pytest.mark.parametrize("biases", [{"b": 6}, {"b": (1, 6)}])
def test_a_lost_use_of_weights_is_told(biases):
    net = Recurrent(U=(4, 6), W=(6, 6), **biases, V=(6, 2))
    assert not check_model(net, X, Y).wrong
    net.first = 1
    assert "the gradient of one of the weight's uses is lost" in first_words(net)


@pytest.mark.parametrize("net, says", [
    (BeforeTanh, "dwo is z1^T @ dz2, where h1^T @ dz2 is meant"),
    (TwiceStepped, "dz1 comes through wo already stepped, wo - 0.1 dwo, 2 times. z1 is what bh is"),
    (NothingFromAbove, "dz1 does not depend on the targets"),
    (Decayed, "the loss has 0.1 sum(wo^2), whose gradient is 0.2 wo; dwo has 0.1 wo, 0.5 times"),
])
def test_a_net_by_its_layers(net, says):
    assert not check_model(TwoLayers(**SIZES), X, Y).wrong
    assert first_words(net(**SIZES)).startswith(says)


def test_one_output():
    net = BeforeTanh(wh=(4, 5), bh=5, wo=(5, 1), bo=1)
    assert first_words(net, Y[:, :1]).startswith("dwo is z1^T @ dz2")


def test_a_net_that_takes_no_single_row():
    net = Decayed(**SIZES)
    net.lone = False
    assert first_words(net) == "dwo lacks 0.1 wo of the gradient of an L2 penalty"


def test_a_decay_in_the_column_of_ones():
    assert first_words(ColumnOfOnes(T=(2, 5))) == "dT is the right gradient + 0.3 in column 0"


def test_a_loss_that_takes_no_targets():
    class Autoencoder(TwoLayers):
        def loss(self, x, y):
            return super().loss(x, x)
    assert not check_model(Autoencoder(**SIZES | {"wo": (5, 4), "bo": 4}), X, None).wrong

"""PyTorch, eager or compiled, with its fused optimizers; minibatches by an index permutation.

compiled: torch.compile of the gather, the forward pass and the loss, hence of their backward too.
The optimizer stays the fused one, which is a single compiled kernel already.
"""

import torch
from torch.nn import functional as F

from benchmarks.networks import LAMBDA, MOMENTUM, RATES


def make(sizes, batch, rule, x, y, start, compiled=False):
    """-> run(epochs), which gives the last epoch's mean loss, and weights()."""
    torch.manual_seed(2)
    affines = []
    for W, b in start:
        affine = torch.nn.Linear(*W.shape)
        with torch.no_grad():
            affine.weight.copy_(torch.from_numpy(W.T))
            affine.bias.copy_(torch.from_numpy(b))
        affines.append(affine)
    chain = [layer for affine in affines for layer in (affine, torch.nn.ReLU())]
    model = torch.nn.Sequential(*chain[:-1])
    groups = [
        {"params": [affine.weight for affine in affines], "weight_decay": 2 * LAMBDA},
        {"params": [affine.bias for affine in affines], "weight_decay": 0.0},
    ]
    if rule == "adam":
        optimizer = torch.optim.Adam(groups, lr=RATES[rule], fused=True)
    else:
        momentum = MOMENTUM if rule == "momentum" else 0.0
        optimizer = torch.optim.SGD(groups, lr=RATES[rule], momentum=momentum, fused=True)
    x, y = torch.from_numpy(x), torch.from_numpy(y)

    def loss_of(index):
        return F.cross_entropy(model(x[index]), y[index])

    if compiled:
        torch._dynamo.reset()  # forget the networks before this one
        loss_of = torch.compile(loss_of, dynamic=False)

    def run(epochs):
        for _ in range(epochs):
            total = 0.0
            for index in torch.randperm(len(x)).split(batch):
                optimizer.zero_grad(set_to_none=True)
                loss = loss_of(index)
                loss.backward()
                optimizer.step()
                total += loss.item() * len(index)
        return total / len(x)

    def weights():
        return [
            (affine.weight.detach().numpy().T, affine.bias.detach().numpy()) for affine in affines
        ]

    return run, weights

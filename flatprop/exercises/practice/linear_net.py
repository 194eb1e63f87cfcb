"""A net without activations: "we end up with a linear classifier again!"."""


def deep(x, Ws, bs):
    """The scores of a net of affine layers with nothing between them.

    x (N, D), Ws a list of matrices (D, H), ..., (H, C), bs a list of as many vectors
    -> scores (N, C)
    """
    out = x
    for W, b in zip(Ws, bs, strict=True):
        out = out @ W + b
    return out


def collapse(Ws, bs):
    """The one affine layer that does what the whole net does.

    Ws, bs as in deep -> W (D, C), b (C,), with deep(x, Ws, bs) = x W + b for every x
    """
    W, b = Ws[0], bs[0]
    for following, bias in zip(Ws[1:], bs[1:], strict=True):
        b = b @ following + bias
        W = W @ following
    return W, b

"""Linear autoencoder with one weight, x W W^T: x (N, D), W (D, H) -> out (N, D)."""


def forward(x, W):
    hidden = x @ W
    return hidden @ W.T, (x, W, hidden)


def backward(dout, cache):
    x, W, hidden = cache
    dhidden = dout @ W
    dW = dout.T @ hidden
    dx = dhidden @ W.T
    dW += x.T @ dhidden
    return dx, dW

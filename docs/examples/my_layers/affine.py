def forward(x, W, b):
    return x @ W + b, (x, W)

def backward(dout, cache):
    x, W = cache
    dx = dout @ W.T
    dW = dout.T @ x
    db = dout.mean(axis=0)
    return dx, dW, db

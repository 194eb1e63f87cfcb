"""Every query with every key, q k^T: q (N, D), k (M, D) -> out (N, M)."""


def forward(q, k):
    return q @ k.T, (q, k)


def backward(dout, cache):
    q, k = cache
    return dout @ k, dout.T @ q

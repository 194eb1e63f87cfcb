"""Networks chained by hand from layers; each gives scores(x) and loss(x, y) -> (loss, grads)."""

"""One layer per module: forward(...) -> (out, cache), backward(dout, cache) -> gradients."""

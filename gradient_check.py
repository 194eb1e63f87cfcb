"""Check gradients against differences of the forward pass, and say what is wrong with them.

As a library:

    from gradient_check import check, check_model
    check(affine.forward, affine.backward, x, W, b).raise_if_wrong()
    print(check_model(model, x, y))

As a command: python gradient_check.py --help, the same as flatprop check --help
"""

import sys

if __name__ == "__main__":
    from flatprop.__main__ import start
    sys.exit(start(["check", *sys.argv[1:]]))

from flatprop.gradcheck.layer_check import check
from flatprop.gradcheck.model_check import check_model

__all__ = ["check", "check_model"]

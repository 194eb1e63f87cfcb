"""Train a neural network: python train.py, the same as flatprop train (flatprop/cli/train.py)."""

import sys

from flatprop.__main__ import start

if __name__ == "__main__":
    sys.exit(start(["train", *sys.argv[1:]]))

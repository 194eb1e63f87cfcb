"""Train a neural network: python train.py, the same as flatprop train (flatprop/cli/train.py)."""

import sys

from flatprop.cli.train import main

if __name__ == "__main__":
    sys.exit(main())

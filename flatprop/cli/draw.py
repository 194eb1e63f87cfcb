"""Draw the circuit of a network of any sizes, or of a function of your own, with its gradients.

In Python the same is one line:

    from flatprop.circuits.draw import draw
    draw("net.svg", model.loss, x, y)

As a command: flatprop draw --help
"""

import argparse
import os
import sys

import numpy as np

from data import atomic
from flatprop.circuits import listing
from flatprop.circuits.graph import graph
from flatprop.circuits.svg import svg
from flatprop.cli import command, drawn_subjects
from flatprop.cli.errors import Parser, UsageError, number, one_of, whole
from layers.by_name import ACTIVATIONS, LOSSES, NORMS

DESCRIPTION = """Draw what a run of flat code does: each gate and layer, the value above each wire,
the gradient below it. Writes an SVG file, which any browser shows."""

EXAMPLES = """examples:
  flatprop draw two_layer_net --sizes 3 4 2 -o net.svg
  flatprop draw fully_connected_net --sizes 5 8 8 3 --activation tanh --norm batch --dropout 0.2
  flatprop draw sigmoid_neuron                   the lecture's neuron, on its numbers
  flatprop draw sigmoid_neuron w0=1 x0=2         or on yours
  flatprop draw mine.py:f x=3 y=-4 --listing     a function of your own, and its lines with values

A function of your own calls layers and gates, forward and then backward:

  from layers.gates import multiply

  def f(x, y):
      out, cache = multiply.forward(x, y)
      dx, dy = multiply.backward(1.0, cache)
      return out, dx, dy"""


def main(argv=None):
    """Run the command; gives its exit code."""
    args = parse(argv)
    # Infinities are seen in the drawing; NumPy's warnings would be lines about our own code.
    with np.errstate(all="ignore"):
        return command.ended("flatprop draw", lambda: run(args))


def parse(argv):
    """The command line."""
    parser = Parser(prog="flatprop draw", description=DESCRIPTION, epilog=EXAMPLES,
                    allow_abbrev=False, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("subject", metavar="WHAT",
                        help=f"{', '.join(drawn_subjects.NAMES)}; or FILE.py:FUNCTION")
    parser.add_argument("numbers", nargs="*", metavar="NAME=NUMBER",
                        help="the arguments of a function")
    parser.add_argument("-o", "--out", metavar="FILE",
                        help="the drawing (default: named after WHAT, in this folder)")
    parser.add_argument("--listing", action="store_true",
                        help="print the flat code too, each line with what it gave")
    parser.add_argument("--jacobians", action="store_true",
                        help="write the Jacobians of gates between small arrays below them")
    net = parser.add_argument_group("a network")
    net.add_argument("--sizes", type=whole(1), nargs="+", metavar="N",
                     help="its inputs, hidden units and outputs (default: small ones)")
    net.add_argument("--batch", type=whole(1), metavar="N", help="examples (default: 2)")
    net.add_argument("--loss", type=one_of(LOSSES), metavar="NAME",
                     help=f"{', '.join(LOSSES)} (default: softmax)")
    net.add_argument("--activation", type=one_of(ACTIVATIONS), metavar="NAME",
                     help=f"{', '.join(ACTIVATIONS)} (default: relu); fully_connected_net has it")
    net.add_argument("--norm", type=one_of(NORMS), metavar="NAME",
                     help=f"{', '.join(NORMS)} (default: none); fully_connected_net has it")
    net.add_argument("--dropout", type=number(0, 1), metavar="P",
                     help="the probability of dropping a hidden unit (default: 0); likewise")
    net.add_argument("--seed", type=whole(0), metavar="K",
                     help="of the weights and examples, which are random (default: 0)")
    argv = sys.argv[1:] if argv is None else argv
    # argparse takes NAME=NUMBER beside WHAT alone, and not after an option.
    _, unknown = parser.parse_known_args(argv)
    apart = [each for each in unknown if "=" in each and not each.startswith("-")]
    args = parser.parse_args([each for each in argv if each not in apart])
    args.numbers += apart
    return args


def run(args):
    """Trace what was asked for, draw it, say so. Raises UsageError."""
    record, name = drawn_subjects.record(args)
    made = graph(record)
    if not made.gates:
        raise UsageError(f"{args.subject} calls no layer and no gate: there is nothing to draw")
    path = args.out or f"{name}.svg"
    try:
        atomic.write_text(path, svg(made, title=f"The circuit of {name}",
                                    jacobians=args.jacobians))
    except OSError as error:
        raise UsageError(f"--out {path}: {error.strerror or error}") from error
    if args.listing:
        print(listing.text(record, sys.stdout.isatty() and not os.environ.get("NO_COLOR")))
    print(f"wrote {path}: {counted(len(made.gates), 'gate')}, {counted(len(made.wires), 'wire')}")


def counted(count, noun):
    """1 gate, 2 gates."""
    return f"{count} {noun}{'' if count == 1 else 's'}"


if __name__ == "__main__":
    sys.exit(main())

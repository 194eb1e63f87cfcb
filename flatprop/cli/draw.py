"""Draw what a run of flat code does: each gate and layer, the value above each wire,
the gradient below it. Writes an SVG file, which any browser shows.

examples:
  flatprop draw two_layer_net --inputs 3 --hidden 4 --outputs 2 -o net.svg
  flatprop draw fully_connected_net --hidden 8 8 --activation tanh --norm batch --dropout 0.2
  flatprop draw sigmoid_neuron                   the lecture's neuron, on its numbers
  flatprop draw sigmoid_neuron w0=1 x0=2         or on yours
  flatprop draw mine.py:f x=3 y=-4 --listing     a function of your own, and its lines with values

A function of your own calls layers and gates, forward and then backward:

  from layers.gates import multiply

  def f(x, y):
      out, cache = multiply.forward(x, y)
      dx, dy = multiply.backward(1.0, cache)
      return out, dx, dy
"""

import os
import sys

import numpy as np

from data import atomic
from flatprop.circuits import listing
from flatprop.circuits.graph import graph
from flatprop.circuits.svg import svg
from flatprop.cli import common_options, draw_subjects, small_networks
from flatprop.cli.command import make_parser, run_command
from flatprop.cli.errors import UsageError, whole


def main(argv=None):
    """Run the command; gives its exit code."""
    # Infinities are seen in the drawing; NumPy's warnings would be lines about our own code.
    with np.errstate(all="ignore"):
        return run_command("draw", lambda: run(parse(argv)))


def parse(argv):
    """The command line."""
    parser = make_parser("draw", __doc__)
    parser.add_argument("subject", metavar="WHAT",
                        help=f"{', '.join(draw_subjects.NAMES)}; or FILE.py:FUNCTION")
    parser.add_argument("numbers", nargs="*", metavar="NAME=NUMBER",
                        help="the arguments of a function")
    common_options.add_out(parser, "FILE",
                           "the drawing (default: named after WHAT, in this folder)")
    parser.add_argument("--listing", action="store_true",
                        help="print the flat code too, each line with what it gave")
    parser.add_argument("--jacobians", action="store_true",
                        help="write the Jacobians of gates between small arrays below them")
    net = parser.add_argument_group("a network")
    net.add_argument("--inputs", type=whole(1), metavar="N", help="how many (default: 2 or 3)")
    net.add_argument("--outputs", type=whole(1), metavar="C", help="how many (default: 1 or 2)")
    small_networks.add_options(net, "small ones")
    net.add_argument("--batch", type=whole(1), metavar="N", help="examples (default: 2)")
    common_options.add_seed(net, "of the weights and examples, which are random (default: 0)")
    argv = sys.argv[1:] if argv is None else list(argv)
    # argparse takes NAME=NUMBER beside WHAT alone, and not after an option.
    _, unknown = parser.parse_known_args(argv)
    numbers = [each for each in unknown if "=" in each and not each.startswith("-")]
    args = parser.parse_args([each for each in argv if each not in numbers])
    args.numbers += numbers
    return args


def run(args):
    """Trace what the options name, draw it, and print where. Raises UsageError."""
    record, name = draw_subjects.record(args)
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
    print(f"wrote {path}: {count_of(made.gates, 'gate')}, {count_of(made.wires, 'wire')}")


def count_of(things, noun):
    """1 gate, 2 gates."""
    return f"{len(things)} {noun}{'' if len(things) == 1 else 's'}"
